"""A whole check: verdicts, order, structure of the columns, notes, mutes."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmlops.errors import NotFound, UsageError
from nbmlops.profiles.building import build_profile
from nbmlops.skew.judge import check, judge
from nbmlops.skew.report import VERDICTS, ColumnSkew, SkewReport
from tests.skew import shapes


def report_of(before: Any, after: Any, **options: Any) -> SkewReport:
    return check(before, after, **options)[0]


def column_of(before: Any, after: Any, **options: Any) -> ColumnSkew:
    frames = pd.DataFrame({"x": before}), pd.DataFrame({"x": after})
    return report_of(*frames, **options).columns["x"]


@pytest.fixture(scope="module")
def halves() -> tuple[pd.DataFrame, pd.DataFrame]:
    both = shapes.frame(11, 4000)
    return both.iloc[:2000].reset_index(drop=True), both.iloc[2000:]


def test_halves_of_one_sample_show_nothing(
    halves: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    report = report_of(*halves)
    assert report.verdict == "no evidence"
    assert report.ok
    assert all(c.cause is None for c in report.columns.values())


def test_a_frame_has_no_distance_from_itself(
    halves: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    report = report_of(halves[0], halves[0])
    assert {c.distance for c in report.columns.values()} == {0.0}
    assert {c.p_value for c in report.columns.values()} == {1.0}


def test_column_order_does_not_matter(
    halves: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    before, after = halves
    after = after.assign(normal=after["normal"] + 3)
    turned = after[after.columns[::-1]]
    first, second = report_of(before, after), report_of(before, turned)
    assert first.to_dict() == second.to_dict()


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
    assert "100.0% of rows lie above the training maximum (64)" in column.summary
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
        (pd.date_range("2024", periods=120, freq="h"), [1.7e9, 1.8e9] * 60, "numbers"),
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


def test_a_lost_time_of_day_is_a_shift() -> None:
    r = np.random.default_rng(46)
    start = pd.Timestamp("2024-01-01")
    before = start + pd.to_timedelta(r.integers(0, 28 * 1440, 3000), unit="min")
    after = start + pd.to_timedelta(r.integers(28 * 1440, 56 * 1440, 3000), unit="min")
    assert column_of(before, after).verdict == "no evidence"
    for lost in (after.normalize(), pd.DatetimeIndex([start] * 500)):
        column = column_of(before, lost)
        assert column.verdict == "over tolerance"
        assert column.distance is not None
        assert column.distance > 0.9
        assert column.summary.startswith("Time of day is lost: all at 00:00")
        assert column.cause is not None
        assert "00:00" in column.cause.detail
    dates = before.normalize()
    assert column_of(dates, after.normalize()).verdict == "no evidence"
    assert column_of(before[:1], before[:1].normalize()).verdict == "not enough data"


def test_times_are_judged_by_hour_and_weekday_not_by_date() -> None:
    r = np.random.default_rng(20)
    day = 24 * 60

    def times(start: str, days: int, hours: float) -> pd.DatetimeIndex:
        minutes = r.integers(0, days * day, 4000)
        minutes = minutes // day * day + (minutes % day) * hours
        return pd.Timestamp(start) + pd.to_timedelta(minutes, unit="min")

    assert column_of(
        times("2023-01-02", 28, 1), times("2024-07-01", 28, 1)
    ).verdict == ("no evidence")
    moved = column_of(times("2023-01-02", 28, 1), times("2024-07-01", 28, 0.5))
    assert moved.verdict == "over tolerance"
    assert "hour" in moved.summary.lower()


def test_times_of_a_short_window_are_not_judged_and_this_is_said() -> None:
    before = pd.DataFrame({"at": pd.date_range("2024", periods=3000, freq="h")})
    after = pd.DataFrame({"at": pd.date_range("2024-08-01", periods=900, freq="s")})
    report = report_of(before, after)
    assert report.columns["at"].verdict == "no evidence"
    assert any("too short a window: at" in note for note in report.notes)


def test_lag_to_the_time_column_is_judged() -> None:
    r = np.random.default_rng(12)

    def frame(lag: float) -> pd.DataFrame:
        at = pd.Series(pd.date_range("2024", periods=3000, freq="h"))
        late = pd.to_timedelta(r.exponential(lag, 3000), unit="s")
        return pd.DataFrame({"at": at, "seen": at + late})

    assert report_of(frame(60), frame(60), time="at").ok
    report = report_of(frame(60), frame(600), time="at")
    assert report.columns["seen"].verdict == "over tolerance"


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


def test_without_weights_uniform_sampling_is_said_to_be_assumed() -> None:
    report = report_of(shapes.frame(1, 200), shapes.frame(2, 200))
    assert any("assumed uniform sampling" in note for note in report.notes)
    assert any("rows are taken as independent" in note for note in report.notes)
    assert any("at most 5.0% of checks" in note for note in report.notes)


def test_muted_columns_keep_their_verdict_and_do_not_fail() -> None:
    r = np.random.default_rng(15)
    frames = pd.DataFrame({"x": r.normal(size=900)}), pd.DataFrame({"x": [9.5] * 900})
    report = report_of(*frames, muted={"x": ("2030-01-31", "new sensor")})
    column = report.columns["x"]
    assert column.verdict == report.verdict == "over tolerance"
    assert (column.muted_until, column.muted_reason) == ("2030-01-31", "new sensor")
    assert report.ok
    assert not report_of(*frames).ok


def test_columns_come_worst_first() -> None:
    r = np.random.default_rng(16)
    before = pd.DataFrame(
        {"calm": r.normal(size=2000), "moved": r.normal(size=2000), "gone": 1.0}
    )
    after = before.drop(columns="gone").assign(moved=before["moved"] + 1)
    report = report_of(before, after)
    assert list(report.columns) == ["gone", "moved", "calm"]
    assert report.verdict == "handling fault"


def test_only_the_columns_asked_for_are_judged() -> None:
    before, after = shapes.frame(1, 300), shapes.frame(2, 300)
    report = report_of(before, after, columns=["ages", "zipf5"])
    assert set(report.columns) == {"ages", "zipf5"}
    with pytest.raises(NotFound, match="there is no column 'age'"):
        report_of(before, after, columns=["age"])


@pytest.mark.parametrize("options", [{"tolerance": 0.0}, {"alpha": 1.5}])
def test_settings_out_of_range_are_refused(options: dict[str, float]) -> None:
    frame = pd.DataFrame({"x": [1.0, 2]})
    with pytest.raises(UsageError, match="between 0 and 1"):
        report_of(frame, frame, **options)


def test_a_side_without_rows_is_refused() -> None:
    frame = pd.DataFrame({"x": [1.0, 2]})
    with pytest.raises(UsageError, match="serving has no rows"):
        report_of(frame, frame.head(0))


def test_profiles_and_frames_give_the_same_report() -> None:
    before, after = shapes.frame(1, 500), shapes.frame(2, 500)
    reference = build_profile(before)
    serving = build_profile(after, like=reference)
    assert judge(reference, serving).to_dict() == report_of(before, after).to_dict()
    # Profiles centred each by itself are compared in raw cells.
    alone = judge(reference, build_profile(after))
    assert alone.verdict == report_of(before, after).verdict


def test_a_report_survives_a_round_trip() -> None:
    before, after = shapes.frame(1, 2000), shapes.frame(2, 2000)
    after["normal"] *= 1000
    after = after.drop(columns="ages").assign(more=1)
    report = report_of(before, after, muted={"normal": ("2030-01-01", "known")})
    again = SkewReport.from_dict(report.to_dict())
    assert again == report
    assert again.to_json() == report.to_json()
    assert list(again.columns) == list(report.columns)


def test_a_frame_of_the_report_has_a_row_per_column() -> None:
    report = report_of(shapes.frame(1, 500), shapes.frame(2, 500))
    frame = report.to_frame()
    assert list(frame["column"]) == list(report.columns)
    assert set(frame["verdict"]) <= set(VERDICTS)


def test_bars_add_up_and_are_few() -> None:
    before, after = shapes.frame(1, 2000), shapes.frame(2, 2000)
    after["gamma"] *= 1000
    for column in report_of(before, after).columns.values():
        assert 1 <= len(column.bars) <= 40
        assert sum(b.reference for b in column.bars) == pytest.approx(1)
        assert sum(b.serving for b in column.bars) == pytest.approx(1)


odd_numbers = st.lists(
    st.one_of(
        st.none(),
        st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e300, -1e300, 5e-324, math.inf]),
        st.floats(-1e300, 1e300),
    ),
    min_size=1,
    max_size=60,
)
odd_labels = st.lists(
    st.one_of(st.none(), st.text(max_size=3)), min_size=1, max_size=60
)


@settings(deadline=None, max_examples=80)
@given(odd_numbers, odd_numbers, st.integers(1, 40))
def test_any_numbers_are_judged_without_error(
    before: list[float | None], after: list[float | None], times: int
) -> None:
    frames = [
        pd.DataFrame({"x": pd.array(v * times, "Float64")}) for v in (before, after)
    ]
    report = report_of(*frames)
    report.to_json()
    column = report.columns["x"]
    assert column.verdict in VERDICTS
    for p in (column.p_value, column.p_tolerance, column.distance):
        assert p is None or 0 <= p <= 1


@settings(deadline=None, max_examples=60)
@given(odd_labels, odd_labels, st.integers(1, 40))
def test_any_labels_are_judged_without_error(
    before: list[str | None], after: list[str | None], times: int
) -> None:
    frames = [
        pd.DataFrame({"x": pd.array(v * times, "string")}) for v in (before, after)
    ]
    report = report_of(*frames)
    report.to_json()
    assert len(report.columns["x"].bars) <= 40


def test_a_small_sample_of_identifiers_is_left_to_parity() -> None:
    before = [f"k{i}" for i in range(5000)]
    assert column_of(before, [f"q{i}" for i in range(40)]).verdict == "no evidence"


def test_many_rare_labels_spelt_otherwise_are_over_tolerance() -> None:
    r = np.random.default_rng(17)
    before, after = (shapes.zipf(r, 1000, 500) for _ in range(2))
    column = column_of(before, [label.upper() for label in after])
    assert column.verdict == "over tolerance"
    assert column.distance is not None
    assert column.distance > 0.9


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


def test_labels_beyond_those_kept_apart_are_others_on_both_sides() -> None:
    r = np.random.default_rng(18)
    names = np.array([f"n{k}" for k in range(30_000)], dtype=object)
    shares = 1 / np.arange(1, 30_001) ** 0.7
    before, after = (r.choice(names, 60_000, p=shares / shares.sum()) for _ in range(2))
    assert column_of(before, after).verdict == "no evidence"
    assert column_of(before, after[::-1][:2000]).verdict == "no evidence"


def test_a_weight_that_serving_lacks_is_refused() -> None:
    before, after = shapes.frame(1, 200), shapes.frame(2, 200)
    with pytest.raises(NotFound, match="there is no column 'weight'"):
        report_of(before, after, weight="weight")


def test_where_the_middle_stays_the_value_that_moved_most_is_told() -> None:
    clear = np.where(np.arange(4_000) % 5 == 0, 4.0, 10.0)
    clearer = np.where(np.arange(4_000) % 20 == 0, 4.0, 10.0)
    report = report_of(pd.DataFrame({"sight": clear}), pd.DataFrame({"sight": clearer}))
    assert report.columns["sight"].summary == "4 in 20.0% -> 5.0% of rows"


def test_a_new_frequent_value_is_named() -> None:
    r = np.random.default_rng(47)
    for before, after in (
        r.integers(0, 1000, (2, 3000)),
        r.normal(100, 15, (2, 3000)),
        r.gamma(2, 2, (2, 3000)),
    ):
        column = column_of(before, np.where(r.random(3000) < 0.3, -1, after))
        assert "-1 in 0.0% -> " in column.summary


@pytest.mark.parametrize("sign", [1, -1])
def test_infinite_values_are_told_with_their_share(sign: int) -> None:
    r = np.random.default_rng(48)
    before, after = r.normal(100, 15, (2, 3000))
    after[:270] = sign * math.inf
    name = "infinity" if sign > 0 else "-infinity"
    column = column_of(before, after)
    assert f"{name} in 0.0% -> 9.0% of rows" in column.summary
    assert column.cause is not None
    assert "division by zero" in column.cause.detail
    assert "no known handling" not in column.cause.detail
    everything = column_of(before, np.full(3000, sign * math.inf))
    assert f"{name} in 0.0% -> 100.0% of rows".lower() in everything.summary.lower()


def test_figures_that_read_the_same_on_both_sides_are_left_out() -> None:
    r = np.random.default_rng(49)
    flags = column_of(r.random(3000) < 0.55, r.random(3000) < 0.8).summary
    numbers = column_of(r.binomial(1, 0.55, 3000), r.binomial(1, 0.8, 3000)).summary
    narrow = column_of(r.normal(1, 1e-5, 3000), r.normal(1, 2e-5, 3000)).summary
    start = pd.Timestamp("2024-01-01")
    minutes = pd.to_timedelta(np.arange(10 * 1440), unit="min")
    times = column_of(start + minutes, start + minutes).summary
    for text in (flags, numbers, narrow, times):
        for part in text.split("; "):
            sides = part.split(" -> ")
            assert len(sides) == 1 or not sides[0].endswith(sides[1].split(" of ")[0])
    assert numbers.startswith(("0 in ", "1 in "))
    assert narrow.startswith("Width of the middle half ")
    assert times == ""
