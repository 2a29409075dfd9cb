"""Searching versions by a small typed language, compiled to bound SQL."""
