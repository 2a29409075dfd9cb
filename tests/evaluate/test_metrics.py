"""Metrics equal scikit-learn's, and their values without a unit are exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from nbmlops.evaluate.compute import compute_metrics
from nbmlops.evaluate.metrics import metrics_for
from nbmlops.evaluate.ranking import EXACT_UNITS, EXACT_WORK
from nbmlops.evaluate.tasks import TASKS, Task
from tests.evaluate.references import REFERENCES
from tests.evaluate.rows import case

EVERY = [(task, name) for task in TASKS for name in metrics_for(task)]


def test_every_metric_of_the_table_has_an_independent_reference() -> None:
    for task in TASKS:
        assert set(metrics_for(task)) == set(REFERENCES[task])


@pytest.mark.parametrize(("task", "name"), EVERY)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_metric_equals_scikit_learns(task: Task, name: str, weighted: bool) -> None:
    for seed in range(5):
        rows = case(task, 300, seed)
        weight = np.random.default_rng(seed).gamma(1.0, 3.0, 300) if weighted else None
        expected = REFERENCES[task][name](
            rows.target, rows.prediction, rows.probability, weight
        )
        value = metrics_for(task)[name].function(*rows.args(weight))
        assert value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("task", "name"), EVERY)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("units", ["rows", "groups"])
def test_left_out_is_the_metric_of_the_other_rows(
    task: Task, name: str, weighted: bool, units: str
) -> None:
    rows = case(task, 120, 7)
    rng = np.random.default_rng(7)
    weight = rng.gamma(2.0, 1.0, 120) if weighted else None
    owner = np.arange(120) if units == "rows" else rng.integers(0, 11, 120)
    count = int(owner.max()) + 1
    metric = metrics_for(task)[name]
    got = metric.left_out(*rows.args(weight), owner, count)
    for unit in range(count):
        keep = np.flatnonzero(owner != unit)
        rest = rows.take(keep).args(None if weight is None else weight[keep])
        assert got[unit] == pytest.approx(metric.function(*rest), abs=1e-10)


def test_average_precision_of_many_rows_is_left_out_to_first_order() -> None:
    n = 1_200
    assert n > EXACT_UNITS
    assert n * n > EXACT_WORK
    rows = case("binary", n, 3)
    weight = np.random.default_rng(3).gamma(2.0, 1.0, n)
    metric = metrics_for("binary")["average_precision"]
    got = metric.left_out(*rows.args(weight), np.arange(n), n)
    exact = [
        metric.function(*rows.take(keep).args(weight[keep]))
        for keep in (np.delete(np.arange(n), unit) for unit in range(0, n, 8))
    ]
    whole = metric.function(*rows.args(weight))
    moved, expected = got[::8] - whole, np.array(exact) - whole
    assert np.abs(moved - expected).max() < 0.05 * np.abs(expected).max()
    assert np.corrcoef(moved, expected)[0, 1] > 0.999


@given(
    scores=st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.9]), min_size=2, max_size=40),
    data=st.data(),
)
@settings(max_examples=200, deadline=None)
def test_roc_auc_counts_pairs(scores: list[float], data: st.DataObject) -> None:
    n = len(scores)
    labels = data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    weight = data.draw(
        st.lists(st.sampled_from([0.0, 1.0, 2.5]), min_size=n, max_size=n)
    )
    right = total = 0.0
    for i in range(n):
        for j in range(n):
            if labels[i] == 1 and labels[j] == 0:
                pair = weight[i] * weight[j]
                total += pair
                right += pair * (
                    1.0 if scores[i] > scores[j] else 0.5 * (scores[i] == scores[j])
                )
    value = metrics_for("binary")["roc_auc"].function(
        np.array(labels), np.array(labels), np.array(scores), np.array(weight), (0, 1)
    )
    if total == 0:
        assert np.isnan(value)
    else:
        assert value == pytest.approx(right / total, abs=1e-12)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_average_precision_equals_scikit_learns_with_ties_and_empty_weights(
    data: st.DataObject,
) -> None:
    n = data.draw(st.integers(2, 30))
    labels = [1, *data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))]
    scores = data.draw(
        st.lists(st.sampled_from([0.1, 0.4, 0.7]), min_size=n + 1, max_size=n + 1)
    )
    weight = [
        1.0,
        *data.draw(st.lists(st.sampled_from([0.0, 1.0, 3.0]), min_size=n, max_size=n)),
    ]
    value = metrics_for("binary")["average_precision"].function(
        np.array(labels), np.array(labels), np.array(scores), np.array(weight), (0, 1)
    )
    expected = sk.average_precision_score(labels, scores, sample_weight=weight)
    assert value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("task", "name"), EVERY)
def test_metric_does_not_depend_on_the_scale_of_the_weights(
    task: Task, name: str
) -> None:
    rows = case(task, 80, 1)
    weight = np.random.default_rng(1).gamma(2.0, 1.0, 80)
    metric = metrics_for(task)[name]
    small = metric.function(*rows.args(weight * 1e-12))
    assert small == pytest.approx(metric.function(*rows.args(weight)), abs=1e-10)


def test_one_class_leaves_metrics_out_and_says_so() -> None:
    chance = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    values, notes = compute_metrics(
        "binary",
        (0, 1),
        target=np.zeros(3, int),
        prediction=np.array([0, 1, 0]),
        probability=chance,
    )
    assert set(values) == {"log_loss", "brier_score", "accuracy", "f1", "precision"}
    assert np.isfinite(list(values.values())).all()
    assert notes == (
        "ROC AUC, Average precision, Recall left out: the target has one class only",
    )


def test_constant_target_has_no_r2() -> None:
    values, notes = compute_metrics(
        "regression", (), target=np.full(5, 0.1), prediction=np.arange(5.0)
    )
    assert set(values) == {"rmse", "mae"}
    assert notes == ("R² left out: not defined on these rows",)


def test_decision_values_rank_where_there_are_no_probabilities() -> None:
    rows = case("binary", 200, 2)
    assert rows.probability is not None
    score = rows.probability[:, 1] * 7 - 3
    values, notes = compute_metrics(
        "binary",
        rows.classes,
        target=rows.target,
        prediction=rows.prediction,
        decision=score,
    )
    assert values["roc_auc"] == pytest.approx(sk.roc_auc_score(rows.target, score))
    assert "log_loss" not in values
    assert notes == ("Log loss, Brier score left out: no probabilities",)


def test_a_class_that_is_never_met_is_left_out_of_the_average_only() -> None:
    rows = case("multiclass", 200, 4)
    keep = np.flatnonzero((rows.target != 30) & (rows.prediction != 30))
    part = rows.take(keep)
    for name in ("f1_macro", "balanced_accuracy"):
        value = metrics_for("multiclass")[name].function(*part.args(None))
        expected = REFERENCES["multiclass"][name](
            part.target, part.prediction, part.probability, None
        )
        assert value == pytest.approx(expected, abs=1e-12)
