"""Approvals: who may give them, what they are bound to, and what ends them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbmlops.api import Registry, open_registry
from nbmlops.errors import (
    AlreadyExists,
    GateFailed,
    NotAllowed,
    NotFound,
    UsageError,
)
from nbmlops.gate import promotion
from nbmlops.gate.approval_state import stated
from nbmlops.gate.gates import judge_gates
from nbmlops.registry.approval_requests import requests
from tests.flights import FEATURES, flights
from tests.gate.steps import as_, policy, results

Add = Callable[..., Any]
ONE = ("approvals = 1", 'approvers = ["bo@example.com", "cy@example.com"]')


def gate(registry: Registry, ref: str = "delays/1") -> Any:
    [found] = [r for r in registry.gates(ref) if r.name == "approvals"]
    return found


def test_a_version_is_promoted_once_somebody_else_approved_it(
    add: Add, registry: Registry
) -> None:
    policy(*ONE)
    add()
    assert gate(registry).passed is False
    assert "0 of 1: nobody requested it" in gate(registry).detail
    asked = registry.request("delays/1", reason="good at night")
    assert (asked.state, asked.by, asked.reason) == (
        "open",
        "ana@example.com",
        "good at night",
    )
    with pytest.raises(GateFailed, match="approvals: 0 of 1 approved"):
        registry.promote("delays/1")
    approved = as_("bo").approve("delays/1", reason="read the card")
    assert (approved.state, approved.detail) == (
        "approved",
        "1 of 1 approved (event 5)",
    )
    assert gate(registry).passed
    moved = registry.promote("delays/1")
    assert results(moved.results)["approvals"] is True
    assert [r.name for r in moved.results][-1] == "approvals"


def test_the_author_and_who_asked_cannot_approve(add: Add, registry: Registry) -> None:
    policy("approvals = 1")
    add()
    as_("bo").request("delays/1")
    with pytest.raises(NotAllowed, match="the same name made it"):
        open_registry(actor=" ANA@example.com").approve("delays/1")
    with pytest.raises(NotAllowed, match="the same name requested it"):
        as_("bo").approve("delays/1")
    assert registry.approvals()[0].answers == ()
    assert as_("cy").approve("delays/1").state == "approved"


def test_an_author_who_was_redacted_could_be_anybody(
    add: Add, registry: Registry
) -> None:
    policy("approvals = 1")
    add()
    registry.redact(2, reason="asked")
    as_("bo").request("delays/1")
    with pytest.raises(NotAllowed, match="who made it was redacted"):
        registry.approve("delays/1")


def test_the_first_author_of_an_imported_version_cannot_approve_it(
    add: Add, registry: Registry, tmp_path: Path
) -> None:
    policy("approvals = 1")
    add()
    registry.export("delays/1", tmp_path / "delays.zip")
    place = tmp_path / "other" / ".nbmlops"
    open_registry(place, actor="bo@example.com").import_(tmp_path / "delays.zip")
    open_registry(place, actor="cy@example.com").request("delays/1")
    with pytest.raises(NotAllowed, match="the same name made it"):
        open_registry(place, actor="ana@example.com").approve("delays/1")


def test_without_a_rule_one_approval_is_asked_for_and_stays_on_record(
    add: Add, registry: Registry
) -> None:
    add()
    registry.request("delays/1")
    assert registry.history()[0].detail["approvals"] == 1
    assert registry.approvals()[0].needed == 1
    assert registry.reject("delays/1").needed == 1
    policy("approvals = 2")  # not what was asked for then
    assert registry.approvals()[0].needed == 1


def test_only_those_on_the_list_answer(add: Add, registry: Registry) -> None:
    policy("approvals = 1", 'approvers = ["bo@example.com", "*@ops.example.com"]')
    add()
    registry.request("delays/1")
    for answer in (as_("eve").approve, as_("eve").reject):
        with pytest.raises(
            NotAllowed, match=r"eve@example\.com is no approver"
        ) as said:
            answer("delays/1")
        assert "bo@example.com, *@ops.example.com" in said.value.hint
    assert (
        open_registry(actor="dee@ops.example.com").approve("delays/1").state
        == "approved"
    )


def test_approvals_are_counted_by_people(add: Add, registry: Registry) -> None:
    policy("approvals = 2")
    add()
    registry.request("delays/1")
    assert as_("bo").approve("delays/1").detail == "1 of 2 approved (event 5)"
    with pytest.raises(NotAllowed, match="nothing has changed since"):
        as_("BO").approve("delays/1")
    assert gate(registry).passed is False
    assert as_("cy").approve("delays/1").detail == "2 of 2 approved (events 5, 6)"
    assert gate(registry).passed


def test_what_lapsed_and_was_given_again_counts_once(
    add: Add, registry: Registry, test: pd.DataFrame
) -> None:
    policy("approvals = 2")
    add()
    registry.request("delays/1")
    as_("bo").approve("delays/1")
    registry.evaluate("delays/1", test[:500], target="late", name="half")
    as_("bo").approve("delays/1")
    found = registry.approvals("delays")[0]
    assert [bool(a.lapsed) for a in found.answers] == [True, False]
    assert (found.state, found.detail[:6]) == ("lapsed", "lapsed")
    assert "1 of 2 approved" in gate(registry).detail


def test_one_person_is_counted_once_when_old_rules_come_back(
    add: Add, registry: Registry
) -> None:
    add()
    registry.request("delays/1")
    for name, lines in (("bo", ()), ("bo", ('require = ["test"]',)), ("BO", ())):
        policy("approvals = 2", *lines)
        as_(name).approve("delays/1")
    found = registry.approvals("delays")[0]
    assert [bool(answer.lapsed) for answer in found.answers] == [False, True, False]
    assert "1 of 2 approved" in gate(registry).detail


def evaluated(registry: Registry, add: Add) -> None:
    registry.evaluate("delays/1", flights(400, seed=9), target="late", name="july")


def checked(registry: Registry, add: Add) -> None:
    registry.check_skew("delays/1", flights(600, seed=9)[FEATURES])


def other_rules(registry: Registry, add: Add) -> None:
    policy(*ONE, 'require = ["description"]')


def other_holder(registry: Registry, add: Add) -> None:
    add()
    registry.promote("delays/2", force=True, reason="an outage")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (evaluated, "lapsed: a new evaluation since event 5"),
        (checked, "lapsed: a new check since event 5"),
        (other_rules, "lapsed: other rules for the alias since event 5"),
        (other_holder, "lapsed: another version, or other figures, to compare it with"),
    ],
)
def test_an_approval_lapses_with_what_was_seen(
    add: Add, registry: Registry, change: Callable[..., None], why: str
) -> None:
    policy(*ONE)
    add()
    registry.request("delays/1")
    as_("bo").approve("delays/1")
    change(registry, add)
    found = gate(registry)
    assert found.passed is False
    assert why in found.detail
    with pytest.raises(GateFailed):
        registry.promote("delays/1")
    if change is not other_rules:
        assert as_("bo").approve("delays/1").state == "approved"
        assert gate(registry).passed


def test_muting_a_finding_after_the_approval_lapses_it(
    add: Add, registry: Registry
) -> None:
    policy(*ONE)
    add()
    registry.check_skew("delays/1", flights(600, seed=9)[FEATURES])
    registry.request("delays/1")
    as_("bo").approve("delays/1")
    until = datetime.now(UTC) + timedelta(days=9)
    registry.acknowledge("delays/1", FEATURES[0], until=until, reason="new sensor")
    assert "lapsed: other findings acknowledged" in gate(registry).detail


def test_what_is_not_of_the_version_leaves_an_approval_standing(
    add: Add, registry: Registry
) -> None:
    policy(*ONE)
    add()
    registry.promote("delays/1", force=True, reason="first")
    add()
    registry.request("delays/2")
    as_("bo").approve("delays/2")
    add(test=flights(300, seed=5))  # which evaluates the champion on its rows too
    registry.tag("delays/2", team="ops")
    registry.note("delays/2", "looks fine")
    registry.describe("delays/2", "late arrivals")
    policy(*ONE, "", "[gate.challenger]", 'require = ["test"]')
    assert gate(registry, "delays/2").passed


def test_one_rejection_closes_a_request(add: Add, registry: Registry) -> None:
    policy(*ONE)
    add()
    registry.request("delays/1")
    as_("bo").approve("delays/1")
    rejected = as_("cy").reject("delays/1", reason="worse on UA")
    assert (rejected.state, rejected.detail) == (
        "rejected",
        "rejected (event 6): worse on UA",
    )
    assert gate(registry).passed is False
    with pytest.raises(NotFound, match="no open request 'delays/1'"):
        as_("bo").approve("delays/1")
    registry.request("delays/1", reason="again")
    assert [r.state for r in registry.approvals("delays")] == ["open", "rejected"]
    assert gate(registry).passed is False


def test_who_asked_may_withdraw(add: Add, registry: Registry) -> None:
    policy(*ONE)
    add()
    registry.request("delays/1")
    assert registry.reject("delays/1").state == "rejected"


def test_a_request_is_made_once_and_for_somebody_else_than_the_holder(
    add: Add, registry: Registry
) -> None:
    add()
    registry.request("delays/1")
    with pytest.raises(AlreadyExists, match="was requested for champion already"):
        registry.request("delays/1")
    registry.promote("delays/1")
    with pytest.raises(NotAllowed, match="delays/1 is champion already"):
        registry.request("delays/1")


def test_an_approval_is_used_up_by_the_promotion(add: Add, registry: Registry) -> None:
    policy(*ONE)
    add()
    registry.request("delays/1")
    as_("bo").approve("delays/1")
    registry.promote("delays/1")
    used = registry.approvals()[0]
    assert (used.state, used.answers[0].lapsed) == ("promoted", "")
    registry.retire("delays", reason="an outage")
    assert gate(registry).passed is False
    assert gate(registry).detail == (
        "promoted (event 6); the next promotion needs a new request"
    )


def test_a_request_ends_with_its_time(add: Add, registry: Registry) -> None:
    policy(*ONE, 'approval-max-age = "14d"')
    add()
    asked = registry.request("delays/1")
    assert asked.expires_at is not None
    assert (
        timedelta(days=13) < asked.expires_at - datetime.now(UTC) < timedelta(days=15)
    )
    as_("bo").approve("delays/1")
    with registry._place.reading() as unit:
        [stored] = requests(unit)
    later = asked.expires_at + timedelta(seconds=1)
    then = stated(stored, needed=1, seen=None, now=later)
    assert then.state == "expired"
    assert "request it again" in then.detail


def test_an_expired_request_counts_for_nothing(add: Add, registry: Registry) -> None:
    policy(*ONE, 'approval-max-age = "0m"')
    add()
    registry.request("delays/1")
    with pytest.raises(NotAllowed, match="has expired"):
        as_("bo").approve("delays/1")
    assert gate(registry).passed is False
    assert registry.request("delays/1").state == "expired"  # asking again is no clash
    assert as_("cy").reject("delays/1").state == "rejected"


def test_which_version_is_answered_must_be_said_where_there_are_several(
    add: Add, registry: Registry
) -> None:
    add()
    add()
    registry.request("delays/2")
    for answer in (as_("bo").approve, as_("bo").reject):
        with pytest.raises(UsageError, match="has several versions"):
            answer("delays")


def test_several_aliases_are_told_apart(add: Add, registry: Registry) -> None:
    add()
    registry.request("delays/1")
    registry.request("delays/1", "challenger")
    with pytest.raises(UsageError, match="requested for several aliases") as said:
        as_("bo").approve("delays/1")
    assert said.value.hint == "say which: alias='challenger' or alias='champion'"
    assert as_("bo").approve("delays/1", alias="challenger").alias == "challenger"
    states = {r.alias: r.state for r in registry.approvals("delays/1")}
    assert states == {"champion": "open", "challenger": "approved"}


def test_what_was_asked_and_answered_for_one_version_says_nothing_of_another(
    add: Add, registry: Registry
) -> None:
    policy(*ONE)
    add()
    add()
    registry.request("delays/1")
    with pytest.raises(NotFound, match="open request"):
        as_("bo").approve("delays/2")
    as_("bo").approve("delays/1")
    assert "nobody requested it" in gate(registry, "delays/2").detail
    assert registry.request("delays/2").state == "open"
    assert [one.ref for one in registry.approvals("delays/2")] == ["delays/2"]
    assert len(registry.approvals("delays")) == 2


def test_what_was_rejected_stays_listed_when_its_version_is_deleted(
    add: Add, registry: Registry
) -> None:
    add()
    registry.request("delays/1")
    registry.reject("delays/1")
    registry.delete("delays/1")
    assert [one.state for one in registry.approvals()] == ["rejected"]


def test_nobody_slips_in_between_the_gates_and_the_move(
    add: Add, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(*ONE)
    add()
    registry.request("delays/1")
    as_("bo").approve("delays/1")
    judge = judge_gates

    def judge_then_reject(case: Any) -> Any:
        found = judge(case)
        as_("cy").reject("delays/1")
        return found

    monkeypatch.setattr(promotion, "judge_gates", judge_then_reject)
    with pytest.raises(NotAllowed, match="changed while the gates were judged"):
        registry.promote("delays/1")
    assert registry.models()[0].aliases == {}


def test_rollback_asks_for_no_approval(add: Add, registry: Registry) -> None:
    add()
    registry.promote("delays/1")
    add()
    registry.promote("delays/2")
    policy(*ONE)
    back = registry.rollback("delays")
    assert back.ref == "delays/1"
    assert results(back.results)["approvals"] is False


def test_requests_show_what_they_are_and_hide_nothing(
    add: Add, registry: Registry
) -> None:
    add()
    registry.request("delays/1", reason="<b>better</b>")
    as_("bo").approve("delays/1", reason="<i>fine</i>")
    [found] = registry.approvals()
    assert "1 of 1 approved (event 5)" in repr(found)
    assert "bo@example.com" in repr(found)
    html = found._repr_html_()
    assert "&lt;b&gt;better" in html
    assert "&lt;i&gt;fine" in html
    assert found.to_dict()["answers"][0]["by"] == "bo@example.com"
    assert registry.verify().ok


def test_what_waits_is_in_the_status(add: Add, registry: Registry) -> None:
    add()
    registry.request("delays/1")
    [first, *_] = registry.status().attention
    assert "delays/1 was requested for champion" in first.why
    assert first.hint == "%mlops approvals delays"
    registry.reject("delays/1")
    assert not any("requested" in item.why for item in registry.status().attention)


def test_the_trail_says_who_asked_and_answered(add: Add, registry: Registry) -> None:
    add()
    registry.request("delays/1", reason="better")
    as_("bo").approve("delays/1", reason="fine")
    newest, before = registry.history("delays")[:2]
    assert (newest.verb, newest.actor) == ("approve", "bo@example.com")
    assert newest.detail["digest"] == registry.get("delays/1").digest
    assert "champion: fine" in repr(newest)
    assert (before.verb, before.subject) == ("request", "delays/1")
