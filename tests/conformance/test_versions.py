"""Versions: numbered per name, never reused, immutable, and whole."""

from collections.abc import Callable
from typing import Any

import pytest

from nbmlops.api import Registry
from nbmlops.errors import AlreadyExists, NotAllowed, NotFound, UsageError
from tests.conformance.conftest import Open

HOSTILE = "<b>'; drop table event; --\n\u202e{0}%s $1 ☃ \\"


def test_opening_makes_nothing(place: Registry) -> None:
    with pytest.raises(NotFound):
        place.models()


def test_numbers_count_up_per_name(place: Registry, fitted: Callable[..., Any]) -> None:
    refs = [place.register(fitted(), name).ref for name in ("a", "b", "a", "a", "b")]
    assert refs == ["a/1", "b/1", "a/2", "a/3", "b/2"]


def test_a_number_is_never_given_again(
    two: Registry, fitted: Callable[..., Any]
) -> None:
    two.delete("delays/2", reason="wrong")
    assert two.register(fitted(0.5), "delays").number == 3
    with pytest.raises(NotFound):
        two.get("delays/2")
    two.restore("delays/2")
    assert two.get("delays/2").description == "second"
    assert [version.number for version in two.versions("delays")] == [3, 2, 1]


def test_names_differ_by_more_than_case(
    two: Registry, fitted: Callable[..., Any]
) -> None:
    with pytest.raises(AlreadyExists):
        two.register(fitted(), "Delays")
    assert [model.name for model in two.models()] == ["delays"]


def test_what_was_registered_comes_back_in_another_session(
    two: Registry, open_as: Open
) -> None:
    there = open_as().get("delays/2")
    here = two.get("delays/2")
    assert there.to_dict() == here.to_dict()
    assert open_as().load("delays/2").C == 0.1


@pytest.mark.parametrize("text", [HOSTILE, "", "x" * 100_000])
def test_any_text_survives(
    place: Registry, fitted: Callable[..., Any], open_as: Open, text: str
) -> None:
    place.register(fitted(), "m", description=text, tags={"key": text})
    place.note("m/1", f"note: {text}")
    version = open_as().get("m/1")
    assert (version.description, version.tags["key"]) == (text, text)
    assert version.notes == (f"note: {text}",)


def test_a_refused_change_leaves_nothing(two: Registry) -> None:
    before = [event.hash for event in two.history()]
    with pytest.raises(UsageError):
        two.register(object(), "delays")
    with pytest.raises(NotFound):
        two.tag("delays/9", team="ops")
    with pytest.raises(UsageError):
        two.note("delays", "which of the two?")
    with pytest.raises(NotAllowed):
        two.restore("delays/1")
    assert [event.hash for event in two.history()] == before


def test_tags_are_set_replaced_and_taken_away(two: Registry) -> None:
    two.tag("delays/1", team="ops", stage="trial")
    two.tag("delays/1", team="data", stage=None)
    assert dict(two.get("delays/1").tags) == {"team": "data"}
    assert dict(two.get("delays/2").tags) == {}


def test_search_and_listing_agree(two: Registry) -> None:
    two.tag("delays/1", team="ops")
    found = two.search("tags.team = 'ops' and name = 'delays'")
    assert [version.ref for version in found] == ["delays/1"]
    everything = two.search("name = 'delays'")
    assert [v.ref for v in everything] == [v.ref for v in two.versions("delays")]
