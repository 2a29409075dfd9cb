"""The skew gate: what was served, against what the candidate was trained on."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from nbmlops.api import Registry
from nbmlops.errors import GateFailed, UsageError
from tests.flights import FEATURES, flights
from tests.gate.steps import policy, results

Add = Callable[..., Any]


def test_skew_of_the_newest_serving_profile_stops_a_promotion(
    add: Add, registry: Registry
) -> None:
    policy('skew = "within tolerance"', 'max-age = "7d"')
    add()
    first = registry.promote("delays/1")
    assert results(first.results)["skew within tolerance"] is None
    serving = flights(2_000, 7)[FEATURES]
    registry.check_skew("delays", serving.assign(distance=serving["distance"] * 1000))
    add()
    with pytest.raises(GateFailed, match=r"skew within tolerance.*distance: unit"):
        registry.promote("delays/2")
    registry.check_skew("delays", serving)
    assert registry.promote("delays/2").ref == "delays/2"


def test_an_old_serving_profile_does_not_count(add: Add, registry: Registry) -> None:
    add()
    registry.check_skew("delays", flights(2_000, 7)[FEATURES])
    policy('skew = "within tolerance"', 'max-age = "0m"')
    found = {r.name: r for r in registry.gates("delays/1")}
    assert found["skew within tolerance"].passed is False
    assert "check again" in found["skew within tolerance"].detail


def test_skew_can_be_required(add: Add, registry: Registry) -> None:
    policy('skew = "within tolerance"', "skew-required = true")
    add()
    with pytest.raises(GateFailed, match="nothing was served yet"):
        registry.promote("delays/1")


def test_an_acknowledged_finding_does_not_stop_a_promotion(
    add: Add, registry: Registry
) -> None:
    policy('skew = "within tolerance"')
    add()
    serving = flights(2_000, 7)[FEATURES]
    wrong = serving.assign(distance=serving["distance"] * 1000)
    registry.check_skew("delays", wrong)
    registry.acknowledge("delays", "distance", until="2999-01-01", reason="known")
    registry.check_skew("delays", wrong)
    assert registry.promote("delays/1").ref == "delays/1"


def test_an_acknowledgement_counts_at_once(add: Add, registry: Registry) -> None:
    policy('skew = "within tolerance"')
    add()
    serving = flights(2_000, 7)[FEATURES]
    registry.check_skew("delays", serving.assign(distance=serving["distance"] * 1000))
    registry.acknowledge("delays", "distance", until="2999-01-01", reason="known")
    assert registry.promote("delays/1").ref == "delays/1"


def test_limits_of_age_without_skew_ask_nothing_and_are_refused(
    add: Add, registry: Registry
) -> None:
    add()
    for line in ("skew-required = true", 'max-age = "7d"', "slice-margin = nan"):
        policy(line)
        with pytest.raises(UsageError):
            registry.gates("delays/1")


def test_a_check_of_some_columns_is_not_what_the_gate_reads(
    add: Add, registry: Registry
) -> None:
    policy('skew = "within tolerance"')
    add()
    serving = flights(2_000, 7)[FEATURES]
    wrong = serving.assign(distance=serving["distance"] * 1000)
    registry.check_skew("delays", wrong, columns="hour")
    gate = registry.gates("delays/1")[-1]
    assert gate.passed is False
    assert "only some columns were checked" in gate.detail
    registry.check_skew("delays", wrong)
    registry.check_skew("delays", wrong, columns=["hour", "carrier"])
    assert "distance: unit" in registry.gates("delays/1")[-1].detail
    registry.check_skew("delays", serving)
    registry.check_skew("delays", wrong, columns=["distance"])
    assert registry.gates("delays/1")[-1].passed


def test_a_column_that_serving_lacks_is_a_finding_of_a_whole_check(
    add: Add, registry: Registry
) -> None:
    policy('skew = "within tolerance"')
    add()
    registry.check_skew("delays", flights(2_000, 7)[FEATURES].drop(columns="hour"))
    assert "hour: missing" in registry.gates("delays/1")[-1].detail


def test_an_acknowledgement_that_is_over_no_longer_mutes(
    add: Add, registry: Registry
) -> None:
    policy('skew = "within tolerance"')
    add()
    serving = flights(2_000, 7)[FEATURES]
    registry.check_skew("delays", serving.assign(distance=serving["distance"] * 1000))
    for until, passed in ((datetime.now(UTC).date(), True), (date(2001, 1, 1), False)):
        detail = {"column": "distance", "until": until.isoformat(), "reason": "known"}
        with registry._place.catalog.writing() as writer:
            writer.write("acknowledge", "delays/1", detail)
        assert registry.gates("delays/1")[-1].passed is passed


def test_what_was_served_is_judged_by_the_candidates_own_training(
    add: Add, registry: Registry, train: pd.DataFrame
) -> None:
    policy('skew = "within tolerance"')
    add()
    registry.promote("delays/1")
    serving = flights(2_000, 7)[FEATURES]
    far = train.assign(distance=train["distance"] * 1000)
    registry.check_skew("delays", serving.assign(distance=serving["distance"] * 1000))
    add()
    add(train=far)
    assert registry.gates("delays/2")[-1].passed is False
    assert registry.gates("delays/3")[-1].passed
