"""A model on a frame: predictions, metrics, slices."""
