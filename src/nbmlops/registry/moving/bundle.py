"""What an export holds: the events of one model's versions, and the bytes they name."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from nbmlops.display.numbers import amount
from nbmlops.refs import Ref, parse_ref
from nbmlops.registry import lookup
from nbmlops.registry.audit import chain
from nbmlops.registry.audit.chain import Line
from nbmlops.registry.moving.archive import (
    Archive,
    Member,
    opened,
    sound,
    write_archive,
)
from nbmlops.registry.moving.receipt import Receipt
from nbmlops.registry.moving.shapes import SHAPES, moment
from nbmlops.registry.named import mentioned_in, named_by
from nbmlops.registry.place import Place
from nbmlops.registry.unit import Unit

KIND = "export"
EVENTS = "events.jsonl"
REGISTERING = ("register", "import")

_ARTIFACTS = "artifacts/"
_NAMES = re.compile(r"events\.jsonl|artifacts/[0-9a-f]{64}")
_FIELDS = Line._fields


@dataclass(frozen=True, slots=True)
class Told:
    """One event of an export: as it was written, and its detail read."""

    line: Line
    detail: Mapping[str, Any]

    @property
    def happened_at(self) -> datetime:
        """When, in UTC."""
        return datetime.fromisoformat(self.line.happened_at).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An export that was read and found to be sound.

    Attributes
    ----------
    archive
        Where its bytes are.
    name
        The model.
    refs
        Its versions there, in the order of their numbers.
    registry, head
        The registry it came from, by the hash of its first event, and how far that was.
    events
        Oldest first.
    """

    archive: Archive
    name: str
    refs: tuple[Ref, ...]
    registry: str
    head: str
    events: tuple[Told, ...]

    def artifact(self, digest: str) -> bytes:
        """Read the bytes of a digest."""
        return self.archive.read(f"{_ARTIFACTS}{digest}")

    def has(self, digest: str) -> bool:
        """Tell whether it holds the bytes of a digest."""
        return f"{_ARTIFACTS}{digest}" in self.archive.names


def export(place: Place, ref: str, path: str | Path) -> Receipt:
    """Write a version, or a model with all of its versions, to one file.

    Parameters
    ----------
    place
        The registry.
    ref
        A version; a bare name means the whole model, deleted versions left out.
    path
        The file, which does not exist yet.

    Returns
    -------
    Receipt
        What was written.
    """
    target = Path(path).expanduser()
    parsed = parse_ref(ref)
    with place.catalog.reading() as unit:
        refs = _refs(unit, parsed)
        trail = chain.lines(unit)
    events = tuple(_concerning(trail, refs, is_whole=parsed.is_bare))
    facts = {
        "name": parsed.name,
        "versions": [str(one) for one in refs],
        "registry": trail[0].hash,
        "head": f"{trail[-1].seq} {trail[-1].hash}",
    }
    digests = sorted(_needed(place, events))
    members = [
        Member(EVENTS, lambda: BytesIO(events_as_lines(events))),
        *(Member(f"{_ARTIFACTS}{d}", partial(_kept, place, d)) for d in digests),
    ]
    write_archive(target, KIND, facts, members)
    count = amount(len(refs), "version")
    return Receipt(
        what=f"{parsed.name} with {count}" if parsed.is_bare else str(refs[0]),
        path=target,
        size=target.stat().st_size,
        events=len(events),
        artifacts=len(digests),
        head=str(facts["head"]),
    )


@contextmanager
def opened_bundle(path: str | Path) -> Iterator[Bundle]:
    """Open an export of any origin, once all of it is found to be sound.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    Bundle
        While the file is open. Tampered if anything in it is not what `export` writes.
    """
    file = Path(path).expanduser()
    with opened(file, KIND, names=_NAMES) as archive:
        with sound(file):
            bundle = _read(archive)
        yield bundle


def events_as_lines(events: Iterable[Told]) -> bytes:
    """Write events as JSON lines, each whole, so that its hash can be made again."""
    written = (json.dumps(told.line._asdict(), ensure_ascii=False) for told in events)
    return "".join(f"{line}\n" for line in written).encode()


