"""The catalog's tables: their schema, and how the events fill them."""
