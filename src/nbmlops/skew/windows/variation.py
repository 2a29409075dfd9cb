"""How far shares of rows vary from window to window, and distances in units of it.

Rows of one day are not independent: a storm delays them all. The share of a cell in a
window has then the variance s2 + v / n, where v is that of one row (binomial) and s2
that of the days. s2 is estimated by moments from all windows, as in one-way random
effects (Cochran, "The combination of estimates from different experiments",
*Biometrics* 10, 1954).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nbmlops.skew.statistics import Floats

TINY = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """A column's windows as shares that can be compared.

    Attributes
    ----------
    held
        Shape (windows, features): effective rows in each cell, and of ordered cells
        also in all up to it.
    size
        Shape (windows, 1): effective rows of the window.
    """

    held: Floats
    size: Floats

    def part(self, chosen: slice) -> "Features":
        """Take some of the windows."""
        return Features(held=self.held[chosen], size=self.size[chosen])


def features_of(
    columns: Sequence[Floats], scales: Floats, ordered: Sequence[int]
) -> Features:
    """Make the features of one column.

    Parameters
    ----------
    columns
        The mass of each part, shape (windows, cells).
    scales
        Shape (windows,): effective rows per unit of mass.
    ordered
        How many cells of each part are in order.

    Returns
    -------
    Features
        Of all parts side by side.
    """
    held = []
    for mass, first in zip(columns, ordered, strict=True):
        rows = mass * scales[:, None]
        held.append(rows)
        if first > 2:
            held.append(np.cumsum(rows[:, :first], axis=1)[:, :-1])
    size = columns[0].sum(axis=1) * scales  # every part counts every row
    return Features(held=np.concatenate(held, axis=1), size=size[:, None])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variation:
    """The variance of each feature's share: of windows, and of single rows."""

    between: Floats
    within: Floats

    def distance(self, gap: Floats, between: Floats, within: Floats) -> Floats:
        """Measure gaps of shares in standard deviations: the mean square of features.

        Parameters
        ----------
        gap
            Shape (n, features).
        between, within
            What the two variances are multiplied with, shape (n, 1).

        Returns
        -------
        ndarray
            Shape (n,): about 1 where there is nothing but chance. Its cube root is
            nearly normal (Wilson and Hilferty 1931).
        """
        variance = self.between * between
        variance += self.within * within
        squares = np.square(gap)
        np.divide(squares, variance, out=squares, where=variance > TINY)
        return np.asarray(squares.mean(axis=1))


def variation_of(features: Features, *, apart: bool = False) -> Variation:
    """Estimate both variances from windows that are taken as alike.

    Parameters
    ----------
    features
        Of the windows.
    apart
        For each window from the others only: `between` is of shape (windows,
        features), so that a window far off does not excuse itself.

    Returns
    -------
    Variation
        Of each feature.
    """
    held, size = features.held, features.size
    n = size.sum(axis=0)
    share = held.sum(axis=0) / np.maximum(n, TINY)
    within = share * (1 - share)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(size > 0, held / size, share)
    each = size * (own - share) ** 2
    spread = each.sum(axis=0) - (each if apart else 0.0)
    windows = (size > 0).sum(axis=0) - (1 if apart else 0)
    room = n - (size**2).sum(axis=0) / np.maximum(n, TINY)
    room = room * (1 - size / n) if apart else room
    between = (spread - (windows - 1) * within) / np.maximum(room, TINY)
    return Variation(between=np.maximum(between, 0.0), within=within)
