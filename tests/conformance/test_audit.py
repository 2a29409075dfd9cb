"""The audit trail: every change is one event more, chained, and the tables follow."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from nbmlops.api import Registry
from tests.conformance.conftest import Open


def test_every_change_is_one_event_more(two: Registry) -> None:
    changes: list[Callable[[], Any]] = [
        lambda: two.tag("delays/1", team="ops"),
        lambda: two.note("delays/1", "words"),
        lambda: two.alias("delays/1", "shadow"),
        lambda: two.unalias("delays", "shadow"),
        lambda: two.promote("delays/1", force=True, reason="start"),
        lambda: two.promote("delays/2", force=True, reason="better"),
        lambda: two.retire("delays", reason="over"),
        lambda: two.delete("delays/1", reason="wrong"),
        lambda: two.restore("delays/1"),
    ]
    for change in changes:
        before = len(two.history())
        change()
        assert len(two.history()) == before + 1
    assert two.verify().ok


def test_events_name_who_did_it(two: Registry, open_as: Open) -> None:
    open_as("ben@example.com").note("delays/1", "words")
    assert two.history()[0].actor == "ben@example.com"
    assert two.history()[1].actor == "ana@example.com"


def test_the_trail_is_chained_numbered_and_never_runs_backwards(two: Registry) -> None:
    two.tag("delays/1", team="ops")
    trail = list(reversed(two.history()))
    assert [event.seq for event in trail] == list(range(1, len(trail) + 1))
    assert all(b.previous == a.hash for a, b in pairwise(trail))
    assert all(b.happened_at >= a.happened_at for a, b in pairwise(trail))


def test_reading_writes_nothing(two: Registry) -> None:
    before = [event.hash for event in two.history()]
    two.models(), two.versions("delays"), two.status(), two.catalog()
    two.get("delays"), two.search("name = 'delays'"), two.verify()
    assert [event.hash for event in two.history()] == before


def test_the_tables_are_handed_out_as_copies(two: Registry) -> None:
    tables = two.catalog()
    tables["model_version"].loc[:, "description"] = "edited"
    assert [v.description for v in two.versions("delays")] == ["second", "first"]
    assert two.verify().ok


def test_a_head_noted_elsewhere_is_found_again(two: Registry) -> None:
    head = two.verify().head
    two.note("delays/1", "later")
    assert two.verify(head=head).ok
    digest = head.split()[1]
    other = head.replace(digest, digest[::-1])
    assert not two.verify(head=other).ok


@pytest.mark.parametrize("verb", ["note", "tag"])
def test_a_redacted_event_still_verifies(two: Registry, verb: str) -> None:
    event = (
        two.note("delays/1", "Jo said so")
        if verb == "note"
        else two.tag("delays/1", who="Jo")
    )
    two.redact(event, reason="personal")
    assert "Jo" not in repr(two.get("delays/1").to_dict())
    assert "Jo" not in repr([e.to_dict() for e in two.history()])
    assert two.verify().ok
