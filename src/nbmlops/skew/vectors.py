"""Testing two columns of vectors by the means of their random Fourier features.

The features' principal components are taken from both sides together, so that they
carry no information on how the sides differ. On the first 4, 16, 64 and 256 of them, as
far as the rows go, Hotelling's T2 tests one mean (the smooth characteristic function
test of Chwialkowski, Ramdas, Sejdinovic and Gretton 2015, on components): given the
rows of both sides together, T2 / (N - 1) is a beta variable.

The distance is on the scale of the other columns'. Of all linear functions of the
features, d' S^-1 d is the largest squared difference of means in units of the variance
in an even mixture of both sides; a quarter of it, L, is at most the triangular
discrimination of the two distributions, and no two distributions with that L have a
smaller Jensen-Shannon divergence than 1 - h((1 + sqrt L) / 2) bits, h the entropy of a
coin. The root of that is the distance: the least that the features prove.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew import statistics
from nbmlops.skew.decision import Finding, find
from nbmlops.skew.facets import join_facets
from nbmlops.skew.questions import questions
from nbmlops.skew.statistics import Floats

RUNGS = (4, 16, 64, 256)  # components
# Rows of N_h per component: where one side is much larger, the skewness of the
# features does not cancel, and it takes more.
ROWS_PER_COMPONENT, ROWS_IF_UNEVEN = 5, 25
# Variance from which a component counts, a hundredth of one feature's: what is below
# lives on a few rows, of which a small side may have two by chance.
LEAST_VARIANCE = 200.0
ROUNDING = 4.0  # variance of a component below which it is the rounding of features
FEWEST_ROWS = 10  # effective rows, on each side
TAIL = 0.025  # of each end of an interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """What so many components say.

    Attributes
    ----------
    components
        How many.
    p_value
        Of equal means.
    square
        Squared difference of the means in units of the mean variance of both sides,
        freed of what noise adds.
    noise
        What noise alone adds to it.
    """

    components: int
    p_value: float
    square: float
    noise: float

    @property
    def size(self) -> float:
        """N_h in rows, where both sides vary alike."""
        return self.components / self.noise if self.noise > 0 else 0.0

    def tail(self, tolerance: float) -> float:
        """Give the p-value of a distance of at most the tolerance."""
        noncentrality = self.size * square_of(tolerance)
        value = self.size * (self.square + self.noise)
        return statistics.noncentral_tail(value, self.components, noncentrality)

    @property
    def interval(self) -> tuple[float, float]:
        """95% of the distance."""
        value = max(0.0, self.size * (self.square + self.noise))
        ends = [0.0, 0.0]
        if special.chdtrc(self.components, value) < TAIL:
            ends[0] = float(special.chndtrinc(value, self.components, 1 - TAIL))
        if special.chdtr(self.components, value) > TAIL:
            ends[1] = float(special.chndtrinc(value, self.components, TAIL))
        low, high = (distance_of(end / self.size) for end in ends)
        return low, high


def vector_finding(
    reference: VectorColumn,
    serving: VectorColumn,
    scales: tuple[float, float],
    tolerance: float,
) -> Finding:
    """Test two columns of vectors of the same dimensions.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    scales
        Effective rows per unit of mass.
    tolerance
        The Jensen-Shannon distance up to which a shift is accepted.

    Returns
    -------
    Finding
        Of the lengths, with nulls and vectors that are not finite ("length"), and of
        the features ("values"), where both sides took the same.
    """
    lengths = questions(reference.lengths, serving.lengths, scales)
    found = [replace(find(lengths, tolerance), part="length")]
    if reference.has_features_of(serving):
        found += _of_features(reference, serving, scales, tolerance)
    return join_facets(found)


def _of_features(
    reference: VectorColumn,
    serving: VectorColumn,
    scales: tuple[float, float],
    tolerance: float,
) -> list[Finding]:
    """Test the means of the features; nothing where a side has too few rows."""
    rungs = list(rungs_of(reference, serving, scales))
    if not rungs:
        return []
    best = min(rungs, key=lambda rung: rung.p_value)
    count = len(rungs)
    return [
        Finding(
            part="values",
            p_value=min(1.0, count * best.p_value),
            p_tolerance=min(1.0, count * min(r.tail(tolerance) for r in rungs)),
            distance=distance_of(best.square),
            interval=best.interval,
            size=best.size,
            df=best.components,
            weight=1 / count,
        )
    ]


def rungs_of(
    reference: VectorColumn, serving: VectorColumn, scales: tuple[float, float]
) -> Iterator[Rung]:
    """Compare the means of the features on more and more components.

    Parameters
    ----------
    reference, serving
        The column on both sides, of the same features.
    scales
        Effective rows per unit of mass.

    Yields
    ------
    Rung
        None where a side has fewer than 10 effective rows; where nothing varies, and
        so nothing differs.
    """
    n, m = reference.whole * scales[0], serving.whole * scales[1]
    if min(n, m) < FEWEST_ROWS:
        return
    (before, first), (after, second) = reference.moments(), serving.moments()
    gap = after - before
    rows, size = n + m, statistics.harmonic_size(n, m)
    pooled = (n * first + m * second) / rows + size / rows * np.outer(gap, gap)
    variances, axes = np.linalg.eigh(pooled)
    order = np.argsort(-variances)
    order = order[variances[order] > LEAST_VARIANCE]
    axes, variances = axes[:, order], variances[order]
    along = axes.T @ gap
    squares = size * along**2 / variances * (rows - 1) / rows
    sides = [axes.T @ side @ axes for side in (first, second)]
    uneven = abs(n - m) / rows
    most = size / (ROWS_PER_COMPONENT + ROWS_IF_UNEVEN * uneven)
    for components in dict.fromkeys(min(rung, len(order)) for rung in RUNGS):
        if not components or components > max(RUNGS[0], most):
            return
        part = slice(0, components)
        yield _rung(
            float(squares[part].sum()),
            along[part],
            (sides[0][part, part], sides[1][part, part]),
            (n, m),
        )


def _rung(
    statistic: float,
    gap: Floats,
    sides: tuple[Floats, Floats],
    rows: tuple[float, float],
) -> Rung:
    """Test and measure on some components."""
    count, (n, m) = len(gap), rows
    total = n + m - 1
    share = min(1.0, statistic / total)
    own = special.betaincc(count / 2, max(0.5, (total - count) / 2), share)
    inner = (sides[0] + sides[1]) / 2 + np.eye(count) * ROUNDING / 12
    square = float(gap @ np.linalg.solve(inner, gap))
    of_means = sides[0] / (n - 1) + sides[1] / (m - 1)
    noise = float(np.trace(np.linalg.solve(inner, of_means)))
    # An inverse of an estimate is too large (Anderson 2003, lemma 7.7.1).
    freedom = 4 / (1 / (n - 1) + 1 / (m - 1))
    shrunk = max(0.0, freedom - count - 1) / freedom
    return Rung(
        components=count,
        p_value=float(own),
        square=max(0.0, shrunk * square - noise),
        noise=noise,
    )


def distance_of(square: float) -> float:
    """Turn a squared difference of means into the distance that it proves.

    Parameters
    ----------
    square
        In units of the mean variance of both sides, >= 0.

    Returns
    -------
    float
        0 to 1: for two normals of one variance 0.11 at 0.25 standard deviations.
    """
    root = float(np.sqrt(square / (4 + square)))  # of L
    more, less = (1 + root) / 2, (1 - root) / 2
    coin = -float(special.xlogy(more, more) + special.xlogy(less, less)) / np.log(2)
    return float(np.sqrt(max(0.0, 1 - coin)))


def square_of(distance: float) -> float:
    """Turn a distance below 1 back into the squared difference of means."""
    low, high = 0.0, 1.0
    for _ in range(60):  # root of L, by halving: distances grow with it
        middle = (low + high) / 2
        is_below = distance_of(4 * middle**2 / (1 - middle**2)) < distance
        low, high = (middle, high) if is_below else (low, middle)
    return 4 * low**2 / max(1 - low**2, 1e-12)
