"""The audit report: who, when, why, with which evidence, and how to verify it again."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbmlops.api import Registry
from nbmlops.errors import NotFound, UsageError
from nbmlops.registry.database import FILE
from nbmlops.registry.place import Place
from tests.flights import FEATURES
from tests.registry.audit.test_events import edit
from tests.registry.conftest import PROMOTED, add_version

Add = Callable[..., Any]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    """Collects the names of all elements, and where attributes point to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.addresses += [v or "" for k, v in attrs if k in {"src", "href"}]
        assert not any(key.startswith("on") for key, _ in attrs)


def test_the_report_tells_the_whole_story(
    add: Add, registry: Registry, test: pd.DataFrame, tmp_path: Path
) -> None:
    add(description="first try", tags={"team": "ops"})
    registry.promote("delays/1", reason="nothing better yet")
    add(description="second try")
    registry.key(new=True)
    registry.sign("delays/2")
    registry.promote("delays/2", reason="better at night")
    registry.check_skew("delays", test[FEATURES])
    path = registry.audit_report("delays", tmp_path / "report.html")
    text = path.read_text()
    for told in (
        registry.get("delays/1").digest,
        registry.get("delays/2").digest,
        "second try",
        "team=ops",
        "better at night",
        "digest and loading",
        "Who stood where",
        "roc_auc",
        "ana@example.com",
        registry.verify().head,
        registry.key().public,
        "are what was recorded",
        "How to verify this again",
    ):
        assert told in text, told
    assert text.index("delays/2") < text.index("delays/1")


def test_the_page_stands_alone_and_prints_whole(
    add: Add, registry: Registry, tmp_path: Path
) -> None:
    add(description=HOSTILE, tags={"team": HOSTILE})
    registry.note("delays/1", HOSTILE)
    registry.promote("delays/1", reason=HOSTILE)
    text = registry.audit_report("delays", tmp_path / "report.html").read_text()
    tags = Tags(text)
    assert not tags.names & {"script", "img", "iframe", "link", "object"}
    assert "details" not in tags.names, "what is folded is not printed"
    assert tags.addresses == []
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text


def test_a_long_story_stays_under_two_megabytes(filled: Place, tmp_path: Path) -> None:
    registry = Registry(filled)
    with filled.catalog.writing() as writer:
        for number in range(400):
            said = f"{number} " + "why " * 500
            writer.write("note", "delays/1", {"text": said})
            writer.write("reject", "delays/1", rejected(said))
    path = registry.audit_report("delays", tmp_path / "report.html")
    assert path.stat().st_size < 2_000_000
    assert "more" in path.read_text()


def rejected(reason: str) -> dict[str, Any]:
    return {"alias": "champion", "request": 1, "evidence": "", "reason": reason}


def test_what_does_not_verify_is_said_first(filled: Place, tmp_path: Path) -> None:
    edit(filled, "update tag set value = 'other'")
    text = Registry(filled).audit_report("delays", tmp_path / "r.html").read_text()
    assert "problems in" in text
    assert "table tag has a changed row" in text
    assert text.index("table tag") < text.index("How to verify")


def test_other_models_are_not_in_it(filled: Place, tmp_path: Path) -> None:
    add_version(filled.catalog, "arrivals", description="of another team")
    text = Registry(filled).audit_report("delays", tmp_path / "r.html").read_text()
    assert "of another team" not in text


def test_a_forced_promotion_stands_out(filled: Place, tmp_path: Path) -> None:
    failed = {"name": "roc_auc at least 0.7", "passed": False, "detail": "0.61"}
    said = {**PROMOTED, "forced": True, "reason": "urgent", "results": [failed]}
    with filled.catalog.writing() as writer:
        writer.write(
            "promote",
            "delays/2",
            {**said, "alias": "champion", "number": 2, "previous": 1},
        )
    text = Registry(filled).audit_report("delays", tmp_path / "r.html").read_text()
    assert "FORCED" in text
    assert "roc_auc at least 0.7" in text


def test_wrong_names_are_said_and_nothing_is_written(
    filled: Place, tmp_path: Path
) -> None:
    registry = Registry(filled)
    with pytest.raises(NotFound, match="no model 'delay'"):
        registry.audit_report("delay", tmp_path / "r.html")
    with pytest.raises(UsageError, match="is one version"):
        registry.audit_report("delays/1", tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()
    assert (filled.folder / FILE).exists()
