"""A log is looked at day by day, with training's days where these are recorded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nbmlops.api import Registry
from nbmlops.skew.report import SkewReport
from nbmlops.skew.windows.section import Windows
from tests.flights import FEATURES, flights

Add = Callable[..., Any]


def over_days(frame: pd.DataFrame, first: str, days: int) -> pd.DataFrame:
    """Spread rows over days."""
    step = pd.to_timedelta(np.arange(len(frame)) * (days * 86_400 / len(frame)), "s")
    return frame.assign(requested_at=pd.Timestamp(first, tz="UTC") + step.round("s"))


def windows_of(report: SkewReport) -> Windows:
    section = report.sections["windows"]
    assert isinstance(section, Windows)
    return section


def test_a_log_is_looked_at_by_its_own_times(add: Add, registry: Registry) -> None:
    add()
    log = over_days(flights(2_000, seed=3)[FEATURES], "2026-07-01", 10)
    is_late = log["requested_at"] >= "2026-07-06"
    log["distance"] *= np.where(is_late, 1.609344, 1.0)
    report = registry.check_skew("delays", log)
    section = windows_of(report)
    assert (section.unit, section.windows) == ("day", 10)
    assert section.reference_windows == 0
    assert [(c.name, c.first) for c in section.columns if c.how] == [
        ("distance", "2026-07-06")
    ]
    assert "requested_at" not in report.columns
    later = registry.check_skew("delays", log, since="2026-07-06")
    assert windows_of(later).windows == 5


def test_the_recorded_days_of_training_are_read_again(
    add: Add, registry: Registry, tmp_path: Path
) -> None:
    file = tmp_path / "train.parquet"
    train = over_days(flights(3_000, seed=1), "2026-05-01", 30)
    train.to_parquet(file)
    add(train=file, target="late")
    log = over_days(flights(2_000, seed=3)[FEATURES], "2026-07-01", 10)
    assert windows_of(registry.check_skew("delays", log)).reference_windows == 30
    train.iloc[1:].to_parquet(file)
    section = windows_of(registry.check_skew("delays", log))
    assert section.reference_windows == 0
    assert "no longer holds" in section.why


def test_rows_given_as_reference_bring_their_days(add: Add, registry: Registry) -> None:
    add()
    log = over_days(flights(2_000, seed=3)[FEATURES], "2026-07-01", 10)
    rows = over_days(flights(3_000, seed=1)[FEATURES], "2026-05-01", 25)
    report = registry.check_skew("delays", log, reference=rows, time="requested_at")
    assert windows_of(report).reference_windows == 25
