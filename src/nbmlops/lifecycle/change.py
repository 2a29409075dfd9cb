"""Small changes to what is registered: aliases, tags, notes, descriptions, deletion.

Each takes a ref, of which a bare name stands for the only version there is, and gives
the event that it wrote.
"""

from collections.abc import Mapping
from typing import Any

from nbmlops.errors import NotAllowed, NotFound, UsageError
from nbmlops.host import call, option
from nbmlops.lifecycle.gc import refuse_collected
from nbmlops.lifecycle.status import Status, status
from nbmlops.refs import check_alias, parse_ref
from nbmlops.registry import lookup
from nbmlops.registry.audit.events import Event
from nbmlops.registry.place import Place


def init(place: Place) -> Status:
    """Make the registry if it is not there yet, and say what is in it."""
    with place.catalog.writing(create=True):
        pass
    return status(place)


def alias(place: Place, ref: str, name: str, *, gated: frozenset[str]) -> Event:
    """Point a free alias to a version; those in `gated` move by `promote` only."""
    _refuse_gated(check_alias(name), gated)
    with place.catalog.writing() as writer:
        found = lookup.resolve(writer.unit, parse_ref(ref), to_change=True)
        return writer.move_alias(found, name, "alias")


def unalias(place: Place, model: str, name: str, *, gated: frozenset[str]) -> Event:
    """Take a free alias away; those in `gated` go by `retire` only."""
    _refuse_gated(check_alias(name), gated)
    with place.catalog.writing() as writer:
        known = lookup.known_name(writer.unit, parse_ref(model).name)
        return writer.drop_alias(known, name, "unalias")


def tag(place: Place, ref: str, tags: Mapping[str, Any]) -> Event:
    """Set tags, values as text; None takes one away. None at all: UsageError."""
    if not tags:
        raise UsageError("no tag was given", hint="tag('delays/2', team='ops')")
    kept = {str(k): None if v is None else str(v) for k, v in tags.items()}
    return _annotate(place, ref, "tag", {"tags": kept})


def note(place: Place, ref: str, text: object) -> Event:
    """Add a note, in words, to a version; an empty one is a UsageError."""
    if not isinstance(text, str) or not text.strip():
        hint = call("note", "delays/2", "night flights")
        raise UsageError("the note is empty", hint=hint)
    return _annotate(place, ref, "note", {"text": text})


def describe(place: Place, ref: str, text: object) -> Event:
    """Say, for people, what a version is, in place of what was said before.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version; a bare name only if it has one version.
    text
        All of it.

    Returns
    -------
    Event
        What was written. Approvals stand: they are of what the gates judge.

    Raises
    ------
    UsageError
        If the text is empty.
    """
    if not isinstance(text, str) or not text.strip():
        raise UsageError(
            "the description is empty",
            hint=call(
                "describe", "delays/2", "late arrivals at SEA, for the night shift"
            ),
        )
    return _annotate(place, ref, "describe", {"description": text})


def delete(place: Place, ref: str, *, reason: object) -> Event:
    """Hide a version that nothing holds; its number and bytes stay its own."""
    if not isinstance(reason, str):
        hint = f"{option('reason', '...')} in words"
        raise UsageError(f"the reason is {reason!r}", hint=hint)
    with place.catalog.writing() as writer:
        found = lookup.resolve(writer.unit, parse_ref(ref), to_change=True)
        lookup.refuse_held(writer.unit, found)
        return writer.write("delete", str(found), {"reason": reason})


def restore(place: Place, ref: str) -> Event:
    """Bring a deleted version back.

    Parameters
    ----------
    place
        The registry.
    ref
        `name/N`.

    Returns
    -------
    Event
        What was written.

    Raises
    ------
    UsageError
        If the ref names no number.
    NotFound
        If there never was such a version.
    NotAllowed
        If it is not deleted, or `gc` removed its artifacts.
    """
    parsed = parse_ref(ref)
    if parsed.number is None:
        raise UsageError(f"{ref!r} names no version", hint=f"write {parsed.name}/2")
    with place.catalog.writing() as writer:
        lookup.known_name(writer.unit, parsed.name)
        deleted = lookup.is_deleted(writer.unit, parsed)
        if deleted is None:
            known = lookup.live_numbers(writer.unit, parsed.name)
            raise NotFound("version", ref, [f"{parsed.name}/{n}" for n in known])
        if not deleted:
            raise NotAllowed(f"{ref} is not deleted", hint="nothing to do")
        refuse_collected(writer.unit, parsed)
        return writer.write("restore", str(parsed), {})


def _annotate(place: Place, ref: str, verb: str, detail: dict[str, Any]) -> Event:
    with place.catalog.writing() as writer:
        found = lookup.resolve(writer.unit, parse_ref(ref), to_change=True)
        return writer.write(verb, str(found), detail)


def _refuse_gated(alias: str, gated: frozenset[str]) -> None:
    if alias in gated:
        raise NotAllowed(
            f"{alias!r} moves through gates only",
            hint="use promote, rollback or retire",
        )
