"""What every catalog must do, seen from outside: by the public methods only.

A catalog is one line in `conftest.CATALOGS`: how to make an empty place of its kind.
"""
