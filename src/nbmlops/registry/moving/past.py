"""What happened to imported versions where they came from, as their exports told it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from nbmlops.refs import Ref
from nbmlops.registry.audit.events import Event
from nbmlops.registry.moving.bundle import EVENTS, REGISTERING, Told, events_of_lines
from nbmlops.registry.place import Place
from nbmlops.registry.unit import Unit

_IMPORTED = """
select v.document
from model_version v
join event e on e.seq = v.seq
where v.name = $name and e.verb = 'import'
  and ($number is null or v.number = $number)
"""


def documents_of_imported(unit: Unit, ref: Ref) -> list[Mapping[str, Any]]:
    """Read what the import events of a model, or of one version, say."""
    rows = unit.rows(_IMPORTED, name=ref.name, number=ref.number)
    return [json.loads(text) for (text,) in rows]


def earlier(
    place: Place, documents: Iterable[Mapping[str, Any]], *, is_whole: bool
) -> tuple[Event, ...]:
    """Read the events of before an import, newest first.

    Parameters
    ----------
    place
        The registry.
    documents
        What the import events say.
    is_whole
        False leaves out what touched other versions only.

    Returns
    -------
    tuple of Event
        With the numbers, actors and hashes that they had there.
    """
    found: dict[str, Event] = {}
    for document in documents:
        origin = document["imported"]["event"]
        for name, digest in document["history"].items():
            if name.endswith(EVENTS):
                trail = events_of_lines(place.artifacts.get(digest))
                subjects = {_subject(trail, origin)}
                found |= {
                    told.line.hash: _event(told)
                    for told in trail
                    if is_whole or told.line.subject in subjects
                }
    ordered = sorted(found.values(), key=lambda e: (e.happened_at, e.seq))
    return tuple(reversed(ordered))


def _subject(trail: Iterable[Told], origin: str) -> str:
    """Find the ref that a version had there."""
    for told in trail:
        if told.line.verb in REGISTERING:
            imported = told.detail.get("imported") or {"event": told.line.hash}
            if imported["event"] == origin:
                return told.line.subject
    return ""


def _event(told: Told) -> Event:
    line = told.line
    return Event(
        seq=line.seq,
        happened_at=told.happened_at,
        actor=line.actor,
        verb=line.verb,
        subject=line.subject,
        detail=dict(told.detail),
        salt=line.salt,
        previous=line.previous,
        hash=line.hash,
    )
