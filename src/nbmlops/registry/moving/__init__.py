"""Moving models and whole registries: exports, imports, backups, other stores."""
