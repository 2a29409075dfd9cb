"""Which version was in production then, since when, by whom, and why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbmlops.api import Registry, open_registry
from nbmlops.errors import NotFound, UsageError
from nbmlops.gate.tenure_view import _how
from nbmlops.refs import Ref
from nbmlops.registry.place import open_place
from tests.gate.steps import policy, results
from tests.registry.conftest import version_detail

Add = Callable[..., Any]


def test_one_call_says_who_since_when_by_whom_and_why(
    add: Add, registry: Registry
) -> None:
    add()
    add(description="second")
    first = registry.promote("delays/1", reason="the first")
    policy('require = ["description"]')
    bo = open_registry(actor="bo@example.com")
    second = bo.promote("delays/2", reason="better at night")
    back = registry.rollback("delays", reason="an outage")

    then = registry.tenure("delays", as_of=first.event.happened_at)
    assert (then.ref, then.since) == ("delays/1", first.event.happened_at)
    assert (then.by, then.verb) == ("ana@example.com", "promote")
    assert then.until == second.event.happened_at

    between = registry.tenure("delays", as_of=second.event.happened_at)
    assert (between.ref, between.by) == ("delays/2", "bo@example.com")
    assert (between.reason, between.forced) == ("better at night", False)
    assert results(between.results) == results(second.results)
    assert between.ended is not None
    assert between.ended.seq == back.event.seq

    now = registry.tenure("delays")
    assert (now.ref, now.verb, now.until) == ("delays/1", "rollback", None)
    assert now == registry.tenure("delays", as_of=datetime.now(UTC).date())


def test_a_forced_move_says_so(add: Add, registry: Registry) -> None:
    policy('require = ["description"]')
    add()
    registry.promote("delays/1", force=True, reason="an outage")
    found = registry.tenure("delays")
    assert found.forced
    assert "  ana@example.com promoted it by force (event 4): an outage" in repr(found)


def test_each_way_to_begin_and_to_end_is_said_in_words(
    add: Add, registry: Registry
) -> None:
    add()
    add()
    said = []
    holders: dict[str, tuple[Callable[[], object], ...]] = {
        "champion": (
            lambda: registry.promote("delays/1"),
            lambda: registry.promote("delays/2"),
            lambda: registry.rollback("delays"),
            lambda: registry.promote("delays/2"),
            lambda: registry.retire("delays", reason="over"),
        ),
        "shadow": (
            lambda: registry.alias("delays/1", "shadow"),
            lambda: registry.alias("delays/2", "shadow"),
            lambda: registry.unalias("delays", "shadow"),
        ),
    }
    for alias, moves in holders.items():
        for move in moves:
            move()
        for event in reversed(registry.history("delays")):
            if event.detail.get("alias") == alias and event.detail["number"]:
                held = registry.tenure("delays", alias, as_of=event.happened_at)
                did = [line.partition(" (event ")[0] for line in _how(held)]
                said.append(
                    tuple(line.removeprefix("ana@example.com ") for line in did)
                )
    assert said == [
        ("promoted it", "promoted delays/2 in its place"),
        ("promoted it", "rolled back to delays/1"),
        ("rolled back to it", "promoted delays/2 in its place"),
        ("promoted it", "retired it"),
        ("pointed the alias to it", "pointed the alias to delays/2"),
        ("pointed the alias to it", "took the alias away"),
    ]


def test_before_the_first_and_after_retirement_there_is_none(
    add: Add, registry: Registry
) -> None:
    add()
    before = datetime.now(UTC)
    with pytest.raises(NotFound, match="no champion of 'delays'"):
        registry.tenure("delays")
    registry.promote("delays/1")
    with pytest.raises(NotFound) as refused:
        registry.tenure("delays", as_of=before)
    assert f"{before:%Y-%m-%d}" in refused.value.hint
    registry.retire("delays", reason="over")
    with pytest.raises(NotFound):
        registry.tenure("delays")
    with pytest.raises(NotFound):
        registry.tenure("delays", "challenger")


def test_pointing_an_alias_to_where_it_stands_begins_nothing(
    add: Add, registry: Registry
) -> None:
    add()
    first = registry.alias("delays/1", "staging")
    registry.alias("delays/1", "staging")
    assert registry.tenure("delays", "staging").event.seq == first.seq


def test_what_is_no_name_or_moment_is_told(add: Add, registry: Registry) -> None:
    add()
    with pytest.raises(UsageError) as refused:
        registry.tenure("delays@challenger")
    assert refused.value.hint == "registry.tenure('delays', alias='challenger')"
    with pytest.raises(UsageError, match="is not a moment"):
        registry.tenure("delays", as_of="yesterday")
    with pytest.raises(NotFound, match="no model"):
        registry.tenure("arrivals")


def test_it_is_shown_with_reasons_escaped(add: Add, registry: Registry) -> None:
    add()
    registry.promote("delays/1", reason="<b>first</b>")
    registry.retire("delays", reason="over")
    found = registry.tenure("delays", as_of=registry.history()[1].happened_at)
    assert "delays/1 was champion, from" in repr(found)
    assert "\n  ana@example.com retired it (event 5): over" in repr(found)
    assert "&lt;b&gt;first" in found._repr_html_()
    assert ">Then</th>" in found._repr_html_()  # its gates were judged at its beginning
    assert found.to_dict()["reason"] == "<b>first</b>"


MOVES = st.lists(st.sampled_from([None, 1, 2, 3]), min_size=1, max_size=8)


@given(moves=MOVES)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_at_every_moment_it_says_what_a_ref_meant_then(
    moves: list[int | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = open_place(tmp_path_factory.mktemp("place") / ".nbmlops", actor="ana")
    registry = Registry(place)
    with place.catalog.writing(create=True) as writer:
        digest = place.artifacts.put(b"a model")
        for number in (1, 2, 3):
            detail = version_detail(digest=digest)
            writer.write("register", f"delays/{number}", detail)
    for held in moves:
        with place.catalog.writing() as writer:
            if held is not None:
                writer.move_alias(Ref("delays", number=held), "staging", "alias")
            elif writer.unit.rows("select 1 from alias"):
                writer.drop_alias("delays", "staging", "unalias")
    for event in registry.history():
        for moment in (event.happened_at, event.happened_at - timedelta.resolution):
            assert _held(registry, moment) == _meant(registry, moment)


def _held(registry: Registry, moment: datetime) -> str | None:
    try:
        found = registry.tenure("delays", "staging", as_of=moment)
    except NotFound:
        return None
    assert found.since <= moment
    assert found.until is None or moment < found.until
    return found.ref


def _meant(registry: Registry, moment: datetime) -> str | None:
    try:
        return registry.get("delays@staging", as_of=moment).ref
    except NotFound:
        return None
