"""Feedback loops: whether predictions change the data that the model sees next."""
