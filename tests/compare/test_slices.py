"""Slices are judged together, and the small ones are named as such."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from nbmlops.compare.paired import Rows, Units
from nbmlops.compare.slices import benjamini_hochberg, slice_differences
from nbmlops.evaluate.metrics import metrics_for

AUC = metrics_for("binary")["roc_auc"]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_are_scipys(values: list[float]) -> None:
    expected = stats.false_discovery_control(values, method="bh")
    assert benjamini_hochberg(values) == pytest.approx(expected)


def test_nothing_to_adjust() -> None:
    assert benjamini_hochberg([]).tolist() == []


def versions(n: int, rng: np.random.Generator, harm: np.ndarray) -> list[Rows]:
    """Draw two versions that rank alike, but for rows where the second is harmed."""
    signal = rng.normal(size=n)
    target = (signal + rng.normal(size=n) > 0).astype(int)
    out = []
    for noise in (np.full(n, 0.5), np.where(harm, 3.0, 0.5)):
        late = 1 / (1 + np.exp(-(signal + noise * rng.normal(size=n))))
        out.append(
            Rows(
                target=target,
                prediction=(late > 0.5).astype(int),
                probability=np.column_stack([1 - late, late]),
                decision=None,
                weight=None,
                classes=(0, 1),
            )
        )
    return out


def test_a_harmed_slice_is_found_and_the_others_are_not() -> None:
    rng = np.random.default_rng(0)
    carrier = np.array([f"c{i:02}" for i in range(20)])[rng.integers(0, 20, 8000)]
    first, second = versions(8000, rng, carrier == "c07")
    found = slice_differences(
        AUC, ("m/1", first), {"m/2": second}, {"carrier": carrier}, None
    )
    assert len(found) == 20
    assert found[0].value == "c07"
    assert found[0].verdict == "worse"
    assert [one.verdict for one in found[1:]] == ["not clear"] * 19
    own = carrier == "c07"
    assert second.probability is not None
    assert first.probability is not None
    assert found[0].difference == pytest.approx(
        sk.roc_auc_score(second.target[own], second.probability[own, 1])
        - sk.roc_auc_score(first.target[own], first.probability[own, 1])
    )
    assert found[0].rows == own.sum()
    assert found[0].interval is not None
    assert found[0].interval[1] < 0


def test_false_discoveries_are_rare_without_a_difference() -> None:
    any_found = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        carrier = rng.integers(0, 15, 3000).astype(str)
        first, second = versions(3000, rng, np.zeros(3000, bool))
        found = slice_differences(
            AUC, ("m/1", first), {"m/2": second}, {"carrier": carrier}, None
        )
        any_found += any(one.verdict in ("better", "worse") for one in found)
    assert any_found <= 6  # 5% of 40 is 2; three standard errors more


def test_small_slices_and_those_of_one_class_are_too_small() -> None:
    rng = np.random.default_rng(1)
    first, second = versions(1000, rng, np.zeros(1000, bool))
    carrier = np.where(np.arange(1000) < 99, "few", "many").astype(object)
    carrier[np.flatnonzero(first.target == 1)[-200:]] = "all late"
    rare = np.flatnonzero((first.target == 0) & (carrier == "many"))[-150:]
    carrier[rare] = "rare"
    carrier[np.flatnonzero((first.target == 1) & (carrier == "many"))[-9:]] = "rare"
    found = slice_differences(
        AUC, ("m/1", first), {"m/2": second}, {"carrier": carrier}, None
    )
    verdicts = {one.value: one.verdict for one in found}
    assert verdicts == {
        "many": "not clear",
        "few": "too small",
        "all late": "too small",
        "rare": "too small",
    }
    small = next(one for one in found if one.value == "few")
    assert (small.rows, small.difference, small.interval, small.p_value) == (
        99 - sum(carrier[:99] != "few"),
        None,
        None,
        None,
    )


def test_slices_are_by_group_where_they_hold_several() -> None:
    rng = np.random.default_rng(2)
    first, second = versions(2000, rng, np.zeros(2000, bool))
    day = np.arange(2000) % 25
    carrier = np.where(np.arange(2000) % 2, "a", "b")
    columns = {"carrier": carrier, "week": (day // 5).astype(str)}
    by_row = slice_differences(AUC, ("m/1", first), {"m/2": second}, columns, None)
    units = Units.groups(day // 5)
    by_group = slice_differences(AUC, ("m/1", first), {"m/2": second}, columns, units)
    widths = [
        {
            (one.column, one.value): one.interval
            for one in side
            if one.interval is not None
        }
        for side in (by_row, by_group)
    ]
    assert widths[0][("carrier", "a")] != widths[1][("carrier", "a")]
    # One week is one group: nothing to draw anew but its rows.
    assert widths[0][("week", "3")] == widths[1][("week", "3")]
