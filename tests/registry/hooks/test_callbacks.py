"""Callbacks: called once an event stands, and unable to undo it."""

from collections.abc import Callable
from typing import Any

import pytest

from nbmlops.api import Registry
from nbmlops.errors import NbmlopsWarning, UsageError
from nbmlops.registry.audit.events import Event


@pytest.fixture
def heard() -> list[Event]:
    return []


def test_a_callback_hears_of_its_verb_only(
    registry: Registry, add: Callable[..., Any], heard: list[Event]
) -> None:
    registry.on("promote", heard.append)
    add()
    registry.promote("delays/1", reason="first")
    assert [(event.verb, event.subject) for event in heard] == [("promote", "delays/1")]
    assert heard[0] == registry.history()[0]


def test_a_star_hears_of_every_verb_in_order(
    registry: Registry, add: Callable[..., Any], heard: list[Event]
) -> None:
    registry.on("*", heard.append)
    add()
    assert [event.verb for event in heard] == ["init", "register", "evaluate"]


def test_a_callback_may_use_the_registry_and_change_it(
    registry: Registry, add: Callable[..., Any]
) -> None:
    registry.on("register", lambda event: registry.note(event.subject, "seen"))
    assert add().ref == "delays/1"
    assert registry.get("delays/1").notes == ("seen",)


def test_what_a_callback_raises_is_a_warning_and_the_change_stands(
    registry: Registry, add: Callable[..., Any], heard: list[Event]
) -> None:
    add()

    def fail(event: Event) -> None:
        raise ValueError("no network")

    registry.on("note", fail)
    registry.on("note", heard.append)
    with pytest.warns(
        NbmlopsWarning, match="ValueError: no network; the change stands"
    ):
        registry.note("delays/1", "kept")
    assert registry.get("delays/1").notes == ("kept",)
    assert len(heard) == 1


def test_a_change_that_fails_is_not_told(
    registry: Registry, add: Callable[..., Any], heard: list[Event]
) -> None:
    add()
    registry.on("*", heard.append)
    with pytest.raises(UsageError):
        registry.note("delays/1", " ")
    assert heard == []


def test_a_callback_can_be_ended(
    registry: Registry, add: Callable[..., Any], heard: list[Event]
) -> None:
    add()
    off = registry.on("note", heard.append)
    off()
    off()
    registry.note("delays/1", "unheard")
    assert heard == []


def test_a_misspelt_verb_is_refused(registry: Registry) -> None:
    with pytest.raises(UsageError, match=r"no event has the verb .promot.\s.*promote"):
        registry.on("promot", print)


def test_what_cannot_be_called_is_refused(registry: Registry) -> None:
    with pytest.raises(UsageError, match="'print' cannot be called"):
        registry.on("promote", "print")  # type: ignore[arg-type]
