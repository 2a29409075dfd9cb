"""Scores of label counts: how well two sides agree, and what a natural change costs.

In units of -2 log likelihood, as in `fit.py`.
"""

from typing import TypeAlias

import numpy as np
from scipy import special

from nbmlops.skew import statistics
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.questions import Labels
from nbmlops.skew.statistics import Floats

Pair: TypeAlias = tuple[Floats, Floats]

SPREADS = (0.1, 0.2, 0.4, 0.8, 1.5, 2.5)  # of natural log ratios between labels
MOST_MOVED = 3  # labels that move alone while all others keep their shares
FEWEST_ROWS = 5.0  # expected on the smaller side, below which labels are pooled


def vectors(labels: Labels) -> Pair:
    """Return counts with the others, without nulls, rare labels together.

    Parameters
    ----------
    labels
        The counts of both sides.

    Returns
    -------
    tuple
        Effective rows of both sides in the same cells.
    """
    return pooled(
        np.append(labels.reference, labels.others[0]),
        np.append(labels.serving, labels.others[1]),
    )


def pooled(a: Floats, b: Floats) -> Pair:
    """Add up labels of which fewer than 5 rows are expected on a side."""
    used = (a + b) > 0
    a, b = a[used], b[used]
    n, m = max(float(a.sum()), 1e-300), max(float(b.sum()), 1e-300)
    rare = (a + b) * min(n, m) / (n + m) < FEWEST_ROWS
    if rare.any():
        a = np.append(a[~rare], a[rare].sum())
        b = np.append(b[~rare], b[rare].sum())
    return a, b


def null_change(labels: Labels) -> tuple[float, float, float]:
    """Score the change of nulls.

    Parameters
    ----------
    labels
        The counts of both sides.

    Returns
    -------
    tuple
        The score, and the null shares of the reference and of serving.
    """
    rows = [
        float(side.sum()) + others + nulls
        for side, others, nulls in zip(
            (labels.reference, labels.serving), labels.others, labels.nulls, strict=True
        )
    ]
    a = np.array([labels.nulls[0], rows[0] - labels.nulls[0]])
    b = np.array([labels.nulls[1], rows[1] - labels.nulls[1]])
    shares = [n / r if r else 0.0 for n, r in zip(labels.nulls, rows, strict=True)]
    return fitting.two_way(a, b), shares[0], shares[1]


def price(pair: Pair) -> float:
    """Return what one free parameter costs: ln N_h."""
    size = statistics.harmonic_size(float(pair[0].sum()), float(pair[1].sum()))
    return float(np.log(np.clip(size, 2, fitting.LARGEST_SIZE)))


def null_score(labels: Labels, pair: Pair) -> float:
    """Return the change of the null share as part of an explanation, capped."""
    return min(null_change(labels)[0], price(pair) + 4)


def natural(pair: Pair) -> float:
    """Score "the world changed" of label counts.

    Parameters
    ----------
    pair
        Effective rows of both sides in the same cells.

    Returns
    -------
    float
        The best of: nothing changed; log ratios of the shares are normal about their
        mean; up to three labels moved and the rest did not; every share is free.
    """
    a, b = pair
    n, m = float(a.sum()), float(b.sum())
    plain = fitting.fit(a, b)
    if n <= 0 or m <= 0 or len(a) < 2:
        return plain.soft
    free = plain.df * price(pair)
    return min(free, plain.soft, _spread(pair, plain), _few(pair))


def _spread(pair: Pair, plain: fitting.Fit) -> float:
    """Score log ratios as normal about their mean, whatever their spread."""
    a, b = pair
    n, m = float(a.sum()), float(b.sum())
    true = statistics.harmonic_size(n, m)
    error = (1 / (a + 0.5) + 1 / (b + 0.5)) * true / max(plain.size, 1e-300)
    ratio = np.log((b + 0.5) / m) - np.log((a + 0.5) / n)
    scores = []
    for spread in SPREADS:
        variance = spread**2 + error
        mean = float((ratio / variance).sum() / (1 / variance).sum())
        fits = float(((ratio - mean) ** 2 / variance).sum())
        spent = float(np.log(variance / error).sum())
        scores.append(fitting.softened(fits, plain.df) + spent)
    return min(scores)


def _few(pair: Pair) -> float:
    """Score that one to three labels moved, and the others are as they were."""
    a, b = pair
    gap = a / a.sum() - b / b.sum()
    order = np.argsort(-(gap**2) / (a + b + 1e-300), kind="stable")
    best = np.inf
    for moved in range(1, min(MOST_MOVED, len(a) - 2) + 1):
        kept = order[moved:]
        if not a[kept].sum() or not b[kept].sum():
            break
        rest = fitting.fit(a[kept], b[kept]).soft
        chosen = 2 * _log_choose(len(a), moved)
        best = min(best, rest + moved * price(pair) + chosen)
    return best


def _log_choose(k: int, j: int) -> float:
    """Return ln of "k choose j"."""
    whole, part, rest = special.gammaln([k + 1, j + 1, k - j + 1])
    return float(whole - part - rest)
