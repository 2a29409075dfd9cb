"""Repairing removes what nobody needs, and never what somebody may."""

from datetime import UTC, datetime, timedelta

import pytest

from nbmlops.errors import NbmlopsError
from nbmlops.registry.audit.verification import MISSING_HEAD, verify
from nbmlops.registry.head import HEAD
from nbmlops.registry.place import Place
from tests.registry.audit.test_events import edit
from tests.registry.conftest import DIGEST, add_version, version_detail


def test_orphans_are_removed_and_what_is_needed_stays(filled: Place) -> None:
    orphan = filled.artifacts.put(b"left by a crash")
    assert verify(filled).orphans == (orphan,)
    found = verify(filled, repair=True)
    assert found.orphans == ()
    assert found.repaired == ("removed 1 artifact that no event names",)
    assert filled.artifacts.digests() == {DIGEST}
    again = verify(filled, repair=True)
    assert (again.ok, again.repaired, again.events) == (True, (), 4)


def test_what_an_event_mentions_anywhere_is_no_orphan(filled: Place) -> None:
    kept = filled.artifacts.put(b"code")
    with filled.catalog.writing() as writer:
        detail = version_detail(source={"cells": [{"code": kept}]})
        writer.write("register", "delays/3", detail)
    assert verify(filled, repair=True).repaired == ()
    assert kept in filled.artifacts.digests()


def test_temporary_files_go_once_their_writer_is_gone(filled: Place) -> None:
    folder = filled.artifacts.path(DIGEST).parent
    (folder / f".{DIGEST[:8]}.dead").write_bytes(b"half a mo")
    (filled.folder / f".{HEAD}.4711").write_text("5 ")
    large = b"a model that is being written" * 100_000
    with filled.artifacts.putting(large) as keep:
        while len(filled.artifacts.leftovers()) < 2:
            pass  # it is written in the background
        assert verify(filled, repair=True).repaired == ("removed 2 temporary files",)
        kept = keep()
    assert filled.artifacts.get(kept) == large
    assert filled.artifacts.leftovers() == []
    assert sorted(p.name for p in filled.folder.glob(".*")) == []


def test_a_head_left_behind_is_brought_forward(filled: Place) -> None:
    old = (filled.folder / HEAD).read_text()
    add_version(filled.catalog)
    new = (filled.folder / HEAD).read_text()
    (filled.folder / HEAD).write_text(old)
    (note,) = verify(filled).notes
    assert "1 event behind" in note
    assert (filled.folder / HEAD).read_text() == old
    assert verify(filled, repair=True).repaired == ("brought the head file to event 5",)
    assert (filled.folder / HEAD).read_text() == new


def test_a_missing_head_is_made_again_and_said_this_once(filled: Place) -> None:
    (filled.folder / HEAD).unlink()
    found = verify(filled, repair=True)
    assert found.problems == (MISSING_HEAD,)
    assert verify(filled).ok


def test_nothing_is_repaired_where_there_is_a_problem(filled: Place) -> None:
    """What looks like an orphan may belong to an event that was cut off."""
    add_version(filled.catalog, digest=filled.artifacts.put(b"another model"))
    edit(filled, "delete from event where seq = 5", "delete from model_version")
    found = verify(filled, repair=True)
    assert not found.ok
    assert found.notes == ("nothing was repaired: the problems come first",)
    assert len(filled.artifacts.digests()) == 2


def test_a_write_whose_bytes_are_gone_is_refused(filled: Place) -> None:
    """Somebody else repaired between keeping the bytes and the commit."""
    digest = filled.artifacts.put(b"about to be registered")
    verify(filled, repair=True)
    with (
        pytest.raises(NbmlopsError, match="was removed while it was being written"),
        filled.catalog.writing() as writer,
    ):
        writer.write("register", "delays/3", version_detail(digest=digest))
    assert verify(filled).events == 4


def test_events_of_a_clock_ahead_are_noted(filled: Place) -> None:
    later = datetime.now(UTC) + timedelta(days=3, hours=1)
    edit(filled, f"update event set happened_at = '{later:%F %T}' where seq = 4")
    assert any("3 d in the future of" in note for note in verify(filled).notes)
