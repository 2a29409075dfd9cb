"""A classifier that tells serving rows from reference rows, judged on unseen rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from sklearn.ensemble import HistGradientBoostingClassifier

from nbmlops.skew import statistics
from nbmlops.skew.joint.features import Feature, Floats
from nbmlops.skew.joint.pairs import Pairs, find_pairs
from nbmlops.skew.joint.ranking import ranked

CUTS = (0.4, 0.6, 0.8, 1.0)  # the classifier of a block has seen all blocks before it
GROUPS = 10  # of equal size by score, in which the distance is measured
SEED = 20_121_130


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One side's rows in random order.

    Attributes
    ----------
    values
        Shape (n, features), NaN where null.
    weights
        Shape (n,), > 0.
    """

    values: Floats
    weights: Floats

    def columns(self, which: Sequence[int]) -> "Side":
        """Take some of the features."""
        return Side(values=self.values[:, list(which)], weights=self.weights)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """How well the sides could be told apart.

    Attributes
    ----------
    auc, error
        On unseen rows, with the standard error.
    p_value
        Of "both sides have one joint distribution".
    counts
        Effective rows of both sides in groups of equal size by score, shape (10,).
    scores
        Of both sides' tested rows: the share of rows of their block that score lower.
    tested
        The places of those rows among each side's.
    """

    auc: float
    error: float
    p_value: float
    counts: tuple[Floats, Floats]
    scores: tuple[Floats, Floats]
    tested: tuple[NDArray[np.int64], NDArray[np.int64]]

    @property
    def size(self) -> float:
        """The harmonic size of the tested rows."""
        return statistics.harmonic_size(*(float(c.sum()) for c in self.counts))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classifier:
    """A fitted classifier: class 1 is serving.

    Attributes
    ----------
    pairs
        The pairs of columns that it reads as one.
    model
        Of the features and the pairs.
    """

    pairs: Pairs
    model: HistGradientBoostingClassifier

    def margins(self, values: Floats) -> Floats:
        """Give the log odds of serving, both sides being equally frequent."""
        found = self.model.decision_function(self.pairs.crossed(values))
        return np.asarray(found, dtype=np.float64)


def fitted(sides: tuple[Side, Side], features: Sequence[Feature]) -> Classifier:
    """Fit the classifier; both sides weigh the same."""
    first, second = sides
    pairs = find_pairs(
        first.values, second.values, (first.weights, second.weights), features
    )
    values = pairs.crossed(np.concatenate([side.values for side in sides]))
    values[:, np.isnan(values).all(axis=0)] = 0.0  # the model refuses an empty column
    labels = np.repeat([0, 1], [len(side.values) for side in sides])
    weights = np.concatenate([s.weights / s.weights.sum() for s in sides])
    model = HistGradientBoostingClassifier(
        max_iter=60,
        learning_rate=0.1,
        max_leaf_nodes=8,
        min_samples_leaf=20,
        l2_regularization=1.0,
        categorical_features=[
            *(feature.kind == "text" for feature in features),
            *(True for _ in pairs.chosen),
        ],
        early_stopping=False,
        random_state=SEED,
    )
    model.fit(values, labels, sample_weight=weights * len(labels) / 2)
    return Classifier(pairs=pairs, model=model)


def judged(sides: tuple[Side, Side], features: Sequence[Feature]) -> Judged:
    """Test whether a classifier tells the sides apart on rows that it has not seen.

    Each block of rows is scored by a classifier that has seen the blocks before it
    only (Dawid 1984's prequential principle). Without a shift each block's AUC has then
    mean 1/2 whatever came before, so that their sum has the variance of its parts; the
    AUCs of ordinary cross-validation depend on each other and have not.

    Parameters
    ----------
    sides
        The reference's and serving's rows, at least 100 each, in random order.
    features
        What the values are.

    Returns
    -------
    Judged
        One-sided: an AUC below 1/2 is chance.
    """
    cuts = [[int(cut * len(side.values)) for cut in CUTS] for side in sides]
    aucs, errors, sizes = [], [], []
    counts = np.zeros((2, GROUPS))
    scores: tuple[list[Floats], list[Floats]] = ([], [])
    for start, end in pairwise(range(len(CUTS))):
        seen = _between(sides, (0, 0), (cuts[0][start], cuts[1][start]))
        block = _between(
            sides, (cuts[0][start], cuts[1][start]), (cuts[0][end], cuts[1][end])
        )
        model = fitted(seen, features)
        first, second = (model.margins(side.values) for side in block)
        found = ranked(first, second, (block[0].weights, block[1].weights))
        aucs.append(found.auc)
        errors.append(found.error)
        effective = [_effective(side.weights) for side in block]
        sizes.append(statistics.harmonic_size(*effective))
        for at, ranks in enumerate(_ranks(first, second)):
            weight = block[at].weights
            groups = np.minimum((ranks * GROUPS).astype(int), GROUPS - 1)
            share = np.bincount(groups, weight, GROUPS) / weight.sum()
            counts[at] += share * effective[at]
            scores[at].append(ranks)
    share = np.array(sizes) / np.sum(sizes)
    auc = float(share @ np.array(aucs))
    error = float(np.sqrt((share**2) @ (np.array(errors) ** 2)))
    # DeLong's error shrinks as the AUC grows by chance; that of no shift does not.
    calm = float(np.sqrt((share**2) @ (1 / (12 * np.array(sizes)))))
    z = (auc - 0.5) / max(error, calm)
    return Judged(
        auc=auc,
        error=error,
        p_value=float(ndtr(-z)),
        counts=(counts[0], counts[1]),
        scores=(np.concatenate(scores[0]), np.concatenate(scores[1])),
        tested=(
            np.arange(cuts[0][0], len(sides[0].values)),
            np.arange(cuts[1][0], len(sides[1].values)),
        ),
    )


def _between(
    sides: tuple[Side, Side], low: tuple[int, int], high: tuple[int, int]
) -> tuple[Side, Side]:
    first, second = (
        Side(values=side.values[a:b], weights=side.weights[a:b])
        for side, a, b in zip(sides, low, high, strict=True)
    )
    return first, second


def _effective(weights: Floats) -> float:
    """Return Kish's effective number of rows."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def _ranks(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Give each score the share of both sides' scores below it, ties by half."""
    both = np.sort(np.concatenate([first, second]))
    found = [
        (np.searchsorted(both, s, "left") + np.searchsorted(both, s, "right")) / 2
        for s in (first, second)
    ]
    return found[0] / len(both), found[1] / len(both)
