"""Verifying a registry: the chain, the tables it must give, and every artifact."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbmlops.errors import Tampered
from nbmlops.registry import events, schema
from nbmlops.registry.chain import broken_links
from nbmlops.registry.database import Unit
from nbmlops.registry.head import read_head
from nbmlops.registry.place import Place
from nbmlops.registry.replay import replayed

_DIGEST_KEYS = ("digest", "profile", "report")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a verification found.

    Attributes
    ----------
    problems
        Each edit, gap or damaged artifact, in words.
    orphans
        Artifacts that no event names: what a crash between writing and commit leaves.
    events, artifacts
        How many were verified.
    head
        Sequence and hash of the newest event: note them elsewhere, and compare later.
    """

    problems: tuple[str, ...]
    orphans: tuple[str, ...]
    events: int
    artifacts: int
    head: str

    @property
    def ok(self) -> bool:
        """True when nothing but orphans was found."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """Return the verification as plain values."""
        return {
            "ok": self.ok,
            "problems": list(self.problems),
            "orphans": list(self.orphans),
            "events": self.events,
            "artifacts": self.artifacts,
            "head": self.head,
        }

    def __repr__(self) -> str:
        from nbmlops.registry.view import verification_text

        return verification_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.registry.view import verification_html

        return verification_html(self)


def verify(place: Place) -> Verification:
    """Re-hash the chain and every artifact, and replay the tables from the events.

    Parameters
    ----------
    place
        The registry.

    Returns
    -------
    Verification
        `ok` when nothing but orphans was found.
    """
    with place.catalog.reading() as unit:
        problems = [*_head(unit, place), *broken_links(unit)]
        trail: list[events.Event] = []
        try:
            trail = events.read_all(unit)
            problems += _differing_tables(unit, trail)
            named = _named_artifacts(trail)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            # Only an edited event can hold what no verb writes.
            problems.append(f"the tables cannot be replayed: {error!r}")
            named = place.artifacts.digests()
    kept = place.artifacts.digests()
    for digest in sorted(named):
        try:
            place.artifacts.get(digest)
        except Tampered as error:
            problems.append(error.message)
    newest = trail[-1] if trail else None
    return Verification(
        problems=tuple(problems),
        orphans=tuple(sorted(kept - named)),
        events=len(trail),
        artifacts=len(named),
        head=f"{newest.seq} {newest.hash}" if newest else "",
    )


def _head(unit: Unit, place: Place) -> Iterator[str]:
    if read_head(place.folder) is None:
        yield "the head file is missing: a cut tail could not be told"
    try:
        events.tip_of(unit, place.folder)
    except Tampered as error:
        yield error.message


def _differing_tables(unit: Unit, trail: list[events.Event]) -> Iterator[str]:
    """Replay the events into a scratch catalog, and name the rows that differ."""
    with replayed(trail) as scratch:
        for table in schema.TABLES:
            found = set(unit.rows(f"from {table}"))
            expected = set(scratch.rows(f"from {table}"))
            for row in sorted(found - expected, key=repr):
                yield f"table {table} has a row that no event gives: {_short(row)}"
            for row in sorted(expected - found, key=repr):
                yield f"table {table} lacks a row that an event gives: {_short(row)}"


def _short(row: tuple[Any, ...]) -> str:
    text = json.dumps([str(value) for value in row], ensure_ascii=False)
    return text if len(text) <= 120 else text[:119] + "…"


def _named_artifacts(trail: list[events.Event]) -> set[str]:
    """Collect every digest that an event names."""
    named: set[str] = set()
    for event in trail:
        detail = event.detail
        if event.verb in {"register", "evaluate", "check", "rebaseline"}:
            named |= {detail[key] for key in _DIGEST_KEYS if detail.get(key)}
            named |= set(detail.get("attachments", {}).values())
    return named
