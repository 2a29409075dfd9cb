"""Looking up what refs mean: models, versions, aliases, now and then."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from nbmlops.errors import AlreadyExists, NotAllowed, NotFound, UsageError
from nbmlops.host import typed
from nbmlops.refs import CHAMPION, NEWEST, Ref
from nbmlops.registry.approval_requests import waiting
from nbmlops.registry.records import Model
from nbmlops.registry.unit import Unit

_MODELS = """
select m.name, m.created_at, count(v.number), max(v.number)
from model m
left join model_version v on v.name = m.name and v.deleted_at is null
group by m.name, m.created_at
order by max(v.created_at) desc nulls last, m.name
"""
_ALL_ALIASES = "select name, alias, number from alias order by name, alias"
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
_DELETED_AT = """
select deleted_at
from model_version
where name = $name and number = $number
"""
_ALIASES_OF_MODEL = """
select alias, number
from alias
where name = $name
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
_DELETIONS_THEN = """
select subject, verb
from event
where verb in ('delete', 'restore') and happened_at <= $moment
order by seq
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


def models(unit: Unit) -> list[Model]:
    """List the models, the one that changed last first."""
    aliases: dict[str, dict[str, int]] = defaultdict(dict)
    for name, alias, number in unit.rows(_ALL_ALIASES):
        aliases[name][alias] = number
    return [
        Model(
            name=name,
            created_at=created_at.replace(tzinfo=UTC),
            versions=count,
            newest=newest,
            aliases=aliases[name],
        )
        for name, created_at, count, newest in unit.rows(_MODELS)
    ]


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
        hint = "" if names else f"{typed('register')} makes the first one"
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
    return dict(sorted(unit.rows(_ALIASES_OF_MODEL, name=name)))


def live_numbers(unit: Unit, name: str) -> list[int]:
    """List the numbers of a model's versions, newest first, deleted ones left out."""
    return [row[0] for row in unit.rows(_LIVE_NUMBERS, name=name)]


def is_deleted(unit: Unit, ref: Ref) -> bool | None:
    """Tell whether a version is deleted; None if there never was one."""
    row = unit.row(_DELETED_AT, name=ref.name, number=ref.number)
    return None if row is None else row[0] is not None


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
        raise NotFound("version", str(ref), hint=_instead(unit, ref, numbers))
    aliases = aliases_of(unit, ref.name)
    if ref.alias is not None and ref.alias != NEWEST:
        if ref.alias not in aliases:
            known = [f"{ref.name}@{alias}" for alias in aliases]
            hint = "" if known else f"{ref.name} has no alias yet: promote gives one"
            raise NotFound("alias", str(ref), known, hint=hint)
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
    hidden = {
        subject: verb == "delete"
        for subject, verb in unit.rows(_DELETIONS_THEN, moment=naive)
    }
    numbers = [
        number
        for (number,) in unit.rows(_VERSIONS_THEN, name=ref.name, moment=naive)
        if not hidden.get(f"{ref.name}/{number}")
    ]
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
        hint=f"at {utc:%Y-%m-%d %H:%M:%S} UTC it meant none: see {typed('history')}",
    )


def moves_of(unit: Unit, name: str, alias: str) -> list[Move]:
    """List the moves of an alias, oldest first."""
    return [
        Move(number=number, previous=previous, verb=verb, seq=seq)
        for number, previous, verb, seq in unit.rows(_HISTORY, name=name, alias=alias)
    ]


def refuse_held(unit: Unit, ref: Ref) -> None:
    """Refuse to delete a version that an alias or an open request holds.

    Parameters
    ----------
    unit
        The open transaction.
    ref
        A resolved ref.

    Raises
    ------
    NotAllowed
        If one does.
    """
    holders = [a for a, n in aliases_of(unit, ref.name).items() if n == ref.number]
    if holders:
        raise NotAllowed(
            f"{ref} is {', '.join(holders)}: it cannot be deleted",
            hint=f"promote another version first, or retire {ref.name}",
        )
    for one in waiting(unit, datetime.now(UTC)):
        if (one.name, one.number) == (ref.name, ref.number):
            raise NotAllowed(
                f"{ref} was requested for {one.alias}: it cannot be deleted",
                hint=f"reject it first: {typed(f'reject {ref} --to {one.alias}')}",
            )


def as_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; a naive one is taken as UTC."""
    return (
        moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    )


def _instead(unit: Unit, ref: Ref, numbers: list[int]) -> str:
    """Say what there is instead of a version; the nearest spelling would not help."""
    if is_deleted(unit, ref):
        return f"it was deleted: {typed(f'restore {ref}')} brings it back"
    if not numbers:
        return f"all versions of {ref.name!r} are deleted"
    listed = ", ".join(f"{ref.name}/{number}" for number in numbers[:8])
    rest = len(numbers) - 8
    return f"there is: {listed}" + (f" and {rest} more" if rest > 0 else "")
