"""How well a score ranks: ROC AUC and average precision, weighted, ties kept.

ROC AUC is the share of (positive, negative) pairs in the right order, ties counting
half (Mann and Whitney 1947; DeLong, DeLong and Clarke-Pearson 1988). A row's placement
is the weight of the other class's rows that it is right about, so the value without the
row, and without a group of rows, follows without ranking again.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nbmlops.evaluate.moments import Floats
from nbmlops.evaluate.tasks import Array

#: Beyond so many units, and so many units times rows, average precision without a unit
#: is linearised: computing it anew would take seconds.
EXACT_UNITS = 200
EXACT_WORK = 1_000_000


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows in the order of their score, highest first, with where each tie ends.

    Attributes
    ----------
    order
        Positions of the rows, highest score first.
    first, last
        For each row in that order, the first position of its tie and the one after it.
    """

    order: npt.NDArray[np.intp]
    first: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]


def rank(score: Floats) -> Ranked:
    """Sort rows by score, highest first; shape (n,), n >= 1, no NaN."""
    order = np.argsort(-score)
    return _with_ties(order, score[order][1:] != score[order][:-1])


def _with_ties(order: npt.NDArray[np.intp], changes: npt.NDArray[np.bool_]) -> Ranked:
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    ends = np.concatenate([starts[1:], [len(order)]])
    lengths = ends - starts
    return Ranked(order, np.repeat(starts, lengths), np.repeat(ends, lengths))


def _cumulated(values: Floats) -> Floats:
    """Run sums with a leading 0: the sum of [a, b) is out[b] - out[a]."""
    return np.concatenate([[0.0], np.cumsum(values)])


def placements(positive: Floats, negative: Floats, ranked: Ranked) -> Floats:
    """Weigh what each row is right about, ties half.

    Parameters
    ----------
    positive, negative
        Weights of the rows as positives and as negatives; one of the two is 0.
    ranked
        The rows' order.

    Returns
    -------
    ndarray
        Shape (n,), by row: for a positive the weight of the negatives below it, for a
        negative that of the positives above it.
    """
    order, first, last = ranked.order, ranked.first, ranked.last
    ahead = _cumulated(positive[order])
    behind = _cumulated(negative[order])
    above = (ahead[first] + ahead[last]) / 2.0
    below = behind[-1] - (behind[first] + behind[last]) / 2.0
    out = np.empty(len(order))
    out[order] = np.where(positive[order] > 0, below, above)
    return out


def roc_auc(positive: Floats, negative: Floats, score: Floats) -> float:
    """Give the area under the ROC curve; NaN where one class has no weight."""
    pairs = positive.sum() * negative.sum()
    if pairs <= 0:
        return float("nan")
    return float(positive @ placements(positive, negative, rank(score)) / pairs)


def roc_auc_left_out(
    positive: Floats, negative: Floats, score: Floats, units: Array, count: int
) -> Floats:
    """Give ROC AUC without each unit in turn; NaN where one class is then empty.

    Parameters
    ----------
    positive, negative, score
        As in `roc_auc`.
    units
        The unit of each row, 0 to count - 1.
    count
        The number of units.

    Returns
    -------
    ndarray
        Shape (count,).
    """
    placed = placements(positive, negative, rank(score))
    right = float(positive @ placed)
    lost = np.bincount(units, (positive + negative) * placed, minlength=count)
    # Pairs inside of the unit are lost once, not twice.
    inside = _inside(positive, negative, score, units, count)
    mine = np.bincount(units, positive, minlength=count)
    other = np.bincount(units, negative, minlength=count)
    pairs = (positive.sum() - mine) * (negative.sum() - other)
    out = np.full(count, np.nan)
    np.divide(right - lost + inside, pairs, out=out, where=pairs > 1e-9)
    return out


