"""Straight lines from the reference to serving, where neither number is known."""

from collections.abc import Iterator

import numpy as np

from nbmlops.skew.causes.evidence import NumberCase
from nbmlops.skew.causes.points import Numbers
from nbmlops.skew.statistics import Floats

QUANTILES = np.arange(1, 48) / 48
SLOPES = (1.0, 0.98, 1.02, 0.96, 1.04)
HEAVY = 0.02  # share of values from which one must come to lie exactly
FEWEST_ATOMS = 5
OFFSETS = (0, -1, 1)


def lines_through(case: NumberCase) -> Iterator[tuple[float, float]]:
    """Give lines (by, plus) that serving = training x by + plus may be.

    Parameters
    ----------
    case
        Both sides of the column.

    Yields
    ------
    tuple of float
        The one of least squares through quantiles and some about it; and, where values
        repeat, those that put repeated values onto repeated values.
    """
    before, after = _quantiles(case.values, case.weights), _serving(case.serving)
    spread = np.sqrt(QUANTILES * (1 - QUANTILES))
    weights = 1 / spread
    centre = np.average(before, weights=weights), np.average(after, weights=weights)
    away = before - centre[0]
    power = float((weights * away**2).sum())
    if power <= 0:
        return
    slope = float((weights * away * (after - centre[1])).sum()) / power
    if slope <= 0:
        return
    for factor in SLOPES:
        by = slope * factor
        yield by, float(centre[1] - by * centre[0])
    yield from _anchored(case, slope, float(centre[1] - slope * centre[0]))


def _anchored(
    case: NumberCase, slope: float, plus: float
) -> Iterator[tuple[float, float]]:
    """Give lines that put the heaviest value onto one that repeats."""
    a, b = case.reference, case.serving
    if not len(a.atoms) or not len(b.atoms):
        return
    heaviest = int(np.argmax(a.atom_mass))
    if a.atom_mass[heaviest] < HEAVY * a.finite:
        return
    first = float(a.atoms[heaviest])
    onto = float(b.atoms[np.argmin(np.abs(b.atoms - (slope * first + plus)))])
    for factor in SLOPES:
        yield slope * factor, onto - slope * factor * first
    if min(len(a.atoms), len(b.atoms)) < FEWEST_ATOMS:
        return
    step = float(np.diff(b.atoms).min())
    by = step / float(np.diff(a.atoms).min())
    for offset in OFFSETS:
        yield by, onto + offset * step - by * first


def _quantiles(values: Floats, weights: Floats) -> Floats:
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) - weights[order] / 2
    return np.asarray(np.interp(QUANTILES * weights.sum(), below, values[order]))


def _serving(side: Numbers) -> Floats:
    """Give serving's quantiles, cells taken as even."""
    below = np.cumsum(side.mass) - side.mass / 2
    return np.asarray(np.interp(QUANTILES * side.finite, below, side.middle))
