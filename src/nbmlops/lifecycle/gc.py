"""Removing artifacts that nothing needs: of deleted versions, and of no version at all.

Why no register loses what it has written, but not yet committed: every `put` makes its
file young, also where the bytes were there already, and what is younger than an hour
stays. Nothing is committed while this runs, as the lock is held until the files are
gone. A register that takes longer than that is refused by `Writer.write`, which looks
for the bytes under the same lock: it can be run again, and no version is without them.

The event is committed before the files go. After a crash in between they are still
there, nothing needs them, and the next run removes them.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nbmlops.errors import NotAllowed, Tampered, UsageError
from nbmlops.host import typed
from nbmlops.lifecycle.arguments import read_age
from nbmlops.refs import Ref
from nbmlops.registry.audit import events
from nbmlops.registry.audit.chain import broken_links
from nbmlops.registry.audit.events import Event
from nbmlops.registry.database import database_at
from nbmlops.registry.head import read_head
from nbmlops.registry.named import GC, mentioned, named_by
from nbmlops.registry.place import Place
from nbmlops.registry.unit import Unit

_COLLECTIONS = "select seq, detail from event where verb = 'gc' order by seq"
# What a check found was served belongs to the model: the gates of the next version read
# it, whichever version was checked.
_STAYS = frozenset({"check"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unneeded:
    """An artifact that nothing needs: its digest, its bytes, whose it was."""

    digest: str
    size: int
    refs: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"digest": self.digest, "size": self.size, "refs": list(self.refs)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """What nothing in a registry needs.

    Attributes
    ----------
    artifacts
        The largest first. One without `refs` is of an interrupted change.
    young
        How many more nothing needs, but that are so young that a register under way
        may be about to.
    older_than
        Which age that is.
    event
        The event that names what was removed; None where nothing was.
    """

    artifacts: tuple[Unneeded, ...]
    young: int
    older_than: timedelta
    event: Event | None = None

    @property
    def size(self) -> int:
        """All their bytes."""
        return sum(artifact.size for artifact in self.artifacts)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "removed": self.event is not None,
            "size": self.size,
            "young": self.young,
            "older_than_seconds": self.older_than.total_seconds(),
            "artifacts": [artifact.to_dict() for artifact in self.artifacts],
        }

    def __repr__(self) -> str:
        from nbmlops.lifecycle.gc_view import garbage_text

        return garbage_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.lifecycle.gc_view import garbage_html

        return garbage_html(self)


def gc(place: Place, dry_run: bool = True, *, older_than: str = "1h") -> Garbage:
    """Remove the artifacts that only deleted versions need, and those that none does.

    Parameters
    ----------
    place
        The registry.
    dry_run
        Only list them. False removes them for good: a version that needs one of them
        cannot be restored.
    older_than
        Leave what is younger, as a register under way may need it: "1h", "7d".

    Returns
    -------
    Garbage
        What is removed, or would be. Tampered where the chain is broken or its end is
        unknown: what nothing seems to need may be of an event that was cut off.

    Raises
    ------
    UsageError
        If `older_than` is no age.
    """
    age = read_age(older_than)
    if age is None:
        raise UsageError(
            f"older_than cannot be {older_than!r}", hint="a number with m, h, d, w: 1h"
        )
    if dry_run:
        with place.catalog.reading() as unit:
            return _found(place, unit, age)
    removed: list[str] = []

    def remove() -> None:
        for digest in removed:
            place.artifacts.discard(digest)

    with (
        database_at(place.folder).writing(after=remove),
        place.catalog.writing() as writer,
    ):
        found = _found(place, writer.unit, age)
        if not found.artifacts:
            return found
        removed += [artifact.digest for artifact in found.artifacts]
        refs = {ref for artifact in found.artifacts for ref in artifact.refs}
        detail = {"digests": removed, "versions": sorted(refs), "size": found.size}
        event = writer.write(GC, "registry", detail)
        return Garbage(
            artifacts=found.artifacts, young=found.young, older_than=age, event=event
        )


def refuse_collected(unit: Unit, ref: Ref) -> None:
    """Refuse to restore a version of which something was removed for good.

    Parameters
    ----------
    unit
        The open transaction.
    ref
        With a number.

    Raises
    ------
    NotAllowed
        If that is so.
    """
    for seq, detail in unit.rows(_COLLECTIONS):
        if str(ref) in json.loads(detail)["versions"]:
            raise NotAllowed(
                f"{ref} cannot come back: its artifacts were removed for good (event "
                f"{seq})",
                hint="register it anew",
            )


def _found(place: Place, unit: Unit, age: timedelta) -> Garbage:
    trail = events.read_all(unit)
    _refuse_broken(place, unit)
    deleted = _deleted(trail)
    theirs = {e.seq for e in trail if e.subject in deleted and e.verb not in _STAYS}
    others = [e for e in trail if e.seq not in theirs and e.verb != GC]
    owners: dict[str, set[str]] = defaultdict(set)
    for event in trail:
        if event.seq in theirs:
            for digest in named_by(event.verb, event.detail):
                owners[digest].add(event.subject)
    found, young = [], 0
    for digest in place.artifacts.digests() - mentioned(others):
        state = place.artifacts.path(digest).stat()
        if time.time() - state.st_mtime < age.total_seconds():
            young += 1
            continue
        refs = tuple(sorted(owners[digest]))
        found.append(Unneeded(digest=digest, size=state.st_size, refs=refs))
    found.sort(key=lambda one: (-one.size, one.digest))
    return Garbage(artifacts=tuple(found), young=young, older_than=age)


def _deleted(trail: Iterable[Event]) -> set[str]:
    """Tell from the events, not from a table, which versions are deleted."""
    found: set[str] = set()
    for event in trail:
        if event.verb == "delete":
            found.add(event.subject)
        elif event.verb == "restore":
            found.discard(event.subject)
    return found


def _refuse_broken(place: Place, unit: Unit) -> None:
    problems = broken_links(unit)
    if read_head(place.folder) is None:
        problems = ["the head file is missing", *problems]
    if problems:
        raise Tampered(
            f"nothing can be removed, as the trail is not whole: {problems[0]}",
            hint=f"{typed('verify')} says all that is wrong",
        )
    events.tip_of(unit, place.folder)
