"""Permutation importance: what it finds, how sure it is, and what it leaves alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.inspection import permutation_importance as shuffled
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from nbmlops.evaluate import importance as module
from nbmlops.evaluate.importance import Importance, permutation_importance, swapped
from nbmlops.evaluate.score import score
from nbmlops.evaluate.tasks import infer_task
from nbmlops.frames.labelled import labelled
from tests.flights import FEATURES, flights, pipeline

RNG = np.random.default_rng(0)


def found(model: Any, data: Any, **changed: Any) -> Importance:
    rows = labelled(data, target=changed.pop("target", None))
    task, classes = infer_task(rows.target, model)
    scored = score(model, rows, task=task, classes=classes, latency=False, **changed)
    result = permutation_importance(model, rows, scored)
    assert result is not None
    return result


def numbers(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, 4))
    return values, 3 * values[:, 0] + values[:, 1] + 0.5 * rng.normal(size=rows)


@pytest.mark.parametrize("kind", ["log_loss", "absolute_error"])
def test_it_agrees_with_scikit_learn_on_the_same_loss(kind: str) -> None:
    features, target = numbers(4_000)
    if kind == "log_loss":
        target = target > 0
        model = LogisticRegression().fit(features, target)
        scoring = "neg_log_loss"
    else:
        model = LinearRegression().fit(features, target)
        scoring = "neg_mean_absolute_error"
    result = found(model, (features, target))
    theirs = shuffled(
        model, features, target, scoring=scoring, n_repeats=20, random_state=0
    )
    assert result.loss == kind
    for one in result.features:
        expected = theirs.importances_mean[int(one.feature[1:])]
        error = (one.high - one.low) / 2 / 1.96
        assert abs(one.mean - expected) < 3 * error + 1e-3


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    # Of y = 3 x0 + x1, what the model knows exactly, the swap of x0 adds 3 (x0' - x0):
    # its absolute value is 3 sqrt(2) sqrt(2 / pi) on average.
    truth, covered = 3 * 2 / np.sqrt(np.pi), 0
    model = LinearRegression().fit(*numbers(50))
    model.coef_, model.intercept_ = np.array([3.0, 1.0, 0.0, 0.0]), 0.0
    for seed in range(200):
        features = np.random.default_rng(seed).normal(size=(60, 4))
        result = found(model, (features, 3 * features[:, 0] + features[:, 1]))
        first = result.features[0]
        covered += first.low <= truth <= first.high
    assert 180 <= covered <= 198  # 190 +- 2.6 standard errors


def test_a_column_that_says_nothing_has_zero_in_its_interval() -> None:
    frame = flights(2_000, seed=3)
    frame["noise"] = RNG.normal(size=len(frame))
    model = RandomForestClassifier(30, max_depth=6, random_state=0)
    columns = ["distance", "hour", "noise"]
    model.fit(frame[columns][:1_000], frame["late"][:1_000])
    result = found(model, frame[[*columns, "late"]][1_000:], target="late")
    by_name = {one.feature: one for one in result.features}
    assert result.features[0].feature == "hour"
    assert by_name["hour"].low > 0
    assert by_name["noise"].low <= 0 <= by_name["noise"].high


def test_it_is_of_the_columns_that_the_model_reads_and_the_same_each_time() -> None:
    frame = flights(1_000, seed=1)
    model = pipeline().fit(frame[FEATURES], frame["late"])
    given = frame[[*FEATURES, "late"]]
    result = found(model, given, target="late")
    assert {one.feature for one in result.features} == set(FEATURES)
    means = [one.mean for one in result.features]
    assert means == sorted(means, reverse=True)
    assert result == found(model, given, target="late")


def test_groups_that_share_their_values_widen_the_interval() -> None:
    day = np.repeat(np.arange(20), 50)
    weather = np.random.default_rng(5).normal(size=20)[day]
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"weather": weather, "day": day})
    frame["late"] = weather + rng.normal(size=20)[day] + rng.normal(size=1_000) > 0
    model = LogisticRegression().fit(frame[["weather"]], frame["late"])
    rows = labelled(frame, target="late", features=["weather"])
    scored = score(
        model, rows, task="binary", classes=(False, True), groups="day", latency=False
    )
    alone = permutation_importance(model, rows, replace(scored, groups=None))
    grouped = permutation_importance(model, rows, scored)
    assert alone is not None
    assert grouped is not None
    assert (alone.groups, grouped.groups) == ("", "day")
    narrow, wide = alone.features[0], grouped.features[0]
    assert wide.mean == narrow.mean
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_groups_that_share_nothing_leave_the_interval_as_it_is() -> None:
    features, target = numbers(2_000)
    pairs = ("pair", np.arange(2_000) // 2)
    model = LinearRegression().fit(features, target)
    alone = found(model, (features, target)).features[0]
    grouped = found(model, (features, target), groups=pairs).features[0]
    ratio = (grouped.high - grouped.low) / (alone.high - alone.low)
    assert 0.95 < ratio < 1.1


def test_a_row_that_stands_for_many_counts_for_many() -> None:
    features, target = numbers(400)
    model = LinearRegression().fit(features, target)
    half = np.arange(400) < 200
    other = np.where(half, target, target + 5 * features[:, 2])
    weight = np.where(half, 1e6, 1.0)
    first = found(model, (features, other, weight))
    only = found(model, (features[half], other[half]))
    by_name = {one.feature: one.mean for one in only.features}
    for one in first.features:
        assert one.mean == pytest.approx(by_name[one.feature], abs=0.5)


@pytest.mark.parametrize(
    ("model", "loss"),
    [(LinearSVC(), "error_rate"), (RandomForestClassifier(5), "log_loss")],
)
def test_several_labels_and_classes_have_a_loss(model: Any, loss: str) -> None:
    features, target = numbers(300)
    labels = np.digitize(target, [-2, 2])
    result = found(model.fit(features, labels), (features, labels))
    assert result.loss == loss
    assert result.features[0].feature == "x0"


def test_several_outputs_have_a_loss() -> None:
    features, labels = make_multilabel_classification(300, 4, random_state=0)
    forest = RandomForestClassifier(5, random_state=0).fit(features, labels)
    assert found(forest, (features, labels)).loss == "log_loss"
    both = np.column_stack([features[:, 0], features[:, 1]])
    trees = RandomForestRegressor(5, random_state=0).fit(features, both)
    result = found(trees, (features, both))
    assert result.loss == "absolute_error"
    assert {one.feature for one in result.features[:2]} == {"x0", "x1"}


FRAME = pd.DataFrame(
    {
        "text": ["a", "b", "c", "d"],
        "kind": pd.Categorical(["x", "y", "x", "y"], categories=["x", "y", "z"]),
        "count": pd.array([1, None, 3, 4], dtype="Int64"),
        "when": pd.to_datetime(["2026-01-01"] * 4, utc=True),
        "number": [0.5, 1.5, 2.5, 3.5],
    }
)


def test_swapping_keeps_types_and_categories() -> None:
    columns, own, donors = np.array([0, 1]), np.array([0, 1]), np.array([1, 0])
    stacked = swapped(FRAME, columns, own, donors)
    assert list(stacked["text"]) == ["b", "a", "a", "b"]
    assert list(stacked["kind"]) == ["x", "y", "y", "x"]
    assert list(stacked["number"]) == [0.5, 1.5, 0.5, 1.5]
    assert stacked.dtypes.equals(FRAME.dtypes)
    frame = pl.from_pandas(FRAME)
    other = swapped(frame, columns, own, donors)
    assert other.schema == frame.schema
    assert other["text"].to_list() == ["b", "a", "a", "b"]
    array = np.arange(8.0).reshape(4, 2)
    assert swapped(array, columns, own, donors).tolist() == [
        [2, 1], [0, 3], [0, 3], [2, 1]
    ]  # fmt: skip


def test_of_many_columns_those_that_move_the_answers_are_measured() -> None:
    features = np.random.default_rng(0).normal(size=(1_000, 200))
    target = features[:, 150] > 0
    result = found(LogisticRegression().fit(features, target), (features, target))
    assert len(result.features) == module.MOST_COLUMNS
    assert result.features[0].feature == "x150"
    assert "of 200 columns the 60" in result.note


class Fussy(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped
    """Answers the rows that it has seen, and no others."""

    def fit(self, features: Any, target: Any) -> "Fussy":
        self.classes_ = np.unique(target)
        self.seen_ = {tuple(row) for row in features}
        return self

    def predict(self, features: Any) -> Any:
        if not all(tuple(row) in self.seen_ for row in features):
            message = "never seen"
            raise ValueError(message)
        return np.resize(self.classes_, len(features))


def test_what_cannot_be_measured_says_why() -> None:
    features, target = numbers(100)
    labels = target > 0
    model = Fussy().fit(features, labels)
    assert "never seen" in found(model, (features, labels)).note
    few = found(LogisticRegression().fit(features, labels), (features[:9], labels[:9]))
    assert few.features == ()
    assert few.note == "not computed: 9 rows are too few for 4 columns"


@pytest.mark.parametrize(
    ("rows", "used"), [(60, 60), (200, 200), (8_000, 1_250), (30_000, 3_750)]
)
def test_how_many_rows_are_used_follows_from_the_frame(rows: int, used: int) -> None:
    features, target = numbers(rows)
    model = LinearRegression().fit(features, target)
    assert found(model, (features, target)).rows == used
