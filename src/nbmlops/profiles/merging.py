"""Adding the profiles of one column over two sets of rows."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
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
from nbmlops.profiles.free_text_column import (
    FreeTextColumn,
    add_free_texts,
    kept_words,
)
from nbmlops.profiles.moments import Moments
from nbmlops.profiles.vector_column import VectorColumn, add_vectors

Found = TypeVar("Found")


def merged(*columns: ColumnProfile) -> ColumnProfile:
    """Add profiles of one column.

    Parameters
    ----------
    *columns
        At least one, of different rows. A column of nulls only takes the kind of the
        others; other differences of kind leave the counts alone, as an `OtherColumn`.

    Returns
    -------
    ColumnProfile
        The profile of all the rows, the same in any order.
    """
    model = next((column for column in columns if not _is_empty(column)), columns[0])
    alike = [_as_kind_of(column, model) for column in columns]
    if numbers := _all_of(NumberColumn, alike):
        return _numbers(numbers)
    if texts := _all_of(TextColumn, alike):
        return _texts(texts)
    if booleans := _all_of(BooleanColumn, alike):
        return BooleanColumn(
            **_counts(booleans),
            true=sum(column.true for column in booleans),
            false=sum(column.false for column in booleans),
        )
    if times := _all_of(TimeColumn, alike):
        return _times(times)
    if vectors := _all_of(VectorColumn, alike):
        added_up = add_vectors(vectors, _counts(vectors), _numbers)
        if added_up is not None:
            return added_up
    if free := _all_of(FreeTextColumn, alike):
        return add_free_texts(free, _counts(free), _numbers)
    types = {word for column in alike for word in _types(column)}
    return OtherColumn(**_counts(alike), types=counted(sorted(types)))


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
        return _empty_numbers(like, counts)
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
    if isinstance(like, VectorColumn):
        return replace(
            like,
            **counts,
            broken=0.0,
            lengths=_empty_numbers(like.lengths, counts),
            sums=np.zeros_like(like.sums),
            products=np.zeros_like(like.products),
        )
    if isinstance(like, FreeTextColumn):
        return FreeTextColumn(
            **counts,
            lengths=_empty_numbers(like.lengths, counts),
            words=_empty_numbers(like.words, {"rows": 0, "mass": 0.0, "nulls": 0.0}),
            scripts=frozen({}),
            signs=frozen({}),
            **kept_words(like.word[:0], np.empty(0), np.empty(0)),
            known_by=like.vocabulary,
            fresh=np.zeros_like(like.fresh),
        )
    return OtherColumn(**counts, types="")


def _empty_numbers(like: NumberColumn, counts: dict[str, Any]) -> NumberColumn:
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


def _is_empty(column: ColumnProfile) -> bool:
    return isinstance(column, OtherColumn) and column.is_empty


def _as_kind_of(column: ColumnProfile, other: ColumnProfile) -> ColumnProfile:
    if _is_empty(column):
        return empty_like(other, rows=column.rows, mass=column.mass, nulls=column.nulls)
    return column


def _all_of(kind: type[Found], columns: Sequence[ColumnProfile]) -> list[Found]:
    """Give the columns if all are of a kind, else none."""
    found: list[Found] = [column for column in columns if isinstance(column, kind)]
    return found if len(found) == len(columns) else []


def _types(column: ColumnProfile) -> list[str]:
    if isinstance(column, OtherColumn):
        return [word for word in re.split(", | and ", column.types) if word]
    if isinstance(column, VectorColumn):
        return [f"vectors of {column.dimensions}"]
    return [column.kind]


def _counts(columns: Sequence[ColumnProfile]) -> dict[str, Any]:
    return {
        "rows": sum(column.rows for column in columns),
        "mass": sum(column.mass for column in columns),
        "nulls": sum(column.nulls for column in columns),
    }


def _numbers(columns: Sequence[NumberColumn]) -> NumberColumn:
    cells, raw, is_centred = _cells(columns)
    values, masses = _atoms(columns)
    found = [moments for column in columns if (moments := _moments(column))]
    moments = reduce(operator.add, found) if found else None
    minimum, at_minimum = _extreme(min, [(c.minimum, c.at_minimum) for c in columns])
    maximum, at_maximum = _extreme(max, [(c.maximum, c.at_maximum) for c in columns])
    return NumberColumn(
        **_counts(columns),
        negative_infinite=sum(column.negative_infinite for column in columns),
        positive_infinite=sum(column.positive_infinite for column in columns),
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
        decimals=np.sum([column.decimals for column in columns], axis=0),
        sketch=united(*(column.sketch for column in columns)),
    )


def _cells(
    columns: Sequence[NumberColumn] | Sequence[TimeColumn],
) -> tuple[Cells, Cells, bool]:
    raw = _sum([column.raw for column in columns])
    is_centred = all(column.is_centred for column in columns)
    if all(column.cells.has_grid_of(raw) for column in columns):
        return raw, raw, is_centred
    if is_centred:
        cells = added(*(column.cells for column in columns))
        if cells is not None:
            return cells, raw, True
    return raw, raw, False


def _sum(histograms: Sequence[Cells]) -> Cells:
    cells = added(*histograms)
    if cells is None:
        raise AssertionError("uncentred cells are always the same")
    return cells


def _atoms(
    columns: Sequence[NumberColumn],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values, at = np.unique(
        np.concatenate([column.atoms_value for column in columns]), return_inverse=True
    )
    every = np.concatenate([column.atoms_mass for column in columns])
    masses = massed(at, every, len(values))
    kept = np.sort(np.lexsort((values, -masses))[:MOST_ATOMS])
    return values[kept], masses[kept]


def _moments(column: NumberColumn) -> Moments | None:
    if column.mean is None or column.m2 is None:
        return None
    return Moments(mass=column.finite, mean=column.mean, m2=column.m2)


def _extreme(
    outer: Callable[..., float], sides: Sequence[tuple[float | None, float]]
) -> tuple[float | None, float]:
    value = _outer(outer, [value for value, _ in sides])
    return value, sum(mass for at, mass in sides if at == value)


def _texts(columns: Sequence[TextColumn]) -> TextColumn:
    labels = dict(columns[0].labels)
    for column in columns[1:]:
        for label, mass in column.labels.items():
            labels[label] = labels.get(label, 0.0) + mass
    others = sum(column.others for column in columns)
    most = sum(column.others_most for column in columns)
    sketch = empty_sketch()
    if len(labels) > MOST_LABELS or any(len(column.sketch) for column in columns):
        sketch = united(*(column.hashed() for column in columns))
    if len(labels) > MOST_LABELS:
        kept = heaviest(labels, MOST_LABELS)
        lost = [mass for label, mass in labels.items() if label not in kept]
        labels, others, most = kept, others + sum(lost), most + max(lost)
    return TextColumn(
        **_counts(columns),
        labels=frozen(labels),
        others=others,
        others_most=most,
        minimum_length=_outer(min, [column.minimum_length for column in columns]),
        maximum_length=_outer(max, [column.maximum_length for column in columns]),
        sketch=sketch,
    )


def _times(columns: Sequence[TimeColumn]) -> TimeColumn:
    cells, raw, is_centred = _cells(columns)
    lags = [column.lag for column in columns if column.lag is not None]
    return TimeColumn(
        **_counts(columns),
        week=np.sum([column.week for column in columns], axis=0),
        minimum=_outer(min, [column.minimum for column in columns]),
        maximum=_outer(max, [column.maximum for column in columns]),
        cells=cells,
        raw=raw,
        is_centred=is_centred,
        lag=_sum(lags) if len(lags) == len(columns) else None,
        has_time_of_day=any(column.has_time_of_day for column in columns),
        sketch=united(*(column.sketch for column in columns)),
    )


def _outer(outer: Callable[..., Found], values: Sequence[Found | None]) -> Found | None:
    there = [value for value in values if value is not None]
    return outer(there) if there else None


def _emptied(cells: Cells) -> Cells:
    return Cells(
        centre=cells.centre,
        scale=cells.scale,
        codes=cells.codes[:0],
        mass=cells.mass[:0],
    )
