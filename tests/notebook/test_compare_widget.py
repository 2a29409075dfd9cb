"""The compare widget without a browser: its messages, its state, its own helpers."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nbmlops
from nbmlops.api import Registry, open_registry
from nbmlops.notebook.compare_desk import Desk
from nbmlops.notebook.compare_widget import CompareWidget
from tests.notebook.flights import variables

HERE = Path(__file__).parent
POLICY = "[gate.champion]\nmin = {roc_auc = 0.8}\n"


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a good, a bad and another good version; the first is champion."""
    folder = tmp_path_factory.mktemp("widget") / ".nbmlops"
    before = os.environ.get("NBMLOPS_TRUST_FILE")
    os.environ["NBMLOPS_TRUST_FILE"] = str(folder.parent / "trust")
    registry = open_registry(folder, actor="ana@example.com")
    made = variables()
    for model in (made["model"], made["stump"], made["model"]):
        registry.register(
            model, "delays", train=made["train"], target="late", test=made["test"]
        )
    registry.promote("delays/1", reason="the first")
    if before is None:
        del os.environ["NBMLOPS_TRUST_FILE"]
    else:
        os.environ["NBMLOPS_TRUST_FILE"] = before
    return folder


@pytest.fixture
def registry(
    registered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Registry:
    """A copy of it for one test, with the policy beside it."""
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(registered.parent / "trust"))
    shutil.copytree(registered, tmp_path / ".nbmlops")
    (tmp_path / "nbmlops.toml").write_text(POLICY)
    return open_registry(tmp_path / ".nbmlops", actor="ben@example.com")


@pytest.fixture
def desk(registry: Registry) -> Desk:
    return Desk(registry, registry.compare("delays/1", "delays/2"))


def champion(registry: Registry) -> str:
    return registry.get("delays@champion").ref


def test_the_first_state_shows_all_there_is_to_decide(desk: Desk) -> None:
    state = desk.state
    assert [v["ref"] for v in state["versions"]] == ["delays/3", "delays/2", "delays/1"]
    assert state["versions"][2]["aliases"] == ["champion"]
    assert (state["baseline"], state["challenger"]) == ("delays/1", "delays/2")
    assert state["holder"] == "delays/1"
    assert state["actor"] == "ben@example.com"
    assert [g["name"] for g in state["gates"] if g["passed"] is False]
    assert "nbmlops-panel" in state["body"]
    assert state["error"] == ""


def test_other_versions_can_be_picked(desk: Desk) -> None:
    before = desk.state["body"]
    problem = desk.answer(
        {"verb": "compare", "baseline": "delays/1", "challenger": "delays/3"}
    )
    assert problem == ""
    assert desk.state["challenger"] == "delays/3"
    assert desk.state["body"] != before
    assert all(g["passed"] is not False for g in desk.state["gates"])


def test_versions_that_are_swapped_stay_swapped(desk: Desk) -> None:
    """Also with the champion as the challenger: the pickers show what was picked."""
    swapped = {"verb": "compare", "baseline": "delays/2", "challenger": "delays/1"}
    assert desk.answer(swapped) == ""
    assert desk.state["baseline"] == "delays/2"
    assert desk.state["challenger"] == "delays/1"
    assert "delays/1 is better than delays/2" in desk.state["body"]
    assert not desk.state["against"]


@pytest.fixture
def worse(registry: Registry, tmp_path: Path) -> Desk:
    """A challenger that is worse, and gates that let it pass."""
    (tmp_path / "nbmlops.toml").write_text("[gate.champion]\nmin = {roc_auc = 0.5}\n")
    desk = Desk(registry, registry.compare("delays/1", "delays/2"))
    assert all(g["passed"] is not False for g in desk.state["gates"])
    assert "delays/2 is worse than delays/1" in desk.state["body"]
    return desk


