"""The timeline without a browser: what travels to it, when it is shown, its helpers."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import nbmlops
from nbmlops.api import Registry, open_registry
from nbmlops.notebook import timeline_widget
from nbmlops.notebook.timeline_widget import TimelineWidget
from tests.notebook.conftest import Notebook
from tests.notebook.flights import variables

HERE = Path(__file__).parent
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Two versions, the second champion after the first, and a note with markup."""
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(tmp_path / "trust"))
    found = open_registry(tmp_path / ".nbmlops", actor="ana@example.com")
    made = variables()
    for _ in range(2):
        found.register(made["model"], "delays", train=made["train"], target="late")
    found.promote("delays/1", reason="the first")
    (tmp_path / "nbmlops.toml").write_text('[gate.champion]\nrequire = ["description"]')
    found.promote("delays/2", reason="better", force=True)
    found.note("delays/2", "<script>alert(1)</script>\x1b[2J")
    return found


def test_every_event_travels_newest_first_with_its_detail(registry: Registry) -> None:
    history = registry.history("delays")
    widget = TimelineWidget(history, twin="abc")
    assert [event["seq"] for event in widget.events] == [e.seq for e in history]
    newest = widget.events[0]
    assert newest["told"] == r"<script>alert(1)</script>\x1b[2J"
    assert newest["on"] == "delays/2"
    assert newest["by"] == "ana@example.com"
    assert newest["hash"] == history[0].hash
    assert '"text": "<script>' in newest["detail"]
    assert widget.headline == history.headline
    assert widget.twin == "abc"
    assert widget.left_out == 0


def test_who_held_what_travels_too(registry: Registry) -> None:
    history = registry.history("delays")
    first, second = (e for e in reversed(history) if e.verb == "promote")
    now, before = TimelineWidget(history).stays
    assert (now["ref"], now["until"]) == ("delays/2", None)
    assert (before["alias"], before["ref"]) == ("champion", "delays/1")
    moments = [
        e.happened_at.isoformat(timespec="milliseconds") for e in (first, second)
    ]
    assert [before["since"], before["until"]] == moments


def test_what_was_forced_or_found_stands_out(registry: Registry) -> None:
    made = variables()
    registry.check_skew("delays/2", made["train"])
    registry.check_skew("delays/2", made["train"].assign(a=1000.0))
    grave = [e for e in TimelineWidget(registry.history()).events if e["grave"]]
    assert [event["verb"] for event in grave] == ["check", "promote"]
    assert grave[1]["on"] == "delays/2"


def test_a_long_history_is_cut_and_says_by_how_much(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = registry.history()
    monkeypatch.setattr(timeline_widget, "MOST_EVENTS", 2)
    monkeypatch.setattr(timeline_widget, "_MOST_DETAILS", 30)
    widget = TimelineWidget(history)
    assert len(widget.events) == 2
    assert widget.left_out == len(history) - 2
    assert sum(len(event["detail"]) for event in widget.events) == 30


def test_in_a_notebook_the_report_comes_first_and_then_the_timeline(
    notebook: Notebook, registry: Registry
) -> None:
    notebook.shell.kernel = object()  # type: ignore[attr-defined]
    notebook.ok(f"%mlops use {registry.location}")
    notebook.ok("%mlops history delays")
    report, widget = notebook.outputs
    assert report["text/html"].startswith("<details")
    assert "5 events of delays, " in report["text/html"].partition("</summary>")[0]
    assert WIDGET in widget
    assert "text/html" not in widget
    assert "run the cell again" in widget["text/plain"]


def test_a_history_without_events_is_said_in_words(
    notebook: Notebook, tmp_path: Path
) -> None:
    notebook.shell.kernel = object()  # type: ignore[attr-defined]
    notebook.ok("from nbmlops.lifecycle.browse import History\nHistory(())")
    [output] = notebook.outputs
    assert "Nothing has happened yet" in output["text/html"]


def test_without_a_kernel_a_history_is_text(
    notebook: Notebook, registry: Registry
) -> None:
    notebook.ok(f"%mlops history delays --registry {registry.location}")
    [output] = notebook.outputs
    assert WIDGET not in output
    assert output["text/plain"].splitlines()[1].split()[0] == str(
        len(registry.history())
    )


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_helpers_of_the_front_end(tmp_path: Path) -> None:
    source = Path(nbmlops.__file__).parent / "notebook" / "timeline_widget.js"
    copy = tmp_path / "timeline_widget.mjs"
    shutil.copy(source, copy)
    done = subprocess.run(
        ["node", "--test", str(HERE / "timeline_widget.test.mjs")],
        env={**os.environ, "NBMLOPS_WIDGET": copy.as_uri()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 13" in done.stdout
