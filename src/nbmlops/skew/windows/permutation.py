"""Whole windows dealt out at random: what day-to-day change alone would show.

Which windows are serving's is permuted. Under "days of both sides are alike" every
choice is as likely as the one that was made, whatever rows of one day have in common,
so that the p-value is exact (1 + those as far) / (B + 1). The gap of each share is
divided by its standard deviation for windows of these sizes, because a studentised
permutation test keeps its level also where serving's days hold fewer rows than
training's (Janssen 1997; Chung and Romano 2013). Columns are adjusted together by the
step-down largest statistic (Westfall and Young 1993), which needs no more draws for
more columns.
"""

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np

from nbmlops.skew.statistics import Floats
from nbmlops.skew.windows.variation import TINY, Features, variation_of

DRAWS = 1_999
SEED = 20_130_202


def adjusted(columns: Sequence[Features], served: int) -> Floats:
    """Test each column by whole windows, all columns together.

    Parameters
    ----------
    columns
        All windows of each column, serving's last; none empty on all columns.
    served
        How many of the windows are serving's.

    Returns
    -------
    ndarray
        Shape (columns,): p-values; the chance that any is at most alpha where nothing
        but days differs is at most alpha.
    """
    if not columns:
        return np.zeros(0)
    chosen = choices(len(columns[0].held), served)
    scores = np.stack([_scores(column, chosen) for column in columns])
    return _step_down(scores)


def choices(windows: int, served: int) -> Floats:
    """Choose serving's windows: first as it was, then all ways, or 1,999 at random.

    Parameters
    ----------
    windows, served
        How many there are, and how many are serving's, the last ones.

    Returns
    -------
    ndarray
        Shape (B + 1, windows), 1.0 where serving's.
    """
    own = np.arange(windows - served, windows)
    if comb(windows, served) <= DRAWS + 1:
        ways = [np.array(way) for way in combinations(range(windows), served)]
        rows = [own, *(way for way in ways if not np.array_equal(way, own))]
        places = np.array(rows)
    else:
        r = np.random.default_rng(SEED)
        drawn = r.random((DRAWS, windows)).argsort(axis=1)[:, :served]
        places = np.concatenate([own[None, :], drawn])
    chosen = np.zeros((len(places), windows))
    np.put_along_axis(chosen, places, 1.0, axis=1)
    return chosen


def _scores(column: Features, chosen: Floats) -> Floats:
    """Give the distance for every choice, in standard scores of all choices."""
    variation = variation_of(column)
    held, sizes = column.held, column.size
    mine, size = chosen @ held, np.maximum(chosen @ sizes, TINY)
    rest = np.maximum(sizes.sum() - size, TINY)
    squares = chosen @ sizes**2
    between = squares / size**2 + ((sizes**2).sum() - squares) / rest**2
    gap = mine / size - (held.sum(axis=0) - mine) / rest
    far = np.cbrt(variation.distance(gap, between, 1 / size + 1 / rest))
    spread = far.std()
    if spread <= TINY:
        return np.zeros(len(far))
    return np.asarray((far - far.mean()) / spread)


def _step_down(scores: Floats) -> Floats:
    """Adjust over columns; `scores` is of shape (columns, choices), as was first."""
    seen = scores[:, 0]
    order = np.argsort(-seen, kind="stable")
    largest = np.maximum.accumulate(scores[order][::-1], axis=0)[::-1]
    p = (largest >= seen[order][:, None] - 1e-9).mean(axis=1)
    found = np.empty(len(p))
    found[order] = np.maximum.accumulate(p)
    return found
