"""Column profiles: built, merged and saved."""
