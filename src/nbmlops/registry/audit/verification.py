"""Verifying a registry: the chain, the tables it must give, and every artifact."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from nbmlops.display.numbers import amount, duration
from nbmlops.errors import Tampered
from nbmlops.registry.audit import comparing, events
from nbmlops.registry.audit.chain import broken_links, lines, redactions
from nbmlops.registry.audit.events import CLOCKS_AGREE, Event
from nbmlops.registry.audit.keys import can_check
from nbmlops.registry.audit.repair import repair as repair_place
from nbmlops.registry.audit.replay import replayed
from nbmlops.registry.audit.signing import bad_signatures, check_head
from nbmlops.registry.head import NotedHead, noted_head, read_head
from nbmlops.registry.named import mentioned, named_artifacts
from nbmlops.registry.place import Place
from nbmlops.registry.unit import Unit

_UNREADABLE = (
    AttributeError,
    LookupError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    duckdb.Error,
)
MISSING_HEAD = "the head file is missing: a cut tail could not be told"


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
    notes
        What is harmless, but worth knowing.
    repaired
        What `repair=True` did.
    """

    problems: tuple[str, ...]
    orphans: tuple[str, ...]
    events: int
    artifacts: int
    head: str
    notes: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()

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
            "notes": list(self.notes),
            "repaired": list(self.repaired),
        }

    def __repr__(self) -> str:
        from nbmlops.registry.audit.verification_view import verification_text

        return verification_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.registry.audit.verification_view import verification_html

        return verification_html(self)


@dataclass(slots=True)
class _Reading:
    """What was read of the catalog, and what is wrong with it."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    trail: list[Event] = field(default_factory=list)
    is_whole: bool = False


def verify(
    place: Place, *, head: str | None = None, repair: bool = False
) -> Verification:
    """Re-hash the chain and every artifact, and replay the tables from the events.

    Parameters
    ----------
    place
        The registry.
    head
        A head that was noted elsewhere, "SEQ HASH", the hash alone, or what `sign_head`
        gave, whose signature is checked: the chain must hold it. Only this shows a
        chain that was computed anew, or a whole folder that was put back to an older
        state.
    repair
        Remove orphans and what interrupted writes left, and bring the head file to the
        newest event. Nothing is touched where there is any problem: what looks like an
        orphan then may belong to an event that was cut off.

    Returns
    -------
    Verification
        `ok` when nothing but orphans was found.
    """
    noted = None if head is None else noted_head(head)
    if noted is not None and noted.signed is not None:
        check_head(noted.signed)
    reading = _read(place, noted)
    kept = place.artifacts.digests()
    named = named_artifacts(reading.trail) if reading.is_whole else kept
    problems = [*reading.problems, *_damaged(place, named)]
    orphans = kept - named - mentioned(reading.trail)
    newest = reading.trail[-1] if reading.trail else None
    found = Verification(
        problems=tuple(problems),
        orphans=tuple(sorted(orphans)),
        events=len(reading.trail),
        artifacts=len(named),
        head=f"{newest.seq} {newest.hash}" if newest else "",
        notes=tuple(reading.notes),
    )
    return _repaired(place, found) if repair else found


def _repaired(place: Place, found: Verification) -> Verification:
    if set(found.problems) - {MISSING_HEAD}:
        said = "nothing was repaired: the problems come first"
        return replace(found, notes=(*found.notes, said))
    return replace(found, orphans=(), repaired=repair_place(place))


def _read(place: Place, noted: NotedHead | None) -> _Reading:
    """Read the catalog, as far as it can be read."""
    reading = _Reading()
    try:
        with place.catalog.reading() as unit:
            changed = comparing.differing_objects(unit)
            reading.problems += changed.values()
            broken = {name for kind, _, name in changed if kind == "table"}
            if "event" in broken:
                return reading
            reading.problems += _head(unit, place)
            reading.problems += broken_links(unit)
            if noted is not None:
                reading.problems += _noted(unit, noted)
                reading.notes += _redacted_since(unit, noted)
            if "refusal" not in broken:
                reading.problems += comparing.stray_rows(unit)
            _replay(reading, unit, broken)
            reading.notes += _notes(place, reading.trail)
    except Tampered as error:
        reading.problems.append(error.message)
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        reading.problems.append(f"the catalog cannot be read: {first}")
    return reading


def _replay(reading: _Reading, unit: Unit, broken: set[str]) -> None:
    """Replay the events into a scratch catalog, and name the rows that differ."""
    try:
        reading.trail = events.read_all(unit)
        named_artifacts(reading.trail)
        with replayed(reading.trail) as scratch:
            found = comparing.differences(unit, scratch, skip=broken)
            reading.problems += map(str, found)
        if can_check():
            reading.problems += bad_signatures(reading.trail)
        reading.is_whole = True
    except _UNREADABLE as error:  # only an edited event can hold what no verb writes
        reading.problems.append(f"the tables cannot be replayed: {error!r}")


def _head(unit: Unit, place: Place) -> Iterator[str]:
    try:
        if read_head(place.folder) is None:
            yield MISSING_HEAD
        events.tip_of(unit, place.folder)
    except Tampered as error:
        yield error.message


def _noted(unit: Unit, noted: NotedHead) -> Iterator[str]:
    """Look for a head in the chain that was noted elsewhere."""
    hashes = {line.seq: line.hash for line in lines(unit)}
    shown = f"{noted.hash[:12]}\N{HORIZONTAL ELLIPSIS}"
    if noted.seq is None:
        if noted.hash not in hashes.values():
            yield (
                f"no event has the noted hash {shown}: the chain was computed anew, or "
                "an older copy was put back"
            )
    elif noted.seq not in hashes:
        yield (
            f"the noted event {noted.seq} is not in the chain, which ends with "
            f"{max(hashes, default=0)}: events were cut off, or an older copy was put "
            "back"
        )
    elif hashes[noted.seq] != noted.hash:
        yield (
            f"event {noted.seq} has another hash than the noted {shown}: the chain was "
            "computed anew"
        )


def _redacted_since(unit: Unit, noted: NotedHead) -> Iterator[str]:
    """Name events that had their text when a head was noted; hashes do not tell."""
    trail = lines(unit)
    known = next((line.seq for line in trail if line.hash == noted.hash), 0)
    for seq in sorted(redactions(trail[known:])):
        if seq <= known:
            yield (
                f"event {seq} was redacted after the noted head: its hash says no more "
                "what it was, and its redaction alone says what is left of it"
            )


def _notes(place: Place, trail: list[Event]) -> Iterator[str]:
    """Say what is harmless, but worth knowing."""
    if not trail:
        return
    newest = trail[-1]
    head = read_head(place.folder)
    if head is not None and head[0] < newest.seq:
        behind = amount(newest.seq - head[0], "event")
        yield (
            f"the head file is {behind} behind, as after a crash: the next change "
            "mends it"
        )
    ahead = newest.happened_at - datetime.now(UTC)
    if ahead > CLOCKS_AGREE:
        yield (
            f"the newest event lies {duration(ahead.total_seconds())} in the future of "
            "this machine's clock: until then, every event gets that moment"
        )
    count = len(place.artifacts.leftovers())
    if count:
        yield f"{amount(count, 'temporary file')} of writes under way or interrupted"


def _damaged(place: Place, named: Iterable[str]) -> Iterator[str]:
    for digest in sorted(named):
        try:
            place.artifacts.check(digest)
        except Tampered as error:
            yield error.message
