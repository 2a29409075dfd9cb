"""Columns that are missing, empty, of another kind, or not to be judged."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.skew.checking import column_of, report_of


def test_missing_and_extra_columns() -> None:
    before = pd.DataFrame({"distance": [1.0, 2] * 50, "kept": [1, 2] * 50})
    after = pd.DataFrame({"Distance": [1.0, 2] * 50, "kept": [1, 2] * 50})
    report = report_of(before, after)
    missing, extra = report.columns["distance"], report.columns["Distance"]
    assert missing.verdict == "handling fault"
    assert missing.cause is not None
    assert missing.cause.kind == "missing-column"
    assert "renamed to 'Distance'" in missing.cause.detail
    assert extra.cause is not None
    assert extra.cause.kind == "extra-column"
    assert extra.verdict == "within tolerance"
    assert not report.ok
    assert report_of(before, after, ignore=["distance"]).ok
    renamed = after.copy()
    exec(missing.cause.repair, {}, scope := {"serving": renamed})
    assert list(scope["serving"].columns) == ["distance", "kept"]


def test_an_empty_column_is_a_fault_unless_chance_could_do_it() -> None:
    before = [1.0, 2, None, 4] * 50
    empty = column_of(before, [None] * 200)
    assert empty.cause is not None
    assert empty.cause.kind == "empty-column"
    assert empty.verdict == "handling fault"
    assert column_of(before, [None] * 3).verdict == "not enough data"
    mostly_null: list[Any] = ["a", *[None] * 199]
    assert column_of(mostly_null, [None] * 200).cause is None


def test_values_where_the_reference_has_none_are_a_finding_without_fault() -> None:
    column = column_of([None] * 300, [1.5, 2.5] * 150)
    assert column.verdict == "over tolerance"
    assert column.cause is not None
    assert column.cause.kind == "nulls"


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        ([1.5, 2.5] * 60, ["1.5", "2.5"] * 60, "text"),
        (["a", "b"] * 60, [1.0, 2.0] * 60, "numbers"),
        (pd.date_range("2024", periods=120, freq="h"), [1.5, 2.5] * 60, "numbers"),
        ([1.5, 2.5] * 60, ([1.5, "x"] * 60), "other types"),
    ],
    ids=["number-text", "text-number", "time-number", "number-mixed"],
)
def test_another_logical_kind_is_a_fault(before: Any, after: Any, held: str) -> None:
    column = column_of(before, after)
    assert column.verdict == "handling fault"
    assert column.cause is not None
    assert column.cause.kind == "dtype"
    assert held in column.cause.detail


@pytest.mark.parametrize("like", ["int64", "float32", "Int64", "object"])
def test_lossless_casts_are_no_finding(like: str) -> None:
    r = np.random.default_rng(6)
    before, after = r.integers(0, 200, (2, 2000))
    served = pd.Series(after).astype(like)  # type: ignore[call-overload]
    if like == "float32":
        served.iloc[0] = np.nan
    assert column_of(before, served).verdict == "no evidence"


def test_booleans_as_zero_and_one_are_booleans() -> None:
    r = np.random.default_rng(7)
    before, after = r.random((2, 2000)) < 0.3
    column = column_of(before, after.astype(float))
    assert column.kind == "boolean"
    assert column.verdict == "no evidence"


@pytest.mark.parametrize("digits", [1, 2])
def test_decimals_in_single_precision_are_no_finding(digits: int) -> None:
    r = np.random.default_rng(8)
    before, after = np.round(r.normal(11.1, 3, (2, 50_000)), digits)
    assert column_of(before, after.astype("float32")).verdict == "no evidence"


def test_identifiers_are_left_to_parity() -> None:
    before = pd.DataFrame(
        {"key": [f"k{i}" for i in range(500)], "row": np.arange(500), "x": [1, 2] * 250}
    )
    after = before.assign(key=[f"q{i}" for i in range(500)], row=np.arange(500) + 9000)
    report = report_of(before, after)
    assert report.verdict == "no evidence"
    assert any("left to parity" in n and "key, row" in n for n in report.notes)


def test_near_unique_amounts_are_no_identifiers() -> None:
    r = np.random.default_rng(9)
    before = np.rint(r.lognormal(10, 0.5, 2000))
    after = np.rint(r.lognormal(10, 0.5, 2000)) * 100
    assert column_of(before, after).verdict == "handling fault"


def test_a_small_sample_of_identifiers_is_left_to_parity() -> None:
    before = [f"k{i}" for i in range(5000)]
    assert column_of(before, [f"q{i}" for i in range(40)]).verdict == "no evidence"


def test_columns_of_other_types_are_not_judged_and_this_is_said() -> None:
    before = pd.DataFrame({"x": [[1], [2, 3]] * 60, "y": [1, 2] * 60})
    report = report_of(before, before)
    assert report.columns["x"].verdict == "no evidence"
    assert any("values of other types: x" in note for note in report.notes)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([True, False] * 60, ["True", "False"] * 60),
        ([1.0, 0.0, 3.0] * 40, [True, False, True] * 40),
        (pd.date_range("2024", periods=120, freq="h"), None),
    ],
    ids=["boolean-text", "number-boolean", "time-text"],
)
def test_a_changed_kind_comes_with_a_repair_that_works(before: Any, after: Any) -> None:
    served = pd.DataFrame({"x": before.astype(str) if after is None else after})
    first = pd.DataFrame({"x": before})
    cause = report_of(first, served).columns["x"].cause
    assert cause is not None
    assert cause.kind == "dtype"
    exec(cause.repair, {"serving": served, "pandas": pd})
    assert (
        report_of(first, served).columns["x"].cause is None
        or after
        == [
            True,
            False,
            True,
        ]
        * 40
    )


@pytest.mark.parametrize(
    ("second", "unit"), [(1.7e9, "s"), (1.7e12, "ms"), (1.7e15, "us"), (1.7e18, "ns")]
)
def test_times_as_numbers_are_read_back_in_their_unit(second: float, unit: str) -> None:
    before = pd.date_range("2024", periods=120, freq="h")
    cause = column_of(before, np.linspace(second, second * 1.01, 120)).cause
    assert cause is not None
    assert cause.repair.endswith(f"unit={unit!r})")


@pytest.mark.parametrize(
    "spelling", [("True", "False"), ("1", "0"), ("Yes", "No"), ("Y", "N"), ("t", "f")]
)
def test_truth_as_text_is_read_back_however_it_is_written(
    spelling: tuple[str, str],
) -> None:
    before = pd.DataFrame({"x": [True, True, False, True] * 100})
    after = before.assign(
        x=before["x"].map(dict(zip((True, False), spelling, strict=True)))
    )
    report = report_of(before, after)
    (cause,) = [c.cause for c in report.columns.values()]
    assert cause is not None
    assert cause.kind == "dtype"
    mended = report.repair().transform(after)
    assert list(mended["x"]) == list(before["x"])
    exec(cause.repair, {"pandas": pd}, scope := {"serving": after.copy()})
    assert list(scope["serving"]["x"]) == list(before["x"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([True, False], ["ja", "nein"], id="other words"),
        pytest.param([1234.5, 77.0], ["1,234.50", "5,077.00"], id="thousands"),
    ],
)
def test_a_type_that_cannot_be_read_back_has_no_repair(
    before: list[Any], after: list[Any]
) -> None:
    """It would make an empty column of it."""
    column = column_of(before * 100, after * 100)
    assert column.verdict == "handling fault"
    assert column.cause is not None
    assert column.cause.repair == ""
