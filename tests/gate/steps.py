"""What the tests of gates do again and again."""

from pathlib import Path
from typing import Any

from nbmlops.api import Registry, open_registry


def policy(*lines: str) -> None:
    Path("nbmlops.toml").write_text("\n".join(["[gate.champion]", *lines]))


def results(found: Any) -> dict[str, bool | None]:
    return {result.name: result.passed for result in found}


def as_(name: str) -> Registry:
    return open_registry(actor=f"{name}@example.com")
