"""Rollback and retirement: back to what was there, and no further."""

from collections.abc import Callable
from typing import Any

import pytest

from nbmlops.api import Registry
from nbmlops.errors import NotAllowed, NotFound, UsageError
from nbmlops.gate.gates import judge_gates
from tests.gate.steps import policy, results

Add = Callable[..., Any]


def test_rollbacks_go_back_one_by_one_and_never_forward(
    add: Add, registry: Registry
) -> None:
    for number in (1, 2, 3):
        add()
        registry.promote(f"delays/{number}")
    assert registry.rollback("delays", reason="worse at night").ref == "delays/2"
    assert registry.rollback("delays").ref == "delays/1"
    with pytest.raises(NotAllowed, match="delays/1 is the first champion"):
        registry.rollback("delays")
    registry.promote("delays/3")
    assert registry.rollback("delays").ref == "delays/1"
    assert registry.rollback("delays", to="delays/2").ref == "delays/2"
    with pytest.raises(NotFound, match="former champion"):
        registry.rollback("delays", to=9)


def test_a_rollback_shows_the_gates_and_does_not_enforce_them(
    add: Add, registry: Registry
) -> None:
    add()
    registry.promote("delays/1")
    add()
    registry.promote("delays/2")
    policy("min = { roc_auc = 0.9999 }")
    back = registry.rollback("delays")
    assert results(back.results)["roc_auc at least 0.9999"] is False
    assert back.ref == "delays/1"
    assert "champion again (was delays/2)" in repr(back)


def test_a_rollback_target_must_load(add: Add, registry: Registry) -> None:
    first = add()
    registry.promote("delays/1")
    add(description="other")
    registry.tag("delays/2", a=1)
    registry.promote("delays/2")
    registry._place.artifacts.path(first.digest).write_bytes(b"x")
    from nbmlops.errors import Tampered

    with pytest.raises(Tampered):
        registry.rollback("delays")
    assert registry.get("delays@champion").number == 2


def test_a_deleted_holder_does_not_come_back(add: Add, registry: Registry) -> None:
    for number in (1, 2):
        add()
        registry.promote(f"delays/{number}")
    registry.delete("delays/1")
    with pytest.raises(NotAllowed, match="the champion before cannot come back"):
        registry.rollback("delays")


def test_retiring_empties_the_alias(add: Add, registry: Registry) -> None:
    add()
    registry.promote("delays/1")
    with pytest.raises(UsageError, match="retiring needs a reason"):
        registry.retire("delays", reason="")
    retired = registry.retire("delays", reason="replaced by rules")
    assert retired.previous == "delays/1"
    assert "no longer champion" in repr(retired)
    assert registry.models()[0].aliases == {}
    with pytest.raises(NotFound):
        registry.retire("delays", reason="again")
    with pytest.raises(NotAllowed, match="no version is champion"):
        registry.rollback("delays")


def test_nothing_was_promoted_yet(add: Add, registry: Registry) -> None:
    add()
    with pytest.raises(NotAllowed, match="no version is champion of delays"):
        registry.rollback("delays")


def test_a_gate_that_cannot_judge_fails_and_stops_no_rollback(
    add: Add, registry: Registry
) -> None:
    for number in (1, 2):
        add()
        registry.promote(f"delays/{number}")
    policy('not-worse-than = "champion"', 'metric = "roc_auc"', 'groups = "week"')
    back = registry.rollback("delays")
    assert back.ref == "delays/1"
    assert any("week" in r.detail for r in back.results if r.passed is False)
    forced = registry.promote("delays/2", force=True, reason="an outage")
    assert forced.is_forced


def test_another_models_ref_is_no_target_of_a_rollback(
    add: Add, registry: Registry, model: Any
) -> None:
    for number in (1, 2):
        add()
        registry.promote(f"delays/{number}")
    with pytest.raises(NotFound, match="former champion 'arrivals/1'"):
        registry.rollback("delays", to="arrivals/1")


@pytest.mark.parametrize(
    ("verb", "subject"), [("promote", "delays/4"), ("rollback", "delays")]
)
def test_an_alias_that_moves_while_the_gates_are_judged_is_left_alone(
    verb: str,
    subject: str,
    add: Add,
    registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in (1, 2, 3):
        add()
        if number < 3:
            registry.promote(f"delays/{number}")

    def slowly(case: Any) -> Any:
        monkeypatch.setattr("nbmlops.gate.promotion.judge_gates", judge_gates)
        registry.promote("delays/3", reason="somebody else")
        return judge_gates(case)

    add()
    monkeypatch.setattr("nbmlops.gate.promotion.judge_gates", slowly)
    with pytest.raises(NotAllowed, match="moved to 3 while the gates were judged"):
        getattr(registry, verb)(subject)
    assert registry.get("delays@champion").number == 3


def test_a_rollback_target_must_predict(
    add: Add, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        def predict(self, rows: Any) -> Any:
            raise ValueError("a library was updated")

    for number in (1, 2):
        add()
        registry.promote(f"delays/{number}")
    name = "nbmlops.gate.promotion.load_version"
    monkeypatch.setattr(name, lambda *_, **__: Silent())
    with pytest.raises(NotAllowed, match="fails on a typical row: a library"):
        registry.rollback("delays")
    assert registry.get("delays@champion").number == 2


def test_a_rollback_to_the_holder_changes_nothing(add: Add, registry: Registry) -> None:
    for number in (1, 2):
        add()
        registry.promote(f"delays/{number}")
    before = len(registry.history())
    for to in (2, "delays/2"):
        with pytest.raises(NotAllowed, match="delays/2 is champion already"):
            registry.rollback("delays", to=to)
    with pytest.raises(UsageError, match="to cannot be True"):
        registry.rollback("delays", to=True)
    assert len(registry.history()) == before


def test_a_rollback_never_goes_into_a_version_rolled_away_from(
    add: Add, registry: Registry
) -> None:
    for _ in range(2):
        add()
    for number in (1, 2, 1):
        registry.promote(f"delays/{number}")
    assert registry.rollback("delays").ref == "delays/2"
    with pytest.raises(NotAllowed, match="delays/2 is the first champion"):
        registry.rollback("delays")
    registry.promote("delays/1")
    assert registry.rollback("delays").ref == "delays/2"
    registry.rollback("delays", to=1)
    assert registry.rollback("delays").ref == "delays/2"


def test_the_first_holder_is_found_though_it_came_back(
    add: Add, registry: Registry
) -> None:
    for _ in range(2):
        add()
    for number in (1, 2, 1, 2):
        registry.promote(f"delays/{number}")
    assert registry.rollback("delays").ref == "delays/1"
    with pytest.raises(NotAllowed, match="delays/1 is the first champion"):
        registry.rollback("delays")


@pytest.mark.parametrize("reason", [None, "", "  ", 3])
def test_what_needs_a_reason_says_so(reason: Any, add: Add, registry: Registry) -> None:
    add()
    registry.promote("delays/1")
    add()
    with pytest.raises(UsageError, match="force needs a reason"):
        registry.promote("delays/2", force=True, reason=reason)
    with pytest.raises(UsageError, match="retiring needs a reason"):
        registry.retire("delays", reason=reason)
    assert registry.get("delays@champion").number == 1
