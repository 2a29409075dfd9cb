"""The catalog: every question to the registry's tables, and every change of them.

A change is one transaction: the event, then the rows that follow from it. Events that
belong together (a version and its evaluations) are written in one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbmlops.errors import AlreadyExists, NotAllowed, NotFound, UsageError
from nbmlops.refs import CHAMPION, NEWEST, Ref, check_alias
from nbmlops.registry import events
from nbmlops.registry.database import Database, Unit, database_at
from nbmlops.registry.events import Event, Tip
from nbmlops.registry.projection import project

_MODEL_NAMES = "select name from model order by name"
_MODEL_BY_FOLDED = "select name from model where folded = $folded"
_NEXT_NUMBER = """
select coalesce(max(number), 0) + 1
from model_version
where name = $name
"""
_LIVE_NUMBERS = """
select number
from model_version
where name = $name and deleted_at is null
order by number desc
"""
_IS_DELETED = """
select deleted_at is not null
from model_version
where name = $name and number = $number
"""
_ALIASES_OF_MODEL = """
select alias, number
from alias
where name = $name
order by alias
"""
_ALIAS_THEN = """
select number
from alias_move
where name = $name and alias = $alias and happened_at <= $moment
order by seq desc
limit 1
"""
_VERSIONS_THEN = """
select number
from model_version
where name = $name and created_at <= $moment
order by number desc
"""
_HISTORY = """
select number, previous, verb, seq
from alias_move
where name = $name and alias = $alias
order by seq
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move of an alias: where it came to stand, and where it had stood."""

    number: int | None
    previous: int | None
    verb: str
    seq: int


class Catalog:
    """The tables of one registry folder."""

    def __init__(self, folder: Path, actor: Callable[[], str]) -> None:
        self.folder = folder
        self._database: Database = database_at(folder)
        self._actor = actor

    @property
    def exists(self) -> bool:
        """True once the registry was made."""
        return self._database.exists

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """Run several reads in one transaction."""
        with self._database.reading() as unit:
            yield unit

    @contextmanager
    def writing(self, *, create: bool = False) -> Iterator["Writer"]:
        """Run changes in one transaction; the head moves when it has committed.

        Parameters
        ----------
        create
            Make the registry if it is missing.

        Yields
        ------
        Writer
            Takes the events.
        """
        writer = Writer(self._actor)

        def move_head() -> None:
            if writer.written:
                events.write_head(self.folder, writer.written[-1])

        with self._database.writing(create=create, after=move_head) as unit:
            if isinstance(unit.shared, Writer):
                yield unit.shared  # the outer block's, which also moves the head
                return
            unit.shared = writer
            writer.unit = unit
            writer.tip = events.tip_of(unit, self.folder)
            if create and writer.tip == events.START:
                writer.write("init", "registry", {})
            yield writer


class Writer:
    """Writes events and what follows from them, in one open transaction."""

    unit: Unit
    tip: Tip

    def __init__(self, actor: Callable[[], str]) -> None:
        self.written: list[Event] = []
        self._actor = actor

    def write(self, verb: str, subject: str, detail: dict[str, Any]) -> Event:
        """Append an event and its rows.

        Parameters
        ----------
        verb, subject, detail
            As in `Event`.

        Returns
        -------
        Event
            As it was written.
        """
        event = events.append(
            self.unit,
            self.tip,
            actor=self._actor(),
            verb=verb,
            subject=subject,
            detail=detail,
        )
        self.tip = Tip(event.seq, event.happened_at.replace(tzinfo=None), event.hash)
        project(self.unit, event)
        self.written.append(event)
        return event

    def move_alias(
        self, ref: Ref, alias: str, verb: str, detail: dict[str, Any] | None = None
    ) -> Event:
        """Point an alias to a version.

        Parameters
        ----------
        ref
            A resolved ref, with a number.
        alias
            The alias.
        verb
            "alias", "promote" or "rollback".
        detail
            What else the event shall say.

        Returns
        -------
        Event
            As it was written.
        """
        previous = aliases_of(self.unit, ref.name).get(alias)
        return self.write(
            verb,
            str(ref),
            {
                **(detail or {}),
                "alias": check_alias(alias),
                "number": ref.number,
                "previous": previous,
            },
        )

    def drop_alias(
        self, name: str, alias: str, verb: str, detail: dict[str, Any] | None = None
    ) -> Event:
        """Take an alias away from whichever version has it.

        Parameters
        ----------
        name, alias
            The model and the alias.
        verb
            "unalias" or "retire".
        detail
            What else the event shall say.

        Returns
        -------
        Event
            As it was written.

        Raises
        ------
        NotFound
            If no version has it.
        """
        aliases = aliases_of(self.unit, name)
        if alias not in aliases:
            raise NotFound("alias", f"{name}@{alias}", aliases)
        return self.write(
            verb,
            name,
            {
                **(detail or {}),
                "alias": alias,
                "number": None,
                "previous": aliases[alias],
            },
        )


def model_names(unit: Unit) -> list[str]:
    """List the models' names in order."""
    return [row[0] for row in unit.rows(_MODEL_NAMES)]


def known_name(unit: Unit, name: str) -> str:
    """Return the name if there is such a model.

    Parameters
    ----------
    unit
        The open transaction.
    name
        As the user wrote it.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    NotFound
        If there is no such model; upper and lower case count.
    """
    names = model_names(unit)
    if name not in names:
        hint = "" if names else "%mlops register makes the first one"
        raise NotFound("model", name, names, hint=hint)
    return name


