"""What every test finds: an actor, a trust file of its own, and no real registry."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the user's registry, trust file, actor and git."""
    monkeypatch.setenv("NBMLOPS_ACTOR", "ana@example.com")
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(tmp_path / "trusted-digests"))
    monkeypatch.delenv("NBMLOPS_REGISTRY", raising=False)
    monkeypatch.chdir(tmp_path)
