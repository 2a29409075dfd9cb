"""One version by itself: intervals that hold, and slices that are judged."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from nbmlops.compare.alone import Alone, estimate
from nbmlops.evaluate.metrics import metrics_for
from nbmlops.evaluate.score import score
from nbmlops.frames.labelled import labelled


def rows(count: int, seed: int, *, spoilt: str = "") -> pd.DataFrame:
    """Make rows with one informative number; in the spoilt slice it says nothing."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=count)})
    frame["part"] = rng.choice(["a", "b", "c"], count)
    frame.loc[: count // 200, "part"] = "few"
    frame["day"] = rng.integers(0, 30, count)
    noise = rng.normal(size=count)
    frame["y"] = np.where(frame["part"] == spoilt, noise, frame["x"] + noise) > 0
    return frame


@pytest.fixture(scope="module")
def model() -> Any:
    frame = rows(5_000, seed=1)
    return LogisticRegression().fit(frame[["x"]], frame["y"])


def judged(model: Any, frame: pd.DataFrame, **kept: Any) -> Alone:
    data = labelled(frame, target="y", features=["x"])
    scored = score(
        model, data, task="binary", classes=(False, True), latency=False, **kept
    )
    return estimate(scored, metrics_for("binary"))


def test_the_intervals_hold_the_value_of_very_many_rows(model: Any) -> None:
    large = judged(model, rows(200_000, seed=2))
    truth = {one.metric: one.value for one in large.metrics}
    covered = dict.fromkeys(truth, 0)
    for seed in range(200):
        for one in judged(model, rows(300, seed=100 + seed)).metrics:
            assert one.interval is not None
            covered[one.metric] += (
                one.interval[0] <= truth[one.metric] <= one.interval[1]
            )
    assert all(180 <= count <= 199 for count in covered.values()), covered


def test_the_metrics_are_those_that_were_stored(model: Any) -> None:
    frame = rows(1_000, seed=3)
    data = labelled(frame, target="y", features=["x"])
    scored = score(model, data, task="binary", classes=(False, True), latency=False)
    found = estimate(scored, metrics_for("binary")).metrics
    assert {one.metric: one.value for one in found} == pytest.approx(scored.metrics)
    assert found[0].label == "ROC AUC"


def test_a_spoilt_slice_is_worse_than_the_rest_and_a_small_one_is_named(
    model: Any,
) -> None:
    frame = rows(4_000, seed=4, spoilt="c")
    found = judged(model, frame, slices=["part"]).slices
    verdicts = {one.slice: one.verdict for one in found}
    assert verdicts["c"] == "worse"
    assert verdicts["few"] == "too small"
    worst = found[0]
    assert worst.value is not None
    assert worst.difference is not None
    assert worst.difference_interval is not None
    assert worst.difference_interval[1] < 0
    rows_of = {
        is_own: roc_auc_score(part["y"], part["x"])
        for is_own, part in frame.groupby(frame["part"] == "c")
    }
    assert worst.value == pytest.approx(rows_of[True])
    assert worst.difference == pytest.approx(rows_of[True] - rows_of[False])


def test_slices_that_do_not_differ_are_seldom_called_worse(model: Any) -> None:
    called = 0
    for seed in range(100):
        found = judged(model, rows(1_500, seed=500 + seed), slices=["part"]).slices
        called += any(one.verdict in ("better", "worse") for one in found)
    assert called <= 11  # of 100, at a level of 5%: 5 + 2.6 standard errors


def test_groups_decide_where_they_are_known(model: Any) -> None:
    frame = rows(1_000, seed=5)
    frame = pd.concat([frame] * 5)  # each row five times says no more than once
    frame["row"] = np.tile(np.arange(1_000), 5).astype(str)
    alone, grouped = judged(model, frame), judged(model, frame, groups="row")
    once = judged(model, frame[:1_000])
    assert (grouped.groups, grouped.group_column) == (1_000, "row")
    assert alone.groups == 0

    def width(found: Alone) -> float:
        bounds = found.metrics[0].interval
        assert bounds is not None
        return bounds[1] - bounds[0]

    assert width(alone) < 0.6 * width(once)
    assert width(grouped) == pytest.approx(width(once), rel=0.05)
