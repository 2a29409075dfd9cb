from pathlib import Path

import pytest

from nbmlops.api import Registry, open_registry


@pytest.fixture
def other(tmp_path: Path) -> Registry:
    """Another registry, of another person."""
    return open_registry(tmp_path / "other" / ".nbmlops", actor="bob@example.com")
