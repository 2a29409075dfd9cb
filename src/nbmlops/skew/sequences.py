"""Confidence sequences of a mean: bounds that hold however often one looks.

A level of 95% here is of all moments together: of a hundred streams, 95 have their mean
inside at every single row. So a check may be repeated as labels come in.

`lower` and `upper` bet on bounded losses: the capital of a gambler who bets that the
mean is above m is a test of "it never was above m" (Waudby-Smith and Ramdas 2024,
"Estimating means of bounded random variables by betting", theorem 3, with their
predictable bets). Unlike there a row may have a weight: the bet is on w (x - m), whose
mean is 0 at m = E[w x] / E[w], and bets are at most 1/2 whatever m is, so that the
capital falls in m and a root is the bound. Verdicts come of these.

`interval` is the asymptotic sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
2024 ("Time-uniform central limit theory and asymptotic confidence sequences", theorem
2.2), which holds from `FEWEST` rows on, for unbounded losses too, and for the mean so
far of a stream whose mean moves. Of bounded losses it holds both bets' bounds as well,
since rare ones are far from any limit theorem. Figures are shown with it.
"""

from collections.abc import Callable

import numpy as np

from nbmlops.skew.statistics import Floats

Interval = tuple[float, float]

MOST_BETS = 20_000  # beyond, means of neighbouring rows are bet on: as valid, as tight
LARGEST_BET = 0.5
FEWEST = 50  # rows from which the asymptotic sequence holds its level (measured)
TIGHTEST = 1_000  # rows at which the asymptotic sequence is tightest
HALVINGS = 24


def interval(
    values: Floats,
    weight: Floats | None = None,
    *,
    level: float = 0.95,
    bounded: bool = True,
) -> Interval:
    """Bound the mean of a stream so far from both sides.

    Parameters
    ----------
    values
        Shape (n,) in the order of time; from 0 to 1 where bounded.
    weight
        Shape (n,), > 0: 1 / each row's sampling probability. None: all alike.
    level
        The share of streams whose mean is inside at every row from `FEWEST` on.
    bounded
        Whether the values lie in [0, 1].

    Returns
    -------
    tuple
        Lower and upper bound, the mean between; without rows all that is possible.
    """
    miss = (1 - level) / 2
    mean, half = _asymptotic(values, weight, miss)
    low, high = mean - half, mean + half
    if not bounded:
        return low, high
    least = min(low, lower(values, weight, miss=miss))
    most = max(high, upper(values, weight, miss=miss))
    return max(0.0, least), min(1.0, most)


def half_width(values: Floats, weight: Floats | None, *, miss: float) -> float:
    """Give half the width of the asymptotic one, whose sides fail so often each."""
    return _asymptotic(values, weight, miss)[1]


def lower(
    values: Floats, weight: Floats | None = None, *, miss: float, bounded: bool = True
) -> float:
    """Bound from below the largest mean that a stream ever had.

    Parameters
    ----------
    values, weight
        As for `interval`.
    miss
        The share of streams of which it is ever wrong, 0 to 1.
    bounded
        Whether the values lie in [0, 1]; then this is exact, else asymptotic.

    Returns
    -------
    float
        The bound at the last row.
    """
    if not bounded:
        mean, half = _asymptotic(values, weight, miss)
        return mean - half
    gain, stake = _bets_on(values, weight)
    bets = _bets(gain, stake, miss)

    def capital(m: float) -> float:
        return float(np.log1p(bets * (gain - m * stake)).sum())

    return _root(capital, float(-np.log(miss)))


def upper(
    values: Floats, weight: Floats | None = None, *, miss: float, bounded: bool = True
) -> float:
    """Bound from above the smallest mean that a stream ever had; as `lower`."""
    if not bounded:
        mean, half = _asymptotic(values, weight, miss)
        return mean + half
    return 1 - lower(1 - values, weight, miss=miss)


def _bets_on(values: Floats, weight: Floats | None) -> tuple[Floats, Floats]:
    """Give w x and w, scaled so that no single bet can lose more than its stake."""
    stake = np.ones(len(values)) if weight is None else weight / weight.max(initial=0.0)
    gain = stake * values
    size = -(-len(values) // MOST_BETS)
    if size > 1:
        starts = np.arange(0, len(values), size)
        gain = np.add.reduceat(gain, starts) / size
        stake = np.add.reduceat(stake, starts) / size
    return gain, stake


def _bets(gain: Floats, stake: Floats, miss: float) -> Floats:
    """Choose each bet from the rows before it."""
    seen = np.arange(1, len(gain) + 1)
    mean = (0.5 + np.cumsum(gain)) / (1 + np.cumsum(stake))
    before = np.concatenate([[0.5], mean])[:-1]
    spread = (0.25 + np.cumsum((gain - before * stake) ** 2)) / (seen + 1)
    known = np.concatenate([[0.25], spread])[:-1]
    bets = np.sqrt(-2 * np.log(miss) / (known * seen * np.log1p(seen)))
    return np.asarray(np.minimum(bets, LARGEST_BET))


def _root(capital: Callable[[float], float], needed: float) -> float:
    """Find the largest m from 0 to 1 that a falling capital refutes."""
    if capital(0.0) < needed:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if capital(middle) >= needed:
            low = middle
        else:
            high = middle
    return low


def _asymptotic(
    values: Floats, weight: Floats | None, miss: float
) -> tuple[float, float]:
    """Give the mean, and half the width of its asymptotic sequence."""
    rows = len(values)
    if rows < 2:
        return 0.0, np.inf
    load = np.ones(rows) if weight is None else weight / weight.mean()
    mean = float((load * values).sum() / load.sum())
    variance = float(np.mean((load * (values - mean)) ** 2))
    log = -2 * np.log(2 * miss)
    rho = (log + np.log(log + 1) + 1) / TIGHTEST  # their equation 10
    reach = (rows * rho + 1) / (rows**2 * rho)
    width = 2 * reach * np.log(np.sqrt(rows * rho + 1) / (2 * miss))
    return mean, float(np.sqrt(variance * width))
