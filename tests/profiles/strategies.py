"""Frames to profile, and what two profiles of one thing must have in common."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from nbmlops.profiles.columns import (
    BooleanColumn,
    ColumnProfile,
    NumberColumn,
    OtherColumn,
    TextColumn,
    TimeColumn,
)
from nbmlops.profiles.profile import Profile

NUMBERS = st.one_of(
    st.none(),
    st.integers(-3, 3).map(float),
    st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 0.5, 19.99, 1e300, -1e-300]),
    st.floats(-1e6, 1e6),
)
LABELS = st.one_of(st.none(), st.sampled_from(["", "a", "b", " b", "é", "x" * 300]))
TIMES = st.one_of(
    st.none(),
    st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2050, 1, 1)),
    st.dates(dt.date(1950, 1, 1), dt.date(2050, 1, 1)).map(
        lambda day: dt.datetime(day.year, day.month, day.day)
    ),
)
ROWS = st.tuples(NUMBERS, LABELS, st.sampled_from([None, True, False]), TIMES, TIMES)


def frame_of(rows: list[tuple[Any, ...]], weights: list[float] | None = None) -> Any:
    """Make a frame with a column of each kind; the types hold without any rows."""
    columns: Any = list(zip(*rows, strict=True)) if rows else [[]] * 5
    frame = pd.DataFrame(
        {
            "number": pd.Series(columns[0], dtype="float64"),
            "text": pd.Series(columns[1], dtype="str"),
            "flag": pd.Series(columns[2], dtype="boolean"),
            "moment": pd.Series(columns[3], dtype="datetime64[us]"),
            "clock": pd.Series(columns[4], dtype="datetime64[us]"),
        }
    )
    if weights is not None:
        frame["weight"] = pd.Series(weights, dtype="float64")
    return frame


def assert_same(
    left: Profile, right: Profile, *, parts: int = 1, factor: float = 1.0
) -> None:
    """Check that two profiles are of the same rows, up to rounding.

    `parts` is how many profiles the left one was added up from: that often a value may
    have been alone in its part, so that it is no atom. `factor` is the weight that each
    row has on the right, for each 1 on the left.
    """
    assert left.columns.keys() == right.columns.keys()
    close(left.mass * factor, right.mass)
    for name, column in left.columns.items():
        _same_column(column, right.columns[name], parts, factor)


def _same_column(
    left: ColumnProfile, right: ColumnProfile, parts: int, factor: float
) -> None:
    assert type(left) is type(right)
    close(left.mass * factor, right.mass)
    close(left.nulls * factor, right.nulls)
    assert left.distinct == right.distinct
    if isinstance(left, NumberColumn) and isinstance(right, NumberColumn):
        _same_numbers(left, right, parts, factor)
    elif isinstance(left, TextColumn) and isinstance(right, TextColumn):
        assert left.labels.keys() == right.labels.keys()
        for label, mass in left.labels.items():
            close(mass * factor, right.labels[label])
        assert left.minimum_length == right.minimum_length
        assert left.maximum_length == right.maximum_length
    elif isinstance(left, BooleanColumn) and isinstance(right, BooleanColumn):
        close(np.array([left.true, left.false]) * factor, [right.true, right.false])
    elif isinstance(left, TimeColumn) and isinstance(right, TimeColumn):
        close(left.week * factor, right.week)
        assert (left.minimum, left.maximum) == (right.minimum, right.maximum)
        assert left.has_time_of_day == right.has_time_of_day
        _same_cells(left, right, factor)
        if left.lag is not None and right.lag is not None:
            assert left.lag.codes.tolist() == right.lag.codes.tolist()
            close(left.lag.mass * factor, right.lag.mass)
    elif isinstance(left, OtherColumn) and isinstance(right, OtherColumn):
        assert left.types == right.types


def _same_numbers(
    left: NumberColumn, right: NumberColumn, parts: int, factor: float
) -> None:
    _same_cells(left, right, factor)
    close(left.negative_infinite * factor, right.negative_infinite)
    close(left.positive_infinite * factor, right.positive_infinite)
    assert (left.minimum, left.maximum) == (right.minimum, right.maximum)
    close(left.at_minimum * factor, right.at_minimum)
    close(left.at_maximum * factor, right.at_maximum)
    close(left.decimals * factor, right.decimals)
    close(left.mean, right.mean)
    if left.m2 is not None and right.m2 is not None and right.m2 < 1e290:
        close(left.m2 * factor, right.m2, relative=1e-6)
    atoms = dict(zip(right.atoms_value, right.atoms_mass, strict=True))
    for value, mass in zip(left.atoms_value, left.atoms_mass, strict=True):
        lost = (parts - 1) * factor
        assert atoms[value] - lost - 1e-9 <= mass * factor <= atoms[value] + 1e-9


def _same_cells(left: Any, right: Any, factor: float) -> None:
    for mine, other in ((left.raw, right.raw), (left.cells, right.cells)):
        assert mine.has_grid_of(other)
        assert mine.codes.tolist() == other.codes.tolist()
        close(mine.mass * factor, other.mass)


def close(left: Any, right: Any, relative: float = 1e-9) -> None:
    """Check that numbers are equal up to rounding, or both None."""
    if left is None or right is None:
        assert left is right
        return
    np.testing.assert_allclose(left, right, rtol=relative, atol=1e-9)
