"""Versions from elsewhere, and writing them: an `import` event each, and what follows.

Whoever brings them, a file of ours or another system's store, gives them as `Incoming`.
Nothing is loaded here: what came from elsewhere loads in quarantine first.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from nbmlops.errors import AlreadyExists, Tampered
from nbmlops.refs import Ref
from nbmlops.registry import lookup
from nbmlops.registry.audit.events import Event
from nbmlops.registry.audit.replay import replayed
from nbmlops.registry.catalog import Writer
from nbmlops.registry.named import named_by
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.unit import Unit

IMPORT = "import"

_SAME_BYTES = """
select v.number, v.document, e.hash
from model_version v
join event e on e.seq = v.seq
where v.name = $name and v.digest = $digest
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a version was first registered, and which registry gave it away.

    Attributes
    ----------
    ref, author, created_at
        As they were there; the moment in ISO format.
    event
        What tells it from every other version: the hash of the event that registered
        it, or of what another system knows it by.
    registry
        The registry it was first registered in: its first event's hash, or words.
    head
        "SEQ HASH" of the registry that gave it away, or "".
    note
        What else was done to it on the way, in words.
    """

    ref: str
    author: str
    created_at: str
    event: str
    registry: str
    head: str = ""
    note: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return it as plain values."""
        return {
            "ref": self.ref,
            "author": self.author,
            "created_at": self.created_at,
            "event": self.event,
            "registry": self.registry,
            "head": self.head,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One version to be brought in.

    Attributes
    ----------
    number
        What it had there.
    detail
        What a `register` event says; its `parent` is a ref of there.
    origin
        Where it is from.
    history
        Digests of what is kept of its past, by name.
    follow
        What else is written of it: verb and detail, oldest first.
    """

    number: int
    detail: Mapping[str, Any]
    origin: Origin
    history: Mapping[str, str]
    follow: Sequence[tuple[str, Mapping[str, Any]]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What an import will write: subject, verb and detail of each event, in order."""

    refs: tuple[Ref, ...]
    events: tuple[tuple[str, str, Mapping[str, Any]], ...]

    @property
    def artifacts(self) -> set[str]:
        """The digests that must be kept before."""
        return {d for verb, _, detail in self.events for d in named_by(verb, detail)}


def planned(unit: Unit | None, name: str, versions: Iterable[Incoming]) -> Planned:
    """Give versions numbers, and say what will be written; pass over what is here.

    A model that is new here keeps its numbers; one that is known goes on with its own.

    Parameters
    ----------
    unit
        The open transaction; None where there is no registry yet.
    name
        What the model is called here.
    versions
        Of one model, in the order of their numbers.

    Returns
    -------
    Planned
        At least one version.

    Raises
    ------
    AlreadyExists
        If every one of them is here, or the name differs from a known one by case.
    """
    first = 1 if unit is None else lookup.new_number(unit, name)
    here: dict[str, str] = {}
    fresh: list[tuple[Incoming, Ref]] = []
    for version in versions:
        found = None if unit is None else _same(unit, name, version)
        if found is not None:
            here[_there(version)] = f"{name}/{found}"
            continue
        number = version.number if first == 1 else first + len(fresh)
        fresh.append((version, Ref(name, number=number)))
    if not fresh:
        listed = ", ".join(f"{there} is {ref}" for there, ref in here.items())
        raise AlreadyExists(
            f"all of it is here already: {listed}", hint="nothing to do"
        )
    renamed = {**here, **{_there(version): str(ref) for version, ref in fresh}}
    events = [event for one, ref in fresh for event in _events(one, ref, renamed)]
    return Planned(refs=tuple(ref for _, ref in fresh), events=tuple(events))


def prove(plan: Planned) -> None:
    """Replay what will be written on an empty catalog, before it is written.

    Parameters
    ----------
    plan
        What will be written.

    Raises
    ------
    Tampered
        If no tables follow from it: no verb wrote it.
    """
    moment = datetime.now(UTC)
    trail = [
        Event(
            seq=seq,
            happened_at=moment,
            actor="",
            verb=verb,
            subject=subject,
            detail=dict(detail),
            salt="",
            previous="",
            hash="",
        )
        for seq, (verb, subject, detail) in enumerate(plan.events, 1)
    ]
    try:
        with replayed(trail):
            pass
    except (LookupError, TypeError, ValueError, AttributeError, duckdb.Error) as error:
        raise Tampered(
            f"what would be imported is nothing that a registry holds: {error}",
            hint="nothing was changed; ask where it comes from for another copy",
        ) from None


def write(place: Place, writer: Writer, plan: Planned) -> list[ModelVersion]:
    """Write what was planned, and return the versions, newest first."""
    for verb, subject, detail in plan.events:
        writer.write(verb, subject, dict(detail))
    return [place.version_in(writer.unit, ref) for ref in reversed(plan.refs)]


def _same(unit: Unit, name: str, version: Incoming) -> int | None:
    """Find the version that has the same bytes and was registered by the same event."""
    rows = unit.rows(_SAME_BYTES, name=name, digest=version.detail["digest"])
    for number, document, event in rows:
        imported = json.loads(document).get("imported") or {"event": event}
        if imported["event"] == version.origin.event:
            return int(number)
    return None


def _there(version: Incoming) -> str:
    """Give the ref by which others there mean a version: not always its first one."""
    return f"{version.origin.ref.partition('/')[0]}/{version.number}"


def _events(
    version: Incoming, ref: Ref, renamed: Mapping[str, str]
) -> list[tuple[str, str, Mapping[str, Any]]]:
    parent = version.detail["parent"]
    detail = {
        **version.detail,
        "parent": renamed.get(parent),
        "imported": {**version.origin.to_dict(), "parent": parent},
        "history": dict(version.history),
    }
    follow = [
        (verb, str(ref), _renamed(verb, said, renamed)) for verb, said in version.follow
    ]
    return [(IMPORT, str(ref), detail), *follow]


def _renamed(
    verb: str, detail: Mapping[str, Any], renamed: Mapping[str, str]
) -> Mapping[str, Any]:
    """Let an evaluation that is named after a version follow that version's number."""
    if verb != "evaluate":
        return detail
    of, _, ref = detail["evaluation"].partition(" of ")
    return (
        {**detail, "evaluation": f"{of} of {renamed[ref]}"}
        if ref in renamed
        else detail
    )
