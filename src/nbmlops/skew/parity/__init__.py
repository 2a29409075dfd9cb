"""The same rows on both sides, matched by key and compared value by value."""
