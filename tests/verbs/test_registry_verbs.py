"""The verbs of the audit: typed as a line, they do what the method does."""

from pathlib import Path

import pytest

from nbmlops.api import Registry
from nbmlops.errors import UsageError
from nbmlops.verbs.calls import Call, call_of
from nbmlops.verbs.names import Names
from nbmlops.verbs.parsing import parse
from tests.registry.conftest import add_version


def called(*words: str) -> Call:
    return call_of(parse(list(words), "notebook"), Names({}))


def test_an_event_is_named_by_its_number() -> None:
    call = called("redact", "7", "--reason", "asked")
    assert call.python() == 'registry.redact(7, reason="asked")'
    with pytest.raises(UsageError, match="'seven' is not the number of an event"):
        called("redact", "seven", "--reason", "asked")


def test_redacting_asks_for_a_reason() -> None:
    with pytest.raises(UsageError, match="reason"):
        called("redact", "7")


def test_verify_takes_a_noted_head_and_repairs(registry: Registry) -> None:
    add_version(registry._place.catalog)
    head = called("verify").make(registry).head
    assert called("verify", "--head", head, "--repair").make(registry).ok
    assert not called("verify", "--head", "0" * 64).make(registry).ok


def test_the_history_is_written_as_json_lines(registry: Registry) -> None:
    add_version(registry._place.catalog)
    called("history", "delays", "--out", "trail.jsonl").make(registry)
    assert len(Path("trail.jsonl").read_text().splitlines()) == 1


def test_keys_signatures_and_reports_have_verbs(registry: Registry) -> None:
    add_version(registry._place.catalog)
    public = called("key", "--new").make(registry).public
    assert public in repr(called("key").make(registry))
    assert called("sign", "delays/1").make(registry).detail["key"] == public
    head = called("sign-head").make(registry)
    assert called("verify", "--head", head).make(registry).ok
    page = called("audit-report", "delays", "page.html").make(registry)
    assert public in page.read_text()
