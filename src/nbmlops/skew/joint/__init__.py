"""Joint shifts: what a classifier of both sides' rows finds beyond single columns."""
