"""Redacting: the text is gone from event, tables and file; the chain still verifies."""

import json
import os
from pathlib import Path

import duckdb
import pytest

from nbmlops.errors import NotFound, Tampered, UsageError
from nbmlops.registry.audit import events, redaction
from nbmlops.registry.audit.chain import (
    REDACT,
    REDACTED,
    Line,
    chain_hash,
    commitment,
    digest_left,
    lines,
    redactions,
)
from nbmlops.registry.audit.redaction import redact, without_text
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.database import FILE
from nbmlops.registry.head import write_head
from nbmlops.registry.place import Place, open_place
from tests.registry.audit.test_events import edit
from tests.registry.conftest import add_version

WHO = "eve.example@example.com"
SECRET = "the patient's name is Eve"


@pytest.fixture
def told(filled: Place) -> Place:
    """A place in which somebody said too much: event 5 registers delays/3."""
    place = open_place(filled.folder, actor=WHO)
    add_version(
        place.catalog,
        description=SECRET,
        tags={"team": SECRET},
        source={"cell": f"# {SECRET}", "line": 3},
        params={"C": "0.5"},
    )
    return place


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("*") if path.is_file())


def test_the_text_is_gone_from_event_tables_and_file(told: Place) -> None:
    assert SECRET.encode() in bytes_of(told.folder)
    redact(open_place(told.folder, actor="ops"), 5, reason="asked by Eve")
    left = bytes_of(told.folder)
    assert SECRET.encode() not in left
    assert WHO.encode() not in left
    version = told.version("delays/3")
    assert (version.author, version.description) == (REDACTED, REDACTED)
    assert version.tags == {"team": REDACTED}
    assert version.source == {"cell": REDACTED, "line": 3}
    assert version.params == {"C": "0.5"}


def test_the_chain_and_the_tables_still_verify(told: Place) -> None:
    before = verify(told).head
    event = redact(told, 5, reason="asked by Eve")
    found = verify(told, head=before)
    assert found.ok
    assert found.problems == ()
    assert found.head == f"{event.seq} {event.hash}"
    add_version(told.catalog)
    assert verify(told).ok


@pytest.mark.parametrize(
    "statement",
    [
        "update event set actor = 'mallory' where seq = 5",
        "update event set salt = 'x' where seq = 5",
        "update event set detail = replace(detail, '0.5', '0.7') where seq = 5",
        "update event set subject = 'delays/2' where seq = 5",
    ],
)
def test_what_is_left_cannot_be_edited(told: Place, statement: str) -> None:
    redact(told, 5, reason="asked by Eve")
    edit(told, statement)
    assert any(
        problem.startswith("event 5 (register delays") and "edited" in problem
        for problem in verify(told).problems
    )


def test_a_text_that_was_dropped_without_a_redaction_shows(told: Place) -> None:
    edit(told, f"update event set actor = '{REDACTED}', salt = '' where seq = 5")
    assert any("event 5" in problem for problem in verify(told).problems)


def forge(place: Place, seq: int, *, actor: str, detail: str) -> None:
    """Write a redaction with plain DuckDB that leaves something else of an event."""
    with place.catalog.reading() as unit:
        trail = lines(unit)
    old, newest = trail[seq - 1], trail[-1]
    said = {
        "seq": seq,
        "hash": old.hash,
        "actor": commitment(old.salt, old.actor),
        "detail": commitment(old.salt, old.detail),
        "left": digest_left(actor, detail, ""),
        "reason": "asked by Eve",
    }
    unhashed = newest._replace(
        seq=newest.seq + 1,
        verb=REDACT,
        subject=old.subject,
        detail=json.dumps(said, sort_keys=True),
        previous=newest.hash,
    )
    line = unhashed._replace(hash=chain_hash(unhashed))
    written = ", ".join("'" + str(value).replace("'", "''") + "'" for value in line)
    kept = detail.replace("'", "''")
    edit(
        place,
        f"update event set actor = '{actor}', detail = '{kept}', salt = '' "
        f"where seq = {seq}",
        f"insert into event values ({written})",
    )
    write_head(place.folder, line.seq, line.hash)


