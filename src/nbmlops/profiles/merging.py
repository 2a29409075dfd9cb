"""Adding the profiles of one column over two sets of rows."""

import operator
import re
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nbmlops.display.text import counted
from nbmlops.profiles.cells import Cells, added, massed
from nbmlops.profiles.columns import (
    MOST_ATOMS,
    MOST_LABELS,
    BooleanColumn,
    ColumnProfile,
    NumberColumn,
    OtherColumn,
    TextColumn,
    TimeColumn,
    frozen,
    heaviest,
)
from nbmlops.profiles.distinct import empty_sketch, united
from nbmlops.profiles.moments import Moments

Found = TypeVar("Found")


def merged(left: ColumnProfile, right: ColumnProfile) -> ColumnProfile:
    """Add two profiles of one column.

    Parameters
    ----------
    left, right
        Of different rows. A column of nulls only takes the kind of the other; other
        differences of kind leave the counts alone, as an `OtherColumn`.

    Returns
    -------
    ColumnProfile
        The profile of all the rows, the same in either order.
    """
    left, right = _as_kind_of(left, right), _as_kind_of(right, left)
    if isinstance(left, NumberColumn) and isinstance(right, NumberColumn):
        return _numbers(left, right)
    if isinstance(left, TextColumn) and isinstance(right, TextColumn):
        return _texts(left, right)
    if isinstance(left, BooleanColumn) and isinstance(right, BooleanColumn):
        return BooleanColumn(
            **_counts(left, right),
            true=left.true + right.true,
            false=left.false + right.false,
        )
    if isinstance(left, TimeColumn) and isinstance(right, TimeColumn):
        return _times(left, right)
    types = {word for side in (left, right) for word in _types(side)}
    return OtherColumn(**_counts(left, right), types=counted(sorted(types)))


def empty_like(
    like: ColumnProfile, *, rows: int, mass: float, nulls: float
) -> ColumnProfile:
    """Make the profile of a column of the same kind that is all null.

    Parameters
    ----------
    like
        Gives the kind, and where its cells are centred.
    rows, mass, nulls
        How many rows, and their weights.

    Returns
    -------
    ColumnProfile
        With no value in it.
    """
    counts: dict[str, Any] = {"rows": rows, "mass": mass, "nulls": nulls}
    if isinstance(like, NumberColumn):
        return NumberColumn(
            **counts,
            negative_infinite=0.0,
            positive_infinite=0.0,
            cells=_emptied(like.cells),
            raw=_emptied(like.raw),
            is_centred=like.is_centred,
            atoms_value=np.empty(0),
            atoms_mass=np.empty(0),
            minimum=None,
            maximum=None,
            at_minimum=0.0,
            at_maximum=0.0,
            mean=None,
            m2=None,
            decimals=np.zeros_like(like.decimals),
            sketch=empty_sketch(),
        )
    if isinstance(like, TextColumn):
        return TextColumn(
            **counts,
            labels=frozen({}),
            minimum_length=None,
            maximum_length=None,
            sketch=empty_sketch(),
        )
    if isinstance(like, BooleanColumn):
        return BooleanColumn(**counts, true=0.0, false=0.0)
    if isinstance(like, TimeColumn):
        return TimeColumn(
            **counts,
            week=np.zeros_like(like.week),
            minimum=None,
            maximum=None,
            cells=_emptied(like.cells),
            raw=_emptied(like.raw),
            is_centred=like.is_centred,
            lag=None if like.lag is None else _emptied(like.lag),
            has_time_of_day=False,
            sketch=empty_sketch(),
        )
    return OtherColumn(**counts, types="")


def _as_kind_of(column: ColumnProfile, other: ColumnProfile) -> ColumnProfile:
    if isinstance(column, OtherColumn) and column.is_empty:
        return empty_like(other, rows=column.rows, mass=column.mass, nulls=column.nulls)
    return column


def _types(column: ColumnProfile) -> list[str]:
    if isinstance(column, OtherColumn):
        return [word for word in re.split(", | and ", column.types) if word]
    return [column.kind]


def _counts(left: ColumnProfile, right: ColumnProfile) -> dict[str, Any]:
    return {
        "rows": left.rows + right.rows,
        "mass": left.mass + right.mass,
        "nulls": left.nulls + right.nulls,
    }


