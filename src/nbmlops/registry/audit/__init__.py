"""The audit trail: its events, their chain, and verifying, signing and reporting it."""
