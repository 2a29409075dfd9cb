"""What is kept: catalog, artifacts, models, context, audit."""
