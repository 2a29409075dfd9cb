"""Intervals of paired differences agree with independent ways to get them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nbmlops.compare.paired import Rows, Units, paired_difference
from nbmlops.evaluate.metrics import metrics_for
from nbmlops.evaluate.tasks import TASKS, Task
from tests.compare.drawn import pair

EVERY = [(task, name) for task in TASKS for name in metrics_for(task)]


@pytest.mark.parametrize(
    ("task", "name"),
    [("binary", "log_loss"), ("binary", "brier_score"), ("regression", "mae")],
)
def test_a_mean_has_the_paired_t_interval(task: Task, name: str) -> None:
    first, second = pair(task, 150)
    losses = []
    for side in (first, second):
        if task == "regression":
            losses.append(np.abs(side.target - side.prediction))
            continue
        assert side.probability is not None
        happened = (side.target == "yes").astype(float)
        late = side.probability[:, 1]
        losses.append(
            (late - happened) ** 2
            if name == "brier_score"
            else -np.log(np.where(happened == 1, late, 1 - late))
        )
    expected = stats.ttest_rel(losses[1], losses[0])
    found = paired_difference(metrics_for(task)[name], first, second, Units.rows(150))
    assert found is not None
    assert found.interval is not None
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.interval == pytest.approx(expected.confidence_interval(0.95))


def test_roc_auc_has_delongs_variance() -> None:
    first, second = pair("binary", 400)
    positive = first.target == "yes"
    m, n = int(positive.sum()), int((~positive).sum())
    by_positive, by_negative = [], []
    for side in (first, second):
        assert side.probability is not None
        score = side.probability[:, 1]
        # DeLong's structural components, by comparing every pair.
        gap = score[positive][:, None] - score[~positive][None, :]
        psi = (gap > 0) + 0.5 * (gap == 0)
        by_positive.append(psi.mean(axis=1))
        by_negative.append(psi.mean(axis=0))
    s10, s01 = np.cov(by_positive), np.cov(by_negative)
    contrast = np.array([-1.0, 1.0])
    expected = np.sqrt(contrast @ (s10 / m + s01 / n) @ contrast)
    metric = metrics_for("binary")["roc_auc"]
    found = paired_difference(metric, first, second, Units.rows(400))
    assert found is not None
    assert found.standard_error == pytest.approx(expected, rel=2 / min(m, n))
    assert found.standard_error is not None
    assert found.standard_error >= expected


@pytest.mark.parametrize(("task", "name"), EVERY)
@pytest.mark.parametrize(
    ("weighted", "groups"),
    [(False, 0), (True, 40)],
    ids=["rows", "weighted-groups"],
)
def test_standard_error_is_that_of_a_bootstrap(
    task: Task, name: str, weighted: bool, groups: int
) -> None:
    n, draws = 400, 300
    first, second = pair(task, n, 3, weighted=weighted)
    metric = metrics_for(task)[name]
    rng = np.random.default_rng(9)
    owner = rng.integers(0, groups, n) if groups else np.arange(n)
    units = Units.groups(owner) if groups else Units.rows(n)
    load = np.ones(n) if first.weight is None else first.weight
    seen = []
    for _ in range(draws):
        times = np.bincount(
            rng.integers(0, units.count, units.count), minlength=units.count
        )
        drawn = load * times[units.of_row]
        values = [
            metric.function(*args)
            for side in (first, second)
            for args in (replace(side, weight=drawn).args(metric),)
            if args is not None
        ]
        seen.append(values[1] - values[0])
    found = paired_difference(metric, first, second, units)
    assert found is not None
    # 300 draws know the spread to 4%, and 40 groups to 11%.
    assert found.standard_error == pytest.approx(
        np.std(seen), rel=0.25 if groups else 0.17
    )


@pytest.mark.parametrize(("task", "name"), EVERY)
def test_the_order_of_rows_does_not_matter_and_versions_can_be_swapped(
    task: Task, name: str
) -> None:
    first, second = pair(task, 90, 5)
    metric = metrics_for(task)[name]
    one = paired_difference(metric, first, second, Units.rows(90))
    order = np.random.default_rng(1).permutation(90)
    moved = paired_difference(
        metric, first.take(order), second.take(order), Units.rows(90)
    )
    swapped = paired_difference(metric, second, first, Units.rows(90))
    assert one is not None
    assert one.interval is not None
    assert moved is not None
    assert moved.interval == pytest.approx(one.interval, abs=1e-12)
    assert swapped is not None
    assert swapped.difference == -one.difference
    low, high = one.interval
    assert swapped.interval == pytest.approx((-high, -low), abs=1e-12)
    assert low <= one.difference <= high


@pytest.mark.parametrize("name", ["accuracy", "f1", "precision", "recall"])
def test_versions_that_agree_on_every_row_still_get_a_width(name: str) -> None:
    first, _ = pair("binary", 200)
    metric = metrics_for("binary")[name]
    found = paired_difference(metric, first, first, Units.rows(200))
    assert found is not None
    assert found.interval is not None
    assert found.interval[0] < 0 < found.interval[1]
    assert found.interval[1] < 0.05


def test_agresti_and_mins_interval_of_paired_shares() -> None:
    # 40 rows only the second has right, 25 only the first, of 500.
    target = np.zeros(500, int)
    before, after = np.zeros(500, int), np.zeros(500, int)
    before[:40] = 1
    after[40:65] = 1
    first = Rows(
        target=target,
        prediction=before,
        probability=None,
        decision=None,
        weight=None,
        classes=(0, 1),
    )
    found = paired_difference(
        metrics_for("binary")["accuracy"],
        first,
        replace(first, prediction=after),
        Units.rows(500),
    )
    assert found is not None
    b, c, n = 40.5, 25.5, 502.0
    wald = np.sqrt((b + c) - (b - c) ** 2 / n) / n
    assert found.difference == pytest.approx(15 / 500)
    assert found.standard_error == pytest.approx(wald, rel=0.01)


def test_groups_that_move_together_widen_the_interval() -> None:
    rng = np.random.default_rng(2)
    day = np.repeat(np.arange(20), 50)
    target = rng.normal(size=1000)
    shift = rng.normal(0, 0.5, 20)[day]
    first = Rows(
        target=target,
        prediction=target + rng.normal(size=1000),
        probability=None,
        decision=None,
        weight=None,
        classes=(),
    )
    second = replace(first, prediction=first.prediction + shift)
    metric = metrics_for("regression")["rmse"]
    by_row = paired_difference(metric, first, second, Units.rows(1000))
    by_day = paired_difference(metric, first, second, Units.groups(day))
    assert by_row is not None
    assert by_day is not None
    assert by_row.standard_error is not None
    assert by_day.standard_error is not None
    assert by_day.standard_error > 2 * by_row.standard_error
    assert by_day.degrees == 19


def test_groups_of_one_row_are_rows() -> None:
    first, second = pair("binary", 120, 8)
    for metric in metrics_for("binary").values():
        by_row = paired_difference(metric, first, second, Units.rows(120))
        alone = paired_difference(
            metric, first, second, Units.groups(np.array([f"r{i}" for i in range(120)]))
        )
        assert by_row is not None
        assert alone is not None
        assert alone.interval == pytest.approx(by_row.interval, rel=1e-9)


@given(scale=st.floats(0.01, 100), seed=st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_equal_weights_of_any_size_are_no_weights(scale: float, seed: int) -> None:
    first, second = pair("binary", 60, seed)
    for name in ("roc_auc", "log_loss", "accuracy", "f1"):
        metric = metrics_for("binary")[name]
        plain = paired_difference(metric, first, second, Units.rows(60))
        heavy = [replace(side, weight=np.full(60, scale)) for side in (first, second)]
        weighted = paired_difference(metric, heavy[0], heavy[1], Units.rows(60))
        assert plain is not None
        assert weighted is not None
        assert weighted.interval == pytest.approx(plain.interval, abs=1e-9)


def test_what_cannot_be_judged_says_why() -> None:
    first, second = pair("binary", 60)
    metric = metrics_for("binary")["roc_auc"]
    one_group = paired_difference(
        metric, first, second, Units.groups(np.zeros(60, int))
    )
    assert one_group is not None
    assert one_group.interval is None
    assert one_group.why == "one group only"
    where = np.concatenate(
        [
            np.flatnonzero(first.target == "no"),
            np.flatnonzero(first.target == "yes")[:1],
        ]
    )
    single = paired_difference(
        metric, first.take(where), second.take(where), Units.rows(len(where))
    )
    assert single is not None
    assert single.interval is None
    assert single.why == "one unit alone decides whether it is defined"
    no_chance = replace(second, probability=None)
    assert paired_difference(metric, first, no_chance, Units.rows(60)) is None
    ranked = replace(no_chance, decision=np.arange(60.0))
    assert paired_difference(metric, first, ranked, Units.rows(60)) is not None
    negatives = np.flatnonzero(first.target == "no")
    units = Units.rows(len(negatives))
    alone = first.take(negatives), second.take(negatives)
    assert paired_difference(metric, alone[0], alone[1], units) is None