def events_of_lines(data: bytes) -> tuple[Told, ...]:
    """Read what `events_as_lines` wrote; ValueError names the line that is not that."""
    found = []
    for number, text in enumerate(data.decode().splitlines(), 1):
        fields = json.loads(text)
        if not isinstance(fields, dict) or set(fields) != set(_FIELDS):
            raise ValueError(f"line {number} of {EVENTS} is no event")
        line = Line(**fields)
        texts = all(isinstance(value, str) for value in line[1:])
        detail = json.loads(line.detail) if texts else None
        if type(line.seq) is not int or not isinstance(detail, dict):
            raise ValueError(f"line {number} of {EVENTS} is no event")
        found.append(Told(line, detail))
    return tuple(found)


def _refs(unit: Unit, parsed: Ref) -> tuple[Ref, ...]:
    found = lookup.resolve(unit, parsed)
    if not parsed.is_bare:
        return (found,)
    numbers = sorted(lookup.live_numbers(unit, parsed.name))
    return tuple(Ref(parsed.name, number=number) for number in numbers)


def _concerning(
    trail: Iterable[Line], refs: tuple[Ref, ...], *, is_whole: bool
) -> Iterator[Told]:
    """Choose the events of versions, and those on their model that touched them."""
    subjects, numbers = {str(ref) for ref in refs}, {ref.number for ref in refs}
    name = refs[0].name
    for line in trail:
        if line.subject not in {name, *subjects}:
            continue
        told = Told(line, json.loads(line.detail))
        if line.subject != name or is_whole or told.detail.get("previous") in numbers:
            yield told


def _needed(place: Place, events: Iterable[Told]) -> set[str]:
    """Collect the digests that the events name, and those that they speak of."""
    needed: set[str] = set()
    for told in events:
        needed |= named_by(told.line.verb, told.detail)
        spoken_of = mentioned_in(told.detail)
        needed |= {d for d in spoken_of if place.artifacts.path(d).exists()}
    return needed


def _kept(place: Place, digest: str) -> BytesIO:
    return BytesIO(place.artifacts.get(digest))


def _read(archive: Archive) -> Bundle:
    said = archive.manifest
    events = events_of_lines(archive.read(EVENTS))
    refs = tuple(parse_ref(ref) for ref in said["versions"])
    bundle = Bundle(
        archive=archive,
        name=parse_ref(said["name"]).name,
        refs=tuple(sorted(refs, key=lambda ref: ref.number or 0)),
        registry=_text(said["registry"]),
        head=_text(said["head"]),
        events=events,
    )
    for name in archive.names - {EVENTS}:
        if name != f"{_ARTIFACTS}{archive.digest(name)}":
            raise ValueError(f"{name} is not what its name says")
    _check_events(bundle)
    _check_versions(bundle)
    return bundle


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _check_events(bundle: Bundle) -> None:
    """Make each hash again, and look at the shape of what will be written again."""
    redactions = chain.redactions(told.line for told in bundle.events)
    for told in bundle.events:
        line = told.line
        named = f"event {line.seq} ({line.verb} {line.subject})"
        if chain.chain_hash(line, redactions.get(line.seq)) != line.hash:
            raise ValueError(f"{named} is not what was hashed")
        if not moment(line.happened_at):
            raise ValueError(f"{named} has no moment")
        if line.verb in SHAPES and not SHAPES[line.verb](told.detail):
            raise ValueError(f"{named} is not what that verb writes")
        missing = {d for d in named_by(line.verb, told.detail) if not bundle.has(d)}
        if missing:
            raise ValueError(f"{named} names {min(missing)[:12]}, which it lacks")


def _check_versions(bundle: Bundle) -> None:
    registered = [t.line.subject for t in bundle.events if t.line.verb in REGISTERING]
    refs = [str(ref) for ref in bundle.refs]
    if sorted(registered) != sorted(refs):
        raise ValueError(f"its events register {registered}, its manifest says {refs}")
    if {ref.name for ref in bundle.refs} != {bundle.name} or not all(
        ref.number for ref in bundle.refs
    ):
        raise ValueError(f"{refs} are no versions of {bundle.name}")
