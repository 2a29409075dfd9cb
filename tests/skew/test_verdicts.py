"""Which verdict: how sure a shift is, how large, and how few rows can tell."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.skew import shapes
from tests.skew.checking import column_of, report_of


def test_distance_is_the_same_from_either_side() -> None:
    r = np.random.default_rng(1)
    x, y = r.normal(0, 1, 3000), r.normal(0.5, 1, 3000)
    forth, back = column_of(x, y), column_of(y, x)
    assert forth.distance == pytest.approx(back.distance, abs=0.01)


def test_a_shift_is_over_tolerance_and_is_told_in_figures() -> None:
    r = np.random.default_rng(2)
    before, after = r.integers(0, 65, 3000), r.integers(70, 90, 3000)
    column = column_of(before, after)
    assert column.verdict == "over tolerance"
    assert column.cause is not None
    assert column.cause.kind == "population"
    assert "100% of rows lie above the training maximum (64)" in column.summary
    assert column.summary.startswith(f"Median {int(np.median(before))} -> ")


def test_a_small_shift_in_many_rows_is_within_tolerance() -> None:
    r = np.random.default_rng(3)
    column = column_of(r.normal(0, 1, 30_000), r.normal(0.08, 1, 30_000))
    assert column.verdict == "within tolerance"
    assert column.p_value is not None
    assert column.p_value < 0.05
    assert column.distance is not None
    assert 0.01 < column.distance < 0.06


def test_few_rows_are_not_enough_data() -> None:
    r = np.random.default_rng(4)
    column = column_of(r.normal(size=5000), r.normal(size=60))
    assert column.verdict == "not enough data"
    assert column.detectable is not None
    assert column.detectable > 0.1


def test_a_shift_of_unsure_size_is_not_called_within_tolerance() -> None:
    r = np.random.default_rng(0)
    column = column_of(r.normal(0, 1, 400), r.normal(0.32, 1, 400))
    assert column.p_value is not None
    assert column.distance is not None
    assert column.p_value < 0.05
    assert column.distance > 0.1
    assert column.verdict == "not enough data"


@pytest.mark.parametrize("rows", [3, 4, 5, 6, 8, 10, 11, 12, 15])
def test_a_few_rows_all_elsewhere_are_over_tolerance(rows: int) -> None:
    r = np.random.default_rng(41)
    before = r.normal(size=5000)
    labels = r.choice(["a", "b", "c", "d"], 5000)
    for column in (
        column_of(before, r.normal(size=rows) + 6),
        column_of(labels, ["z"] * rows),
    ):
        assert column.verdict == "over tolerance"
        assert column.distance is not None
        assert column.distance > 0.5


def test_a_real_difference_is_within_tolerance_only_if_the_rows_can_show_it() -> None:
    r = np.random.default_rng(42)
    verdicts = set()
    for rows in (1, 2, 3, 5, 8, 12, 20, 40, 80):
        for shift in (0.5, 1, 2, 6):
            column = column_of(r.normal(size=5000), r.normal(size=rows) + shift)
            assert column.detectable is not None
            assert column.interval is not None
            if min(column.detectable, column.interval[1]) > 0.1:
                assert column.verdict in {"not enough data", "over tolerance"}
                verdicts.add(column.verdict)
    assert len(verdicts) == 2


@pytest.mark.parametrize("rows", [1, 2, 3, 8, 12, 20])
def test_few_rows_without_drift_are_seldom_over_tolerance(rows: int) -> None:
    over, distances = 0, []
    for k in range(60):
        r = np.random.default_rng((43, rows, k))
        after = pd.DataFrame(
            {"x": r.normal(size=rows), "c": r.choice(list("ab"), rows)}
        )
        before = pd.DataFrame({"x": r.normal(size=800), "c": r.choice(list("ab"), 800)})
        report = report_of(before, after)
        over += not report.ok
        distances += [c.distance or 0.0 for c in report.columns.values()]
    assert np.median(distances) < 0.2
    assert over <= 60 * 0.05 + 3 * math.sqrt(60 * 0.05 * 0.95)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_handful_of_rows_is_judged_without_error(rows: int) -> None:
    before = shapes.frame(5, 300)
    report = report_of(before, before.head(rows))
    assert report.ok
    assert report.verdict == "not enough data"


def test_many_rare_labels_spelt_otherwise_are_far_off_and_a_fault() -> None:
    r = np.random.default_rng(17)
    before, after = (shapes.zipf(r, 1000, 500) for _ in range(2))
    column = column_of(before, [label.upper() for label in after])
    assert column.verdict == "handling fault"
    assert column.cause is not None
    assert column.cause.kind == "case"
    assert column.distance is not None
    assert column.distance > 0.9


def test_labels_beyond_those_kept_apart_are_others_on_both_sides() -> None:
    r = np.random.default_rng(18)
    names = np.array([f"n{k}" for k in range(30_000)], dtype=object)
    shares = 1 / np.arange(1, 30_001) ** 0.7
    before, after = (r.choice(names, 60_000, p=shares / shares.sum()) for _ in range(2))
    assert column_of(before, after).verdict == "no evidence"
    assert column_of(before, after[::-1][:2000]).verdict == "no evidence"


def test_weights_undo_stratified_sampling() -> None:
    r = np.random.default_rng(13)
    found = {"weight": 0, "none": 0}
    for _ in range(20):
        before = pd.DataFrame({"x": r.normal(size=10_000)})
        whole = pd.DataFrame({"x": r.normal(size=10_000)})
        hot = whole["x"] + r.normal(size=10_000) > 1.3
        chance = np.where(hot, 1.0, 0.1)
        logged = whole.assign(weight=1 / chance)[r.random(10_000) < chance]
        alone = report_of(before, logged.drop(columns="weight"))
        found["none"] += not alone.ok
        report = report_of(before, logged, weight="weight")
        found["weight"] += report.verdict != "no evidence"
        assert report.effective_rows < 0.7 * report.rows
        assert any("weighted" in note for note in report.notes)
    assert found["none"] == 20
    assert found["weight"] <= 4  # 5% + 3 standard errors