def test_a_head_that_was_noted_before_tells_of_a_forged_redaction(told: Place) -> None:
    noted = verify(told).head
    with told.catalog.reading() as unit:
        detail = json.loads(lines(unit)[4].detail)
    other = {**without_text(detail), "params": {"C": "0.7"}}
    forge(told, 5, actor=REDACTED, detail=json.dumps(other, sort_keys=True))
    for head in (noted, noted.partition(" ")[2]):
        [note] = verify(told, head=head).notes
        assert note.startswith("event 5 was redacted after the noted head")


def test_what_was_redacted_before_the_head_was_noted_is_not_told(told: Place) -> None:
    redact(told, 5, reason="asked by Eve")
    assert verify(told, head=verify(told).head).notes == ()


def test_a_forged_redaction_gives_an_event_no_other_actor(told: Place) -> None:
    with told.catalog.reading() as unit:
        detail = json.loads(lines(unit)[4].detail)
    left = json.dumps(without_text(detail), sort_keys=True)
    forge(told, 5, actor="ana@example.com", detail=left)
    problems = verify(told).problems
    assert any("event 5" in found and "edited" in found for found in problems)


def test_events_stay_append_only(told: Place) -> None:
    redact(told, 5, reason="asked by Eve")
    with duckdb.connect(str(told.folder / FILE)) as connection:
        for statement in ("update event set actor = 'x'", "delete from event"):
            with pytest.raises(duckdb.Error, match="append-only"):
                connection.execute(statement)


def test_a_redaction_can_be_redacted(told: Place) -> None:
    redact(told, 5, reason="asked by Eve")
    redact(told, 6, reason="the reason named her")
    assert b"asked by Eve" not in bytes_of(told.folder)
    assert verify(told).ok


def test_redacting_again_changes_nothing(told: Place) -> None:
    first = redact(told, 5, reason="asked by Eve")
    again = redact(told, 5, reason="once more")
    assert again.hash == first.hash
    assert verify(told).events == 6


def test_a_registry_that_does_not_verify_is_not_redacted(told: Place) -> None:
    edit(told, "update tag set value = 'other' where number = 2")
    with pytest.raises(Tampered, match=r"nothing is redacted: table tag"):
        redact(told, 5, reason="asked by Eve")
    with told.catalog.reading() as unit:
        assert events.read_all(unit)[-1].actor == WHO


