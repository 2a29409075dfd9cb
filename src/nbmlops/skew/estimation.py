"""How good a classifier is without labels, if its scores mean what they meant on test.

Confidence-based performance estimation: rows whose probability of the positive class is
0.8 are positive 8 times in 10, so the expected accuracy, log loss ... follow from the
probabilities alone (Kivimaki, Bialek, Nurminen and Kuberski 2025, "Confidence-based
estimators for predictive performance in model monitoring", arXiv:2505.05295). What we
do differently: the probabilities are first moved to what the test says of rows of like
scores, and the interval holds both the noise of what the test says and that of the
log's labels, so that it is an interval of the figure that labels will show. Both are
drawn from the probabilities. Drawing the test's rows anew instead covered 92% where the
log lies where positives are rare: a test that happens to have few of them then gives a
low estimate and a narrow interval at once. Where the test's labels vary more than their
probabilities say, its noise is widened by as much. It is refused where the test shows
that probabilities are not what they say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.statistics import Floats, chi2_tail
from nbmlops.skew.strata import Strata, strata_of

DRAWS, SEED = 200, 20130101
MOST_ROWS = 20_000  # of the log, drawn at random: more add nothing to the interval
FEWEST_TEST = 200
MISCALIBRATED = 0.03  # RMS error of probabilities beyond its noise that is refused
SURE = 0.01  # p-value of "the probabilities are what they say" below which it counts
LEAST = float(np.finfo(np.float64).eps)

Codes = NDArray[np.int64]
#: Codes of the labels, weights -> the figure.
Figure = Callable[[Codes, Floats], float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """A classifier's answers to n rows.

    Attributes
    ----------
    probability
        Shape (n, classes).
    predicted
        Shape (n,): codes.
    weight
        Shape (n,); None: all alike.
    """

    probability: Floats
    predicted: Codes
    weight: Floats | None

    @property
    def load(self) -> Floats:
        """The weights, 1 where there are none."""
        rows = len(self.predicted)
        return np.ones(rows) if self.weight is None else self.weight

    def take(self, rows: Codes) -> "Scores":
        """Give some of the rows."""
        return Scores(
            probability=self.probability[rows],
            predicted=self.predicted[rows],
            weight=None if self.weight is None else self.weight[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure that no label has confirmed.

    Attributes
    ----------
    metric
        "accuracy", "roc_auc", "log_loss", "brier_score".
    value, interval
        The estimate, and where the figure lies 95 times in 100.
    """

    metric: str
    value: float
    interval: tuple[float, float]


def why_not(test: Scores, target: Codes) -> str:
    """Say why nothing can be estimated from a model's probabilities, "" if it can.

    Parameters
    ----------
    test
        The answers on test.
    target
        Shape (n,): codes of the labels there.

    Returns
    -------
    str
        The reason in words. Calibration is refused when it is surely off (Hosmer and
        Lemeshow 1980, by class, Bonferroni) and by more than 0.03 beyond noise.
    """
    if len(target) < FEWEST_TEST:
        return f"the test has {len(target):,} rows, and calibration takes {FEWEST_TEST}"
    strata = strata_of(test.probability, test.probability)
    worst, surest = 0.0, 1.0
    for code in range(test.probability.shape[1]):
        own = test.probability[:, code]
        error, p_value = _calibration(own, target == code, test.load, strata)
        worst, surest = max(worst, error), min(surest, p_value)
    if surest * test.probability.shape[1] < SURE and worst > MISCALIBRATED:
        return (
            f"on test the probabilities are off by {worst:.2f} (root mean square over "
            "rows of like scores, beyond noise): calibrate the model first"
        )
    return ""


def estimate(test: Scores, target: Codes, log: Scores) -> tuple[Estimate, ...]:
    """Estimate a classifier's figures on rows without labels.

    Parameters
    ----------
    test, target
        The answers on test, and the labels' codes there; none may be unknown.
    log
        The answers without labels, n >= 1.

    Returns
    -------
    tuple of Estimate
        Accuracy, log loss, and of two classes also the Brier score and ROC AUC.
    """
    rng = np.random.default_rng(SEED)
    if len(log.predicted) > MOST_ROWS:
        chosen = rng.choice(len(log.predicted), MOST_ROWS, replace=False)
        log = log.take(np.sort(chosen))
    strata = strata_of(test.probability, log.probability)
    figures = _figures(log)
    drawn: dict[str, list[float]] = {name: [] for name in figures}
    off, wider = _off(test, target, strata), _wider(test, target, strata)
    for _ in range(DRAWS):
        noise = _off(test, _drawn(test.probability, rng), strata) * wider
        chances = _moved(log.probability, (off + noise)[strata.log])
        labels = _drawn(chances, rng)
        for name, figure in figures.items():
            drawn[name].append(figure(labels, log.load))
    return tuple(_summed(name, np.array(values)) for name, values in drawn.items())


