"""Stored rows become the parts of a comparison, and what was left out is said."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

from nbmlops.compare.build import Findings, compare_scored
from nbmlops.compare.comparison import Comparison, VersionSide, judge
from nbmlops.errors import UsageError
from nbmlops.evaluate.metrics import metrics_for
from nbmlops.evaluate.tasks import TASKS, Task
from tests.compare.drawn import Stored, stored


def compared(
    first: Stored, *others: Stored, task: Task = "binary", **options: object
) -> Findings:
    challengers = {f"m/{i}": other for i, other in enumerate(others, start=2)}
    return compare_scored("m/1", first, challengers, metrics_for(task), **options)  # type: ignore[arg-type]  # any keyword


def comparison(found: Findings, versions: int = 2) -> Comparison:
    sides = [
        VersionSide(ref=f"m/{i}", estimator="Pipeline") for i in range(1, versions + 1)
    ]
    return Comparison(
        versions=tuple(sides), evaluation="test, 600 rows", **found.parts()
    )


def test_values_are_those_of_the_common_rows_whatever_their_order() -> None:
    first, second = stored("binary", 600)
    order = np.random.default_rng(3).permutation(600)
    found = compared(first, second.take(order))
    assert found.rows_compared == 600
    assert found.leading == "roc_auc"
    assert (found.group_column, found.groups) == ("day", 20)
    assert {one.metric for one in found.differences} == set(metrics_for("binary"))
    auc = next(one for one in found.differences if one.metric == "roc_auc")
    for ref, side in (("m/1", first), ("m/2", second)):
        assert side.probability is not None
        assert auc.values[ref] == pytest.approx(
            sk.roc_auc_score(first.target, side.probability[:, 1])
        )
    assert auc.difference == pytest.approx(auc.values["m/2"] - auc.values["m/1"])
    assert auc.label == "ROC AUC"
    assert auc.method == "DeLong; by day: jackknife of 20 groups"
    assert found.notes == ()
    same = compared(first, second)
    assert same.differences == found.differences


def test_rows_of_one_side_only_are_dropped_and_counted() -> None:
    first, second = (
        replace(one, metrics={"cost": 1.0}) for one in stored("binary", 600)
    )
    found = compared(first, second.take(np.arange(100, 600)))
    # The user's own metric was computed on other rows than these: it is not shown.
    assert "cost" not in {one.metric for one in found.differences}
    assert found.rows_compared == 500
    assert found.notes == (
        "rows that only some versions were evaluated on left out: 100 of m/1",
    )


def test_rows_with_other_targets_are_left_out() -> None:
    first, second = stored("binary", 600)
    target = second.target.copy()
    target[:7] = np.where(target[:7] == "yes", "no", "yes")
    found = compared(first, replace(second, target=target))
    assert found.rows_compared == 593
    assert found.notes == (
        "7 rows left out: the versions were given different targets",
    )


def test_other_weights_are_noted_and_the_baselines_are_used() -> None:
    first, second = stored("binary", 600)
    weight = np.linspace(0.5, 2.0, 600)
    found = compared(replace(first, weight=weight), second)
    note = "the weights differ between the versions; the baseline's are used"
    assert found.notes == (note,)
    auc = next(one for one in found.differences if one.metric == "roc_auc")
    assert second.probability is not None
    assert auc.values["m/2"] == pytest.approx(
        sk.roc_auc_score(first.target, second.probability[:, 1], sample_weight=weight)
    )
    heavy = replace(first, weight=weight), replace(second, weight=weight)
    assert compared(*heavy).notes == ()


def test_without_common_rows_the_stored_values_stand_side_by_side() -> None:
    first, second = stored("binary", 600)
    other = replace(
        second,
        fingerprints=second.fingerprints + np.uint64(1),
        metrics={"roc_auc": 0.7, "cost": -3.0},
    )
    found = compared(replace(first, metrics={"roc_auc": 0.6, "cost": -4.0}), other)
    assert found.rows_compared == 0
    assert found.notes == ("the versions were evaluated on different rows",)
    assert [one.metric for one in found.differences] == ["roc_auc", "cost"]
    assert {one.verdict for one in found.differences} == {"no interval"}
    assert found.differences[0].values == {"m/1": 0.6, "m/2": 0.7}
    assert comparison(found).headline


def test_other_tasks_are_not_compared() -> None:
    first, _ = stored("binary", 50)
    other, _ = stored("regression", 50)
    found = compared(first, other)
    assert found.differences == ()
    assert found.notes == ("m/2 has the task regression, m/1 binary",)


def test_own_metrics_have_no_interval() -> None:
    first, second = stored("binary", 600)
    found = compared(
        replace(first, metrics={"cost": -4.0, "roc_auc": 0.1}),
        replace(second, metrics={"cost": -3.0, "roc_auc": 0.2}),
    )
    cost = found.differences[-1]
    assert (cost.metric, cost.difference, cost.interval) == ("cost", 1.0, None)
    assert cost.verdict == "no interval"
    assert sum(one.metric == "roc_auc" for one in found.differences) == 1


@pytest.mark.parametrize(
    ("labels", "note", "groups"),
    [
        (
            np.arange(600) % 4,
            "only 4 groups of week: the interval by group is rough",
            4,
        ),
        (np.arange(600), "every row has its own week: intervals by row", 0),
        (np.zeros(600), "all rows have the same week: intervals by row", 0),
    ],
    ids=["few", "each", "one"],
)
def test_few_groups_are_said(labels: np.ndarray, note: str, groups: int) -> None:
    first, second = stored("binary", 600)
    found = compared(first, second, groups=("week", labels))
    assert found.notes == (note,)
    assert found.groups == groups
    assert (found.differences[0].group_interval is not None) == (groups > 0)


def test_groups_of_another_length_are_refused() -> None:
    first, second = stored("binary", 600)
    with pytest.raises(UsageError) as caught:
        compared(first, second, groups=("week", np.arange(3)))
    assert str(caught.value).startswith("groups 'week' has 3 values for 600 rows\nHint")


def test_a_slice_that_was_not_kept_is_named() -> None:
    first, second = stored("binary", 600)
    with pytest.raises(UsageError) as caught:
        compared(first, second, slices=["origin"])
    assert str(caught.value) == (
        "'origin' is not a slice of this evaluation\n"
        "Hint: it keeps: carrier; name more with slices= when evaluating"
    )
    assert compared(first, second, slices=[]).slices == ()
    assert len(compared(first, second).slices) == 3


def test_the_verdict_is_by_group_where_there_are_groups() -> None:
    rng = np.random.default_rng(1)
    n = 2000
    day = np.repeat(np.arange(10), 200)
    target = rng.normal(size=n)
    error = rng.normal(size=n)
    shift = np.array([3.0] + [0.0] * 9)[day] * np.abs(rng.normal(size=n))
    first = Stored(
        task="regression",
        classes=(),
        target=target,
        prediction=target + error + shift,
        fingerprints=np.arange(n, dtype=np.uint64),
        groups=("day", day.astype(str).astype(object)),
    )
    second = replace(first, prediction=target + error)
    found = compared(first, second, task="regression")
    rmse = next(one for one in found.differences if one.metric == "rmse")
    assert rmse.row_verdict == "better"
    assert rmse.verdict == "not clear"
    assert rmse.difference < 0
    text = comparison(found).caveats
    assert any("day" in clause for clause in text)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_compared(task: Task) -> None:
    first, second = stored(task, 400)
    found = compared(first, second, task=task)
    assert [one.interval is not None for one in found.differences] == [True] * len(
        metrics_for(task)
    )
    assert found.leading == next(iter(metrics_for(task)))
    assert bool(found.curves) == (task == "binary")
    assert bool(found.flips) == (task in ("binary", "multiclass"))
    json.dumps(comparison(found).to_dict(), allow_nan=False)


def test_several_challengers_share_the_rows_of_all() -> None:
    first, second = stored("binary", 600)
    _, third = stored("binary", 600, seed=1)
    third = replace(third, target=first.target, fingerprints=first.fingerprints).take(
        np.arange(550)
    )
    found = compared(first, second, third)
    assert found.rows_compared == 550
    assert len(found.differences) == 2 * 8
    assert set(found.differences[0].values) == {"m/1", "m/2", "m/3"}
    assert [one.challenger for one in found.flips] == ["m/2", "m/3"]
    frame = comparison(found, 3).to_frame()
    assert {"m/1", "m/2", "m/3", "low", "high", "verdict"} <= set(frame.columns)
    assert len(frame) == 16


def test_decision_values_and_probabilities_rank_side_by_side() -> None:
    first, second = stored("binary", 600)
    assert second.probability is not None
    score = second.probability[:, 1] * 3
    found = compared(first, replace(second, probability=None, decision=score))
    known = {one.metric for one in found.differences}
    assert "roc_auc" in known
    assert "log_loss" not in known


def test_rows_are_surest_first_and_come_as_a_frame() -> None:
    first, second = stored("binary", 600)
    made = comparison(compared(first, second))
    rows = made.rows()
    assert [row["metric"] for row in rows] == [one.metric for one in made.differences]
    widths = [
        abs(one.difference) / (one.group_interval[1] - one.group_interval[0])
        for one in made.differences
        if one.group_interval
    ]
    assert widths == sorted(widths, reverse=True)
    frame = made.to_frame()
    assert frame["metric"].tolist() == [row["metric"] for row in rows]
    assert (frame["low"] <= frame["difference"]).all()
    assert (frame["difference"] <= frame["high"]).all()
    assert frame["m/1"].tolist() == [row["m/1"] for row in rows]
    plain = made.to_dict()
    assert plain["headline"] == made.headline
    assert plain["differences"][0]["metric"] == rows[0]["metric"]


@pytest.mark.parametrize(
    ("interval", "greater", "verdict"),
    [
        ((0.1, 0.2), True, "better"),
        ((0.1, 0.2), False, "worse"),
        ((-0.2, -0.1), True, "worse"),
        ((-0.2, -0.1), False, "better"),
        ((-0.1, 0.1), True, "not clear"),
        ((0.0, 0.1), True, "not clear"),
        (None, True, "no interval"),
    ],
)
def test_verdicts(
    interval: tuple[float, float] | None, greater: bool, verdict: str
) -> None:
    assert judge(interval, greater_is_better=greater) == verdict
