"""The decision rule: from counts on common cells to a verdict with a known error rate.

1. *Real*: is "both sides have one distribution" refuted? X2 on coarse cells, the
   Kolmogorov-Smirnov gap on fine ones (ordered columns), a scan of single cells, and
   the rare labels together: the level is split between them. Benjamini-Hochberg over
   columns. Below 100 effective rows X2 and the gap are judged by redrawing.
2. *Over tolerance*: is "the Jensen-Shannon distance is at most the tolerance"
   refuted? 8 ln2 N_h JSD against the noncentral chi-squared; Benjamini-Hochberg.
3. What is neither is "no evidence" when these rows could have shown a distance of the
   size of the tolerance (it is detectable, or the interval ends below it), else "not
   enough data". What is real is "within tolerance" when its distance is and these rows
   could have shown a larger one; else it is "not enough data".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nbmlops.skew import statistics
from nbmlops.skew.cells import FEW, Sides
from nbmlops.skew.permutation import SMALL, exact_tails, expected_divergence
from nbmlops.skew.report import Verdict
from nbmlops.skew.statistics import Floats

ORDERED_WEIGHTS = (0.5, 0.4, 0.1)  # X2, gap, single cells
LABEL_WEIGHTS = (0.5, 0.5)  # X2, single cells: mostly one label moves
RARE_WEIGHTS = (0.6, 0.2, 0.2)  # X2, single cells, the rare labels together
MOST_SCANNED = 32  # single cells, the heaviest on both sides together


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the tests say of one column, before it is adjusted for the others.

    Attributes
    ----------
    part
        The question that differs most: "values", "hour", "weekday", "lag".
    p_value, p_tolerance
        Of one distribution, and of a distance within tolerance; 0 to 1.
    distance, interval
        Debiased Jensen-Shannon distance and its 95% interval.
    size, df, weight
        N_h in rows, degrees of freedom and share of the level of the X2 test.
    """

    part: str
    p_value: float
    p_tolerance: float
    distance: float
    interval: tuple[float, float]
    size: float
    df: int
    weight: float

    def detectable(self, alpha: float, columns: int) -> float:
        """Return the smallest distance found 4 times in 5 among so many columns."""
        level = alpha * self.weight / max(1, columns)
        return statistics.detectable_distance(self.size, max(1, self.df), level)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByDays:
    """What whole days say of one column: how far chance carries it from day to day.

    Attributes
    ----------
    p_value
        Of days that are alike on both sides, adjusted over columns.
    p_tolerance
        Of a distance within the tolerance, not yet adjusted.
    interval
        95% of the distance.
    """

    p_value: float
    p_tolerance: float
    interval: tuple[float, float]


def find(questions: Sequence[Sides], tolerance: float) -> Finding:
    """Test one column by all its questions.

    Parameters
    ----------
    questions
        At least one; the level is divided between them.
    tolerance
        The Jensen-Shannon distance up to which a shift is accepted.

    Returns
    -------
    Finding
        That of the most distant question, with the p-values of them all.
    """
    return together([_find_one(sides, tolerance) for sides in questions])


def together(found: Sequence[Finding]) -> Finding:
    """Join what was found on one column; the level is divided between the findings.

    Parameters
    ----------
    found
        At least one.

    Returns
    -------
    Finding
        The most distant one, with the p-values of them all.
    """
    worst = max(found, key=lambda f: (f.distance, -f.p_value))
    count = len(found)
    return Finding(
        part=worst.part,
        p_value=min(1.0, count * min(f.p_value for f in found)),
        p_tolerance=min(1.0, count * min(f.p_tolerance for f in found)),
        distance=worst.distance,
        interval=worst.interval,
        size=worst.size,
        df=worst.df,
        weight=worst.weight / count,
    )


def _find_one(sides: Sides, tolerance: float) -> Finding:
    """Test one question."""
    a, b = sides.grouped()
    n, m = float(a.sum()), float(b.sum())
    size = statistics.harmonic_size(n, m)
    x2, df = statistics.homogeneity(a, b)
    of_gap = 1.0
    if 0 < min(n, m) < SMALL:
        of_x2, of_gap = exact_tails(
            sides.reference, sides.serving, sides.groups, sides.ordered
        )
    else:
        of_x2 = statistics.chi2_tail(x2, df)
        if sides.ordered.any():
            of_gap = _gap_tail(sides)
    single = _single_tail(sides)
    if sides.ordered.any():
        weight = ORDERED_WEIGHTS[0]
        shares = zip((of_x2, of_gap, single), ORDERED_WEIGHTS, strict=True)
    elif sides.rare is None:
        weight = LABEL_WEIGHTS[0]
        shares = zip((of_x2, single), LABEL_WEIGHTS, strict=True)
    else:
        weight = RARE_WEIGHTS[0]
        shares = zip((of_x2, single, sides.rare), RARE_WEIGHTS, strict=True)
    far_a, far_b = sides.measured()
    return Finding(
        part=sides.part,
        p_value=min(1.0, *(p / share for p, share in shares)),
        p_tolerance=statistics.tolerance_tail(far_a, far_b, tolerance),
        distance=_distance(far_a, far_b),
        interval=statistics.distance_interval(far_a, far_b),
        size=size,
        df=df,
        weight=weight,
    )


def _distance(a: Floats, b: Floats) -> float:
    """Estimate the distance; of a handful of rows its noise is found by redrawing."""
    if not 0 < min(a.sum(), b.sum()) < FEW:
        return statistics.distance(a, b)
    bias = expected_divergence(a, b)
    return float(np.sqrt(max(0.0, statistics.divergence(a, b) - bias)))


def _gap_tail(sides: Sides) -> float:
    """Judge the gap of the distribution functions, nulls left out."""
    a, b = sides.reference[sides.ordered], sides.serving[sides.ordered]
    size = statistics.harmonic_size(float(a.sum()), float(b.sum()))
    return statistics.kolmogorov_tail(statistics.largest_gap(a, b), size)


def _single_tail(sides: Sides) -> float:
    """Scan the heaviest fine cells one by one, Bonferroni over those scanned."""
    both = sides.reference + sides.serving
    scanned = np.flatnonzero(both >= 2)
    if len(scanned) > MOST_SCANNED:
        unordered = scanned[~sides.ordered[scanned]]
        heavy = scanned[np.argsort(-both[scanned], kind="stable")[:MOST_SCANNED]]
        few = unordered if len(unordered) <= 2 else unordered[:0]
        scanned = np.union1d(heavy, few)
    if not len(scanned):
        return 1.0
    totals = float(sides.reference.sum()), float(sides.serving.sum())
    p_values = statistics.single_cells(
        sides.reference[scanned], sides.serving[scanned], totals
    )
    return float(min(1.0, p_values.min() * len(scanned)))


def decide(
    finding: Finding, *, p: float, p_tolerance: float, detectable: float, **level: float
) -> Verdict:
    """Turn the adjusted p-values of one column into its verdict.

    Parameters
    ----------
    finding
        What the tests say of the column.
    p, p_tolerance
        Its p-values, adjusted over columns.
    detectable
        The smallest distance that would have been found.
    **level
        `alpha` and `tolerance`.

    Returns
    -------
    Verdict
        Any but "handling fault", which is the causes' to say.
    """
    alpha, tolerance = level["alpha"], level["tolerance"]
    if max(p, p_tolerance) <= alpha:
        return "over tolerance"
    if detectable > tolerance and finding.interval[1] > tolerance:
        return "not enough data"
    if p > alpha:
        return "no evidence"
    return "within tolerance" if finding.distance <= tolerance else "not enough data"
