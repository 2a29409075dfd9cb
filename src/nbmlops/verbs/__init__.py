"""The table of verbs that magic, CLI, help and completion share."""
