"""One module per step that needs several rooms."""
