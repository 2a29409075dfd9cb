"""Exact p-values for small samples: redraw which rows belong to which side.

With fewer than about 100 rows the chi-squared limit is wrong (10% instead of 5% at
50 rows in 10 cells). Permuting the labels of binned rows is a multivariate
hypergeometric draw from the joint counts, whatever the number of rows.
"""

import numpy as np

from nbmlops.skew.statistics import Floats, divergence

SMALL = 100  # effective rows below which a side is judged by redrawing
DRAWS = 1_999
MORE_DRAWS = 19_999  # where the first draws hardly ever reach what was seen
LARGEST_POOL = 50_000  # rows; a larger side is scaled down, being all but exact
MOST_CELLS = 200  # in order; more only cost time
MEAN_DRAWS = 400  # for a mean, to about a hundredth of a bit
SEED = 20_130_101


def exact_tails(
    reference: Floats, serving: Floats, groups: np.ndarray, ordered: np.ndarray
) -> tuple[float, float]:
    """Return the permutation p-values of X2 and of the largest gap.

    Parameters
    ----------
    reference, serving
        Counts in fine, ordered cells, shape (k,); rounded to whole rows.
    groups
        Shape (k,), integers: the coarse cell of each fine cell, for X2.
    ordered
        Shape (k,), bool: the cells that have an order, for the gap.

    Returns
    -------
    tuple
        p of X2 and p of the gap, each at least 1 / (draws + 1).
    """
    a, b = _whole(reference, serving)
    used = (a + b) > 0
    a, b, groups, ordered = a[used], b[used], groups[used], ordered[used]
    if not a.sum() or not b.sum():
        return 1.0, 1.0
    a, b, groups, ordered = _coarser(a, b, groups, ordered)
    rng = np.random.default_rng(SEED)
    first = _tails(a, b, groups, ordered, rng, DRAWS)
    if min(first) > 10 / (DRAWS + 1):
        return first
    return _tails(a, b, groups, ordered, rng, MORE_DRAWS)


def expected_divergence(reference: Floats, serving: Floats) -> float:
    """Return the mean Jensen-Shannon divergence when rows are dealt out at random.

    With a handful of rows the noise of the divergence is far from its limit
    (K - 1) / (8 ln2 N_h).

    Parameters
    ----------
    reference, serving
        Counts per cell, shape (k,); rounded to whole rows.

    Returns
    -------
    float
        In bits, 0 to 1.
    """
    a, b = _whole(reference, serving)
    pool = a + b
    size = int(min(a.sum(), b.sum()))
    if not size:
        return 0.0
    rng = np.random.default_rng(SEED)
    drawn = rng.multivariate_hypergeometric(
        pool, size, size=MEAN_DRAWS, method="count"
    ).astype(np.float64)
    return float(np.mean([divergence(pool - row, row) for row in drawn]))


def _coarser(
    a: np.ndarray, b: np.ndarray, groups: np.ndarray, ordered: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Join ordered cells of a group until about 200 are left; the test stays exact."""
    if int(ordered.sum()) <= MOST_CELLS:
        return a, b, groups, ordered
    pool = np.where(ordered, a + b, 0)
    place = (np.cumsum(pool) - pool / 2) / pool.sum() * MOST_CELLS
    place = np.where(ordered, place.astype(np.int64), -1)
    same = ordered[1:] & ordered[:-1]
    same &= (np.diff(place) == 0) & (np.diff(groups) == 0)
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    joined = [np.add.reduceat(side, starts) for side in (a, b)]
    return joined[0], joined[1], groups[starts], ordered[starts]


def _whole(reference: Floats, serving: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Round counts to whole rows, a huge side scaled down first."""
    # Sums are rounded, not cells: of a weighted log many a cell holds a part of a row.
    sides = []
    for side in (reference, serving):
        total = float(side.sum())
        scale = min(1.0, LARGEST_POOL / total) if total else 1.0
        sums = np.rint(np.cumsum(side * scale))
        sides.append(np.diff(sums, prepend=0.0).astype(np.int64))
    return sides[0], sides[1]


def _tails(
    a: np.ndarray,
    b: np.ndarray,
    groups: np.ndarray,
    ordered: np.ndarray,
    rng: np.random.Generator,
    draws: int,
) -> tuple[float, float]:
    """Draw the smaller side anew and count how often it looks at least as odd."""
    pool = a + b
    smaller = b if b.sum() <= a.sum() else a
    drawn = rng.multivariate_hypergeometric(
        pool, int(smaller.sum()), size=draws, method="count"
    )
    both = np.vstack([smaller, drawn])
    x2 = _pearson(both, pool, groups)
    gap = _gap(both, pool, ordered)
    tails = [(1 + int((s[1:] >= s[0] - 1e-9).sum())) / (draws + 1) for s in (x2, gap)]
    return tails[0], tails[1]


def _pearson(drawn: np.ndarray, pool: np.ndarray, groups: np.ndarray) -> Floats:
    """Compute X2 of each row of `drawn` against what is left of the pool."""
    labels, index = np.unique(groups, return_inverse=True)
    total = np.bincount(index, weights=pool, minlength=len(labels))
    part = np.zeros((len(drawn), len(labels)))
    for k in range(len(labels)):
        part[:, k] = drawn[:, index == k].sum(axis=1)
    share = float(drawn[0].sum()) / float(pool.sum())
    spread = total * share * (1 - share)
    return np.asarray(((part - total * share) ** 2 / spread).sum(axis=1))


def _gap(drawn: np.ndarray, pool: np.ndarray, ordered: np.ndarray) -> Floats:
    """Compute the largest gap of the ordered cells for each row of `drawn`."""
    if not ordered.any():
        return np.zeros(len(drawn))
    mine = drawn[:, ordered].cumsum(axis=1).astype(np.float64)
    rest = pool[ordered].cumsum() - mine
    mine /= np.maximum(mine[:, -1:], 1)
    rest /= np.maximum(rest[:, -1:], 1)
    return np.asarray(np.abs(mine - rest).max(axis=1))
