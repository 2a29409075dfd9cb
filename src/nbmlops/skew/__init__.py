"""Judging a serving frame or profile against a reference."""
