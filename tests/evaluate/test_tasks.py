"""The task follows from the target and the model, and what does not fit is said."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nbmlops.errors import UsageError
from nbmlops.evaluate.tasks import encode, infer_task, plain_array

X = np.random.default_rng(0).normal(size=(60, 3))
TEXT = np.where(X[:, 0] > 0, "late", "fine")
THREE = np.digitize(X[:, 0], (-0.5, 0.5)) * 10
MARKS = (X[:, :2] > 0).astype(int)


class Odd(BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    def fit(self, X: Any, y: Any) -> "Odd":
        return self

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))


class Duck:
    classes_ = np.array(["no", "yes"])

    def predict(self, X: Any) -> Any:
        return np.array(["no"] * len(X))


LOGISTIC = LogisticRegression()


@pytest.mark.parametrize(
    ("model", "target", "expected"),
    [
        (LOGISTIC, TEXT, ("binary", ("fine", "late"))),
        (LOGISTIC, TEXT.astype(object), ("binary", ("fine", "late"))),
        (
            make_pipeline(StandardScaler(), LOGISTIC),
            TEXT == "late",
            ("binary", (False, True)),
        ),
        (
            GridSearchCV(LOGISTIC, {"C": [1.0]}, cv=2),
            THREE,
            ("multiclass", (0, 10, 20)),
        ),
        (LinearRegression(), X[:, 0], ("regression", ())),
        (LinearRegression(), THREE, ("regression", ())),
        (LinearRegression(), X[:, :2], ("multioutput-regression", ())),
        (LinearRegression(), X[:, :1], ("regression", ())),
        (RandomForestClassifier(3), MARKS, ("multilabel", ())),
        (OneVsRestClassifier(LOGISTIC), MARKS, ("multilabel", ())),
        (
            MultiOutputClassifier(LOGISTIC),
            np.column_stack([THREE, MARKS[:, 0]]),
            ("multioutput-multiclass", ((0, 10, 20), (0, 1))),
        ),
        (
            RandomForestClassifier(3),
            np.column_stack([TEXT, TEXT]).astype(object),
            ("multioutput-multiclass", (("fine", "late"), ("fine", "late"))),
        ),
    ],
)
def test_task_and_classes_of_fitted_estimators(
    model: Any, target: Any, expected: Any
) -> None:
    task, classes = infer_task(target, model.fit(X, target))
    assert (task, classes) == expected
    flat = [
        c for item in classes for c in (item if isinstance(item, tuple) else (item,))
    ]
    assert all(type(label) in (str, int, bool) for label in flat)


def test_the_models_classes_count_not_those_of_the_frame() -> None:
    model = LogisticRegression().fit(X, THREE)
    assert infer_task(THREE[THREE > 0], model) == ("multiclass", (0, 10, 20))
    assert infer_task(np.full(4, 10), model) == ("multiclass", (0, 10, 20))


def test_an_estimator_that_is_not_scikit_learns_is_known_by_its_classes() -> None:
    assert infer_task(np.array(["yes", "no"]), Duck()) == ("binary", ("no", "yes"))


def test_a_model_that_is_neither_asks_for_the_task() -> None:
    with pytest.raises(UsageError) as caught:
        infer_task(X[:, 0], Odd())
    assert str(caught.value) == (
        "Odd is neither a classifier nor a regressor, so the task is not plain"
        " (the target is continuous)\n"
        "Hint: say which: task='regression', binary, multiclass ..."
    )
    assert infer_task(X[:, 0], Odd(), task="regression") == ("regression", ())


@pytest.mark.parametrize(
    ("model", "target", "task", "words"),
    [
        (
            LogisticRegression().fit(X, TEXT),
            X[:, 0],
            None,
            "the target is continuous, and LogisticRegression is a classifier",
        ),
        (
            LogisticRegression().fit(X, TEXT),
            np.array(["late", "lost"]),
            None,
            "the target holds 'lost', which the model does not know",
        ),
        (
            LogisticRegression().fit(X, THREE),
            np.array([7, 8]),
            None,
            "the target holds '7', which the model does not know",
        ),
        (
            LogisticRegression().fit(X, THREE),
            THREE,
            "binary",
            "there are 3 classes (0, 10, 20), and binary needs two",
        ),
        (
            LogisticRegression().fit(X, TEXT),
            MARKS,
            "binary",
            "the target has 2 columns, and binary has one",
        ),
        (
            DummyClassifier().fit(X, np.ones(60, int)),
            np.ones(60, int),
            None,
            "there is 1 class (1), and binary needs two",
        ),
        (LinearRegression().fit(X, THREE), TEXT, None, "the target holds"),
        (
            LinearRegression().fit(X, THREE),
            np.array([1.0, np.nan]),
            None,
            "the target has 1 missing value",
        ),
        (
            LogisticRegression().fit(X, TEXT),
            np.array(["late", None], object),
            None,
            "the target has 1 missing value",
        ),
        (
            LinearRegression().fit(X, THREE),
            THREE,
            "regresion",
            "there is no task 'regresion'\nHint: did you mean 'regression'?",
        ),
        (
            LogisticRegression().fit(X, TEXT),
            TEXT,
            "multioutput-multiclass",
            "the target has one column",
        ),
    ],
)
def test_what_does_not_fit_is_said(
    model: Any, target: Any, task: str | None, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        infer_task(target, model, task=task)
    assert words in str(caught.value)
    assert 2 <= len(str(caught.value).splitlines()) <= 3


def test_a_new_label_among_known_ones_is_no_error_in_multiclass() -> None:
    model = LogisticRegression().fit(X, THREE)
    assert infer_task(np.array([0, 99]), model)[0] == "multiclass"


@pytest.mark.parametrize(
    ("labels", "classes", "codes"),
    [
        (np.array(["b", "x", "a"], object), ("a", "b"), [1, -1, 0]),
        (np.array([True, False]), (False, True), [1, 0]),
        (np.array([20, 10, 5]), (10, 20), [1, 0, -1]),
        (np.array([1, 0, 2, -3]), (0, 1), [1, 0, -1, -1]),
        (np.array([1.0, 0.0]), (0, 1), [1, 0]),
        (
            np.array([["a", 1], ["b", 3]], object),
            (("a", "b"), (1, 2)),
            [[0, 0], [1, -1]],
        ),
    ],
)
def test_labels_become_their_position_among_the_classes(
    labels: Any, classes: Any, codes: Any
) -> None:
    assert encode(labels, classes).tolist() == codes


def test_targets_become_plain_arrays() -> None:
    nullable = pd.Series([1, 0], dtype="Int64")
    assert plain_array(nullable, what="t").dtype.kind in "iu"
    assert plain_array(pd.Series(["a", "b"], dtype="category"), what="t").tolist() == [
        "a",
        "b",
    ]
    assert plain_array(np.array([[1], [2]]), what="t").shape == (2,)
    assert plain_array(np.array(["a"]), what="t").dtype == object
