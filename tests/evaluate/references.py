"""Scikit-learn's own metrics by our names: the independent reference."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import metrics as sk

#: target, prediction, probability, weight -> value
Reference = Callable[[Any, Any, Any, Any], float]


def _by_output(one: Callable[..., float]) -> Reference:
    def reference(t: Any, p: Any, _: Any, w: Any) -> float:
        return float(
            np.mean([one(t[:, i], p[:, i], sample_weight=w) for i in range(t.shape[1])])
        )

    return reference


def _f1_macro(t: Any, p: Any, sample_weight: Any = None) -> float:
    return float(
        sk.f1_score(t, p, average="macro", sample_weight=sample_weight, zero_division=0)
    )


REGRESSION: dict[str, Reference] = {
    "rmse": lambda t, p, q, w: sk.root_mean_squared_error(t, p, sample_weight=w),
    "mae": lambda t, p, q, w: sk.mean_absolute_error(t, p, sample_weight=w),
    "r2": lambda t, p, q, w: sk.r2_score(t, p, sample_weight=w),
}

REFERENCES: dict[str, dict[str, Reference]] = {
    "binary": {
        "roc_auc": lambda t, p, q, w: sk.roc_auc_score(t, q[:, 1], sample_weight=w),
        "average_precision": lambda t, p, q, w: sk.average_precision_score(
            t, q[:, 1], sample_weight=w, pos_label=_positive(t)
        ),
        "log_loss": lambda t, p, q, w: sk.log_loss(t, q, sample_weight=w),
        "brier_score": lambda t, p, q, w: sk.brier_score_loss(
            t, q[:, 1], sample_weight=w, pos_label=_positive(t)
        ),
        "accuracy": lambda t, p, q, w: sk.accuracy_score(t, p, sample_weight=w),
        "f1": lambda t, p, q, w: sk.f1_score(
            t, p, sample_weight=w, pos_label=_positive(t)
        ),
        "precision": lambda t, p, q, w: sk.precision_score(
            t, p, sample_weight=w, pos_label=_positive(t)
        ),
        "recall": lambda t, p, q, w: sk.recall_score(
            t, p, sample_weight=w, pos_label=_positive(t)
        ),
    },
    "multiclass": {
        "accuracy": lambda t, p, q, w: sk.accuracy_score(t, p, sample_weight=w),
        "balanced_accuracy": lambda t, p, q, w: sk.balanced_accuracy_score(
            t, p, sample_weight=w
        ),
        "f1_macro": lambda t, p, q, w: _f1_macro(t, p, sample_weight=w),
        "f1_weighted": lambda t, p, q, w: sk.f1_score(
            t, p, average="weighted", sample_weight=w, zero_division=0
        ),
        "log_loss": lambda t, p, q, w: sk.log_loss(t, q, sample_weight=w),
        "roc_auc_ovr": lambda t, p, q, w: sk.roc_auc_score(
            t, q, multi_class="ovr", average="macro", sample_weight=w
        ),
    },
    "multilabel": {
        "f1_macro": lambda t, p, q, w: _f1_macro(t, p, sample_weight=w),
        "f1_micro": lambda t, p, q, w: sk.f1_score(
            t, p, average="micro", sample_weight=w
        ),
        "hamming_loss": lambda t, p, q, w: sk.hamming_loss(t, p, sample_weight=w),
        "roc_auc_macro": lambda t, p, q, w: sk.roc_auc_score(
            t, q, average="macro", sample_weight=w
        ),
    },
    "multioutput-multiclass": {
        "accuracy": _by_output(sk.accuracy_score),
        "exact_match": lambda t, p, q, w: float(
            np.average((t == p).all(axis=1), weights=w)
        ),
        "f1_macro": _by_output(_f1_macro),
    },
    "regression": REGRESSION,
    "multioutput-regression": REGRESSION,
}


def _positive(target: Any) -> Any:
    return sorted(set(target.tolist()))[1]
