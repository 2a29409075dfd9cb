"""Slices in a check: which groups fare worse than on test, and which always did."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from nbmlops.api import Registry
from nbmlops.skew.report import SkewReport
from nbmlops.skew.slices import Slices
from tests.flights import flights
from tests.lifecycle.serving import log_of

Add = Callable[..., Any]


@pytest.fixture
def sliced(registry: Registry, add: Add) -> None:
    add(test=flights(6_000, seed=2), slices=["carrier"])


def section(report: SkewReport) -> Slices:
    found = report.sections["slices"]
    assert isinstance(found, Slices)
    return found


def turned(log: pd.DataFrame, carrier: str) -> pd.DataFrame:
    """Turn four in ten labels of one carrier."""
    wrong = np.random.default_rng(1).random(len(log)) < 0.4
    return log.assign(late=log["late"] ^ (wrong & (log["carrier"] == carrier)))


@pytest.mark.usefixtures("sliced")
def test_groups_that_fare_as_on_test_are_fine(registry: Registry, model: Any) -> None:
    report = registry.check_skew("delays", log_of(model, 6_000))
    found = section(report)
    assert report.ok
    assert (found.verdict, found.loss, found.labelled) == (
        "no evidence",
        "log loss",
        6_000,
    )
    assert {g.value for g in found.groups} == {"AA", "B6", "EV", "UA"}
    assert all(group.rise is not None for group in found.groups)
    assert SkewReport.from_dict(json.loads(report.to_json())) == report


@pytest.mark.usefixtures("sliced")
def test_the_group_that_got_worse_is_named(registry: Registry, model: Any) -> None:
    report = registry.check_skew("delays", turned(log_of(model, 6_000), "UA"))
    found = section(report)
    assert found.verdict == "over tolerance"
    assert [group.value for group in found.groups if group.is_worse] == ["UA"]
    assert found.headline.startswith(
        "worse than on test in carrier = 'UA': log loss 0."
    )
    assert ", was 0." in found.headline
    assert "Slices: worse than on test in carrier = 'UA'" in repr(report)
    assert "over tolerance" in found.html()


@pytest.mark.usefixtures("sliced")
def test_a_group_with_few_rows_is_named_and_not_judged(
    registry: Registry, model: Any
) -> None:
    log = log_of(model, 4_000)
    kept = (log["carrier"] != "EV") | (np.arange(4_000) % 8 == 0)
    found = section(registry.check_skew("delays", log[kept]))
    assert [group.name for group in found.small] == ["carrier = 'EV'"]
    assert "too few rows to judge (under 100): carrier = 'EV'" in found.lines()


def test_without_slices_on_test_groups_are_compared_with_the_rest(
    registry: Registry, add: Add, model: Any
) -> None:
    add(test=flights(6_000, seed=2))
    report = registry.check_skew("delays", turned(log_of(model, 6_000), "UA"))
    found = section(report)
    assert found.verdict == "no evidence"
    assert found.groups[0].value == "UA"
    assert found.groups[0].rise is None
    assert "slices=['carrier']" in found.notes[-1]
    assert found.headline.startswith("no group is known on test; in carrier = 'UA'")


@pytest.mark.usefixtures("sliced")
def test_without_labels_or_the_column_there_is_no_section(
    registry: Registry, model: Any
) -> None:
    log = log_of(model, 1_000)
    assert (
        "slices" not in registry.check_skew("delays", log.drop(columns="late")).sections
    )
    bare = registry.check_skew("delays", log.drop(columns="carrier"))
    assert "slices" not in bare.sections


@pytest.mark.usefixtures("sliced")
def test_labels_that_come_later_and_weights_count(
    registry: Registry, model: Any
) -> None:
    log = turned(log_of(model, 6_000), "UA").assign(
        weight=np.random.default_rng(2).choice([1.0, 3.0], 6_000)
    )
    labels = log[["request_id", "late"]].rename(columns={"late": "label"})
    found = section(
        registry.check_skew("delays", log.drop(columns="late"), labels=labels)
    )
    own = log[log["carrier"] == "UA"]
    chance = np.where(own["late"], own["probability"], 1 - own["probability"])
    expected = np.average(-np.log(chance), weights=own["weight"])
    assert found.groups[0].loss == pytest.approx(expected)


def test_others_are_not_the_same_on_test_and_in_the_log(
    registry: Registry, add: Add, model: Any
) -> None:
    def with_tail(frame: pd.DataFrame, numbers: int) -> pd.DataFrame:
        names = np.array([f"t{n}" for n in range(numbers)])
        return frame.assign(tail=names[np.arange(len(frame)) ** 2 % numbers])

    test = with_tail(flights(6_000, seed=2), 101)
    add(test=test, slices=["tail"])
    log = with_tail(log_of(model, 6_000), 103)
    found = section(registry.check_skew("delays", log))
    other = next(group for group in found.groups if group.value == "(other)")
    assert other.gap is not None
    assert other.rise is None


def test_a_regression_is_judged_by_its_absolute_error(registry: Registry) -> None:
    def frame(seed: int, rise: float = 0.0) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        rows = flights(4_000, seed)[["distance", "hour", "carrier"]]
        noise = rng.normal(0, 1 + rise * (rows["carrier"] == "AA"))
        return rows.assign(delay=1.5 * rows["hour"] + noise)

    read = ["distance", "hour"]
    model = LinearRegression().fit(frame(1)[read], frame(1)["delay"])
    registry.register(model, "late", train=frame(1)[[*read, "delay"]], target="delay")
    registry.evaluate("late", frame(2), slices=["carrier"])
    log = frame(3, rise=1.0)
    log = log.assign(prediction=model.predict(log[read]))
    found = section(registry.check_skew("late", log))
    assert (found.verdict, found.loss) == ("over tolerance", "absolute error")
    assert [group.value for group in found.groups if group.is_worse] == ["AA"]
    assert found.margin == pytest.approx(0.08, abs=0.01)  # 10% of the error on test
