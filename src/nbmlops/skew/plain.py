"""Plain values: what JSON gives back as it was."""

from collections.abc import Mapping
from typing import Any


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Replace tuples by lists, all the way down, as JSON would."""
    return {key: _listed(value) for key, value in values.items()}


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return plain(value)
    if isinstance(value, (list, tuple)):
        return [_listed(inner) for inner in value]
    return value
