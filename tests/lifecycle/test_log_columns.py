"""A serving log's own columns are no finding, and its weight is used."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from nbmlops.api import Registry
from nbmlops.lifecycle.log_weight import USED
from tests.flights import FEATURES, flights

Add = Callable[..., Any]


def log(rows: int = 1_500) -> pd.DataFrame:
    frame = flights(rows, seed=3)[FEATURES]
    return frame.assign(request_id=[f"r{i}" for i in range(rows)], latency_ms=2.5)


def test_the_logs_columns_are_no_finding(add: Add, registry: Registry) -> None:
    add()
    report = registry.check_skew("delays", log().assign(colour="red"))
    assert set(report.columns) == {*FEATURES, "colour"}
    asked = registry.check_skew("delays", log(), columns=["hour", "latency_ms"])
    assert set(asked.columns) == {"hour", "latency_ms"}


def test_a_column_that_the_model_reads_is_judged(
    registry: Registry, train: pd.DataFrame
) -> None:
    renamed = train.rename(columns={"hour": "weight"})
    read = renamed[["distance", "weight"]]
    fitted = LogisticRegression().fit(read, renamed["late"])
    registry.register(fitted, "delays", train=renamed, target="late")
    served = log().rename(columns={"hour": "weight"})
    report = registry.check_skew("delays", served)
    assert "weight" in report.columns
    assert USED not in report.notes


def test_the_logs_weight_is_used_and_said(add: Add, registry: Registry) -> None:
    add()
    served = log(4_000)
    kept = np.where(served["hour"] > 18, 1.0, 0.1)
    drawn = np.random.default_rng(5).random(4_000) < kept
    sampled = served.assign(weight=1 / kept)[drawn]
    report = registry.check_skew("delays", sampled)
    assert report.ok
    assert USED in report.notes
    assert report.effective_rows < 0.8 * report.rows
    unweighted = registry.check_skew("delays", sampled.drop(columns="weight"))
    assert unweighted.columns["hour"].verdict == "over tolerance"


@pytest.mark.parametrize(
    ("weight", "words"),
    [(0.0, "not above 0 in 1,500 rows"), ("much", "is of kind text")],
)
def test_a_weight_that_is_none_is_said_and_not_used(
    weight: Any, words: str, add: Add, registry: Registry
) -> None:
    add()
    report = registry.check_skew("delays", log().assign(weight=weight))
    assert report.ok
    assert words in report.notes[0]
    assert report.effective_rows == report.rows
