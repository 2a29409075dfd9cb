"""Comparing versions: paired where both saw the same rows, honest where not."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from nbmlops.api import Registry
from nbmlops.errors import NotFound, UsageError
from tests.flights import FEATURES, flights, pipeline

Add = Callable[..., Any]


def test_the_better_version_is_seen_to_be_better(
    add: Add, registry: Registry, weaker: Any
) -> None:
    add(weaker, slices=["carrier"], description="hardly learnt")
    add(slices=["carrier"])
    found = registry.compare("delays/1", "delays/2")
    row = next(r for r in found.rows() if r["metric"] == "roc_auc")
    assert row["verdict"] == "better"
    assert row["interval"][0] > 0
    assert row["delays/2"] == registry.get("delays/2").metrics["roc_auc"]
    assert found.evaluation == "test, 1,000 rows"
    assert found.rows_compared == 1_000
    assert {s.value for s in found.slices} == {"AA", "B6", "EV", "UA"}
    assert "delays/2" in found.headline


def test_the_first_is_the_baseline_whoever_is_champion(
    add: Add, registry: Registry, weaker: Any
) -> None:
    add(weaker)
    add()
    registry.promote("delays/2")
    for refs in (["delays/1", "delays/2"], ["delays/2", "delays/1"]):
        versions = registry.compare(*refs).versions
        assert [v.ref for v in versions] == refs
        assert {v.ref: v.aliases for v in versions} == {
            "delays/1": (),
            "delays/2": ("champion",),
        }


def test_rows_evaluated_later_do_not_take_the_place_of_the_own_test(
    add: Add, registry: Registry, weaker: Any
) -> None:
    add()
    add(weaker)
    for ref in ("delays/1", "delays/2"):
        registry.evaluate(ref, flights(300, seed=5), name="easier")
    assert registry.compare("delays/1", "delays/2").evaluation == "test, 1,000 rows"


def test_without_a_common_test_the_earliest_common_rows_are_compared(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    add(test=test[:600])
    add(test=test[600:])
    for name, rows in (("first", 500), ("second", 300)):
        for ref in ("delays/1", "delays/2"):
            registry.evaluate(ref, flights(rows, seed=5), name=name)
    assert registry.compare("delays/1", "delays/2").evaluation == "first, 500 rows"


def test_groups_widen_what_is_known(add: Add, registry: Registry, weaker: Any) -> None:
    add(weaker, groups="day")
    add(groups="day")
    found = registry.compare("delays/1", "delays/2")
    assert found.group_column == "day"
    assert all(d.group_interval for d in found.differences)
    with pytest.raises(UsageError, match="does not keep the group column 'week'"):
        registry.compare("delays/1", "delays/2", groups="week")


def test_versions_of_other_test_frames_are_compared_on_data(
    add: Add, registry: Registry, weaker: Any, test: pd.DataFrame
) -> None:
    add(weaker, test=test[:600])
    add(test=test[600:])
    apart = registry.compare("delays/1", "delays/2")
    assert apart.rows_compared == 0
    assert all(d.interval is None for d in apart.differences)
    together = registry.compare("delays/1", "delays/2", data=flights(800, 9))
    assert together.rows_compared == 800
    assert all(d.interval for d in together.differences)


def test_a_version_never_evaluated_is_said_so(
    add: Add, registry: Registry, model: Any
) -> None:
    add()
    registry.register(model, "delays")
    found = registry.compare("delays/1", "delays/2")
    assert found.notes == ("delays/2 was never evaluated: give data= to compare on",)


def test_training_data_parameters_and_size_are_shown(
    add: Add, registry: Registry, train: pd.DataFrame
) -> None:
    add()
    moved = train.assign(distance=train["distance"] * 3)
    add(pipeline(C=0.1).fit(moved[FEATURES], moved["late"]), train=moved)
    found = registry.compare("delays/1", "delays/2")
    verdicts = {d["column"]: d["verdict"] for d in found.data["delays/2"]}
    assert verdicts["distance"] in {"over tolerance", "handling fault"}
    assert verdicts["hour"] == "no evidence"
    one, two = found.versions
    assert one.params["logisticregression__C"] != two.params["logisticregression__C"]
    assert one.size > 0
    assert one.latency_ms is not None
    assert two.latency_ms is not None


def test_three_versions_have_a_row_per_challenger(
    add: Add, registry: Registry, weaker: Any
) -> None:
    add()
    add(weaker)
    add()
    found = registry.compare("delays/1", "delays/2", "delays/3")
    rows = [r for r in found.rows() if r["metric"] == "roc_auc"]
    assert {r["challenger"] for r in rows} == {"delays/2", "delays/3"}


def test_models_that_answer_other_questions_are_not_paired(
    add: Add, registry: Registry, train: pd.DataFrame, test: pd.DataFrame
) -> None:
    add()
    of_carrier = LogisticRegression(max_iter=2_000)
    of_carrier.fit(train[["hour", "distance"]], train["carrier"])
    registry.register(of_carrier, "carriers", test=test, target="carrier")
    found = registry.compare("delays/1", "carriers/1")
    assert not found.differences
    assert "multiclass" in found.notes[0]


def test_a_comparison_needs_two_versions_that_exist(
    add: Add, registry: Registry
) -> None:
    add()
    for refs in ((), ("delays/1",), ("delays/1", "delays@newest")):
        with pytest.raises(UsageError, match="needs two different versions"):
            registry.compare(*refs)
    with pytest.raises(NotFound, match="there is no version 'delays/9'"):
        registry.compare("delays/1", "delays/9")


def test_an_evaluation_can_be_added_later(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    add(test=None)
    found = registry.evaluate("delays/1", test, slices=["carrier"], name="later")
    assert (found.name, found.rows) == ("later", 1_000)
    assert set(found.slices["carrier"]) == {"AA", "B6", "EV", "UA"}
    assert registry.get("delays/1").metrics == found.metrics
    with pytest.raises(UsageError, match="'lat'"):
        registry.evaluate("delays/1", test, target="lat")
