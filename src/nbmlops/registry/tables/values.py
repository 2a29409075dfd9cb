"""The values that statements are given for an event: its version, its moment, pairs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nbmlops.registry.audit.events import Event


def version_key(event: Event) -> dict[str, Any]:
    """Give the name and number of what an event is on; no number for a model."""
    name, _, number = event.subject.partition("/")
    return {"name": name, "number": int(number) if number else None}


def happened_at(event: Event) -> datetime:
    """Give the moment of an event as the tables keep it: UTC, and without a zone."""
    return event.happened_at.replace(tzinfo=None)


def pairs(mapping: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Give keys and values as two lists, for rows that are unnested from them."""
    return {"keys": list(mapping), "values": list(mapping.values())}
