"""Answers with their labels, on test and in a log: their losses and their metrics."""

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from nbmlops.evaluate.metrics import Metric, metrics_for
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import Array, Task, encode
from nbmlops.lifecycle.logged import Floats, Logged, is_known
from nbmlops.registry.records import ModelVersion
from nbmlops.skew import sequences
from nbmlops.skew.performance import Figure
from nbmlops.skew.realised import Losses

FIGURES = {
    "binary": ("accuracy", "roc_auc", "log_loss", "brier_score"),
    "multiclass": ("accuracy", "log_loss"),
    "regression": ("mae", "rmse"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """Answers with their labels, on test or in the log.

    Attributes
    ----------
    task
        The version's.
    target, prediction
        Shape (n,): codes of the classes, or numbers.
    probability
        Shape (n, classes), or None.
    weight
        Shape (n,), or None.
    classes
        Codes of the classes; () for a regression.
    """

    task: Task
    target: Array
    prediction: Array
    probability: Floats | None
    weight: Floats | None
    classes: tuple[int, ...]

    def part(self, rows: Any) -> "Side":
        """Give some of the rows."""
        return replace(
            self,
            target=self.target[rows],
            prediction=self.prediction[rows],
            probability=None if self.probability is None else self.probability[rows],
            weight=None if self.weight is None else self.weight[rows],
        )

    def losses(self, kind: str) -> Losses:
        """Give the loss of each row."""
        if kind == "absolute":
            values = np.abs(self.prediction - self.target)
        elif kind == "brier" and self.probability is not None:
            happened = np.eye(len(self.classes))[self.target]
            values = ((self.probability - happened) ** 2).sum(axis=1) / 2
        else:
            values = self.prediction != self.target
        return Losses(values=values.astype(np.float64), weight=self.weight)

    def scores(self, *, coarse: bool) -> Floats:
        """Give what strata are made of: probabilities, else the answers."""
        if self.probability is not None and not coarse:
            return self.probability
        return np.asarray(self.prediction, dtype=np.float64)[:, None]


def side_on_test(version: ModelVersion, scored: Scored) -> Side | None:
    """Give a version's answers on test, as far as their labels are known to it."""
    is_number = version.task == "regression"
    both = [
        np.asarray(a, dtype=np.float64) if is_number else encode(a, version.classes)
        for a in (scored.target, scored.prediction)
    ]
    side = Side(
        task=cast(Task, version.task),
        target=both[0],
        prediction=both[1],
        probability=scored.probability,
        weight=scored.weight,
        classes=tuple(range(len(version.classes))),
    )
    known = is_known(side.target)
    return side.part(known) if known.any() else None


def side_in_log(version: ModelVersion, logged: Logged) -> Side:
    """Give the logged answers; where no class was logged, the likeliest."""
    missing = np.full(logged.rows, np.nan if version.task == "regression" else -1)
    prediction = logged.prediction
    if logged.probability is not None:
        largest = logged.probability.argmax(axis=1)
        prediction = (
            largest
            if prediction is None
            else np.where(prediction < 0, largest, prediction)
        )
    return Side(
        task=cast(Task, version.task),
        target=missing if logged.label is None else logged.label,
        prediction=missing if prediction is None else prediction,
        probability=logged.probability,
        weight=logged.weight,
        classes=tuple(range(len(version.classes))),
    )


def figures_of(own: Side, test: Side | None) -> tuple[Figure, ...]:
    """Compute the metrics of labelled rows, with confidence sequences."""
    found = []
    for name in FIGURES[own.task]:
        metric = metrics_for(own.task)[name]
        value = value_of(metric, own)
        if value is None:
            continue
        found.append(
            Figure(
                metric=name,
                label=metric.label,
                value=value,
                interval=_interval(metric, own, value),
                test=None if test is None else value_of(metric, test),
                greater_is_better=metric.greater_is_better,
            )
        )
    return tuple(found)


def value_of(metric: Metric, side: Side) -> float | None:
    """Compute a metric; None where it is not defined on these rows."""
    if metric.needs != "prediction" and side.probability is None:
        return None
    value = metric.function(
        side.target, side.prediction, side.probability, side.weight, side.classes
    )
    return value if np.isfinite(value) else None


def _interval(metric: Metric, side: Side, value: float) -> tuple[float, float] | None:
    """Bound a metric at every look: exactly where it is a mean of bounded losses."""
    if metric.name == "accuracy":
        error = side.losses("error")
        low, high = sequences.interval(error.values, error.weight)
        return 1 - high, 1 - low
    if metric.name == "brier_score":
        brier = side.losses("brier")
        return sequences.interval(brier.values, brier.weight)
    rows = len(side.target)
    left = metric.left_out(
        side.target,
        side.prediction,
        side.probability,
        side.weight,
        side.classes,
        np.arange(rows),
        rows,
    )
    pseudo = rows * value - (rows - 1) * left  # Tukey's: their mean is the metric
    if not np.isfinite(pseudo).all():
        return None
    return sequences.interval(pseudo, bounded=False)
