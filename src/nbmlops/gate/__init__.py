"""Policy, gates, promotion and rollback."""
