"""How many decimals values have: a map cannot add or lose them unseen."""

import numpy as np

from nbmlops.profiles.decimals import decimal_ways
from nbmlops.skew.statistics import Floats

SMALLEST, CONTINUOUS = -6, 10


def exponent(counts: Floats) -> int:
    """Return the decimals that 99% of values stay within, from their histogram.

    Parameters
    ----------
    counts
        Shape (17,): values with -6 .. 9 decimals, and with none of these.

    Returns
    -------
    int
        -6 to 9, or 10 for a continuous column (and for one without values).
    """
    total = float(counts.sum())
    if total <= 0:
        return CONTINUOUS
    return SMALLEST + int(np.argmax(np.cumsum(counts) >= 0.99 * total))


def exponent_of(values: Floats, *, narrow: bool) -> int:
    """Return the decimals that 99% of the values stay within, zeros left out."""
    if narrow:
        values = values.astype(np.float32).astype(np.float64)
    used = tidy(values[values != 0])
    if not len(used):
        return CONTINUOUS
    ways = np.bincount(decimal_ways(used, narrow=narrow), minlength=17)
    return exponent(ways.astype(np.float64))


def tidy(values: Floats) -> Floats:
    """Round to 13 significant digits: 4.35 x 1000 is 4350, not 4349.999999999999."""
    if not len(values):
        return values
    with np.errstate(divide="ignore"):
        size = np.floor(np.log10(np.abs(values)))
    scale = 10.0 ** np.clip(12 - size, -290, 290)
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = np.rint(values * scale) / scale
    return np.where(np.isfinite(rounded), rounded, values)


def is_narrow(values: Floats) -> bool:
    """Say whether values are all such that 32-bit floats hold them exactly."""
    if not len(values) or np.abs(values).max() > 3e38:
        return False
    return bool(np.array_equal(values.astype(np.float32).astype(np.float64), values))


def share_on(values: Floats, digits: int, *, narrow: bool) -> float:
    """Return the share of values that have at most so many decimals, 0 to 1."""
    if not len(values):
        return 0.0
    scaled = values * 10.0**digits
    off = np.abs(scaled - np.rint(scaled))
    size = np.maximum(np.abs(scaled), 1.0)
    slack = np.minimum(2e-7 * size, 0.05) if narrow else 1e-9 * size
    return float((off <= slack).mean())
