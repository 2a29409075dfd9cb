"""Aliases: one holder each, their past kept, and moved by one event at a time."""

from datetime import timedelta

import pytest

from nbmlops.api import Registry
from nbmlops.errors import GateFailed, NotAllowed, NotFound


def test_an_alias_has_one_holder(two: Registry) -> None:
    two.alias("delays/1", "shadow")
    two.alias("delays/2", "shadow")
    assert two.get("delays@shadow").number == 2
    assert two.get("delays/1").aliases == ()
    two.unalias("delays", "shadow")
    with pytest.raises(NotFound):
        two.get("delays@shadow")


def test_newest_follows_what_is_not_deleted(two: Registry) -> None:
    assert two.get("delays@newest").number == 2
    two.delete("delays/2", reason="wrong")
    assert two.get("delays@newest").number == 1


def test_a_bare_name_means_the_champion_else_the_newest(two: Registry) -> None:
    assert two.get("delays").number == 2
    two.promote("delays/1", force=True, reason="start")
    assert two.get("delays").number == 1


def test_the_past_of_an_alias_is_kept(two: Registry) -> None:
    first = two.promote("delays/1", force=True, reason="start").event
    second = two.promote("delays/2", force=True, reason="better").event
    tick = timedelta(microseconds=1)
    assert two.get("delays@champion", as_of=first.happened_at).number == 1
    assert two.get("delays@champion", as_of=second.happened_at - tick).number == 1
    assert two.get("delays@champion", as_of=second.happened_at).number == 2
    with pytest.raises(NotFound):
        two.get("delays@champion", as_of=first.happened_at - tick)


def test_a_refused_promotion_moves_nothing(two: Registry) -> None:
    before = [event.hash for event in two.history()]
    with pytest.raises(GateFailed):
        two.promote("delays/1")  # its signature is partial
    assert [event.hash for event in two.history()] == before


def test_the_holder_of_an_alias_is_not_deleted(two: Registry) -> None:
    two.alias("delays/1", "shadow")
    with pytest.raises(NotAllowed, match="shadow"):
        two.delete("delays/1", reason="clean up")
    assert two.get("delays/1").aliases == ("shadow",)


def test_the_champion_moves_through_gates_only(two: Registry) -> None:
    with pytest.raises(NotAllowed):
        two.alias("delays/1", "champion")
    with pytest.raises(NotAllowed):
        two.unalias("delays", "champion")
