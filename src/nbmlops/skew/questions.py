"""From two column profiles to what is asked about them, in effective rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nbmlops.profiles.cells import CODES, Cells
from nbmlops.profiles.columns import (
    BooleanColumn,
    ColumnProfile,
    NumberColumn,
    TextColumn,
    TimeColumn,
)
from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew.cells import Sides, label_sides, ordered_sides
from nbmlops.skew.statistics import Floats

NULL, OTHERS = "null", "others"
DAY = 86_400.0  # seconds; a window below it says nothing of hours
FORTNIGHT = 14 * DAY  # a window below it says nothing of weekdays
FINE_STEPS = 1024  # a centre on this part of its scale has edges that floats share
LEAST_KEPT = 50.0  # mass from which a label stays apart if others were not counted
STILL_SHARE = 0.5  # of a reference's times differ: repeating one is worth asking about
NEAR_ZERO = 8.0  # scales; beyond it uncentred cells are too wide
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Label counts of both sides, in effective rows.

    Attributes
    ----------
    names
        The labels, without null and others.
    reference, serving
        Effective rows per label, shape (k,).
    nulls, others
        Effective rows without value, and of labels that were not counted apart, on
        both sides.
    """

    names: tuple[str, ...]
    reference: Floats
    serving: Floats
    nulls: tuple[float, float]
    others: tuple[float, float] = (0.0, 0.0)

    def sides(self, part: str) -> Sides:
        """Return the question with null and others as cells at the end."""
        ends = np.array([self.nulls, self.others])
        return label_sides(
            np.concatenate([self.reference, ends[:, 0]]),
            np.concatenate([self.serving, ends[:, 1]]),
            part=part,
            others=2,
        )


def comparable_kind(reference: ColumnProfile, serving: ColumnProfile) -> str:
    """Return the kind in which both sides can be compared, or "" where none is.

    Parameters
    ----------
    reference, serving
        The column on both sides.

    Returns
    -------
    str
        "number", "boolean", "text", "time", "vector" or "free text". Booleans stored
        as 0 and 1 are booleans; vectors of other dimensions cannot be compared.
    """
    if isinstance(reference, VectorColumn) and isinstance(serving, VectorColumn):
        return "vector" if reference.dimensions == serving.dimensions else ""
    if reference.kind == serving.kind:
        return "" if reference.kind == "other" else str(reference.kind)
    kinds = {reference.kind, serving.kind}
    if kinds == {"boolean", "number"}:
        number = reference if isinstance(reference, NumberColumn) else serving
        if isinstance(number, NumberColumn) and _is_zero_one(number):
            return "boolean"
    return ""


def _is_zero_one(column: NumberColumn) -> bool:
    """Say whether every value is 0 or 1."""
    held = float(column.atoms_mass[np.isin(column.atoms_value, (0.0, 1.0))].sum())
    return column.finite > 0 and held >= column.finite * (1 - 1e-9)


def is_identifier(reference: ColumnProfile, serving: ColumnProfile) -> bool:
    """Say whether a column only names its rows: near-unique text or running numbers.

    Parameters
    ----------
    reference, serving
        The column on both sides.

    Returns
    -------
    bool
        The reference decides: a small serving sample cannot. Numbers must be dense as
        well (at most three times as many whole numbers in their range as rows):
        salaries may be near-unique too.
    """
    if not reference.is_identifier:
        return False
    if not isinstance(reference, NumberColumn):
        return isinstance(serving, TextColumn)
    if reference.minimum is None or reference.maximum is None:
        return False
    dense = reference.maximum - reference.minimum < 3 * reference.rows
    return dense and isinstance(serving, NumberColumn) and serving.is_whole


def questions(
    reference: ColumnProfile, serving: ColumnProfile, scales: tuple[float, float]
) -> tuple[Sides, ...]:
    """Say what is asked about a column that both sides hold in one kind.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    scales
        Effective rows per unit of mass on both sides.

    Returns
    -------
    tuple of Sides
        One for numbers, booleans and text; hour, weekday and lag for times.
    """
    if isinstance(reference, TimeColumn) and isinstance(serving, TimeColumn):
        return _time_questions(reference, serving, scales)
    if isinstance(reference, NumberColumn) and isinstance(serving, NumberColumn):
        a, b = _number_cells(reference, serving, scales)
        nulls = (float(reference.nulls) * scales[0], float(serving.nulls) * scales[1])
        return (ordered_sides(a, b, nulls, part="values"),)
    return (label_counts(reference, serving, scales).sides("values"),)


