"""Columns of time: judged by hour, weekday and lag, never by date."""

import numpy as np
import pandas as pd

from tests.skew.checking import column_of, report_of


def test_a_lost_time_of_day_is_a_fault() -> None:
    r = np.random.default_rng(46)
    start = pd.Timestamp("2024-01-01")
    before = start + pd.to_timedelta(r.integers(0, 28 * 1440, 3000), unit="min")
    after = start + pd.to_timedelta(r.integers(28 * 1440, 56 * 1440, 3000), unit="min")
    assert column_of(before, after).verdict == "no evidence"
    for lost, verdict, kind in (
        (after.normalize(), "handling fault", "truncated"),
        (pd.DatetimeIndex([start] * 500), "over tolerance", "constant"),
    ):
        column = column_of(before, lost)
        assert column.verdict == verdict
        assert column.distance is not None
        assert column.distance > 0.9
        assert column.summary.startswith("Time of day is lost: all at 00:00")
        assert column.cause is not None
        assert (column.cause.kind, column.cause.also) == (kind, ())
        assert "00:00" in column.cause.detail
    dates = before.normalize()
    assert column_of(dates, after.normalize()).verdict == "no evidence"
    assert column_of(before[:1], before[:1].normalize()).verdict == "not enough data"


def test_times_that_are_mostly_midnights_are_not_called_cut() -> None:
    r = np.random.default_rng(50)
    start = pd.Timestamp("2024-01-01")

    def days(share: float, rows: int) -> pd.DatetimeIndex:
        minutes = np.where(r.random(rows) < share, r.integers(0, 1440, rows), 0)
        at = r.integers(0, 28, rows) * 1440 + minutes
        return start + pd.to_timedelta(at, unit="min")

    assert column_of(days(0.01, 3000), days(0.0, 100)).cause is None
    moved = column_of(days(0.9, 3000), days(0.05, 3000)).cause
    assert moved is not None
    assert moved.kind != "truncated"


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