def test_a_worse_challenger_is_spoken_against(worse: Desk) -> None:
    assert worse.state["against"]
    worse.answer({"verb": "compare", "baseline": "delays/2", "challenger": "delays/3"})
    assert not worse.state["against"]
    worse.answer({"verb": "compare", "baseline": "delays/1", "challenger": "delays/3"})
    assert not worse.state["against"]


@pytest.mark.parametrize("more", [{}, {"confirmed": "yes"}], ids=["not", "half"])
def test_promoting_against_the_comparison_needs_a_second_click(
    worse: Desk, registry: Registry, more: dict[str, Any]
) -> None:
    ask = {"verb": "promote", "ref": "delays/2", "reason": "cheaper"}
    said = worse.answer({**ask, **more})
    assert said.startswith("promoting against the comparison was not confirmed")
    assert champion(registry) == "delays/1"
    assert worse.answer({**ask, "confirmed": True}) == ""
    assert champion(registry) == "delays/2"
    assert registry.history()[0].detail.get("forced") is not True


def test_a_gate_that_fails_keeps_promote_closed(desk: Desk, registry: Registry) -> None:
    ask = {"verb": "promote", "ref": "delays/2", "reason": "please", "confirmed": True}
    problem = desk.answer(ask)
    assert "roc_auc" in problem
    assert champion(registry) == "delays/1"
    assert desk.state["audit"] == ""


def test_promote_moves_and_shows_its_audit_line(desk: Desk, registry: Registry) -> None:
    desk.answer({"verb": "compare", "baseline": "delays/1", "challenger": "delays/3"})
    ask = {"verb": "promote", "ref": "delays/3", "reason": " as good "}
    assert desk.answer(ask) == ""
    assert champion(registry) == "delays/3"
    event = registry.history()[0]
    assert event.detail["reason"] == "as good"
    assert desk.state["audit"] == (
        f"delays/3 is champion. Event {event.seq} ({event.hash[:10]}) "
        "by ben@example.com."
    )
    assert desk.state["holder"] == desk.state["challenger"] == "delays/3"
    assert desk.state["versions"][0]["aliases"] == ["champion"]


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ({"reason": "it must be"}, "overriding the gates was not confirmed"),
        ({"reason": "x", "confirmed": "yes"}, "overriding the gates was not confirmed"),
        ({"reason": "  ", "confirmed": True}, "overriding the gates needs a reason"),
        ({"confirmed": True}, "overriding the gates needs a reason"),
    ],
    ids=["unconfirmed", "half confirmed", "blank reason", "no reason"],
)
def test_force_needs_a_reason_and_a_second_click(
    desk: Desk, registry: Registry, message: dict[str, Any], problem: str
) -> None:
    said = desk.answer({"verb": "force", "ref": "delays/2", **message})
    assert said.startswith(problem)
    assert champion(registry) == "delays/1"


def test_force_with_both_moves(desk: Desk, registry: Registry) -> None:
    message = {"ref": "delays/2", "reason": "an experiment", "confirmed": True}
    assert desk.answer({"verb": "force", **message}) == ""
    assert champion(registry) == "delays/2"
    assert registry.history()[0].detail["forced"] is True
    assert "past failing gates" in desk.state["audit"]


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("promote", "a message is a mapping"),
        ({}, "there is no request None"),
        ({"verb": "delete", "ref": "delays/1"}, "there is no request 'delete'"),
        ({"verb": "_take"}, "there is no request '_take'"),
        ({"verb": "promote", "ref": "delays/3"}, "delays/3 is not the version that is"),
        ({"verb": "promote", "ref": "other/1"}, "ref: 'other/1' is no version of"),
        (
            {"verb": "promote", "ref": ["delays/2"]},
            "ref: ['delays/2'] is no version of",
        ),
        (
            {"verb": "compare", "baseline": "delays/1", "challenger": "delays/9"},
            "challenger: 'delays/9' is no version of delays",
        ),
        (
            {"verb": "compare", "baseline": "delays/2", "challenger": "delays/2"},
            "a comparison needs two different versions",
        ),
        ({"verb": "promote", "ref": "delays/2", "reason": 7}, "a reason is a text"),
        (
            {"verb": "promote", "ref": "delays/2", "reason": "x" * 2001},
            "a reason is a text of at most 2,000 characters",
        ),
    ],
    ids=str,
)
def test_what_the_front_end_may_ask_is_a_short_list(
    desk: Desk, registry: Registry, message: object, problem: str
) -> None:
    assert desk.answer(message).startswith(problem)
    assert desk.state["error"].startswith(problem)
    assert champion(registry) == "delays/1"


