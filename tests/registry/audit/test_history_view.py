"""The history as JSON lines that can be hashed anew, and as a timeline."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nbmlops.lifecycle.browse import history
from nbmlops.refs import Ref
from nbmlops.registry.audit.history_view import history_html, stays
from nbmlops.registry.place import Place
from tests.registry.conftest import PROMOTED, add_version

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def moved(filled: Place) -> Place:
    """A place whose champion moved on, went back, and retired."""
    with filled.catalog.writing() as writer:
        ref = Ref("delays", number=2)
        said = {**PROMOTED, "reason": "<b>better</b>"}
        writer.move_alias(ref, "champion", "promote", said)
        writer.move_alias(ref, "challenger", "alias")
        writer.move_alias(Ref("delays", number=1), "champion", "rollback")
        writer.drop_alias("delays", "champion", "retire", {"reason": "done"})
    return filled


def test_json_lines_hold_all_that_is_hashed(moved: Place, tmp_path: Path) -> None:
    """Anybody can follow the chain with the lines alone: docs/registry.md says how."""
    written = tmp_path / "trail.jsonl"
    found = history(moved, out=written)
    events = [json.loads(line) for line in written.read_text().splitlines()]
    assert [event["seq"] for event in events] == list(range(1, 9))
    assert written.read_text() == found.to_jsonl()

    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    previous = "0" * 64
    for event in events:
        parts = [
            event["seq"],
            event["happened_at"],
            event["verb"],
            event["subject"],
            sha256(event["salt"] + event["actor"]),
            sha256(event["salt"] + event["detail"]),
            previous,
        ]
        assert event["previous"] == previous
        assert event["hash"] == sha256(json.dumps(parts, ensure_ascii=False))
        previous = event["hash"]


def test_json_lines_of_one_version_are_its_own(moved: Place) -> None:
    lines = history(moved, "delays/2").to_jsonl().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [3, 5, 6]
    assert history(moved, "delays/2")[0].to_json() == lines[-1]


def test_text_of_other_scripts_survives(filled: Place) -> None:
    add_version(filled.catalog, description="Verspätung \N{AIRPLANE}\n")
    (line,) = history(filled, "delays/3").to_jsonl().splitlines()
    assert json.loads(json.loads(line)["detail"])["description"] == (
        "Verspätung \N{AIRPLANE}\n"
    )


def test_who_stood_where_follows_the_moves(moved: Place) -> None:
    found = stays(history(moved))
    assert [(stay.alias, stay.ref) for stay in found] == [
        ("champion", "delays/1"),
        ("challenger", "delays/2"),
        ("champion", "delays/2"),
        ("champion", "delays/1"),
    ]
    assert [stay.until.seq if stay.until else None for stay in found] == [8, None, 7, 5]
    assert found[1].seconds(NOW) > 0
    assert found[0].seconds(NOW) < 60


def test_the_timeline_shows_each_event_with_its_detail_escaped(moved: Place) -> None:
    html = history_html(history(moved), NOW)
    assert "Timeline" in html
    assert html.count("<details") >= 8
    assert "<b>better</b>" not in html
    assert "&lt;b&gt;better" in html
    assert "Held by" in html
    assert "now" in html
    assert "<script" not in html


def test_a_long_history_stays_small_and_counts_the_rest(filled: Place) -> None:
    with filled.catalog.writing() as writer:
        for number in range(150):
            writer.write("note", "delays/1", {"text": f"note {number} " + "x" * 5_000})
    html = history(filled)._repr_html_()
    assert len(html.encode()) < 200_000
    assert "more" in html


def test_nothing_that_happened_is_said_so() -> None:
    assert "Nothing has happened yet" in history_html((), NOW)
