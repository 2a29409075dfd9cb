"""Rows of like scores: what the test says of them, and how many of them serving has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.statistics import Floats

MOST, FEWEST_ROWS = 10, 50  # strata of one class, and rows of test in each


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strata:
    """The stratum of each row.

    Attributes
    ----------
    test, log
        Shape (n,) and (m,): numbers below `count`.
    count
        How many strata there are.
    """

    test: NDArray[np.int64]
    log: NDArray[np.int64]
    count: int


def strata_of(test: Floats, log: Floats) -> Strata:
    """Cut both sides at quantiles of the test's scores.

    Parameters
    ----------
    test, log
        Shape (n, k) and (m, k): probabilities of k classes, or one column of scores or
        predictions. Of three and more classes rows are told apart by their likeliest
        class and by its probability.

    Returns
    -------
    Strata
        Each holds at least 50 rows of the test, where it has so many.
    """
    sides = (test, log)
    if test.shape[1] > 2:
        kinds = [side.argmax(axis=1) for side in sides]
        scores = [side.max(axis=1) for side in sides]
    else:
        kinds = [np.zeros(len(side), dtype=np.int64) for side in sides]
        scores = [side[:, -1] for side in sides]
    found = [np.zeros(len(side), dtype=np.int64) for side in sides]
    count = 0
    small: list[int] = []
    for kind in range(test.shape[1]):
        own = kinds[0] == kind
        if own.sum() < FEWEST_ROWS and count:
            small.append(kind)
            continue
        cuts = _cuts(scores[0][own])
        for codes, side, score in zip(found, kinds, scores, strict=True):
            here = side == kind
            codes[here] = count + np.searchsorted(cuts, score[here], side="right")
        count += len(cuts) + 1
    if small:  # what is hardly ever the likeliest class: together
        for codes, side in zip(found, kinds, strict=True):
            codes[np.isin(side, small)] = count
        count += 1
    return Strata(test=found[0], log=found[1], count=count)


def _cuts(scores: Floats) -> Floats:
    pieces = int(np.clip(len(scores) // FEWEST_ROWS, 1, MOST))
    inner = np.linspace(0, 1, pieces + 1)[1:-1]
    return np.unique(np.quantile(scores, inner)) if pieces > 1 else np.zeros(0)


def expected_mean(
    strata: Strata, values: Floats, weight: Floats | None, log_weight: Floats | None
) -> tuple[float, float]:
    """Reweight a mean over the test to the scores that the log has.

    Parameters
    ----------
    strata
        Of both sides.
    values, weight
        Shape (n,): of the test's rows.
    log_weight
        Shape (m,): of the log's rows.

    Returns
    -------
    tuple
        The mean that the log would have if rows of like scores fared as on test, and
        its standard error; strata without a row on test have the test's mean.
    """
    load = np.ones(len(values)) if weight is None else weight
    loads = np.bincount(strata.test, load, strata.count)
    squares = np.bincount(strata.test, load**2, strata.count)
    sums = np.bincount(strata.test, load * values, strata.count)
    powers = np.bincount(strata.test, load * values**2, strata.count)
    overall = float(sums.sum() / loads.sum())
    known = loads > 0
    means = np.divide(sums, loads, out=np.full(strata.count, overall), where=known)
    second = np.divide(powers, loads, out=np.zeros(strata.count), where=known)
    rows = np.divide(loads**2, squares, out=np.ones(strata.count), where=known)
    spread = np.maximum(second - means**2, 0.0) / np.maximum(rows - 1, 1.0)
    spread[~known] = 0.0
    shares = np.bincount(strata.log, log_weight, strata.count)
    shares = shares / shares.sum()
    return float(shares @ means), float(np.sqrt(shares**2 @ spread))
