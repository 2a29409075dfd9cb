"""Bringing in what `export` wrote: checked whole, then written in one transaction.

A version comes with its evaluations, notes, present description, tags and reference.
Where it stood there, what was checked, approved and moved, is kept as history: no gate
here reads it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nbmlops.refs import Ref, check_model_name
from nbmlops.registry.moving.bundle import (
    EVENTS,
    REGISTERING,
    Bundle,
    Told,
    opened_bundle,
)
from nbmlops.registry.moving.incoming import (
    Incoming,
    Origin,
    Planned,
    planned,
    prove,
    write,
)
from nbmlops.registry.named import named_by
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion

_AGAIN = ("evaluate", "note")


def import_(
    place: Place,
    path: str | Path,
    *,
    name: str | None = None,
    permit: Callable[[str], object] | None = None,
) -> list[ModelVersion]:
    """Bring in the versions of an export.

    Parameters
    ----------
    place
        The registry; made if it does not exist yet.
    path
        What `export` wrote, whoever sent it.
    name
        What to call the model here; None keeps its name.
    permit
        Called with that name before anything is written; it may refuse.

    Returns
    -------
    list of ModelVersion
        Those that were new here, newest first. No alias has moved.
    """
    with opened_bundle(path) as bundle:
        called = check_model_name(bundle.name if name is None else name)
        if permit is not None:
            permit(called)
        versions = [_incoming(bundle, ref) for ref in bundle.refs]
        place.catalog.check_makeable()
        plan = _plan(place, called, versions)
        prove(plan)
        for digest in sorted(plan.artifacts):
            is_history = digest == bundle.archive.digest(EVENTS)
            data = (
                bundle.archive.read(EVENTS) if is_history else bundle.artifact(digest)
            )
            place.artifacts.put(data)
    with place.catalog.writing(create=True) as writer:
        return write(place, writer, planned(writer.unit, called, versions))


def _plan(place: Place, name: str, versions: list[Incoming]) -> Planned:
    if not place.catalog.exists:
        return planned(None, name, versions)
    with place.catalog.reading() as unit:
        return planned(unit, name, versions)


def _incoming(bundle: Bundle, ref: Ref) -> Incoming:
    told = [t for t in bundle.events if t.line.subject == str(ref)]
    first = next(t for t in told if t.line.verb in REGISTERING)
    again = [t for t in told if t.line.verb in _AGAIN]
    again += [t for t in told if t.line.verb == "rebaseline"][-1:]
    written = {digest for t in (first, *again) for digest in _named(t)}
    kept = {digest for t in told for digest in _named(t)} - written
    past = dict(first.detail.get("history") or {})
    return Incoming(
        number=ref.number or 0,
        detail={
            **first.detail,
            "description": _description(first, told),
            "tags": _tags(first, told),
        },
        origin=_origin(bundle, first),
        history={
            **{f"before: {key}": digest for key, digest in past.items()},
            **{digest[:16]: digest for digest in sorted(kept)},
            EVENTS: bundle.archive.digest(EVENTS),
        },
        follow=[(t.line.verb, {**t.detail, "imported": _said(t)}) for t in again],
    )


def _named(told: Told) -> set[str]:
    return named_by(told.line.verb, told.detail)


def _description(first: Told, told: list[Told]) -> str:
    written = [t for t in told if t.line.verb == "describe"]
    return str((written or [first])[-1].detail["description"])


def _tags(first: Told, told: list[Told]) -> Mapping[str, str]:
    tags = dict(first.detail["tags"])
    for one in told:
        if one.line.verb == "tag":
            tags.update(one.detail["tags"])
    return {key: value for key, value in tags.items() if value is not None}


def _said(told: Told) -> dict[str, Any]:
    return {"happened_at": told.happened_at.isoformat(), "actor": told.line.actor}


def _origin(bundle: Bundle, first: Told) -> Origin:
    """Say where a version was first registered, through however many registries."""
    before = first.detail.get("imported")
    if before is not None:
        kept = {key: before[key] for key in ("ref", "author", "created_at", "note")}
        return Origin(
            **kept,
            event=before["event"],
            registry=before["registry"],
            head=bundle.head,
        )
    return Origin(
        ref=first.line.subject,
        author=first.line.actor,
        created_at=first.happened_at.isoformat(),
        event=first.line.hash,
        registry=bundle.registry,
        head=bundle.head,
    )