def _inside(
    positive: Floats, negative: Floats, score: Floats, units: Array, count: int
) -> Floats:
    if count == len(units):
        return np.zeros(count)
    order = np.lexsort((-score, units))
    new_unit = units[order][1:] != units[order][:-1]
    ranked = _with_ties(order, new_unit | (score[order][1:] != score[order][:-1]))
    behind = _cumulated(negative[order])
    unit_end = np.searchsorted(units[order], units[order], side="right")
    middle = (behind[ranked.first] + behind[ranked.last]) / 2.0
    below = behind[unit_end] - middle
    pairs = np.bincount(units[order], positive[order] * below, minlength=count)
    return np.asarray(pairs, np.float64)


def average_precision(positive: Floats, negative: Floats, score: Floats) -> float:
    """Average the precision at each positive's threshold; NaN without positives."""
    if positive.sum() <= 0:
        return float("nan")
    return _average_precision(positive, positive + negative, rank(score))


def _average_precision(positive: Floats, weight: Floats, ranked: Ranked) -> float:
    hits = positive[ranked.order]
    found = np.cumsum(hits)[ranked.last - 1]
    called = np.cumsum(weight[ranked.order])[ranked.last - 1]
    reached = _share(found, called)
    total = hits.sum()
    return float(hits @ reached / total) if total > 1e-9 else float("nan")


def average_precision_left_out(
    positive: Floats, negative: Floats, score: Floats, units: Array, count: int
) -> Floats:
    """Give average precision without each unit in turn; NaN where no positive is left.

    Parameters
    ----------
    positive, negative, score, units, count
        As in `roc_auc_left_out`.

    Returns
    -------
    ndarray
        Shape (count,): exact for a few units and for rows without weights, else to
        first order, by the derivative with respect to the rows' weights.
    """
    ranked = rank(score)
    weight = positive + negative
    whole = _average_precision(positive, weight, ranked)
    if count == len(units) and bool((weight == 1.0).all()):
        return _without_each_row(positive, ranked)[np.argsort(units)]
    if count > EXACT_UNITS and count * len(units) > EXACT_WORK:
        parts = _influences(positive, weight, ranked, whole)
        lost = np.bincount(units, parts, minlength=count)
        return np.asarray(whole - lost, np.float64)
    kept = ((units != unit).astype(np.float64) for unit in range(count))
    return np.array(
        [_average_precision(positive * keep, weight * keep, ranked) for keep in kept]
    )


def _without_each_row(positive: Floats, ranked: Ranked) -> Floats:
    """Give average precision without each row, all of weight 1."""
    hits = positive[ranked.order]
    called = ranked.last.astype(np.float64)
    found = np.cumsum(hits)[ranked.last - 1]
    # Precision of positives above the row stays; at its threshold and below, one row
    # less was called, and one less found if the row is a positive.
    above = _cumulated(hits * found / called)[ranked.first]
    without_miss = _later(hits * _share(found, called - 1.0), ranked)
    less = hits * _share(found - 1.0, called - 1.0)
    without_hit = _later(less, ranked) - less
    total = hits.sum() - hits
    out = np.full(len(hits), np.nan)
    kept = above + np.where(hits > 0, without_hit, without_miss)
    out[ranked.order] = np.divide(kept, total, out=out.copy(), where=total > 0)
    return out


def _later(values: Floats, ranked: Ranked) -> Floats:
    """Sum from the start of each row's tie to the end."""
    running = _cumulated(values)
    return np.asarray(running[-1] - running[ranked.first], np.float64)


def _influences(
    positive: Floats, weight: Floats, ranked: Ranked, whole: float
) -> Floats:
    """Weight times derivative by the weight: how much of the value each row holds."""
    hits, load = positive[ranked.order], weight[ranked.order]
    called = np.cumsum(load)[ranked.last - 1]
    reached = _share(np.cumsum(hits)[ranked.last - 1], called)
    # A row changes the precision at its own threshold and at every lower one.
    later_hit = _later(_share(hits, called), ranked)
    later_share = _later(_share(hits * reached, called), ranked)
    moved = hits * (reached - whole) + hits * later_hit - load * later_share
    out = np.empty(len(hits))
    out[ranked.order] = moved / hits.sum()
    return out


def _share(part: Floats, whole: Floats) -> Floats:
    """Divide, 0 where the first rows have no weight yet."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
