"""Counting a column of numbers, batch by batch."""

import math

import numpy as np
from numpy.typing import NDArray

from nbmlops.profiles.atoms import AtomCounter
from nbmlops.profiles.cells import Cells, HalfCounter, robust_grid
from nbmlops.profiles.columns import NumberColumn
from nbmlops.profiles.decimals import DecimalCounter
from nbmlops.profiles.distinct import DistinctCounter
from nbmlops.profiles.moments import Moments, moments_of

UNCENTRED = (0.0, 1.0)
CENTRED_ON = 32_768  # rows of the first batch that the centre is taken from
Floats = NDArray[np.float64]
Weights = Floats | None


class Grid:
    """The centre and scale of a column's cells: the reference's, or the first rows'."""

    def __init__(self, like: Cells | None) -> None:
        self._fixed = None if like is None else (like.centre, like.scale)

    def over(self, values: Floats) -> tuple[float, float]:
        """Give centre and scale, found from these values unless known before.

        Parameters
        ----------
        values
            Finite, at least one.

        Returns
        -------
        tuple
            See `robust_grid`.
        """
        if self._fixed is None:
            step = max(1, len(values) // CENTRED_ON)
            sample = values[::step]
            is_whole = bool(np.all(sample == np.rint(sample)))
            self._fixed = robust_grid(sample, whole=is_whole)
        return self._fixed

    @property
    def known(self) -> tuple[float, float]:
        """Centre and scale, 0 and 1 where there never was a value."""
        return self._fixed or UNCENTRED


class NumberCounter:
    """Count a column of numbers.

    Parameters
    ----------
    like
        The reference's column, whose cells are used; None: centred on the first batch.
    narrow
        Whether the values come as float32.
    """

    def __init__(self, like: NumberColumn | None, *, narrow: bool) -> None:
        self._grid = Grid(None if like is None else like.cells)
        self._raw = HalfCounter()
        self._centred: HalfCounter | None = None
        self._nulls = 0.0
        self._infinite = [0.0, 0.0]
        self._rows = 0
        self._mass = 0.0
        self._moments: Moments | None = None
        self._extremes: list[tuple[float, float] | None] = [None, None]
        self._decimals = DecimalCounter(narrow=narrow)
        self._atoms = AtomCounter()
        self._distinct = DistinctCounter()

    def update(self, values: Floats, weights: Weights) -> None:
        """Count the next rows.

        Parameters
        ----------
        values
            NaN where null.
        weights
            One per row, or None for 1.
        """
        self._rows += len(values)
        self._mass += float(len(values) if weights is None else weights.sum())
        if not len(values):
            return
        ends = _ends(values)
        if not all(map(math.isfinite, ends)):  # NaN is both ends
            values, weights = self._without_others(values, weights)
            if not len(values):
                return
            ends = _ends(values)
        self._count_finite(values, weights, ends)

    def finish(self) -> NumberColumn:
        """Give what was counted."""
        centre, scale = self._grid.known
        raw = self._raw.cells(0.0, 1.0)
        values, mass = self._atoms.heaviest()
        cells, moments = raw, self._moments
        if (centre, scale) != UNCENTRED:
            cells = (self._centred or HalfCounter()).cells(centre, scale)
        low, high = self._extremes
        return NumberColumn(
            rows=self._rows,
            mass=self._mass,
            nulls=self._nulls,
            negative_infinite=self._infinite[0],
            positive_infinite=self._infinite[1],
            cells=cells,
            raw=raw,
            atoms_value=values,
            atoms_mass=mass,
            minimum=None if low is None else low[0],
            maximum=None if high is None else high[0],
            at_minimum=0.0 if low is None else low[1],
            at_maximum=0.0 if high is None else high[1],
            mean=None if moments is None else moments.mean,
            m2=None if moments is None else moments.m2,
            decimals=self._decimals.counts(),
            sketch=self._distinct.sketch(),
        )

    def _without_others(
        self, values: Floats, weights: Weights
    ) -> tuple[Floats, Weights]:
        """Count nulls and infinities, and leave them out."""
        is_finite = np.isfinite(values)
        others = np.flatnonzero(~is_finite)
        of_others = values.take(others)
        mass = np.ones(len(others)) if weights is None else weights.take(others)
        self._nulls += float(mass[np.isnan(of_others)].sum())
        for side, value in enumerate((-math.inf, math.inf)):
            self._infinite[side] += float(mass[of_others == value].sum())
        there = np.flatnonzero(is_finite)
        return values.take(there), None if weights is None else weights.take(there)

    def _count_finite(
        self, values: Floats, weights: Weights, ends: tuple[float, float]
    ) -> None:
        if ends[0] <= 0 <= ends[1]:
            values = values + 0.0  # minus zero becomes zero
        self._count_ends(values, weights, ends)
        self._decimals.add(values, weights)
        self._distinct.add(self._atoms.add(values, weights))
        self._raw.add(values, weights)
        centre, scale = self._grid.over(values)
        if (centre, scale) != UNCENTRED:
            with np.errstate(over="ignore"):
                centred = values - centre
                centred *= 1 / scale  # a power of two: exact
            self._centred = self._centred or HalfCounter()
            self._centred.add(centred, weights)
        found = moments_of(values, weights)
        self._moments = found if self._moments is None else self._moments + found

    def _count_ends(
        self, values: Floats, weights: Weights, ends: tuple[float, float]
    ) -> None:
        for side, value in enumerate(ends):
            known = self._extremes[side]
            if known is not None and (
                value > known[0] if side == 0 else value < known[0]
            ):
                continue
            at = values == value
            mass = float(np.count_nonzero(at) if weights is None else weights[at].sum())
            if known is not None and known[0] == value:
                mass += known[1]
            self._extremes[side] = (value, mass)


def _ends(values: Floats) -> tuple[float, float]:
    return float(values.min()), float(values.max())
