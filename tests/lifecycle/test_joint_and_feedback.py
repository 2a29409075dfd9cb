"""Columns together and feedback loops in checks of a version."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbmlops.api import Registry, profile
from nbmlops.errors import UsageError
from tests.flights import FEATURES, flights
from tests.skew.feedback.loops import log_of

Add = Callable[..., Any]


def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    """Break what the columns have to do with each other; none of them moves."""
    r = np.random.default_rng(0)
    return pd.DataFrame({name: r.permutation(frame[name]) for name in frame.columns})


def test_the_recorded_training_rows_are_read_again(
    add: Add, registry: Registry, tmp_path: Path
) -> None:
    file = tmp_path / "train.parquet"
    flights(2_000, seed=1).to_parquet(file)
    add(train=file, target="late")
    report = registry.check_skew("delays", flights(2_000, seed=3)[FEATURES], joint=True)
    assert report.sections["joint"].verdict in ("no evidence", "not enough data")
    (stored,) = registry.checks("delays")
    assert stored.ref == "delays/1"


def test_rows_that_are_gone_are_asked_for(add: Add, registry: Registry) -> None:
    add()
    served = flights(1_000, seed=3)[FEATURES]
    with pytest.raises(UsageError, match="no row of it was kept"):
        registry.check_skew("delays", served, joint=True)
    with pytest.raises(UsageError, match="the serving side is a profile"):
        registry.check_skew("delays", profile(served), joint=True)
    assert not registry.checks("delays")
    rows = flights(1_000, seed=1)
    report = registry.check_skew("delays", served, reference=rows, joint=True)
    assert "joint" in report.sections


def test_a_log_of_the_version_is_looked_through_for_loops(
    add: Add, registry: Registry
) -> None:
    add()
    log = log_of(1, 1_000, explored=0.2)[
        ["entity", "requested_at", "probability", "explored"]
    ]
    served = flights(2_000, seed=3)[FEATURES].assign(
        **{name: log[name].to_numpy() for name in log.columns},
        prediction=np.random.default_rng(0).random(2_000) < 0.5,
    )
    report = registry.check_skew("delays", served)
    assert report.sections["feedback"].headline.startswith("no loop shown in ")
    assert set(report.columns) == set(FEATURES)
    narrow = registry.check_skew("delays", served, columns=FEATURES[:1])
    assert "feedback" not in narrow.sections
