"""The table of metrics: for each task what is computed, and which way is good.

Values follow scikit-learn's functions of the same names, with sample weights; a value
that is not defined is NaN here and is left out by whoever keeps metrics.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from nbmlops.evaluate import moments as m
from nbmlops.evaluate import ranking as r
from nbmlops.evaluate.moments import Floats, Rows, rows_of
from nbmlops.evaluate.tasks import Array, Classes, Task

#: target, prediction, probability, weight, classes -> value.
MetricFunction: TypeAlias = Callable[
    [Array, Array, Array | None, Array | None, Classes], float
]
#: The same, then the unit of each row and the number of units -> shape (count,).
LeftOutFunction: TypeAlias = Callable[
    [Array, Array, Array | None, Array | None, Classes, Array, int], Floats
]
_OneRanking: TypeAlias = Callable[[Floats, Floats, Floats], float]
_OneLeftOut: TypeAlias = Callable[[Floats, Floats, Floats, Array, int], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric of one task.

    Attributes
    ----------
    name, label
        "roc_auc", "ROC AUC".
    greater_is_better
        Which way is good.
    needs
        "prediction"; "probability"; "ranking": probabilities, or a decision value of
        shape (n,) in their place.
    kind
        "mean" of a number per row, "ratio" of sums, or "ranking": says how its interval
        comes about.
    counts
        Whether it only counts right and wrong labels.
    function
        `function(target, prediction, probability, weight, classes)`: the value, NaN
        where it is not defined. Weight None: all 1.
    left_out
        `left_out(..., units, count)`: the values without each unit (row or group of
        rows) in turn, shape (count,).
    """

    name: str
    label: str
    greater_is_better: bool
    needs: Literal["prediction", "probability", "ranking"]
    kind: Literal["mean", "ratio", "ranking"]
    counts: bool
    function: MetricFunction
    left_out: LeftOutFunction


def metrics_for(task: Task) -> Mapping[str, Metric]:
    """Give the task's metrics by name, the leading one first."""
    return _TABLE[task]


def _even(weight: Array | None) -> Floats | None:
    """Scale weights to a mean of 1, so that sums are comparable with counts."""
    if weight is None:
        return None
    values = np.asarray(weight, np.float64)
    total = values.sum()
    return values * (len(values) / total) if total > 0 else values


def _sums(
    name: str,
    label: str,
    of_row: m.RowMoments,
    from_sums: m.FromSums,
    *,
    better: Literal["greater", "smaller"] = "greater",
    needs: Literal["prediction", "probability"] = "prediction",
    counts: bool = False,
) -> Metric:
    """Make a metric of sums over rows."""

    def function(
        target: Array,
        prediction: Array,
        probability: Array | None,
        weight: Array | None,
        classes: Classes,
    ) -> float:
        rows = rows_of(target, prediction, probability, classes)
        values, even = of_row(rows), _even(weight)
        total = values.sum(axis=0) if even is None else even @ values
        return float(from_sums(total, rows.sizes))

    def left_out(
        target: Array,
        prediction: Array,
        probability: Array | None,
        weight: Array | None,
        classes: Classes,
        units: Array,
        count: int,
    ) -> Floats:
        rows = rows_of(target, prediction, probability, classes)
        parts = m.sums_by_unit(of_row(rows), _even(weight), units, count)
        return from_sums(parts.sum(axis=0) - parts, rows.sizes)

    return Metric(
        name=name,
        label=label,
        greater_is_better=better == "greater",
        needs=needs,
        kind="mean" if from_sums is m.mean else "ratio",
        counts=counts,
        function=function,
        left_out=left_out,
    )


def _ranking(
    name: str,
    label: str,
    one: _OneRanking,
    one_left_out: _OneLeftOut,
) -> Metric:
    """Make a metric of the order of scores, averaged over the outputs that have one."""

    def function(
        target: Array,
        prediction: Array,
        probability: Array | None,
        weight: Array | None,
        classes: Classes,
    ) -> float:
        even = _even(weight)
        rankings = _rankings(target, prediction, probability, classes)
        values = [one(*_sides(actual, even), score) for actual, score in rankings]
        return float(m.mean_of_defined(np.array(values)))

    def left_out(
        target: Array,
        prediction: Array,
        probability: Array | None,
        weight: Array | None,
        classes: Classes,
        units: Array,
        count: int,
    ) -> Floats:
        even = _even(weight)
        rankings = _rankings(target, prediction, probability, classes)
        values = [
            one_left_out(*_sides(actual, even), score, units, count)
            for actual, score in rankings
            if not np.isnan(one(*_sides(actual, even), score))
        ]
        return np.mean(values, axis=0) if values else np.full(count, np.nan)

    return Metric(
        name=name,
        label=label,
        greater_is_better=True,
        needs="ranking",
        kind="ranking",
        counts=False,
        function=function,
        left_out=left_out,
    )


