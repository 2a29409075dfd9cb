"""Two-sample statistics on vectors of counts, with their p-values and intervals.

All functions take counts of the two sides in the same cells. Counts may be fractions:
a weighted side is scaled to its effective number of rows before it comes here. `n` and
`m` stand for the totals of the reference and of the serving side, and
`N_h = n m / (n + m)` for their harmonic size, the one number that noise depends on.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats: TypeAlias = NDArray[np.float64]

PER_DISTANCE = 8 * np.log(2)  # 8 ln2 N_h JSD (bits) ~ chi-squared, for small shifts


def harmonic_size(n: float, m: float) -> float:
    """Return N_h = n m / (n + m), in rows; 0 where either side is empty."""
    return n * m / (n + m) if n > 0 and m > 0 else 0.0


def homogeneity(reference: Floats, serving: Floats) -> tuple[float, int]:
    """Compute Pearson's X2 of "both sides draw from one distribution".

    Parameters
    ----------
    reference, serving
        Counts per cell, shape (k,), >= 0, same length.

    Returns
    -------
    tuple
        The statistic (>= 0) and its degrees of freedom (cells in use less one).
    """
    n, m = float(reference.sum()), float(serving.sum())
    if n <= 0 or m <= 0:
        return 0.0, 0
    both = reference + serving
    used = both > 0
    a, b = reference[used], serving[used]
    gap = np.sqrt(m / n) * a - np.sqrt(n / m) * b
    return float((gap**2 / both[used]).sum()), max(0, int(used.sum()) - 1)


def likelihood_ratio(reference: Floats, serving: Floats) -> float:
    """Compute G2 = 2 sum O ln(O / E) of the two-sample table, >= 0."""
    n, m = float(reference.sum()), float(serving.sum())
    if n <= 0 or m <= 0:
        return 0.0
    both = reference + serving
    parts = special.xlogy(reference, reference) + special.xlogy(serving, serving)
    total = parts.sum() - special.xlogy(both, both).sum()
    total += special.xlogy(n + m, n + m) - special.xlogy(n, n) - special.xlogy(m, m)
    return max(0.0, 2 * float(total))


def chi2_tail(value: float, df: int) -> float:
    """Return P(chi-squared with `df` degrees of freedom > value); 1 for df = 0."""
    return float(special.chdtrc(df, value)) if df > 0 else 1.0


def chi2_tail_real(value: float, df: float) -> float:
    """Return the same for degrees of freedom that moments gave, > 0."""
    return float(special.gammaincc(df / 2, max(value, 0.0) / 2))


def noncentral_tail(value: float, df: int, noncentrality: float) -> float:
    """Return P(noncentral chi-squared > value); 1 for df = 0."""
    if df <= 0 or value <= 0:
        return 1.0
    if noncentrality <= 0:
        return chi2_tail(value, df)
    return float(np.clip(1 - special.chndtr(value, df, noncentrality), 0, 1))


def divergence(reference: Floats, serving: Floats) -> float:
    """Compute the Jensen-Shannon divergence of the shares, in bits, 0 to 1."""
    n, m = float(reference.sum()), float(serving.sum())
    if n <= 0 or m <= 0:
        return 0.0
    p, q = reference / n, serving / m
    middle = (p + q) / 2
    ln = special.xlogy(p, p) + special.xlogy(q, q) - 2 * special.xlogy(middle, middle)
    return float(np.clip(ln.sum() / (2 * np.log(2)), 0, 1))


def distance(reference: Floats, serving: Floats) -> float:
    """Estimate the Jensen-Shannon distance, freed of the noise of small samples.

    Without any drift E[JSD] = (K - 1) / (8 ln2 N_h) for K cells; it is taken off
    before the root (bias of Lin 1991's divergence to first order, as for PSI in
    Yurdakul 2018).

    Parameters
    ----------
    reference, serving
        Counts per cell, shape (k,), >= 0, same length.

    Returns
    -------
    float
        The distance (base 2), 0 to 1.
    """
    size = harmonic_size(float(reference.sum()), float(serving.sum()))
    if size <= 0:
        return 0.0
    df = max(0, int(((reference + serving) > 0).sum()) - 1)
    bias = df / (PER_DISTANCE * size)
    return float(np.sqrt(max(0.0, divergence(reference, serving) - bias)))


def distance_statistic(reference: Floats, serving: Floats) -> tuple[float, int]:
    """Scale JSD to the chi-squared of small shifts: 8 ln2 N_h JSD, and its df.

    Unlike X2 it stays bounded where a cell is empty on a very large side, so that one
    row of an unseen category never counts for thousands.

    Parameters
    ----------
    reference, serving
        Counts per cell, shape (k,), >= 0, same length.

    Returns
    -------
    tuple
        The statistic (>= 0) and its degrees of freedom.
    """
    size = harmonic_size(float(reference.sum()), float(serving.sum()))
    df = max(0, int(((reference + serving) > 0).sum()) - 1)
    return PER_DISTANCE * size * divergence(reference, serving), df


def tolerance_tail(reference: Floats, serving: Floats, tolerance: float) -> float:
    """Test the interval null "the distance is at most the tolerance".

    Parameters
    ----------
    reference, serving
        Counts per cell, shape (k,), >= 0, same length.
    tolerance
        A Jensen-Shannon distance (base 2), 0 to 1.

    Returns
    -------
    float
        The p-value: noncentral chi-squared with 8 ln2 N_h tolerance^2.
    """
    size = harmonic_size(float(reference.sum()), float(serving.sum()))
    value, df = distance_statistic(reference, serving)
    return noncentral_tail(value, df, PER_DISTANCE * size * tolerance**2)


def distance_interval(
    reference: Floats, serving: Floats, *, level: float = 0.95
) -> tuple[float, float]:
    """Bound the distance from both sides by inverting the noncentral chi-squared.

    Parameters
    ----------
    reference, serving
        Counts per cell, shape (k,), >= 0, same length.
    level
        The share of samples whose interval holds the true distance.

    Returns
    -------
    tuple
        Lower and upper bound, 0 to 1.
    """
    size = harmonic_size(float(reference.sum()), float(serving.sum()))
    value, df = distance_statistic(reference, serving)
    if size <= 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    # Where nothing differs, a share of up to -ln(tail) / N_h may have gone unseen, and
    # a share s on one side only is a divergence of s / 2 bits.
    unseen = float(np.sqrt(min(1.0, -np.log(tail) / (2 * size))))
    if df <= 0:
        return 0.0, unseen
    low = 0.0
    if chi2_tail(value, df) < tail:
        low = float(special.chndtrinc(value, df, 1 - tail))
    high = 0.0
    if value > 0 and special.chdtr(df, value) > tail:
        high = float(special.chndtrinc(value, df, tail))
    scale = PER_DISTANCE * size
    below, above = np.sqrt(np.clip(np.array([low, high]) / scale, 0, 1))
    return float(below), float(above) if high > 0 else unseen


def detectable_distance(
    size: float, df: int, alpha: float, power: float = 0.8
) -> float:
    """Return the smallest distance that the X2 test finds with this power.

    Parameters
    ----------
    size
        The harmonic size N_h, in rows.
    df
        Degrees of freedom of the test, >= 1.
    alpha
        The level of this one test, after any division over columns and tests.
    power
        The share of samples in which it is found.

    Returns
    -------
    float
        A Jensen-Shannon distance, at most 1 (also where nothing can be found).
    """
    if size <= 0 or df <= 0:
        return 1.0
    critical = float(special.chdtri(df, alpha))
    noncentrality = float(special.chndtrinc(critical, df, 1 - power))
    return float(min(1.0, np.sqrt(noncentrality / (PER_DISTANCE * size))))


def largest_gap(reference: Floats, serving: Floats) -> float:
    """Return the largest difference of the two distribution functions, 0 to 1."""
    # The cells are ordered; inside a cell nothing is known, so the true
    # Kolmogorov-Smirnov distance is at most one cell's share larger.
    n, m = float(reference.sum()), float(serving.sum())
    if n <= 0 or m <= 0 or not len(reference):
        return 0.0
    gap = np.abs(np.cumsum(reference) / n - np.cumsum(serving) / m)
    return float(min(1.0, gap.max()))


def kolmogorov_tail(gap: float, size: float) -> float:
    """Return P(a larger gap without drift), by Kolmogorov's limit with N_h rows."""
    if size <= 0:
        return 1.0
    return float(special.kolmogorov(np.sqrt(size) * gap))


