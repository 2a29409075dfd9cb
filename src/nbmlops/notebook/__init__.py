"""Magics, completion and widgets: the only room that knows IPython."""