def _summed(name: str, values: Floats) -> Estimate:
    values = values[~np.isnan(values)]
    if not len(values):
        return Estimate(metric=name, value=float("nan"), interval=(-np.inf, np.inf))
    mean = float(values.mean())
    half = 1.96 * float(values.std(ddof=1)) if len(values) > 1 else np.inf
    return Estimate(metric=name, value=mean, interval=(mean - half, mean + half))


def _calibration(
    said: Floats, happened: NDArray[np.bool_], load: Floats, strata: Strata
) -> tuple[float, float]:
    """Give the error of one class's probabilities beyond noise, and its p-value."""
    apart = happened - said
    loads = np.bincount(strata.test, load, strata.count)
    gaps = np.bincount(strata.test, load * apart, strata.count)
    noise = np.bincount(strata.test, load**2 * said * (1 - said), strata.count)
    known = (loads > 0) & (noise > 0)
    statistic = float((gaps[known] ** 2 / noise[known]).sum())
    shares = loads[known] / loads.sum()
    beyond = (gaps[known] ** 2 - noise[known]) / loads[known] ** 2
    error = float(np.sqrt(max(0.0, float(shares @ beyond))))
    return error, chi2_tail(statistic, int(known.sum()))


def _drawn(chances: Floats, rng: np.random.Generator) -> Codes:
    """Draw a label for each row."""
    picked = rng.random(len(chances))[:, None]
    labels = (picked > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1)
    return np.asarray(labels, dtype=np.int64)


def _off(test: Scores, labels: Codes, strata: Strata) -> Floats:
    """Say by how much labels are off their probabilities, shape (strata, classes)."""
    apart = np.eye(test.probability.shape[1])[labels] - test.probability
    loads = np.bincount(strata.test, test.load, strata.count)[:, None]
    sums = np.column_stack(
        [np.bincount(strata.test, test.load * each, strata.count) for each in apart.T]
    )
    return np.divide(sums, loads, out=np.zeros_like(sums), where=loads > 0)


def _wider(test: Scores, target: Codes, strata: Strata) -> Floats:
    """Say how much more labels vary than drawn ones would, shape (strata, 1), >= 1."""
    said = test.probability
    apart = np.eye(said.shape[1])[target] - said
    squares = test.load**2
    seen = np.bincount(strata.test, squares * (apart**2).sum(axis=1), strata.count)
    expected = (said * (1 - said)).sum(axis=1)
    known = np.bincount(strata.test, squares * expected, strata.count)
    ratio = np.divide(seen, known, out=np.ones(strata.count), where=known > 0)
    return np.asarray(np.sqrt(np.maximum(ratio, 1.0))[:, None])


def _moved(chances: Floats, off: Floats) -> Floats:
    """Move each row's probabilities, and keep them such."""
    moved = np.clip(chances + off, 0.0, 1.0)
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def _figures(log: Scores) -> Mapping[str, Figure]:
    rows = np.arange(len(log.predicted))
    surprise = -np.log(np.clip(log.probability, LEAST, 1 - LEAST))
    figures: dict[str, Figure] = {
        "accuracy": lambda y, w: _mean(y == log.predicted, w),
        "log_loss": lambda y, w: _mean(surprise[rows, y], w),
    }
    if log.probability.shape[1] == 2:
        score = log.probability[:, 1]
        ranks, place = np.unique(score, return_inverse=True)
        figures["brier_score"] = lambda y, w: _mean((score - y) ** 2, w)
        figures["roc_auc"] = lambda y, w: _auc(place, len(ranks), y == 1, w)
    return figures


def _mean(values: NDArray[np.generic], weight: Floats) -> float:
    return float(np.average(values.astype(np.float64), weights=weight))


def _auc(
    place: Codes, count: int, positive: NDArray[np.bool_], weight: Floats
) -> float:
    """Give the share of pairs in the right order, ties half; NaN without pairs."""
    plus = np.bincount(place, weight * positive, count)
    minus = np.bincount(place, weight * ~positive, count)
    pairs = float(plus.sum() * minus.sum())
    below = np.cumsum(minus) - minus / 2
    right = float((plus * below).sum())  # BLAS would start threads, 200 times
    return right / pairs if pairs > 0 else float("nan")
