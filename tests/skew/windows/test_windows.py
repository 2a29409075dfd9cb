"""A check with times says since when columns differ, and keeps its level over days."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import nbmlops
from nbmlops.frames.opening import open_frame
from nbmlops.profiles.building import build_profile
from nbmlops.skew.report import SkewReport
from nbmlops.skew.windows.counting import Counted, count, span_of
from nbmlops.skew.windows.parts import DAY, parts_of
from nbmlops.skew.windows.section import Windows
from tests.skew.windows.clusters import FIRST, clustered, random_days


def days_of(seed: int, days: int, rows: int = 300) -> pd.DataFrame:
    """Independent rows over some days from the first of March."""
    r = np.random.default_rng(seed)
    return clustered(r, np.arange(days), rows, 0.0)


def windows_of(report: SkewReport) -> Windows:
    section = report.sections["windows"]
    assert isinstance(section, Windows)
    return section


def real(report: SkewReport) -> list[str]:
    return [
        name
        for name, column in report.columns.items()
        if column.p_value is not None and column.p_value <= report.alpha
    ]


def counted(first: pd.DataFrame, second: pd.DataFrame) -> Counted:
    profiles = build_profile(first, time="at"), build_profile(second, time="at")
    source = open_frame(second)
    span = span_of(source, "at")
    assert span is not None
    parts = parts_of(*profiles)
    return count(source, parts, span, span.width, time="at", weight=None)


def changed(frame: pd.DataFrame, day: int) -> pd.DataFrame:
    """Move one column from a day on."""
    late = frame["at"] >= FIRST + pd.Timedelta(days=day)
    return frame.assign(delay=frame["delay"] + late * 1.0)


def test_the_first_day_that_differs_is_named() -> None:
    reference = days_of(1, 30).drop(columns="at")
    report = nbmlops.check_skew(reference, changed(days_of(2, 20), 12), time="at")
    section = windows_of(report)
    (moved,) = [column for column in section.columns if column.how]
    assert (moved.name, moved.how, moved.first) == ("delay", "since", "2026-03-13")
    assert moved.before is not None
    assert moved.after is not None
    assert moved.before < 0.1 < moved.after
    assert section.headline == "delay differs since 2026-03-13"
    assert section.reference_windows == 0
    assert any("no times" in line for line in section.lines())


def test_a_fault_of_one_day_is_not_dated_as_lasting() -> None:
    frame = days_of(2, 20)
    is_bad = frame["at"].dt.day == 9
    frame = frame.assign(delay=frame["delay"] + is_bad * 5.0)
    reference = days_of(1, 30)
    without = reference.drop(columns="at")
    report = nbmlops.check_skew(without, frame, time="at")
    (moved,) = [c for c in windows_of(report).columns if c.how]
    assert (moved.how, moved.first, moved.differing) == ("at times", "2026-03-09", 1)
    # One day of fifty may be the farthest off by nature, unless it is a fault.
    assert real(nbmlops.check_skew(reference, frame, time="at")) == []
    scaled = frame["holes"].where(~is_bad, frame["holes"].fillna(-999.0))
    spoiled = frame.assign(holes=scaled)
    faulty = nbmlops.check_skew(reference, spoiled, time="at").columns["holes"]
    assert faulty.verdict == "handling fault"


def test_a_log_under_three_days_is_cut_into_hours() -> None:
    frame = days_of(3, 2, rows=6_000)
    late = frame["at"] >= FIRST + pd.Timedelta(hours=30)
    frame = frame.assign(delay=frame["delay"] + late * 1.0)
    report = nbmlops.check_skew(
        days_of(1, 10), frame.rename(columns={"at": "requested_at"})
    )
    section = windows_of(report)
    assert (section.unit, section.windows) == ("hour", 48)
    assert section.together == 2
    (moved,) = [c for c in section.columns if c.how]
    assert moved.first == "2026-03-02 06:00"


def test_windows_add_up_to_the_profile() -> None:
    first, second = days_of(1, 10), days_of(2, 10)
    side = counted(first, second)
    assert side.rows.sum() == len(second)
    for name, parts in side.columns.items():
        for mass in parts:
            assert mass.sum() == pytest.approx(len(second)), name
            assert np.allclose(mass.sum(axis=1), side.rows), name
    joined = side.joined(3 * DAY, side.start)
    assert joined.rows.tolist() == [*np.add.reduceat(side.rows, [0, 3, 6, 9])]


def test_the_reference_counted_in_windows_is_its_profile_in_the_same_cells() -> None:
    first, second = days_of(1, 10), days_of(2, 10)
    first.loc[::7, "delay"] = np.inf
    second.loc[::11, "delay"] = -np.inf
    profiles = build_profile(first, time="at"), build_profile(second, time="at")
    parts = parts_of(*profiles)
    assert set(parts) == set(first.columns)
    source = open_frame(first)
    span = span_of(source, "at")
    assert span is not None
    side = count(source, parts, span, span.width, time="at", weight=None)
    for name, own in parts.items():
        for part, mass in zip(own, side.columns[name], strict=True):
            assert np.allclose(part.reference, mass.sum(axis=0)), (name, part.name)


def test_many_labels_share_cells_alike_in_profile_and_rows() -> None:
    r = np.random.default_rng(5)
    names = np.array([f"plane {k}" for k in range(1_500)])
    frame = days_of(1, 10).assign(label=lambda f: r.choice(names, len(f)))
    parts = parts_of(build_profile(frame), build_profile(frame), ["label"])
    span = span_of(open_frame(frame), "at")
    assert span is not None
    side = count(open_frame(frame), parts, span, DAY, time="at", weight=None)
    (part,), (mass,) = parts["label"], side.columns["label"]
    assert np.allclose(part.reference, mass.sum(axis=0))
    assert part.cells < 250


def test_rows_without_a_time_are_in_no_window_and_told() -> None:
    frame = days_of(2, 10)
    frame.loc[:4, "at"] = pd.NaT
    section = windows_of(nbmlops.check_skew(days_of(1, 10), frame, time="at"))
    assert section.without_time == 5
    assert "5 rows without a time" in section.lines()


def test_what_cannot_be_read_twice_or_has_no_times_has_no_windows() -> None:
    frame = days_of(2, 10)
    table = pa.Table.from_pandas(frame)
    stream = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    assert (
        "windows" not in nbmlops.check_skew(days_of(1, 10), stream, time="at").sections
    )
    assert "windows" not in nbmlops.check_skew(days_of(1, 10), frame).sections
    one = frame.assign(at=FIRST)
    assert "windows" not in nbmlops.check_skew(days_of(1, 10), one, time="at").sections


@pytest.mark.parametrize("strength", [0.0, 0.5])
def test_random_days_are_quiet_where_the_reference_has_days(strength: float) -> None:
    found = by_row = 0
    for seed in range(25):
        first, second = random_days((7, seed), strength=strength)
        found += bool(real(nbmlops.check_skew(first, second, time="at")))
        if strength and seed < 5:
            by_row += bool(real(nbmlops.check_skew(first, second)))
    assert found / 25 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 25)
    assert by_row == (5 if strength else 0)


def test_a_shift_beyond_what_days_vary_is_found_and_dated() -> None:
    first, second = random_days(3, reference=30, served=20, rows=200, strength=0.3)
    cut = second["at"].dt.floor("D").drop_duplicates().iloc[8]
    second = second.assign(delay=second["delay"] + 2.0 * (second["at"] >= cut))
    report = nbmlops.check_skew(first, second, time="at")
    assert real(report) == ["delay"]
    section = windows_of(report)
    assert section.reference_windows == 30
    (moved,) = [c for c in section.columns if c.how]
    assert (moved.how, moved.first) == ("since", f"{cut:%Y-%m-%d}")
    assert any("whole days" in note for note in report.notes)
    assert not any("taken as independent" in note for note in report.notes)


def test_what_days_hide_is_not_called_alike() -> None:
    """Far over the tolerance, and yet no more than few days vary."""
    first, second = random_days(11, reference=25, served=1, rows=400, strength=1.0)
    report = nbmlops.check_skew(first, second, time="at")
    column = report.columns["delay"]
    assert column.distance is not None
    assert column.detectable is not None
    assert column.p_value is not None
    assert column.p_value > 0.05
    assert column.distance > 0.1
    assert column.detectable >= column.distance
    assert column.verdict == "not enough data"


def test_too_few_days_of_the_reference_leave_rows_to_decide() -> None:
    first, second = random_days(3, reference=12, served=10)
    section = windows_of(nbmlops.check_skew(first, second, time="at"))
    assert section.reference_windows == 0
    assert "there are 12" in section.why


def test_the_section_is_stored_shown_and_small() -> None:
    frame = changed(days_of(2, 90, rows=60), 40)
    wide = {f"column {k} <b>": frame["delay"] for k in range(20)}
    frame = pd.concat([frame, pd.DataFrame(wide)], axis=1)
    report = nbmlops.check_skew(frame.iloc[: 60 * 30], frame, time="at")
    section = windows_of(report)
    assert SkewReport.from_dict(json.loads(report.to_json())) == report
    assert len(section.starts) <= 40
    assert section.together == 3
    page = str(section.html())
    assert len(page.encode()) < 15_000
    assert "column 1 <b>" not in page
    lines = section.lines()
    assert len(lines) <= 8
    assert max(map(len, lines)) <= 96


def test_the_distances_of_windows_are_those_of_a_check_of_their_rows() -> None:
    reference = days_of(1, 30).drop(columns="at")
    served = changed(days_of(2, 20), 12)
    section = windows_of(nbmlops.check_skew(reference, served, time="at"))
    (shown,) = [c.distances for c in section.columns if c.name == "delay"]
    for day in (3, 15):
        chosen = served["at"].dt.floor("D") == FIRST + pd.Timedelta(days=day)
        alone = nbmlops.check_skew(reference, served[chosen].drop(columns="at"))
        assert shown[day] == pytest.approx(alone.columns["delay"].distance, abs=0.03)
