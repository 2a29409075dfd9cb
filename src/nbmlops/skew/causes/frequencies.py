"""Frequencies of labels without their names: sorted curves, ranks, what they tell."""

from itertools import pairwise

import numpy as np

from nbmlops.skew import statistics
from nbmlops.skew.questions import Labels
from nbmlops.skew.repair.steps import Relabel, Step
from nbmlops.skew.statistics import Floats

REPLAYS = 60  # draws of both sides from one sorted curve
SEED = 20130101
APART = 3.0  # deviations between two labels whose order is sure
LARGEST = 2_000.0  # rows a side that are drawn: more tell no more of a curve


def sorted_gap(reference: Floats, serving: Floats) -> float:
    """Say how far two sides' sorted frequencies are apart.

    Parameters
    ----------
    reference, serving
        Effective rows per label, shape (k,) and (j,).

    Returns
    -------
    float
        G2 of the sorted curves, in standard deviations of its own bootstrap: both
        sides drawn from the pooled curve, and sorted again.
    """
    k = max(len(reference), len(serving))
    a, b = _curve(reference, k), _curve(serving, k)
    shrink = min(1.0, LARGEST / max(min(a.sum(), b.sum()), 1.0))
    a, b = a * shrink, b * shrink
    both = a / a.sum() + b / b.sum()
    r = np.random.default_rng(SEED)
    sizes = max(1, round(float(a.sum()))), max(1, round(float(b.sum())))
    draws = [r.multinomial(size, both / both.sum(), REPLAYS) for size in sizes]
    null = [
        statistics.likelihood_ratio(_curve(x, k), _curve(y, k))
        for x, y in zip(*(d.astype(np.float64) for d in draws), strict=True)
    ]
    spread = max(float(np.std(null, ddof=1)), 1e-9)
    return (statistics.likelihood_ratio(a, b) - float(np.mean(null))) / spread


def _curve(counts: Floats, k: int) -> Floats:
    """Sort counts, the largest first, to a length."""
    return np.pad(np.sort(counts)[::-1], (0, k - len(counts)))


def curve_score(off: float, count: int) -> float:
    """Put a gap of sorted curves on the scale of G2 of as many labels."""
    df = max(1, count - 1)
    return df + max(off, 0.0) * float(np.sqrt(2 * df))


def unevenness(a: Floats, b: Floats) -> float:
    """Say by how many deviations shares differ from even ones, on the side least so."""
    found = []
    for counts in (a, b):
        even = np.full(len(counts), counts.sum() / len(counts))
        x2 = float(((counts - even) ** 2 / even).sum())
        df = max(1, len(counts) - 1)
        found.append((x2 - df) / float(np.sqrt(2 * df)))
    return min(found)


def orders_price(counts: Floats) -> float:
    """Price one order among those that differ: equal frequencies are one."""
    curve = np.sort(counts)[::-1]
    noise = APART * np.sqrt(curve[:, np.newaxis] + curve + 1.0)
    same = (np.abs(curve[:, np.newaxis] - curve) < noise).sum(axis=1)
    left = len(curve) - np.arange(len(curve))
    return 2 * float(np.log(np.maximum(left / np.minimum(same, left), 1.0)).sum())


def ranked(labels: Labels, old: np.ndarray, new: np.ndarray) -> list[tuple[int, int]]:
    """Pair labels of both sides by their frequency."""
    first = old[np.argsort(-labels.reference[old], kind="stable")]
    second = new[np.argsort(-labels.serving[new], kind="stable")]
    return [(int(i), int(j)) for i, j in zip(first, second, strict=False)]


def by_rank(labels: Labels, ranks: list[tuple[int, int]]) -> tuple[Step, ...]:
    """Give the exact map where no two neighbours in rank may have changed places."""
    held = [(labels.reference[i], labels.serving[j]) for i, j in ranks]
    for first, second in pairwise(held):
        for more, less in zip(first, second, strict=True):
            if more - less < APART * np.sqrt(more + less):
                return ()
    names = {labels.names[j]: labels.names[i] for i, j in ranks if i != j}
    return (Relabel(labels=names),) if names else ()
