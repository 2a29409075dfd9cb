"""A check with a key compares the served rows with those the version was trained on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbmlops.api import Registry, check_skew, profile
from nbmlops.errors import NotFound, UsageError
from nbmlops.skew.parity.result import Parity
from tests.flights import FEATURES, flights

Add = Callable[..., Any]
HOURLY = pd.Timestamp("2025-03-01")


@pytest.fixture
def may(tmp_path: Path) -> Path:
    """Training rows in a file, with a key that the model does not read."""
    path = tmp_path / "may.parquet"
    keyed(flights(1_500, seed=1)).to_parquet(path)
    return path


def keyed(frame: pd.DataFrame) -> pd.DataFrame:
    times = HOURLY + pd.to_timedelta(range(len(frame)), unit="h")
    return frame.assign(flight=range(len(frame)), known_at=times)


def served(path: Path) -> pd.DataFrame:
    """Give what a log holds of the training rows, in another order."""
    frame = pd.read_parquet(path)[[*FEATURES, "flight"]]
    return frame.sample(frac=0.8, random_state=2)


def parity_of(report: Any) -> Parity:
    section = report.sections["parity"]
    assert isinstance(section, Parity)
    return section


def test_the_recorded_training_rows_are_compared(
    add: Add, registry: Registry, may: Path
) -> None:
    add(train=may)
    report = registry.check_skew("delays/1", served(may), key="flight")
    assert report.ok
    assert parity_of(report).pairs == 1_200
    assert set(parity_of(report).agreeing) == set(FEATURES)
    assert "flight" not in report.columns  # the key is no finding


def test_a_fault_of_the_rows_is_stored_with_the_check(
    add: Add, registry: Registry, may: Path
) -> None:
    add(train=may)
    log = served(may)
    log["distance"] = (log["distance"] * 1.609344).round(1)
    report = registry.check_skew("delays/1", log, key="flight")
    cause = report.columns["distance"].cause
    assert cause is not None
    assert cause.kind == "unit"
    assert "x 1.609344 in 100% of 1,200 pairs" in cause.detail
    assert not report.ok
    (record,) = registry.checks("delays")
    assert record.verdict == "handling fault"


def test_offline_features_are_joined_as_of_the_time(
    add: Add, registry: Registry, may: Path
) -> None:
    add(train=may)
    offline = pd.read_parquet(may)
    log = served(may).merge(offline[["flight", "known_at"]], on="flight")
    log["known_at"] += pd.Timedelta(hours=3)
    report = registry.check_skew(
        "delays/1", log, reference=offline, key="flight", time="known_at"
    )
    assert (parity_of(report).time, parity_of(report).pairs) == ("known_at", 1_200)
    assert not parity_of(report).columns


def test_rows_that_are_gone_and_keys_that_are_none_are_said(
    add: Add, registry: Registry, may: Path
) -> None:
    add(train=may)
    log = served(may)
    with pytest.raises(NotFound, match="key column of serving 'flights'"):
        registry.check_skew("delays/1", log, key="flights")
    with pytest.raises(UsageError, match="profile, and has no rows"):
        registry.check_skew("delays/1", profile(log), key="flight")
    pd.read_parquet(may).head(700).to_parquet(may)
    with pytest.raises(UsageError, match="no longer holds what delays/1"):
        registry.check_skew("delays/1", log, key="flight")
    assert registry.checks("delays") == []


def test_two_frames_are_compared_without_a_registry(may: Path) -> None:
    before, after = pd.read_parquet(may), served(may)
    report = check_skew(before, after.assign(age=-after["age"]), key=["flight"])
    assert parity_of(report).columns[0].relations[0].kind == "sign"
    with pytest.raises(UsageError, match="the reference is a profile"):
        check_skew(profile(before), after, key="flight")


def test_a_misspelt_key_is_said_before_a_reference_is_asked_for(
    add: Add, registry: Registry
) -> None:
    add()  # trained on a frame in memory, of which no row was kept
    frame = keyed(flights(300, seed=3))[[*FEATURES, "flight"]]
    with pytest.raises(NotFound, match="key column of serving 'fligth'"):
        registry.check_skew("delays", frame, key="fligth")
