"""Windows: the serving side by day or hour, and whole days as what chance deals out."""
