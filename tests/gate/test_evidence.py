"""What an approval is bound to: each part changes with what it stands for, alone."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from nbmlops.api import Registry
from nbmlops.gate.case import Case, case_of
from nbmlops.gate.evidence import evidence
from nbmlops.gate.policy import Policy
from nbmlops.refs import Ref
from nbmlops.registry.catalog import Writer
from tests.registry.conftest import add_version

CANDIDATE, RIVAL, TWIN = "delays/1", "delays/2", "delays/4"
FRAME, ANOTHER = "e" * 64, "f" * 64


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def evaluate(writer: Writer, ref: str, **changed: Any) -> None:
    said: dict[str, Any] = {
        "evaluation": "test",
        "digest": digest_of(b"rows"),
        "metrics": {"roc_auc": 0.75},
        "dataset": FRAME,
        "rows": 9,
        "slices": [],
        "groups": "",
        "latency_ms": 1.5,
        "notes": [],
    }
    writer.write("evaluate", ref, {**said, **changed})


def check(writer: Writer, **changed: Any) -> None:
    said: dict[str, Any] = {
        "verdict": "within tolerance",
        "ok": True,
        "report": digest_of(b"report"),
        "profile": digest_of(b"profile"),
        "serving": "today.csv",
        "columns": [],
    }
    writer.write("check", RIVAL, {**said, **changed})


def acknowledge(writer: Writer) -> None:
    muted = {"column": "a", "until": "2999-01-01", "reason": ""}
    writer.write("acknowledge", CANDIDATE, muted)


@pytest.fixture
def case(registry: Registry) -> Case:
    place = registry._place
    for data in (b"rows", b"other rows", b"report", b"profile"):
        place.artifacts.put(data)
    for data in (b"candidate", b"rival", b"twin of the rival", b"twin"):
        number = add_version(place.catalog, digest=place.artifacts.put(data))
        with place.catalog.writing() as writer:
            evaluate(writer, f"delays/{number}")
    with place.catalog.writing() as writer:
        writer.move_alias(Ref("delays", number=2), "champion", "promote", {})
    return case_of(place, Policy(), CANDIDATE, "champion")


def again(case: Case, ref: str = CANDIDATE) -> Case:
    return case_of(case.place, Policy(), ref, "champion")


CHANGES: dict[str, tuple[Callable[[Writer], object], set[str]]] = {
    "a further evaluation": (
        lambda w: evaluate(w, CANDIDATE, evaluation="july", dataset=ANOTHER),
        {"evaluations"},
    ),
    "other rows": (
        lambda w: evaluate(w, CANDIDATE, digest=digest_of(b"other rows")),
        {"evaluations"},
    ),
    "another metric": (
        lambda w: evaluate(w, CANDIDATE, metrics={"log_loss": 0.5}),
        {"evaluations"},
    ),
    "another latency": (
        lambda w: evaluate(w, CANDIDATE, latency_ms=9.0),
        {"evaluations"},
    ),
    "other figures of the rival": (
        lambda w: evaluate(w, RIVAL, metrics={"roc_auc": 0.5}),
        {"holder"},
    ),
    "figures of the rival on other rows": (
        lambda w: evaluate(w, RIVAL, evaluation="july", dataset=ANOTHER),
        set(),
    ),
    "another rival with these figures": (
        lambda w: w.move_alias(Ref("delays", number=3), "champion", "promote", {}),
        {"holder"},
    ),
    "a check": (check, {"check"}),
    "a check of some columns": (lambda w: check(w, partial=True), set()),
    "an acknowledgement": (acknowledge, {"acknowledgements"}),
    "a note": (lambda w: w.write("note", CANDIDATE, {"text": "fine"}), set()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_an_approver_saw_is_told_apart_part_by_part(
    case: Case, change: str
) -> None:
    write, parts = CHANGES[change]
    before = evidence(case)
    with case.place.catalog.writing() as writer:
        write(writer)
    now = evidence(again(case))
    assert {part for part in before if before[part] != now[part]} == parts


def test_other_bytes_with_the_same_figures_are_another_model(case: Case) -> None:
    before, now = evidence(case), evidence(again(case, TWIN))
    assert {part for part in before if before[part] != now[part]} == {"model"}


def test_a_rule_that_asks_for_nothing_is_no_other_rule(case: Case) -> None:
    """A newer release knows more rules, and what it does not ask changes nothing."""
    assert evidence(case)["policy"] == digest_of(b"{}")
    stricter = replace(case, policy=replace(case.policy, approvals=2))
    assert evidence(stricter)["policy"] != evidence(case)["policy"]