def presence(
    reference: ColumnProfile, serving: ColumnProfile, scales: tuple[float, float]
) -> Sides:
    """Ask only whether as many rows hold a value: where a side holds none at all."""
    sides = [
        np.array([float(c.mass) - float(c.nulls), float(c.nulls)]) * scale
        for c, scale in zip((reference, serving), scales, strict=True)
    ]
    return label_sides(sides[0], sides[1], part="presence")


def label_counts(
    reference: ColumnProfile, serving: ColumnProfile, scales: tuple[float, float]
) -> Labels:
    """Count the labels of text or boolean columns on both sides.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    scales
        Effective rows per unit of mass on both sides.

    Returns
    -------
    Labels
        Labels that one side only counted among its others are others on both.
    """
    first, first_others = _labels(reference)
    second, second_others = _labels(serving)
    names = sorted(set(first) | set(second))
    if first_others or second_others:
        names = _surely_kept(names, (reference, serving), (first, second))
        first_others += sum(first.values()) - sum(first.get(k, 0.0) for k in names)
        second_others += sum(second.values()) - sum(second.get(k, 0.0) for k in names)
    return Labels(
        names=tuple(names),
        reference=np.array([first.get(k, 0.0) for k in names]) * scales[0],
        serving=np.array([second.get(k, 0.0) for k in names]) * scales[1],
        nulls=(float(reference.nulls) * scales[0], float(serving.nulls) * scales[1]),
        others=(first_others * scales[0], second_others * scales[1]),
    )


def _surely_kept(
    names: list[str],
    columns: tuple[ColumnProfile, ColumnProfile],
    labels: tuple[dict[str, float], dict[str, float]],
) -> list[str]:
    """Choose the labels that stay apart where a side counted only its heaviest."""
    # Labels near the limit were kept because they happened to be heavy: serving would
    # seem to have fewer of them. Well above it that hardly matters.
    most = [getattr(column, "others_most", 0.0) for column in columns]
    mass = [max(float(column.mass), 1e-300) for column in columns]
    floors = [
        max(LEAST_KEPT, 4 * most[0], 4 * most[1] / mass[1] * mass[0]),
        max(LEAST_KEPT, 4 * most[1], 4 * most[0] / mass[0] * mass[1]),
    ]
    return [
        name
        for name in names
        if labels[0].get(name, 0.0) >= floors[0]
        or labels[1].get(name, 0.0) >= floors[1]
    ]


def _labels(column: ColumnProfile) -> tuple[dict[str, float], float]:
    """Return labels with their mass, and the mass of the others."""
    if isinstance(column, TextColumn):
        return {str(k): float(v) for k, v in column.labels.items()}, float(
            column.others
        )
    if isinstance(column, BooleanColumn):
        return {"true": float(column.true), "false": float(column.false)}, 0.0
    if isinstance(column, NumberColumn):
        pairs = zip(column.atoms_value, column.atoms_mass, strict=True)
        named = {"true" if v else "false": float(mass) for v, mass in pairs}
        return {"true": 0.0, "false": 0.0, **named}, 0.0
    return {}, 0.0