def new_number(unit: Unit, name: str) -> int:
    """Return the number of a model's next version; numbers are never reused.

    Parameters
    ----------
    unit
        The open transaction.
    name
        The model, new or known.

    Returns
    -------
    int
        From 1.

    Raises
    ------
    AlreadyExists
        If a model's name differs only by upper and lower case.
    """
    found = unit.row(_MODEL_BY_FOLDED, folded=name.casefold())
    if found is not None and found[0] != name:
        raise AlreadyExists(
            f"there is already a model {found[0]!r}: names differ by more than case",
            hint=f"register under {found[0]!r}, or choose another name",
        )
    row = unit.row(_NEXT_NUMBER, name=name)
    return int(row[0]) if row else 1


def aliases_of(unit: Unit, name: str) -> dict[str, int]:
    """Return a model's aliases and the version each points to."""
    return dict(unit.rows(_ALIASES_OF_MODEL, name=name))


def live_numbers(unit: Unit, name: str) -> list[int]:
    """List the numbers of a model's versions, newest first, deleted ones left out."""
    return [row[0] for row in unit.rows(_LIVE_NUMBERS, name=name)]


def is_deleted(unit: Unit, ref: Ref) -> bool | None:
    """Tell whether a version is deleted; None if there never was one."""
    row = unit.row(_IS_DELETED, name=ref.name, number=ref.number)
    return None if row is None else bool(row[0])


def resolve(unit: Unit, ref: Ref, *, to_change: bool = False) -> Ref:
    """Find the version that a ref means now.

    Parameters
    ----------
    unit
        The open transaction.
    ref
        The ref.
    to_change
        True if something is to be changed: then a bare name must be unambiguous.

    Returns
    -------
    Ref
        With a number.

    Raises
    ------
    NotFound
        If there is no such model, version or alias.
    UsageError
        If a bare name is to be changed and there is more than one version.
    """
    if ref.number is not None and is_deleted(unit, ref) is False:
        return ref
    known_name(unit, ref.name)
    numbers = live_numbers(unit, ref.name)
    if ref.number is not None:
        known = [f"{ref.name}/{n}" for n in numbers]
        raise NotFound("version", str(ref), known, hint=_if_deleted(unit, ref))
    aliases = aliases_of(unit, ref.name)
    if ref.alias is not None and ref.alias != NEWEST:
        if ref.alias not in aliases:
            raise NotFound("alias", str(ref), [f"{ref.name}@{a}" for a in aliases])
        return Ref(ref.name, number=aliases[ref.alias])
    if not numbers:
        raise NotFound(
            "version", str(ref), hint=f"all versions of {ref.name!r} are deleted"
        )
    if to_change and ref.is_bare and len(numbers) > 1:
        listed = ", ".join(f"{ref.name}/{n}" for n in sorted(numbers)[-8:])
        raise UsageError(
            f"{ref.name!r} has several versions", hint=f"say which: {listed}"
        )
    if ref.is_bare and CHAMPION in aliases:
        return Ref(ref.name, number=aliases[CHAMPION])
    return Ref(ref.name, number=numbers[0])


def resolve_then(unit: Unit, ref: Ref, moment: datetime) -> Ref:
    """Find the version that a ref meant at a moment.

    Parameters
    ----------
    unit
        The open transaction.
    ref
        The ref.
    moment
        Aware, or naive and then taken as UTC.

    Returns
    -------
    Ref
        With a number; it may have been deleted since.

    Raises
    ------
    NotFound
        If it meant none then.
    """
    known_name(unit, ref.name)
    utc = as_utc(moment)
    naive = utc.replace(tzinfo=None)
    numbers = [r[0] for r in unit.rows(_VERSIONS_THEN, name=ref.name, moment=naive)]
    alias = CHAMPION if ref.is_bare else ref.alias
    if ref.number is not None:
        if ref.number in numbers:
            return ref
    else:
        row = unit.row(_ALIAS_THEN, name=ref.name, alias=alias, moment=naive)
        if row is not None and row[0] is not None:
            return Ref(ref.name, number=row[0])
        if (ref.is_bare or ref.alias == NEWEST) and numbers:
            return Ref(ref.name, number=numbers[0])
    raise NotFound(
        "version",
        str(ref),
        hint=f"at {utc:%Y-%m-%d %H:%M:%S} UTC it meant none: see %mlops history",
    )


def moves_of(unit: Unit, name: str, alias: str) -> list[Move]:
    """List the moves of an alias, oldest first."""
    return [
        Move(number=number, previous=previous, verb=verb, seq=seq)
        for number, previous, verb, seq in unit.rows(_HISTORY, name=name, alias=alias)
    ]


def refuse_held(unit: Unit, ref: Ref) -> None:
    """Refuse to delete a version that an alias points to.

    Parameters
    ----------
    unit
        The open transaction.
    ref
        A resolved ref.

    Raises
    ------
    NotAllowed
        If an alias holds it.
    """
    holders = [a for a, n in aliases_of(unit, ref.name).items() if n == ref.number]
    if holders:
        raise NotAllowed(
            f"{ref} is {', '.join(holders)}: it cannot be deleted",
            hint=f"promote another version first, or retire {ref.name}",
        )


def as_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; a naive one is taken as UTC."""
    return (
        moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    )


def _if_deleted(unit: Unit, ref: Ref) -> str:
    if not is_deleted(unit, ref):
        return ""
    return f"it was deleted: registry.restore({str(ref)!r}) brings it back"