def single_cells(
    reference: Floats, serving: Floats, totals: tuple[float, float] | None = None
) -> Floats:
    """Test of each cell alone that its share of rows is the same on both sides.

    Given a cell's rows on both sides together, those of the serving side are binomial
    with probability m / (n + m) when nothing moved; doubling the smaller tail is
    valid for any count. Cells may be chosen by their joint count without harm.

    Parameters
    ----------
    reference, serving
        Counts per cell, shape (k,), >= 0; fractions are allowed (the regularised
        incomplete beta function interpolates the binomial).
    totals
        Rows of both sides, where these are not all their cells.

    Returns
    -------
    ndarray
        Two-sided p-values, shape (k,), not yet adjusted for the number of cells.
    """
    n, m = totals or (float(reference.sum()), float(serving.sum()))
    if n <= 0 or m <= 0:
        return np.ones(len(reference))
    share = m / (n + m)
    more = special.betainc(np.maximum(serving, 1e-12), reference + 1, share)
    fewer = special.betainc(np.maximum(reference, 1e-12), serving + 1, 1 - share)
    more = np.where(serving > 0, more, 1.0)
    fewer = np.where(reference > 0, fewer, 1.0)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(more, fewer)), dtype=np.float64)


def false_discovery(p_values: Floats) -> Floats:
    """Adjust p-values over columns so that false discoveries stay at the level.

    Parameters
    ----------
    p_values
        Shape (k,), 0 to 1, no NaN.

    Returns
    -------
    ndarray
        Benjamini and Hochberg (1995) adjusted values, shape (k,): a column is found
        at level alpha when its value is at most alpha.
    """
    count = len(p_values)
    if not count:
        return np.zeros(0)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * count / np.arange(1, count + 1)
    lowest = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(1.0, lowest)
    return adjusted