def test_a_file_that_cannot_be_written_anew_is_said(
    told: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(path: Path) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(redaction, "rewrite", no_room)
        with pytest.raises(Exception, match="event 5 is redacted, but freed blocks"):
            redact(told, 5, reason="asked by Eve")
    redact(told, 5, reason="again")
    assert SECRET.encode() not in bytes_of(told.folder)
    assert verify(told).ok


def test_copies_of_an_earlier_schema_are_named(told: Place) -> None:
    (told.folder / f"{FILE}.schema-1").write_bytes(b"")
    with pytest.warns(UserWarning, match="still holds the text"):
        redact(told, 5, reason="asked by Eve")


def test_wrong_arguments_are_said(told: Place) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        redact(told, 5, reason=" ")
    with pytest.raises(NotFound, match="no event '99'") as missing:
        redact(told, 99, reason="x")
    assert "the newest is 5" in missing.value.hint
    for wrong in ("5", True):
        with pytest.raises(UsageError, match=f"{wrong!r} is no event"):
            redact(told, wrong, reason="x")  # type: ignore[arg-type]
    assert verify(told).events == 5


@pytest.mark.parametrize(
    "key",
    [
        "actor",
        "author",
        "description",
        "note",
        "notes",
        "path",
        "reason",
        "serving",
        "source",
        "tags",
        "text",
    ],
)
def test_what_a_person_wrote_or_where_they_are_leaves_a_detail(key: str) -> None:
    written = {"seen": [{key: {"by": ["Eve"]}}], key: "/home/eve"}
    assert without_text(written) == {
        "seen": [{key: {"by": [REDACTED]}}],
        key: REDACTED,
    }


def test_the_new_file_is_on_the_disk_before_it_takes_the_place_of_the_old(
    told: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        steps.append("fsync")
        fsync(descriptor)

    def rename(self: Path, target: Path) -> Path:
        steps.append(f"rename to {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", rename)
    redaction.rewrite(told.folder / FILE)
    assert steps == ["fsync", f"rename to {FILE}"]


def test_digests_and_numbers_stay_in_a_detail() -> None:
    digest = "ab" * 32
    detail = {
        "digest": digest,
        "notes": ["one", ""],
        "source": {"code": digest, "line": 3, "cell": "x = 1"},
        "datasets": [{"rows": 3, "description": "mine.csv", "columns": ["a"]}],
        "tags": {"team": None},
    }
    assert without_text(detail) == {
        "digest": digest,
        "notes": [REDACTED, ""],
        "source": {"code": digest, "line": 3, "cell": REDACTED},
        "datasets": [{"rows": 3, "description": REDACTED, "columns": ["a"]}],
        "tags": {"team": None},
    }


def test_a_text_cannot_begin_in_its_salt(told: Place) -> None:
    """The commitments are of both in one: their border must be known."""
    edit(
        told,
        "update event set actor = salt[-1] || actor, detail = salt[-1] || detail, "
        "salt = salt[:-2] where seq = 4",
    )
    assert "event 4 (promote delays/1) was edited" in verify(told).problems


@pytest.mark.parametrize(("seq", "counts"), [(6, True), (7, False), (8, False)])
def test_a_redaction_counts_for_what_was_written_before_it(
    seq: int, counts: bool
) -> None:
    """Else an event could be written whose hash binds nobody to its text."""
    detail = {"seq": seq, "actor": "a", "detail": "d", "left": "l"}
    line = Line(7, "", "ana", REDACT, "", json.dumps(detail), "", "", "")
    assert (seq in redactions([line])) is counts


@pytest.mark.parametrize(
    "detail", ["{", "1", "[]", "{}", '{"seq": null}', '{"seq": Infinity}', "[" * 10**5]
)
def test_a_redaction_that_an_edit_left_unreadable_counts_for_nothing(
    detail: str,
) -> None:
    line = Line(7, "", "ana", REDACT, "", detail, "", "", "")
    assert redactions([line]) == {}


def attached(place: Place, **files: bytes) -> int:
    """Register one more version with these files; tell the event's number."""
    digests = {name: place.artifacts.put(data) for name, data in files.items()}
    add_version(place.catalog, attachments=digests)
    with place.catalog.reading() as unit:
        return events.read_all(unit)[-1].seq


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_attached_texts_go_with_the_event(told: Place) -> None:
    seq = attached(told, patch=f"+{SECRET}\n".encode(), plot=b"\x89PNG\0")
    redact(told, 5, reason="asked by Eve")
    redact(told, seq, reason="asked by Eve")
    assert SECRET.encode() not in all_bytes(told.folder)
    assert list(told.version("delays/4").attachments) == ["plot"]
    found = verify(told)
    assert (found.ok, found.problems, found.orphans) == (True, (), ())


def test_a_text_that_another_version_has_too_is_kept_and_told(told: Place) -> None:
    patch = f"+{SECRET}\n".encode()
    first, second = attached(told, patch=patch), attached(told, patch=patch)
    with pytest.warns(
        UserWarning, match=f"event {second} .register delays/5. keeps a text"
    ):
        redact(told, first, reason="asked by Eve")
    assert told.artifacts.get(told.version("delays/5").attachments["patch"]) == patch
    assert told.version("delays/4").attachments == {}
    assert verify(told).ok
    redact(told, second, reason="asked by Eve")
    redact(told, 5, reason="asked by Eve")
    assert SECRET.encode() not in all_bytes(told.folder)


def test_a_file_that_was_changed_is_not_taken_for_what_was_attached(
    told: Place,
) -> None:
    seq = attached(told, patch=b"+a line")
    path = told.artifacts.path(told.version("delays/4").attachments["patch"])
    path.chmod(0o644)
    path.write_bytes(b"+another")
    with pytest.raises(Tampered):
        redact(told, seq, reason="asked by Eve")
    with told.catalog.reading() as unit:
        assert events.read_all(unit)[-1].seq == seq


def test_an_attached_text_that_is_gone_leaves_the_rest_to_be_redacted(
    told: Place,
) -> None:
    seq = attached(told, patch=b"+a line")
    told.artifacts.discard(told.version("delays/4").attachments["patch"])
    assert redact(told, seq, reason="asked by Eve").detail["seq"] == seq
