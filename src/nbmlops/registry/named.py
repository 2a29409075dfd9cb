"""Which artifacts an event names: what must be kept, and what may be needed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbmlops.registry.audit.events import Event

# By verb: the keys of its detail that hold a digest of an artifact, or a mapping whose
# values do.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "register": ("digest", "profile", "attachments"),
    "import": ("digest", "profile", "attachments", "history"),
    "evaluate": ("digest",),
    "check": ("report", "profile"),
    "rebaseline": ("profile",),
}
GC = "gc"  # its event names what was removed on purpose
_DIGEST = re.compile(r"[0-9a-f]{64}")


def named_by(verb: str, detail: Mapping[str, Any]) -> set[str]:
    """Collect the digests of the artifacts without which an event is not whole."""
    found: set[str] = set()
    for key in _KEYS.get(verb, ()):
        value = detail.get(key)
        digests = value.values() if isinstance(value, Mapping) else (value,)
        found |= {digest for digest in digests if digest}
    return found


def named_artifacts(trail: Iterable[Event]) -> set[str]:
    """Collect the digests of the artifacts that the trail needs."""
    named: set[str] = set()
    for event in trail:
        named |= named_by(event.verb, event.detail)
        if event.verb == GC:
            named -= set(event.detail["digests"])  # until an event names them again
    return named


def mentioned(trail: Iterable[Event]) -> set[str]:
    """Collect all that looks like a digest anywhere in the trail: no orphan."""
    return {digest for event in trail for digest in _digests(event.detail)}


def mentioned_in(detail: Mapping[str, Any]) -> set[str]:
    """Collect all that looks like a digest anywhere in one event's detail."""
    return set(_digests(detail))


def _digests(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _digests(item)
    elif isinstance(value, str) and _DIGEST.fullmatch(value):
        yield value
