"""Data and what became of it: datasets, and the way from them to versions and back."""
