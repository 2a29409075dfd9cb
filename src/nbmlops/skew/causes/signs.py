"""Signs of a fault in a column of numbers whose distribution as a whole hardly moved.

Decimals that only one side has, a heap at one end, a repeated value beyond all of
training: each is judged by how likely it is by chance, and counts only below one in a
million.
"""

import numpy as np

from nbmlops.profiles.columns import NumberColumn
from nbmlops.profiles.decimals import LEAST
from nbmlops.skew import statistics
from nbmlops.skew.causes import lattice
from nbmlops.skew.causes.evidence import Evidence
from nbmlops.skew.statistics import Floats

CHANCE = 1e-6
FEWEST = 3.0  # rows at an end that are a heap
NEAREST = 3  # cells beside an end that say how much one of its values holds


def has_sign(evidence: Evidence) -> bool:
    """Say whether a column shows what chance would not, though it passed the tests."""
    sides = evidence.both(NumberColumn)
    if sides is None:
        return False
    before, after = sides
    if before.minimum is None or after.minimum is None:
        return False
    return (
        lost_decimals(before, after, evidence.scales)
        or lost_decimals(after, before, evidence.scales[::-1])
        or heaped(before, after, evidence.scales, low=True)
        or heaped(before, after, evidence.scales, low=False)
        or _has_spike(before, after, evidence.scales)
    )


def has_fewer_decimals(evidence: Evidence) -> bool:
    """Say whether the serving side of a column surely lost decimals."""
    sides = evidence.both(NumberColumn)
    return sides is not None and lost_decimals(*sides, evidence.scales)


def lost_decimals(
    before: NumberColumn, after: NumberColumn, scales: tuple[float, float]
) -> bool:
    """Say whether serving surely has fewer decimals than training.

    Parameters
    ----------
    before, after
        The column on both sides.
    scales
        Effective rows per unit of mass.

    Returns
    -------
    bool
        Whether so few serving values with more decimals are less likely than one in
        a million.
    """
    digits = lattice.exponent(after.decimals)
    if digits >= lattice.exponent(before.decimals) or not before.decimals.any():
        return False
    more = slice(digits - LEAST + 1, None)
    sides = [
        (float(side.decimals[more].sum()) * scale, float(side.decimals.sum()) * scale)
        for side, scale in zip((before, after), scales, strict=True)
    ]
    (first, n), (second, m) = sides
    p_value = statistics.single_cells(np.array([first]), np.array([second]), (n, m))
    return bool(p_value[0] < CHANCE)


def heaped(
    before: NumberColumn,
    after: NumberColumn,
    scales: tuple[float, float],
    *,
    low: bool,
) -> bool:
    """Say whether serving is surely heaped at an end that training goes beyond.

    Parameters
    ----------
    before, after
        The column on both sides, each with values.
    scales
        Effective rows per unit of mass.
    low
        Whether at the minimum.

    Returns
    -------
    bool
        Whether so many rows there and none beyond are less likely than one in a
        million. What lies beyond is all training's by chance (n / (n + m))^k, the
        rows there are Poisson about what training has there.
    """
    end = after.minimum if low else after.maximum
    if end is None or after.minimum == after.maximum:
        return False
    held = (after.at_minimum if low else after.at_maximum) * scales[1]
    n, m = before.finite * scales[0], after.finite * scales[1]
    outside = before.raw.high <= end if low else before.raw.low > end
    beyond = float(before.raw.mass[outside].sum()) * scales[0]
    if held < FEWEST or beyond <= 0:
        return False
    heap = heap_chance(before, after, scales, low=low)
    return bool(beyond * np.log(n / (n + m)) + heap < np.log(CHANCE))


def heap_chance(
    before: NumberColumn,
    after: NumberColumn,
    scales: tuple[float, float],
    *,
    low: bool,
) -> float:
    """Bound the chance of so many rows exactly at an end of serving: its logarithm.

    Parameters
    ----------
    before, after
        The column on both sides, each with values.
    scales
        Effective rows per unit of mass.
    low
        Whether at the minimum.

    Returns
    -------
    float
        At most 0.
    """
    end, held = after.maximum, after.at_maximum * scales[1]
    if low:
        end, held = after.minimum, after.at_minimum * scales[1]
    assert end is not None
    times = after.finite * scales[1] / before.finite
    return _poisson_tail(held, _expected_at(before, end) * times)


def _expected_at(column: NumberColumn, value: float) -> float:
    """Estimate the mass that a column has exactly at a value, 0 where none repeat."""
    if not len(column.atoms_value):
        return 0.0
    # Where values repeat, one may hold what those in the cells beside it hold.
    near = np.argsort(np.abs(column.raw.middle - value), kind="stable")[:NEAREST]
    each = max(1.0, column.distinct / len(column.raw.mass))
    held = float(column.raw.mass[near].mean()) / each
    same = np.isclose(column.atoms_value, value, rtol=1e-9, atol=0)
    return max(held, float(column.atoms_mass[same].sum()))


def _poisson_tail(held: float, expected: float) -> float:
    """Bound ln P(Poisson(expected) >= held) (Chernoff)."""
    expected = max(expected, 1e-3)
    if held <= expected:
        return 0.0
    return held - expected - held * float(np.log(held / expected))


def _has_spike(
    before: NumberColumn, after: NumberColumn, scales: tuple[float, float]
) -> bool:
    """Say whether a value beyond all of training surely repeats in serving."""
    assert before.minimum is not None
    assert before.maximum is not None
    values: Floats = after.atoms_value
    outside = (values < before.minimum) | (values > before.maximum)
    rows = after.atoms_mass[outside] * scales[1]
    if not len(rows):
        return False
    totals = float(before.mass) * scales[0], float(after.mass) * scales[1]
    p_values = statistics.single_cells(np.zeros(len(rows)), rows, totals)
    return bool(p_values.min() * len(values) < CHANCE)