def _rankings(
    target: Array, prediction: Array, probability: Array | None, classes: Classes
) -> list[tuple[Array, Floats]]:
    """Split a task into pairs of (is positive, score)."""
    if probability is None:
        message = "a ranking metric needs probabilities or decision values"
        raise ValueError(message)
    rows: Rows = rows_of(target, prediction, probability, classes)
    scores = np.asarray(probability, np.float64)
    if scores.ndim == 1:
        return [(rows.target == 1, scores)]
    if not classes:
        return [(rows.target[:, i] == 1, scores[:, i]) for i in range(scores.shape[1])]
    if len(classes) == 2:
        return [(rows.target == 1, scores[:, 1])]
    return [(rows.target == code, scores[:, code]) for code in range(len(classes))]


def _sides(actual: Array, weight: Floats | None) -> tuple[Floats, Floats]:
    load = np.ones(len(actual)) if weight is None else weight
    return np.where(actual, load, 0.0), np.where(actual, 0.0, load)


def _roc_auc(name: str, label: str = "ROC AUC") -> Metric:
    return _ranking(name, label, r.roc_auc, r.roc_auc_left_out)


def _accuracy(of_row: m.RowMoments = m.rightness) -> Metric:
    return _sums("accuracy", "Accuracy", of_row, m.mean, counts=True)


def _log_loss() -> Metric:
    return _sums(
        "log_loss",
        "Log loss",
        m.surprise,
        m.mean,
        better="smaller",
        needs="probability",
    )


def _regression() -> tuple[Metric, ...]:
    return (
        _sums("rmse", "RMSE", m.squared_errors, m.root_mean, better="smaller"),
        _sums("mae", "MAE", m.absolute_errors, m.mean, better="smaller"),
        _sums("r2", "R\N{SUPERSCRIPT TWO}", m.variances, m.determination),
    )


def _by_name(*metrics: Metric) -> Mapping[str, Metric]:
    return MappingProxyType({metric.name: metric for metric in metrics})


_TABLE: Mapping[Task, Mapping[str, Metric]] = MappingProxyType(
    {
        "unsupervised": MappingProxyType({}),
        "binary": _by_name(
            _roc_auc("roc_auc"),
            _ranking(
                "average_precision",
                "Average precision",
                r.average_precision,
                r.average_precision_left_out,
            ),
            _log_loss(),
            _sums(
                "brier_score",
                "Brier score",
                m.brier,
                m.mean,
                better="smaller",
                needs="probability",
            ),
            _accuracy(),
            _sums("f1", "F1", m.positives, m.f1, counts=True),
            _sums("precision", "Precision", m.positives, m.precision, counts=True),
            _sums("recall", "Recall", m.positives, m.recall, counts=True),
        ),
        "multiclass": _by_name(
            _accuracy(),
            _sums(
                "balanced_accuracy",
                "Balanced accuracy",
                m.confusions,
                m.balanced_accuracy,
                counts=True,
            ),
            _sums("f1_macro", "F1 (macro)", m.confusions, m.f1_macro, counts=True),
            _sums(
                "f1_weighted", "F1 (weighted)", m.confusions, m.f1_weighted, counts=True
            ),
            _log_loss(),
            _roc_auc("roc_auc_ovr", "ROC AUC (one against rest)"),
        ),
        "multilabel": _by_name(
            _sums("f1_macro", "F1 (macro)", m.label_confusions, m.f1_labels),
            _sums("f1_micro", "F1 (micro)", m.label_confusions, m.f1_micro),
            _sums(
                "hamming_loss",
                "Hamming loss",
                m.label_errors,
                m.mean,
                better="smaller",
            ),
            _roc_auc("roc_auc_macro", "ROC AUC (macro)"),
        ),
        "multioutput-multiclass": _by_name(
            _accuracy(),
            _sums("exact_match", "All outputs right", m.exactness, m.mean),
            _sums("f1_macro", "F1 (macro)", m.confusions, m.f1_macro),
        ),
        "regression": _by_name(*_regression()),
        "multioutput-regression": _by_name(*_regression()),
    }
)
