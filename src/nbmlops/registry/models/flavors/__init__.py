"""The formats in which estimators are kept, one module each."""
