"""A number column as weighted points: what a hypothesis maps, and counts anew."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbmlops.profiles.columns import NumberColumn
from nbmlops.skew.causes import lattice
from nbmlops.skew.monotone import Curve
from nbmlops.skew.statistics import Floats

MOST_PER_CELL = 6
EVEN_POINTS = 4
FINEST = 4_000  # points per unit of share: a point that weighs more shows as a step
MOST_IN_HEAVY = 128
CURVED = 16  # points of one cell from which its density is not taken as even


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """One side of a number column, in effective rows.

    Attributes
    ----------
    rows, nulls
        Effective rows, and how many of them are null.
    low, high, middle, mass
        The raw 16-bit cells in order: bounds, middle and effective rows, shape (k,).
    atoms, atom_mass
        Values that repeat, exact, and their effective rows; ascending.
    minimum, maximum, mean, deviation
        Of the finite values.
    at_minimum, at_maximum
        Effective rows exactly there.
    infinite
        Effective rows that hold minus and plus infinity.
    digits
        The lattice: decimals that 99% of values stay within; 10 is continuous.
    distinct
        Estimated number of different values.
    """

    rows: float
    nulls: float
    low: Floats
    high: Floats
    middle: Floats
    mass: Floats
    atoms: Floats
    atom_mass: Floats
    minimum: float
    maximum: float
    mean: float
    deviation: float
    at_minimum: float
    at_maximum: float
    infinite: tuple[float, float]
    digits: int
    distinct: float

    @property
    def is_narrow(self) -> bool:
        """Whether the values that are known exactly fit 32-bit floats."""
        return lattice.is_narrow(self.samples())

    @property
    def finite(self) -> float:
        """Effective rows with a finite value."""
        return float(self.mass.sum())

    @property
    def null_share(self) -> float:
        """Share of rows that are null, 0 to 1."""
        return self.nulls / self.rows if self.rows else 0.0

    def samples(self) -> Floats:
        """Return the values that are known exactly: atoms and both extremes."""
        return np.union1d(self.atoms, [self.minimum, self.maximum])

    def share_of(self, value: float) -> float:
        """Return the share of rows that hold exactly this value, 0 if no atom."""
        return float(self.shares_of(np.array([value]))[0])

    def shares_of(self, values: Floats) -> Floats:
        """Return the share of rows that hold each of these values, shape (n,)."""
        same = np.isclose(self.atoms, values[:, np.newaxis], rtol=1e-6, atol=0)
        return np.asarray(same @ self.atom_mass) / max(self.rows, 1e-300)

    def quantile(self, share: float) -> float:
        """Return a quantile of the finite values, to the width of a cell."""
        total = np.cumsum(self.mass)
        if not len(total) or total[-1] <= 0:
            return float("nan")
        at = int(np.searchsorted(total, share * total[-1]))
        value = float(self.middle[min(at, len(total) - 1)])
        return min(max(value, self.minimum), self.maximum)

    def cells_of_atoms(self) -> NDArray[np.int64]:
        """Return the number of the cell in which each atom was counted."""
        with np.errstate(over="ignore"):
            counted = self.atoms.astype(np.float32).astype(np.float64)
        at = np.searchsorted(self.low, counted, side="right") - 1
        return np.clip(at, 0, max(0, len(self.low) - 1))

    def reach(self, share: float) -> tuple[float, float]:
        """Return the bounds of what lies between a share and 1 less that share."""
        total = np.cumsum(self.mass)
        at = np.searchsorted(total, np.array([share, 1 - share]) * total[-1])
        first, last = np.minimum(at, len(total) - 1)
        low, high = float(self.low[first]), float(self.high[last])
        return max(low, self.minimum), min(high, self.maximum)


def numbers_of(column: NumberColumn, scale: float) -> Numbers:
    """View a number column in effective rows.

    Parameters
    ----------
    column
        The profile's column.
    scale
        Effective rows per unit of mass.

    Returns
    -------
    Numbers
        The view.
    """
    low, high = column.minimum, column.maximum
    return Numbers(
        rows=column.mass * scale,
        nulls=column.nulls * scale,
        low=column.raw.low,
        high=column.raw.high,
        middle=column.raw.middle,
        mass=column.raw.mass * scale,
        atoms=column.atoms_value,
        atom_mass=column.atoms_mass * scale,
        minimum=np.nan if low is None else low,
        maximum=np.nan if high is None else high,
        mean=np.nan if column.mean is None else column.mean,
        deviation=column.deviation or 0.0,
        at_minimum=column.at_minimum * scale,
        at_maximum=column.at_maximum * scale,
        infinite=(column.negative_infinite * scale, column.positive_infinite * scale),
        digits=_digits(column),
        distinct=column.distinct,
    )


def _digits(column: NumberColumn) -> int:
    """Return the decimals of a column, noise of the last bit taken off."""
    digits = lattice.exponent(column.decimals)
    if digits != 1 or column.minimum is None or column.maximum is None:
        return digits
    # The histogram takes only exact integers for integers: 4349.999999999999 counts
    # as one decimal, so what is known exactly decides.
    known = np.append(column.atoms_value, [column.minimum, column.maximum])
    whole = lattice.exponent_of(known, narrow=False)
    return whole if whole < digits and len(column.atoms_value) > 1 else digits


def points_of(side: Numbers) -> tuple[Floats, Floats]:
    """Spread a side's cells over the points where its values can be.

    Parameters
    ----------
    side
        One side of the column.

    Returns
    -------
    tuple
        Points and their effective rows: atoms exact; what else a cell holds on its
        lattice points (up to 6), or on 4 even points where there is no lattice, more
        in a heavy cell, or on one where a cell holds about one value.
    """
    rest = side.mass.copy()
    np.subtract.at(rest, side.cells_of_atoms(), side.atom_mass)
    left = np.flatnonzero(rest > 1e-9 * max(1.0, side.finite))
    values, weights = [side.atoms], [side.atom_mass]
    one_each = side.distinct <= 1.3 * len(side.mass)
    below = _smooth(side, rest)
    most = np.minimum(MOST_IN_HEAVY, FINEST * rest / side.finite).astype(np.int64)
    if side.digits >= lattice.CONTINUOUS and not one_each:
        light = left[most[left] <= EVEN_POINTS]
        values.append(_even(side.low[light], side.high[light], EVEN_POINTS).ravel())
        weights.append(np.repeat(rest[light] / EVEN_POINTS, EVEN_POINTS))
        left = left[most[left] > EVEN_POINTS]
    for k in left:
        heavy = int(most[k])
        inside = _inside(side, int(k), one_each, heavy)
        values.append(inside)
        shares = np.full(len(inside), 1 / len(inside))
        if len(inside) >= CURVED:
            shares = _curved(inside, float(side.low[k]), float(side.high[k]), below)
        weights.append(rest[k] * shares)
    points = np.clip(np.concatenate(values), side.minimum, side.maximum)
    return points, np.concatenate(weights)


def _smooth(side: Numbers, rest: Floats) -> Curve:
    """Draw a smooth distribution function through the bounds of the cells."""
    bounds = np.column_stack([side.low, side.high]).ravel()
    below = np.column_stack([np.cumsum(rest) - rest, np.cumsum(rest)]).ravel()
    bounds, first = np.unique(bounds, return_index=True)
    return Curve.through(bounds, below[first])


def _curved(inside: Floats, low: float, high: float, below: Curve) -> Floats:
    """Share a wide cell's mass among its points as its neighbours suggest."""
    middle = (inside[1:] + inside[:-1]) / 2
    held = np.diff(below(np.concatenate([[low], middle, [high]])))
    # At the ends a lattice point stands for less than its step: its density counts.
    ends = np.concatenate([[inside[0] * 2 - middle[0]], middle])
    width = np.diff(np.append(ends, inside[-1] * 2 - middle[-1]))
    true = np.diff(np.concatenate([[low], middle, [high]]))
    held = np.maximum(held, 0.0) * width / np.maximum(true, 1e-300)
    total = float(held.sum())
    return held / total if total > 0 else np.full(len(inside), 1 / len(inside))


def _inside(side: Numbers, k: int, one_each: bool, heavy: int) -> Floats:
    """Return the points of one cell, at least `heavy` where there can be as many."""
    low, high = float(side.low[k]), float(side.high[k])
    if side.digits < lattice.CONTINUOUS:
        step = 10.0**-side.digits
        first, last = np.ceil(low / step - 1e-9), np.ceil(high / step - 1e-9) - 1
        count = int(last - first) + 1
        if one_each and count > MOST_IN_HEAVY:
            return np.rint(side.middle[k : k + 1] / step) * step
        if count >= 1:
            index = np.linspace(first, last, min(count, max(MOST_PER_CELL, heavy)))
            found = np.rint(index) * step
            free = np.setdiff1d(np.round(found, 12), np.round(side.atoms, 12))
            return free if len(free) else found
    if one_each:
        return side.middle[k : k + 1]
    return _even(
        side.low[k : k + 1], side.high[k : k + 1], max(EVEN_POINTS, heavy)
    ).ravel()


def _even(low: Floats, high: Floats, count: int) -> Floats:
    """Return `count` points in each of the cells, one row per cell."""
    steps = (np.arange(count) + 0.5) / count
    return low[:, np.newaxis] + (high - low)[:, np.newaxis] * steps
