"""Checks of serving frames: stored, muted, and judged against the right reference."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from nbmlops.api import Registry, check_skew, profile
from nbmlops.errors import NotFound, UsageError
from tests.flights import FEATURES, flights

Add = Callable[..., Any]


@pytest.fixture
def serving() -> pd.DataFrame:
    return flights(1_500, seed=3)[FEATURES]


def in_kilometres(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(distance=frame["distance"] * 1.609344)


def test_rows_of_the_same_world_are_fine(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    report = registry.check_skew("delays", serving)
    assert report.ok
    assert "late" not in report.columns  # its absence from serving is no finding
    assert set(report.columns) == set(FEATURES)


def test_a_check_is_stored_with_the_serving_profile(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    report = registry.check_skew("delays/1", in_kilometres(serving))
    assert report.columns["distance"].cause is not None
    assert report.columns["distance"].cause.kind == "unit"
    (record,) = registry.checks("delays")
    assert (record.ref, record.ok) == ("delays/1", False)
    assert record.verdict == "handling fault"
    event = registry.history()[0]
    assert (event.verb, event.detail["columns"]) == ("check", ["distance"])
    assert registry.verify().ok


def test_nulls_that_arrive_as_a_number_are_named(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    report = registry.check_skew("delays", serving.fillna({"age": -1}))
    cause = report.columns["age"].cause
    assert cause is not None
    assert cause.kind == "sentinel"
    assert "-1" in cause.detail


def test_columns_in_another_order_are_no_finding(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    assert registry.check_skew("delays", serving[FEATURES[::-1]]).ok


def test_a_missing_column_is_a_fault_and_the_rest_is_judged(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    report = registry.check_skew("delays", serving.drop(columns="hour"))
    assert report.columns["hour"].verdict == "handling fault"
    assert report.columns["age"].verdict != "handling fault"


def test_a_column_of_mixed_types_is_a_finding_not_a_failure(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    mixed = serving.astype({"hour": object})
    mixed.loc[0, "hour"] = "five"
    report = registry.check_skew("delays", mixed)
    assert report.columns["hour"].verdict == "handling fault"


def test_files_are_checked_too(
    add: Add, registry: Registry, serving: pd.DataFrame, tmp_path: Any
) -> None:
    add()
    serving.to_parquet(tmp_path / "log.parquet")
    assert registry.check_skew("delays", tmp_path / "log.parquet").ok
    (tmp_path / "cut.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match=r"cut\.parquet"):
        registry.check_skew("delays", tmp_path / "cut.parquet")
    assert len(registry.checks("delays")) == 1


def test_nothing_served_is_said(add: Add, registry: Registry) -> None:
    add()
    with pytest.raises(UsageError, match="nothing was served by delays/1 yet"):
        registry.check_skew("delays")


def test_without_training_there_must_be_a_reference(
    registry: Registry, model: Any, serving: pd.DataFrame, train: pd.DataFrame
) -> None:
    registry.register(model, "bare")
    with pytest.raises(UsageError, match="without train="):
        registry.check_skew("bare", serving)
    assert registry.check_skew("bare", serving, reference=train[FEATURES]).ok


def test_an_acknowledged_finding_is_muted_until_its_day(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    wrong = in_kilometres(serving)
    registry.check_skew("delays", wrong)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    registry.acknowledge("delays", "distance", until=tomorrow, reason="sender mends it")
    report = registry.check_skew("delays", wrong)
    assert report.ok
    assert report.verdict == "handling fault"
    assert report.columns["distance"].muted_reason == "sender mends it"


def test_acknowledging_needs_a_reason_a_column_and_a_day_to_come(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    with pytest.raises(NotFound):
        registry.acknowledge("delays", "distance", until="2999-01-01", reason="x")
    registry.check_skew("delays", serving)
    for column, until, reason, words in (
        ("distance", "2999-01-01", " ", "needs a reason"),
        ("distance", "2001-01-01", "x", "is over"),
        ("distance", "soon", "x", "is not a day"),
        ("distanze", "2999-01-01", "x", "did you mean 'distance'"),
    ):
        with pytest.raises((UsageError, NotFound), match=words):
            registry.acknowledge("delays", column, until=until, reason=reason)


def test_an_acknowledgement_is_told_of_while_it_lasts_even_where_nothing_is_found(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    registry.check_skew("delays", serving)
    registry.acknowledge("delays", "hour", until="9999-12-31", reason="night flights")
    quiet = registry.check_skew("delays", serving)
    said = "hour is acknowledged until 9999-12-31 (night flights), and shows nothing"
    assert quiet.notes[0].startswith(said)
    loud = registry.check_skew("delays", serving.assign(hour=23))
    assert loud.ok
    assert "Muted: hour until 9999-12-31: night flights" in repr(loud)


def test_a_new_reference_takes_the_place_of_training(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    far = in_kilometres(serving)
    assert not registry.check_skew("delays", far).ok
    registry.rebaseline("delays", in_kilometres(flights(2_000, 5)), reason="all in km")
    later = registry.check_skew("delays", far)
    assert later.ok
    assert later.notes[0].startswith("the reference is not training: another was")
    assert later.notes[0].endswith("by ana@example.com: all in km")
    assert "ana@example.com: all in km" in " ".join(repr(later).split())
    assert later.reference == "baseline of delays/1"
    given = registry.check_skew("delays", far, reference=far)
    assert not any("all in km" in note for note in given.notes)
    with pytest.raises(UsageError, match="lacks the column 'carrier'"):
        registry.rebaseline("delays", far[["hour"]], reason="x")
    with pytest.raises(UsageError, match="needs a reason"):
        registry.rebaseline("delays", far, reason="")
    with pytest.raises(UsageError, match="has no rows"):
        registry.rebaseline("delays", far[:0], reason="x")


def test_no_registry_is_needed(train: pd.DataFrame, serving: pd.DataFrame) -> None:
    report = check_skew(train[FEATURES], in_kilometres(serving))
    assert not report.ok
    same = check_skew(profile(train[FEATURES]), in_kilometres(serving))
    assert same.to_dict() == report.to_dict()


def test_an_unknown_ref_says_what_exists(add: Add, registry: Registry) -> None:
    add()
    with pytest.raises(NotFound, match="did you mean 'delays'"):
        registry.check_skew("dealys", pd.DataFrame({"a": [1]}))


def test_a_target_that_is_served_is_judged(add: Add, registry: Registry) -> None:
    add()
    known = flights(1_500, seed=3)[[*FEATURES, "late"]]
    report = registry.check_skew("delays", known.assign(late=True))
    assert report.columns["late"].verdict == "over tolerance"


def test_a_muted_check_says_until_when(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    wrong = in_kilometres(serving)
    registry.check_skew("delays", wrong)
    assert registry.checks("delays")[0].outcome == "handling fault"
    registry.acknowledge("delays", "distance", until="2999-12-31", reason="known")
    registry.check_skew("delays", wrong.drop(columns="hour"))
    assert registry.checks("delays")[0].outcome == "handling fault"  # hour is not muted
    registry.acknowledge("delays", "hour", until="2999-01-31", reason="known")
    registry.check_skew("delays", wrong.drop(columns="hour"))
    check = registry.checks("delays")[0]
    assert check.outcome == "handling fault, muted until 2999-01-31"
    status = registry.status()
    for shown in (repr(check), check._repr_html_(), repr(status), status._repr_html_()):
        assert "muted until 2999-01-31" in shown
    assert check.to_dict()["muted_until"] == "2999-01-31"
    assert [item.why for item in status.attention] == ["no version is champion"]
    registry.check_skew("delays", serving)
    assert registry.checks("delays")[0].outcome in {
        "no evidence",
        "within tolerance",
    }


def test_an_acknowledgement_that_is_over_asks_for_attention(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    registry.check_skew("delays", serving)
    detail = {**registry.history()[0].detail, "verdict": "over tolerance"}
    with registry._place.catalog.writing() as writer:
        writer.write("check", "delays/1", {**detail, "muted_until": "2001-01-01"})
    why = registry.status().attention[0].why
    assert why == "the acknowledgement of what delays/1 shows is over: over tolerance"


def test_a_check_of_some_columns_says_so(
    add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    for columns, partial in (("hour", True), (FEATURES, False), (None, False)):
        registry.check_skew("delays", serving, columns=columns)
        assert registry.checks("delays")[0].is_partial is partial
    with pytest.raises(UsageError, match="columns cannot be 5"):
        registry.check_skew("delays", serving, columns=5)  # type: ignore[arg-type]  # bad


@pytest.mark.parametrize("reason", [None, "", " "])
def test_a_missing_reason_is_no_traceback(
    reason: Any, add: Add, registry: Registry, serving: pd.DataFrame
) -> None:
    add()
    registry.check_skew("delays", serving)
    with pytest.raises(UsageError, match="an acknowledgement needs a reason"):
        registry.acknowledge("delays", "hour", until="2999-01-01", reason=reason)
    with pytest.raises(UsageError, match="a new reference needs a reason"):
        registry.rebaseline("delays", serving, reason=reason)
    with pytest.raises(UsageError, match="None is not a day"):
        registry.acknowledge("delays", "hour", until=None, reason="x")  # type: ignore[arg-type]  # bad


def test_a_model_shows_itself(add: Add, registry: Registry) -> None:
    add()
    registry.promote("delays/1")
    (model,) = registry.models()
    assert repr(model).startswith("delays (versions 1, newest 1, aliases champion → 1")
    assert "champion" in model._repr_html_()
