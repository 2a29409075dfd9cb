"""Counting columns of time and of true and false, batch by batch."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nbmlops.frames.kinds import decoded, whole_seconds
from nbmlops.profiles.cells import HalfCounter, massed
from nbmlops.profiles.columns import DAY, BooleanColumn, TimeColumn
from nbmlops.profiles.distinct import DistinctCounter, hashed_numbers
from nbmlops.profiles.numbers import Grid, Weights

HALF_HOUR = 1800
HALF_HOURS_OF_WEEK = 336
_MONDAY = 3 * 48  # 1970-01-01 was a Thursday


def seconds(array: pa.Array) -> NDArray[np.float64]:
    """Give a column of time as seconds since 1970, NaN where null."""
    whole, fraction, present = whole_seconds(array)
    values = np.full(len(present), np.nan)
    values[present] = whole + fraction
    return values


class TimeCounter:
    """Count a column of times.

    Parameters
    ----------
    like
        The reference's column, whose cells are used; None: centred on the first batch.
    has_clock
        Whether the lag to another column is counted too.
    """

    def __init__(self, like: TimeColumn | None, *, has_clock: bool) -> None:
        self._grid = Grid(None if like is None else like.cells)
        self._rows = 0
        self._mass = 0.0
        self._nulls = 0.0
        self._week = np.zeros(HALF_HOURS_OF_WEEK)
        self._raw = HalfCounter()
        self._centred = HalfCounter()
        self._lag = HalfCounter() if has_clock else None
        self._bounds: tuple[float, float] | None = None
        self._has_time_of_day = False
        self._distinct = DistinctCounter()

    def update(
        self, array: pa.Array, weights: Weights, clock: NDArray[np.float64] | None
    ) -> None:
        """Count the next rows.

        Parameters
        ----------
        array
            Timestamps or dates.
        weights
            One per row, or None for 1.
        clock
            The other column's seconds, NaN where null, when the lag is counted.
        """
        whole, fraction, present = whole_seconds(array)
        self._rows += len(present)
        absent = ~present
        if weights is None:
            self._mass += len(present)
            self._nulls += float(np.count_nonzero(absent))
        else:
            self._mass += float(weights.sum())
            self._nulls += float(weights[absent].sum())
            weights = weights[present]
        if not len(whole):
            return
        values = whole + fraction
        slots = (whole // HALF_HOUR + _MONDAY) % HALF_HOURS_OF_WEEK
        self._week += massed(slots, weights, HALF_HOURS_OF_WEEK)
        self._has_time_of_day |= bool(np.any(values % DAY))
        low, high = self._bounds or (np.inf, -np.inf)
        self._bounds = (
            min(low, float(values.min())),
            max(high, float(values.max())),
        )
        self._distinct.add(hashed_numbers(values + 0.0))
        self._raw.add(values, weights)
        centre, scale = self._grid.over(values)
        self._centred.add((values - centre) / scale, weights)
        if self._lag is not None and clock is not None:
            self._lag.add(values - clock[present], weights)

    def finish(self) -> TimeColumn:
        """Give what was counted."""
        centre, scale = self._grid.known
        low, high = self._bounds or (None, None)
        return TimeColumn(
            rows=self._rows,
            mass=self._mass,
            nulls=self._nulls,
            week=self._week,
            minimum=low,
            maximum=high,
            cells=self._centred.cells(centre, scale),
            raw=self._raw.cells(0.0, 1.0),
            lag=None if self._lag is None else self._lag.cells(0.0, 1.0),
            has_time_of_day=self._has_time_of_day,
            sketch=self._distinct.sketch(),
        )


class BooleanCounter:
    """Count a column of true and false."""

    def __init__(self) -> None:
        self._rows = 0
        self._mass = np.zeros(3)  # false, true, null

    def update(self, array: pa.Array, weights: Weights) -> None:
        """Count the next rows, with one weight per row, or None for 1."""
        array = decoded(array)
        states = array.cast(pa.uint8()).fill_null(2).to_numpy(zero_copy_only=False)
        self._rows += len(states)
        self._mass += massed(states, weights, 3)

    def finish(self) -> BooleanColumn:
        """Give what was counted."""
        false, true, nulls = (float(mass) for mass in self._mass)
        return BooleanColumn(
            rows=self._rows,
            mass=false + true + nulls,
            nulls=nulls,
            true=true,
            false=false,
        )
