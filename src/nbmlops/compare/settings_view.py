"""How parameters and packages are shown: what was changed, then what only one has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.table import code, details, table, words
from nbmlops.display.text import counted, middle_shorten

Side = Mapping[str, str]
MOST_CHANGED, MOST_LONE, MOST_NAMED = 60, 40, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Names and values of each version, sorted by what differs.

    Attributes
    ----------
    changed, alike
        Names that every version has: with different values, with the same one.
    lone
        Names that some version lacks.
    """

    changed: tuple[str, ...]
    alike: tuple[str, ...]
    lone: tuple[str, ...]


def sort_settings(sides: Sequence[Side]) -> Settings:
    """Sort the names of all versions by what differs."""
    names = list(dict.fromkeys(name for side in sides for name in side))
    shared = [name for name in names if all(name in side for side in sides)]
    changed = tuple(n for n in shared if len({side[n] for side in sides}) > 1)
    return Settings(
        changed=changed,
        alike=tuple(name for name in shared if name not in changed),
        lone=tuple(name for name in names if name not in shared),
    )


def settings_answer(sides: Sequence[Side], noun: str, labels: Sequence[str]) -> str:
    """Say in a line which names differ.

    Parameters
    ----------
    sides
        The names and values of each version.
    noun
        "parameter", "package".
    labels
        The mark of each version.

    Returns
    -------
    str
        "1 of 2 shared parameters differs: max_iter; 2 only in 1, 2 only in 2"; "" where
        nothing is known.
    """
    found = sort_settings(sides)
    shared = len(found.changed) + len(found.alike)
    parts = []
    if found.changed:
        kept = [short_name(name) for name in found.changed[:MOST_NAMED]]
        rest = len(found.changed) - MOST_NAMED
        named = counted([*kept, *([f"{rest} more"] if rest > 0 else [])])
        verb = "differs" if len(found.changed) == 1 else "differ"
        what = f"shared {noun}" if found.lone else noun
        every = numbers.amount(shared, what)
        parts.append(f"{len(found.changed)} of {every} {verb}: {named}")
    elif shared and not found.lone:
        parts.append(f"{numbers.amount(shared, noun)}, all alike")
    elif shared:
        parts.append(f"{numbers.amount(shared, f'shared {noun}')} alike")
    if found.lone and len(sides) == 2:
        counts = [sum(name in side for name in found.lone) for side in sides]
        only = [
            f"{count} only in {label}"
            for count, label in zip(counts, labels, strict=True)
            if count
        ]
        parts.append(", ".join(only))
    elif found.lone:
        parts.append(f"{len(found.lone)} not in all")
    return "; ".join(parts)


def settings_body(sides: Sequence[Side], noun: str, heads: Sequence[Child]) -> Markup:
    """Show the values that differ; names that not all have are folded.

    Parameters
    ----------
    sides
        The names and values of each version.
    noun
        "parameter", "package".
    heads
        The head of each version's column.

    Returns
    -------
    Markup
        Tables.
    """
    found = sort_settings(sides)
    alike = ", ".join(f"{name} {sides[0][name]}" for name in found.alike)
    return join(
        _table(found.changed, sides, noun, heads, MOST_CHANGED),
        details(
            f"{numbers.amount(len(found.lone), noun)} not in all",
            _table(found.lone, sides, noun, heads, MOST_LONE),
        )
        if found.lone
        else None,
        details(
            f"{numbers.amount(len(found.alike), noun)} alike",
            tag("p", words(alike, most=4000), class_=classes("note")),
        )
        if found.alike
        else None,
    )


def short_name(name: str) -> str:
    """Name a nested parameter by its last step: "logisticregression__C"."""
    return middle_shorten("__".join(name.split("__")[-2:]), 36)


def _table(
    names: Sequence[str],
    sides: Sequence[Side],
    noun: str,
    heads: Sequence[Child],
    most: int,
) -> Markup | None:
    if not names:
        return None
    rows = [[code(name, width=60), *(_value(s, name) for s in sides)] for name in names]
    rest = len(names) - most
    return join(
        table([noun.capitalize(), *heads], rows[:most], fit=True),
        tag("p", f"And {rest:,} more.", class_=classes("note")) if rest > 0 else None,
    )


def _value(side: Side, name: str) -> Markup:
    return code(side[name], width=80) if name in side else join(numbers.NOTHING)
