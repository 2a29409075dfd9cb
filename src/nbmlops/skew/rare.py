"""Labels too rare to be tested one by one, tested together.

Pooling all rare labels into one cell would hide that a column of many labels holds
others altogether. Given the rows t of a label on both sides together, those of the
serving side are binomial when nothing changed: from that follow the mean and variance
of X2 over sparse cells (as Haldane 1940 has them) and how many rows are expected in
labels that one side lacks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.statistics import Floats, chi2_tail_real

FEWEST_LABELS = 8  # below it the approximation by moments is not trusted
SURELY_MOVED = 1e-4  # p-value (over all cells) from which a rare cell is kept apart
SURELY_REPLACED = 1e-3  # the same of all rare labels together


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare:
    """What the rare labels of a column say together.

    Attributes
    ----------
    p_value
        Of "the rare labels have one distribution".
    replaced
        The share of their mass that went from labels that one side lacks to labels
        that the other lacks, beyond what chance does; 0 to 1.
    """

    p_value: float = 1.0
    replaced: float = 0.0


def judge_rare(reference: Floats, serving: Floats, n: float, m: float) -> Rare:
    """Test the rare labels of a column together.

    Parameters
    ----------
    reference, serving
        Effective rows per rare label, shape (k,).
    n, m
        Effective rows of both sides, all labels.

    Returns
    -------
    Rare
        Nothing (p = 1) where there are fewer than 8 labels that occur twice.
    """
    total = reference + serving
    told = total > 1
    if int(told.sum()) < FEWEST_LABELS:
        return Rare()
    a, b, t = reference[told], serving[told], total[told]
    share = m / (n + m)
    spread = share * (1 - share)
    x2 = float(((b - t * share) ** 2 / (t * spread)).sum())
    variance = float(np.maximum(2 - 6 / t + 1 / (t * spread), 0).sum())
    mean = float(len(t))
    if variance <= 0:
        return Rare()
    p_value = chi2_tail_real(x2 * 2 * mean / variance, 2 * mean**2 / variance)
    if p_value > SURELY_REPLACED:
        return Rare(p_value=p_value)
    return Rare(p_value=p_value, replaced=_replaced(a, b, t, n, m))


def _replaced(a: Floats, b: Floats, t: Floats, n: float, m: float) -> float:
    """Compare the mass in one-sided labels with what chance puts there."""
    only_a, only_b = b <= 0, a <= 0
    seen = float((a[only_a] / n).sum() + (b[only_b] / m).sum())
    in_a, in_b = chance_of_absence(t, n, m)
    expected = float((t / n * in_a).sum() + (t / m * in_b).sum())
    most = float((a / n + b / m).sum())
    if most <= expected:
        return 0.0
    return float(np.clip((seen - expected) / (most - expected), 0, 1))


def chance_of_absence(t: Floats, n: float, m: float) -> tuple[Floats, Floats]:
    """Return the chance that t rows of a label all fall on one side, or the other."""
    share = m / (n + m)
    return np.power(1 - share, t), np.power(share, t)


def unseen_excess(here: Floats, there: Floats, n: float, m: float) -> float:
    """Return by how many standard errors too many rows hold labels unknown there.

    Parameters
    ----------
    here, there
        Effective rows per label on the side that is looked at, and on the other.
    n, m
        Effective rows of the other side, and of the one that is looked at.

    Returns
    -------
    float
        0 where there are fewer than 8 labels that occur twice.
    """
    total = here + there
    told: NDArray[np.bool_] = total > 1
    if int(told.sum()) < FEWEST_LABELS:
        return 0.0
    t = total[told]
    _, chance = chance_of_absence(t, n, m)
    seen = float(here[told][there[told] <= 0].sum())
    variance = float((t**2 * chance * (1 - chance)).sum())
    if variance <= 0:
        return 0.0
    return (seen - float((t * chance).sum())) / float(np.sqrt(variance))
