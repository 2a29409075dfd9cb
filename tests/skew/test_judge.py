"""A whole check: verdicts, order, structure of the columns, notes, mutes."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmlops.errors import NotFound, UsageError
from nbmlops.profiles.building import build_profile
from nbmlops.skew.judge import judge
from nbmlops.skew.report import VERDICTS, SkewReport
from tests.skew import shapes
from tests.skew.checking import report_of


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


def test_a_text_names_one_column() -> None:
    before, after = shapes.frame(1, 300), shapes.frame(2, 300)
    profiles = build_profile(before), build_profile(after)
    assert set(report_of(before, after, columns="ages").columns) == {"ages"}
    assert set(judge(*profiles, columns="ages").columns) == {"ages"}
    for report in (
        report_of(before, after, ignore="ages"),
        judge(*profiles, ignore="ages"),
    ):
        assert set(report.columns) == set(before.columns) - {"ages"}


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


def test_a_weight_that_serving_lacks_is_refused() -> None:
    before, after = shapes.frame(1, 200), shapes.frame(2, 200)
    with pytest.raises(NotFound, match="there is no column 'weight'"):
        report_of(before, after, weight="weight")


def test_a_column_of_times_that_serving_lacks_is_no_silence() -> None:
    frame = pd.DataFrame({"x": range(100)})
    with pytest.raises(NotFound, match="there is no column 'when'"):
        report_of(frame, frame, time="when")