def _number_cells(
    reference: NumberColumn, serving: NumberColumn, scales: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Count both sides in the 16-bit cells that they share, infinities at the ends."""
    ours, theirs = comparable_cells(reference, serving)
    a, b = shared_cells(ours, theirs)
    ends = [(c.negative_infinite, c.positive_infinite) for c in (reference, serving)]
    a = np.concatenate([[ends[0][0]], a, [ends[0][1]]]) * scales[0]
    b = np.concatenate([[ends[1][0]], b, [ends[1][1]]]) * scales[1]
    used = (a + b) > 0
    return a[used], b[used]


def comparable_cells(
    reference: NumberColumn, serving: NumberColumn
) -> tuple[Cells, Cells]:
    """Choose the copy of both sides' cells in which equal values fall into one cell.

    Parameters
    ----------
    reference, serving
        The column on both sides.

    Returns
    -------
    tuple of Cells
        The centred ones where both have them. Around a centre such as 11.1 the cells'
        edges lie on decimals, and 12.1 as a 32-bit float falls below its edge; so
        where the centre is near zero the uncentred ones are used, whose edges are
        the same for either float.
    """
    ours, theirs = reference.cells, serving.cells
    steps = ours.centre / ours.scale * FINE_STEPS
    plain = abs(ours.centre) <= NEAR_ZERO * ours.scale and steps != round(steps)
    if plain or not ours.has_grid_of(theirs):
        return reference.raw, serving.raw
    return ours, theirs


def shared_cells(first: Cells, second: Cells) -> tuple[Floats, Floats]:
    """Give two sets of cells with one centre and scale as vectors over one list."""
    dense = np.zeros((2, CODES))
    dense[0, first.codes], dense[1, second.codes] = first.mass, second.mass
    both = np.flatnonzero(dense.any(axis=0))
    return dense[0, both], dense[1, both]


def _time_questions(
    reference: TimeColumn, serving: TimeColumn, scales: tuple[float, float]
) -> tuple[Sides, ...]:
    """Ask for hour and weekday where the windows are long enough, and for the lag."""
    asked: list[Sides] = []
    for labels, part in time_labels(reference, serving, scales):
        asked.append(labels.sides(part))
    if not asked:
        asked.append(presence(reference, serving, scales))
    first, second = reference.lag, serving.lag
    if first is None or second is None or not first.has_grid_of(second):
        return tuple(asked)
    if first.total and second.total:
        a, b = shared_cells(first, second)
        a, b = a * scales[0], b * scales[1]
        asked.append(ordered_sides(a, b, (0.0, 0.0), part="lag"))
    return tuple(asked)


def time_labels(
    reference: TimeColumn, serving: TimeColumn, scales: tuple[float, float]
) -> Sequence[tuple[Labels, str]]:
    """Count hours and weekdays where both windows are long enough to compare them.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    scales
        Effective rows per unit of mass on both sides.

    Returns
    -------
    sequence
        Label counts and "hour" or "weekday"; may be empty.
    """
    nulls = (float(reference.nulls) * scales[0], float(serving.nulls) * scales[1])
    window = min(time_window(reference), time_window(serving))
    found: list[tuple[Labels, str]] = []
    lost = loses_time_of_day(reference, serving) or _stands_still(reference, serving)
    both_times = reference.has_time_of_day and serving.has_time_of_day
    if lost or (both_times and window >= DAY):
        hours = tuple(f"{hour:02d}h" for hour in range(24))
        found.append(
            (_counted(hours, reference.hours, serving.hours, scales, nulls), "hour")
        )
    if window >= FORTNIGHT:
        empty = (0.0, 0.0) if found else nulls
        days = _counted(WEEKDAYS, reference.weekdays, serving.weekdays, scales, empty)
        found.append((days, "weekday"))
    return found


def loses_time_of_day(reference: ColumnProfile, serving: ColumnProfile) -> bool:
    """Say whether every serving value is a midnight where the reference has hours.

    Parameters
    ----------
    reference, serving
        The column on both sides.

    Returns
    -------
    bool
        False also where the reference's window is too short to know its hours.
    """
    if not isinstance(reference, TimeColumn) or not isinstance(serving, TimeColumn):
        return False
    if not reference.has_time_of_day or time_window(reference) < DAY:
        return False
    return serving.minimum is not None and not serving.has_time_of_day


def _stands_still(reference: TimeColumn, serving: TimeColumn) -> bool:
    """Say whether serving repeats one moment where the reference hardly ever does."""
    if serving.minimum is None or serving.minimum != serving.maximum:
        return False
    if time_window(reference) < DAY:
        return False
    return reference.distinct >= STILL_SHARE * reference.rows


def time_window(column: TimeColumn) -> float:
    """Return the seconds between the first and the last time; 0 without any."""
    if column.minimum is None or column.maximum is None:
        return 0.0
    return max(0.0, float(column.maximum) - float(column.minimum))


def _counted(
    names: tuple[str, ...],
    first: Floats,
    second: Floats,
    scales: tuple[float, float],
    nulls: tuple[float, float],
) -> Labels:
    return Labels(
        names=names,
        reference=np.asarray(first, dtype=np.float64) * scales[0],
        serving=np.asarray(second, dtype=np.float64) * scales[1],
        nulls=nulls,
    )
