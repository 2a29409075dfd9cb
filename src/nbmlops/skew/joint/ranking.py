"""How well scores tell two sides apart: weighted AUC with its standard error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """An AUC and its standard error."""

    auc: float
    error: float


def ranked(
    reference: Floats, serving: Floats, weights: tuple[Floats, Floats]
) -> Ranked:
    """Estimate the probability that a serving row scores above a reference row.

    DeLong, DeLong and Clarke-Pearson (1988): the variance of the rows' placements
    among the other side. With weights both are ratio estimates, and the variance that
    of their linearisation.

    Parameters
    ----------
    reference, serving
        Scores, shape (n,) and (m,), no NaN, n and m > 0.
    weights
        Of both sides' rows, > 0.

    Returns
    -------
    Ranked
        Ties count half. The classifier is taken as given: the scores must be of rows
        that it has not seen.
    """
    of_serving = _placements(serving, reference, weights[0])
    of_reference = 1 - _placements(reference, serving, weights[1])
    auc = float(np.average(of_serving, weights=weights[1]))
    variance = 0.0
    for placed, weight in zip((of_reference, of_serving), weights, strict=True):
        share = weight / weight.sum()
        variance += float(np.sum((share * (placed - auc)) ** 2))
    return Ranked(auc=auc, error=float(np.sqrt(variance)))


def _placements(scores: Floats, others: Floats, weight: Floats) -> Floats:
    """Give the weighted share of the others below each score, ties by half."""
    order = np.argsort(others, kind="stable")
    ordered = others[order]
    below = np.append(0.0, np.cumsum(weight[order])) / weight.sum()
    low = below[np.searchsorted(ordered, scores, side="left")]
    high = below[np.searchsorted(ordered, scores, side="right")]
    return np.asarray((low + high) / 2)
