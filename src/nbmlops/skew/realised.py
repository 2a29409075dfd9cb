"""Losses that labels made known, judged against the losses on test.

The level is of all looks together, at every span of the log and at any number of
reports while the log grows: half of alpha goes to the test's mean, an eighth to all
rows, a quarter to the spans and an eighth to the rows after each change, the k-th span
or change having 1 / (k (k + 1)) of it (Podkopaev and Ramdas 2022, "Tracking the risk of
a deployed model and detecting harmful distribution shifts": alarm once a lower sequence
is above the test's upper bound and what is tolerated).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

from nbmlops.skew import sequences
from nbmlops.skew.change_points import ChangePoint, change_points
from nbmlops.skew.report import Verdict
from nbmlops.skew.statistics import Floats

FEWEST = 50  # labels of a span that is judged
CLIPPED = 0.999  # quantile of the test's losses at which unbounded ones are cut
POWER = 0.8416  # normal quantile of 80%


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Losses:
    """One loss per row.

    Attributes
    ----------
    values
        Shape (n,), >= 0, in the order of time.
    weight
        Shape (n,); None: all alike.
    """

    values: Floats
    weight: Floats | None = None

    def part(self, rows: slice) -> "Losses":
        """Give some of the rows."""
        weight = None if self.weight is None else self.weight[rows]
        return Losses(values=self.values[rows], weight=weight)

    @property
    def mean(self) -> float:
        """The weighted mean; NaN without rows."""
        return self._moments()[0]

    @property
    def error(self) -> float:
        """The mean's standard error."""
        return self._moments()[1]

    def _moments(self) -> tuple[float, float]:
        if not len(self.values):
            return float("nan"), float("inf")
        weight = np.ones(len(self.values)) if self.weight is None else self.weight
        share = weight / weight.sum()
        # Not by BLAS, whose threads wait for each other on a busy machine.
        mean = float((share * self.values).sum())
        squares = (share * (self.values - mean)) ** 2
        return mean, float(np.sqrt(squares.sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the losses say.

    Attributes
    ----------
    verdict
        "not enough data" where a rise beyond what is tolerated could be there.
    spans
        Of each span: "worse", "over tolerance", "" or, with few labels, "not enough".
    changes
        Where the loss becomes another one, within the tested rows.
    since
        The row from which the loss is what it is now.
    detectable
        The smallest rise of the mean that is found 4 times in 5.
    limit
        The test's upper bound.
    rose
        Whether the loss is or was surely above it.
    """

    verdict: Verdict
    spans: tuple[str, ...]
    changes: tuple[ChangePoint, ...]
    since: int
    detectable: float
    limit: float
    rose: bool


def judge_losses(
    losses: Losses,
    spans: Sequence[slice],
    test: Losses,
    *,
    bounded: bool,
    tolerance: float,
    alpha: float,
) -> Judged:
    """Judge the losses of a log.

    Parameters
    ----------
    losses
        Of the labelled rows, in the order of time, n >= 1.
    spans
        Parts of these rows, in the order of time; they may be empty.
    test
        The losses on test.
    bounded
        Whether all losses lie in [0, 1].
    tolerance
        The relative rise that does not matter: 0.1 is 10%.
    alpha
        The share of logs without any rise that are ever called worse.

    Returns
    -------
    Judged
        The verdict and what it comes from.
    """
    limit = test.mean + float(special.ndtri(1 - alpha / 2)) * test.error
    tolerated = limit * (1 + tolerance)
    changes = _changes(losses, test, bounded)
    later = [*(change.found for change in changes), len(losses.values)]
    by_span = _lowest(losses, spans, alpha / 4, bounded)
    lowest = [
        _lower(losses, alpha / 8, bounded),
        *by_span,
        # From the moment when a change was found its rows are news.
        *_lowest(losses, [slice(a, b) for a, b in pairwise(later)], alpha / 8, bounded),
    ]
    since = changes[-1].row if changes else 0
    now = max(losses.mean, losses.part(slice(since, None)).mean)
    rose = max(lowest) > limit
    rose |= any(change.after > max(change.before, limit) for change in changes)
    half = sequences.half_width(losses.values, losses.weight, miss=alpha / 8)
    detectable = limit - test.mean + half + POWER * losses.error
    could = detectable <= tolerance * test.mean
    within = now <= (1 + tolerance) * test.mean
    verdict: Verdict = "no evidence"
    if max(lowest) > tolerated:
        verdict = "over tolerance"
    elif rose:
        verdict = "within tolerance" if within else "not enough data"
    elif not could and not _ends_below(losses, test, tolerance, alpha):
        verdict = "not enough data"
    said = [
        "not enough"
        if rows.stop - rows.start < FEWEST
        else "over tolerance"
        if low > tolerated
        else "worse"
        if low > limit
        else ""
        for rows, low in zip(spans, by_span, strict=True)
    ]
    return Judged(
        verdict=verdict,
        spans=tuple(said),
        changes=changes,
        since=since,
        detectable=detectable,
        limit=limit,
        rose=rose,
    )


def _lowest(
    losses: Losses, parts: Sequence[slice], level: float, bounded: bool
) -> list[float]:
    """Bound each part from below; the level is shared among however many will come."""
    return [
        _lower(losses.part(rows), level / (number * (number + 1)), bounded)
        for number, rows in enumerate(parts, start=1)
    ]


def _lower(losses: Losses, miss: float, bounded: bool) -> float:
    if len(losses.values) < FEWEST:
        return -np.inf
    return sequences.lower(losses.values, losses.weight, miss=miss, bounded=bounded)


def _ends_below(losses: Losses, test: Losses, tolerance: float, alpha: float) -> bool:
    if len(losses.values) < FEWEST:
        return False
    half = sequences.half_width(losses.values, losses.weight, miss=alpha / 4)
    return losses.mean + half <= (1 + tolerance) * test.mean


def _changes(losses: Losses, test: Losses, bounded: bool) -> tuple[ChangePoint, ...]:
    """Find changes of the loss; an unbounded one is cut where the test's ends."""
    values, most = losses.values, 1.0
    if not bounded:
        most = float(np.quantile(test.values, CLIPPED)) or 1.0
        values = np.minimum(values / most, 1.0)
    found = change_points(values, losses.weight)
    rows = [0, *(change.row for change in found), len(values)]
    means = [losses.part(slice(first, last)).mean for first, last in pairwise(rows)]
    return tuple(
        ChangePoint(row=c.row, found=c.found, before=before, after=after)
        for c, (before, after) in zip(found, pairwise(means), strict=True)
    )
