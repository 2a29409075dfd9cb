"""Evaluations and profiles of versions, side by side."""
