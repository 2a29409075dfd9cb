"""Whether a column is over the tolerance by more than days carry it by chance.

By rows, 8 ln2 N_h JSD is chi-squared. Days that differ scale it: a gap of shares has
the covariance of rows and, beside it, that between days, which is estimated from the
reference's days. Its trace is what the statistic is expected to be, and its largest
eigenvalue how much of that lies in one direction, such as that of a column that moves
as a whole (Rao and Scott, *Annals of Statistics* 12, 1984). With R days the scale is
itself uncertain, so that it is an F (Thomas and Rao, *JASA* 82, 1987).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from nbmlops.skew import statistics
from nbmlops.skew.statistics import Floats
from nbmlops.skew.windows.variation import TINY

MANY = 1e6  # degrees of freedom from which F is chi-squared
HALVINGS = 17  # of the range of distances: to 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """A distance in the scale of its noise, that of rows and that of days.

    Attributes
    ----------
    ratio
        8 ln2 N_h JSD over what it is expected to be without drift.
    df, df_scale
        Degrees of freedom: of the statistic, >= 1, and of that expectation.
    per_square
        The noncentrality of a squared distance of 1.
    """

    ratio: float
    df: float
    df_scale: float
    per_square: float

    def tail(self, distance: float) -> float:
        """Test "the distance is at most this"."""
        beyond = special.ncfdtr(
            self.df, self.df_scale, self.per_square * distance**2, self.ratio
        )
        # Where it is 0 to all digits, the series gives NaN.
        return float(np.clip(1 - np.nan_to_num(beyond, nan=0.0), 0, 1))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Give the distances that are refuted from neither side."""
        tail = (1 - level) / 2
        return self._root(tail), self._root(1 - tail)

    def _root(self, wanted: float) -> float:
        """Find the distance at which the tail, which grows with it, is as wanted."""
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if self.tail(middle) < wanted:
                low = middle
            else:
                high = middle
        return low


def scaled(reference: Floats, served: Floats) -> Scaled | None:
    """Scale the distance of two sides by how much the reference's days vary.

    Parameters
    ----------
    reference, served
        Effective rows per window and cell, shapes (r, k) and (s, k); no empty window.

    Returns
    -------
    Scaled or None
        None where there is one cell.
    """
    used = (reference.sum(axis=0) + served.sum(axis=0)) > 0
    reference, served = reference[:, used], served[:, used]
    a, b = reference.sum(axis=0), served.sum(axis=0)
    statistic, df = statistics.distance_statistic(a, b)
    if df < 1:
        return None
    size = statistics.harmonic_size(float(a.sum()), float(b.sum()))
    trace, largest = _between(reference, a / a.sum(), b / b.sum())
    # Windows of other sizes count by the sum of their squared shares of the rows.
    factor = size * (_concentration(reference) + _concentration(served))
    by_days = factor * trace
    expected, most = df + by_days, 1 + factor * largest
    windows = len(reference) - 1
    return Scaled(
        ratio=statistic / expected,
        df=expected / most,
        df_scale=min(MANY, windows * (expected / max(by_days, TINY)) ** 2),
        per_square=statistics.PER_DISTANCE * size / most,
    )


def _concentration(side: Floats) -> float:
    sizes = side.sum(axis=1)
    return float((sizes**2).sum() / sizes.sum() ** 2)


def _between(windows: Floats, p: Floats, q: Floats) -> tuple[float, float]:
    """Estimate the trace and largest eigenvalue of the covariance between days."""
    middle = (p + q) / 2
    sizes = windows.sum(axis=1, keepdims=True)
    apart = np.sqrt(sizes) * (windows / sizes - p) / np.sqrt(middle)
    room = float(sizes.sum() - (sizes**2).sum() / sizes.sum())
    freedom = len(windows) - 1
    if room <= TINY:
        return 0.0, 0.0
    by_rows = float((p * (1 - p) / middle).sum())
    trace = max(0.0, float((apart**2).sum()) - freedom * by_rows) / room
    products = apart @ apart.T if len(windows) < len(p) else apart.T @ apart
    largest = float(np.linalg.eigvalsh(products)[-1])
    # A row adds at most 1 in any direction.
    return trace, min(trace, max(0.0, largest - freedom) / room)