def _numbers(left: NumberColumn, right: NumberColumn) -> NumberColumn:
    cells, raw, is_centred = _cells(left, right)
    values, masses = _atoms(left, right)
    moments = _outer(operator.add, _moments(left), _moments(right))
    minimum, at_minimum = _extreme(
        min, (left.minimum, left.at_minimum), (right.minimum, right.at_minimum)
    )
    maximum, at_maximum = _extreme(
        max, (left.maximum, left.at_maximum), (right.maximum, right.at_maximum)
    )
    return NumberColumn(
        **_counts(left, right),
        negative_infinite=left.negative_infinite + right.negative_infinite,
        positive_infinite=left.positive_infinite + right.positive_infinite,
        cells=cells,
        raw=raw,
        is_centred=is_centred,
        atoms_value=values,
        atoms_mass=masses,
        minimum=minimum,
        maximum=maximum,
        at_minimum=at_minimum,
        at_maximum=at_maximum,
        mean=None if moments is None else moments.mean,
        m2=None if moments is None else moments.m2,
        decimals=left.decimals + right.decimals,
        sketch=united(left.sketch, right.sketch),
    )


def _cells(
    left: NumberColumn | TimeColumn, right: NumberColumn | TimeColumn
) -> tuple[Cells, Cells, bool]:
    raw = _sum(left.raw, right.raw)
    if left.cells.has_grid_of(raw) and right.cells.has_grid_of(raw):
        return raw, raw, left.is_centred and right.is_centred
    if left.is_centred and right.is_centred:
        cells = added(left.cells, right.cells)
        if cells is not None:
            return cells, raw, True
    return raw, raw, False


def _sum(left: Cells, right: Cells) -> Cells:
    cells = added(left, right)
    if cells is None:
        raise AssertionError("uncentred cells are always the same")
    return cells


def _atoms(
    left: NumberColumn, right: NumberColumn
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values, at = np.unique(
        np.concatenate([left.atoms_value, right.atoms_value]), return_inverse=True
    )
    both = np.concatenate([left.atoms_mass, right.atoms_mass])
    masses = massed(at, both, len(values))
    kept = np.sort(np.lexsort((values, -masses))[:MOST_ATOMS])
    return values[kept], masses[kept]


def _moments(column: NumberColumn) -> Moments | None:
    if column.mean is None or column.m2 is None:
        return None
    return Moments(mass=column.finite, mean=column.mean, m2=column.m2)


def _extreme(
    outer: Callable[[float, float], float],
    left: tuple[float | None, float],
    right: tuple[float | None, float],
) -> tuple[float | None, float]:
    if left[0] is None:
        return right
    if right[0] is None:
        return left
    value = outer(left[0], right[0])
    return value, sum(mass for at, mass in (left, right) if at == value)


def _texts(left: TextColumn, right: TextColumn) -> TextColumn:
    labels = dict(left.labels)
    for label, mass in right.labels.items():
        labels[label] = labels.get(label, 0.0) + mass
    others = left.others + right.others
    most = left.others_most + right.others_most
    sketch = empty_sketch()
    if len(left.sketch) or len(right.sketch) or len(labels) > MOST_LABELS:
        sketch = united(left.hashed(), right.hashed())
    if len(labels) > MOST_LABELS:
        kept = heaviest(labels, MOST_LABELS)
        lost = [mass for label, mass in labels.items() if label not in kept]
        labels, others, most = kept, others + sum(lost), most + max(lost)
    return TextColumn(
        **_counts(left, right),
        labels=frozen(labels),
        others=others,
        others_most=most,
        minimum_length=_outer(min, left.minimum_length, right.minimum_length),
        maximum_length=_outer(max, left.maximum_length, right.maximum_length),
        sketch=sketch,
    )


def _times(left: TimeColumn, right: TimeColumn) -> TimeColumn:
    cells, raw, is_centred = _cells(left, right)
    lag = None
    if left.lag is not None and right.lag is not None:
        lag = _sum(left.lag, right.lag)
    return TimeColumn(
        **_counts(left, right),
        week=left.week + right.week,
        minimum=_outer(min, left.minimum, right.minimum),
        maximum=_outer(max, left.maximum, right.maximum),
        cells=cells,
        raw=raw,
        is_centred=is_centred,
        lag=lag,
        has_time_of_day=left.has_time_of_day or right.has_time_of_day,
        sketch=united(left.sketch, right.sketch),
    )


def _outer(
    outer: Callable[[Found, Found], Found], left: Found | None, right: Found | None
) -> Found | None:
    if left is None:
        return right
    return left if right is None else outer(left, right)


def _emptied(cells: Cells) -> Cells:
    return Cells(
        centre=cells.centre,
        scale=cells.scale,
        codes=cells.codes[:0],
        mass=cells.mass[:0],
    )