def test_what_others_did_meanwhile_is_shown(desk: Desk, registry: Registry) -> None:
    desk.answer({"verb": "compare", "baseline": "delays/1", "challenger": "delays/3"})
    registry.promote("delays/3", reason="somebody was faster")
    ask = {"verb": "promote", "ref": "delays/3", "reason": ""}
    assert desk.answer(ask).startswith("delays/3 is champion already")
    assert desk.state["holder"] == "delays/3"


def test_the_next_answer_clears_the_error(desk: Desk) -> None:
    assert desk.answer({"verb": "nothing"})
    assert desk.answer({"verb": "hello"}) == ""
    assert desk.state["error"] == ""


def test_the_keywords_of_the_first_comparison_stay(registry: Registry) -> None:
    july = variables()["july"]
    comparison = registry.compare("delays/1", "delays/2", data=july)
    desk = Desk(registry, comparison, asked={"data": july})
    desk.answer({"verb": "compare", "baseline": "delays/1", "challenger": "delays/3"})
    assert "400 rows" in desk.state["body"]


@pytest.fixture
def widget(registry: Registry) -> Iterator[CompareWidget]:
    made = CompareWidget(registry, registry.compare("delays/1", "delays/2"), twin="k1")
    yield made
    made.close()


def test_each_message_is_heard_before_it_is_done(
    widget: CompareWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(widget, "send", sent.append)
    message = {"verb": "compare", "baseline": "delays/1", "challenger": "delays/3"}
    widget._handle_custom_msg({**message, "id": 7}, [])
    assert sent == [{"id": 7, "heard": True}, {"id": 7, "done": True, "ok": True}]
    assert widget.challenger == "delays/3"
    widget._handle_custom_msg({"verb": "nothing", "id": 8}, [])
    assert sent[-1] == {"id": 8, "done": True, "ok": False}
    assert widget.error == "there is no request 'nothing'"


def test_a_fault_of_ours_is_told_too(
    widget: CompareWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(message: object) -> str:
        raise ZeroDivisionError

    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(widget, "send", sent.append)
    monkeypatch.setattr(widget._desk, "answer", broken)
    with pytest.raises(ZeroDivisionError):
        widget._receive(widget, {"verb": "hello", "id": 1}, [])
    assert sent[-1] == {"id": 1, "done": True, "ok": False}
    assert widget.error.startswith("a fault of ours")


def test_a_host_without_widgets_says_how_to_go_on(widget: CompareWidget) -> None:
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    data: dict[str, Any] = bundle[0]
    assert data["text/plain"].endswith("run the cell again.")
    assert "text/html" not in data


def test_the_front_end_is_one_module_without_imports() -> None:
    source = Path(nbmlops.__file__).parent / "notebook" / "compare_widget.js"
    text = source.read_text(encoding="utf-8")
    assert text.startswith("// @ts-check")
    assert "import " not in text
    assert "://" not in text
    assert text.count("innerHTML") == 1


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_helpers_of_the_front_end(tmp_path: Path) -> None:
    source = Path(nbmlops.__file__).parent / "notebook" / "compare_widget.js"
    copy = tmp_path / "compare_widget.mjs"
    shutil.copy(source, copy)
    done = subprocess.run(
        ["node", "--test", str(HERE / "compare_widget.test.mjs")],
        env={**os.environ, "NBMLOPS_WIDGET": copy.as_uri()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        sys.platform == "win32" or "# pass 9" in done.stdout or "pass 9" in done.stdout
    )
