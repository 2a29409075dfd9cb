"""Ask an estimator for its predictions on one frame, and say plainly where it fails."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier

from nbmlops.errors import UsageError
from nbmlops.evaluate.tasks import Array, Classes, Task, plain_array

#: Their `predict` is the class of the largest probability, so asking once is enough.
_BY_LARGEST = (
    BaggingClassifier,
    DecisionTreeClassifier,
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
_WRAPPERS = (Pipeline, GridSearchCV, RandomizedSearchCV)
_WITH_PROBABILITIES = ("binary", "multiclass", "multilabel")


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the estimator said.

    Attributes
    ----------
    prediction, probability, decision
        As in `Scored`.
    """

    prediction: Array
    probability: npt.NDArray[np.float64] | None
    decision: npt.NDArray[np.float64] | None


def predict(
    model: Any, features: Any, *, rows: int, task: Task, classes: Classes
) -> Predictions:
    """Ask for predictions, and for probabilities where there are any.

    Parameters
    ----------
    model
        A fitted estimator.
    features
        What it takes: a frame or an array.
    rows
        The number of predictions expected.
    task, classes
        As `infer_task` gives them.

    Returns
    -------
    Predictions
        All finite, of the expected lengths.

    Raises
    ------
    UsageError
        The estimator fails on the features, or answers something of another shape, or
        missing or infinite values.
    """
    name = type(model).__name__
    with explained(name, features):
        probability = _probability(model, features, task)
        decision = None
        if probability is None and task == "binary":
            decision = _decision(model, features)
        known = (
            probability is not None
            and task != "multilabel"
            and decides_by_probability(model)
        )
        answer = None if known else model.predict(features)
    if probability is not None:
        outputs = len(classes) if classes else probability.shape[-1]
        _check(probability, (rows, outputs), f"{name}.predict_proba")
    if decision is not None:
        _check(decision, (rows,), f"{name}.decision_function")
    if answer is None and probability is not None:
        labels = np.asarray(classes, dtype=None if _numeric(classes) else object)
        return Predictions(labels[probability.argmax(axis=1)], probability, decision)
    prediction = plain_array(answer, what=f"the answer of {name}.predict")
    if len(prediction) != rows:
        raise UsageError(
            f"{name}.predict gave {len(prediction):,} predictions for {rows:,} rows",
            hint="a pipeline must not drop or repeat rows",
        )
    if prediction.dtype.kind == "f" and not np.isfinite(prediction).all():
        raise UsageError(
            f"{name} predicts infinite values", hint="look at the rows that it fails on"
        )
    return Predictions(prediction, probability, decision)


def decides_by_probability(model: Any) -> bool:
    """Tell whether an estimator's `predict` adds nothing to its `predict_proba`."""
    last = model
    while type(last) in _WRAPPERS:
        last = last.steps[-1][1] if type(last) is Pipeline else last.best_estimator_
    # These very classes only: a subclass may predict in another way.
    return type(last) in _BY_LARGEST


@contextmanager
def explained(name: str, features: Any) -> Iterator[None]:
    """Say in one line what an estimator did not like about a frame."""
    try:
        yield
    except Exception as error:  # whatever the estimator raises is about this frame
        text = next(iter(str(error).strip().splitlines()), type(error).__name__)
        column = _column_of(text, features)
        raise UsageError(
            f"{name} cannot predict on this frame: {text}",
            hint=(f"look at column {column!r}; " if column else "")
            + "it must hold what the model was trained on",
        ) from error


def _column_of(text: str, features: Any) -> str:
    """Find the column that an estimator's message is about."""
    if not isinstance(features, pd.DataFrame):
        return ""
    quoted = re.findall(r"'([^']+)'", text)
    for word in quoted:
        if word in features.columns:
            return str(word)
    for word in quoted:
        for name in features.columns:
            column = features[name]
            if not pd.api.types.is_numeric_dtype(column.dtype) and (
                (column.astype(str) == word).any()
            ):
                return str(name)
    return ""


def _probability(
    model: Any, features: Any, task: Task
) -> npt.NDArray[np.float64] | None:
    if task not in _WITH_PROBABILITIES or not hasattr(model, "predict_proba"):
        return None
    answer = model.predict_proba(features)
    if isinstance(answer, list):  # one array per label of a multilabel task
        if task != "multilabel" or any(part.shape[1] != 2 for part in answer):
            return None
        answer = np.column_stack([part[:, 1] for part in answer])
    return np.asarray(answer, dtype=np.float64)


def _decision(model: Any, features: Any) -> npt.NDArray[np.float64] | None:
    if not hasattr(model, "decision_function"):
        return None
    return np.asarray(model.decision_function(features), dtype=np.float64)


def _check(values: Array, shape: tuple[int, ...], source: str) -> None:
    if values.shape != shape:
        raise UsageError(
            f"{source} answers {values.shape}, expected {shape}",
            hint="the classes of the model and the task must agree",
        )
    if not np.isfinite(values).all():
        raise UsageError(
            f"{source} gives values that are missing or infinite",
            hint="look at the rows that it fails on",
        )


def _numeric(classes: Classes) -> bool:
    return not any(isinstance(label, str) for label in classes)
