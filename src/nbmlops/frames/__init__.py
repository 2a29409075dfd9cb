"""Any frame or file, read as Arrow record batches of known columns."""
