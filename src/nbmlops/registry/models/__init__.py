"""Models as bytes: saving, loading, whom to trust, and what they were made with."""
