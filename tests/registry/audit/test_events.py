"""The audit trail: chained, and checked against the head kept beside it."""

import math
from itertools import pairwise

import duckdb
import pytest

from nbmlops.errors import Tampered, UsageError
from nbmlops.registry.audit import events
from nbmlops.registry.audit.chain import GENESIS, broken_links, chain_hash, lines
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.database import FILE
from nbmlops.registry.head import HEAD, write_head
from nbmlops.registry.place import Place
from tests.registry.conftest import DIGEST, add_version

TRIGGERS = ("event_is_not_edited", "event_is_not_deleted")


def edit(place: Place, *statements: str) -> None:
    """Change the file as an attacker with DuckDB would."""
    with duckdb.connect(str(place.folder / FILE)) as connection:
        for trigger in TRIGGERS:
            connection.execute(f"drop trigger if exists {trigger} on event")
        for statement in statements:
            connection.execute(statement)


def test_events_count_up_and_name_the_actor(filled: Place) -> None:
    with filled.catalog.reading() as unit:
        trail = events.read_all(unit)
    assert [event.seq for event in trail] == [1, 2, 3, 4]
    assert [event.verb for event in trail] == [
        "init",
        "register",
        "register",
        "promote",
    ]
    assert {event.actor for event in trail} == {"ana@example.com"}
    assert trail[0].previous == GENESIS
    assert all(b.previous == a.hash for a, b in pairwise(trail))


def test_each_event_is_salted_anew(filled: Place) -> None:
    """Else equal texts would show as equal after a redaction, and could be guessed."""
    with filled.catalog.reading() as unit:
        salts = [line.salt for line in lines(unit)]
    assert len(set(salts)) == len(salts) == 4


def test_what_json_has_no_word_for_is_not_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        events.detail_text({"auc": math.nan})


def test_time_never_runs_backwards_in_the_trail(filled: Place) -> None:
    edit(filled, "update event set happened_at = '2999-01-01' where seq = 4")
    with (
        pytest.warns(UserWarning, match="clock is"),
        filled.catalog.writing() as writer,
    ):
        event = writer.write("note", "delays/1", {"text": "later"})
    assert event.happened_at.year == 2999


def test_the_head_is_the_newest_event(filled: Place) -> None:
    with filled.catalog.reading() as unit:
        newest = events.read_all(unit)[-1]
    assert (filled.folder / HEAD).read_text() == f"{newest.seq} {newest.hash}\n"


def test_the_head_is_replaced_whole(filled: Place) -> None:
    before = (filled.folder / HEAD).read_text()
    with (filled.folder / HEAD).open() as reader:
        add_version(filled.catalog)
        assert reader.read() == before


@pytest.mark.parametrize("noted", ["", "4", "4 abc", "the newest"])
def test_what_was_noted_as_a_head_and_is_none_is_said(
    filled: Place, noted: str
) -> None:
    with pytest.raises(UsageError, match="is not a head"):
        verify(filled, head=noted)


def test_a_head_left_behind_by_a_crash_is_mended(filled: Place) -> None:
    old = (filled.folder / HEAD).read_text()
    add_version(filled.catalog)
    (filled.folder / HEAD).write_text(old)
    assert verify(filled).ok
    add_version(filled.catalog)
    assert (filled.folder / HEAD).read_text().startswith("6 ")


def test_a_missing_head_shows_and_is_made_again(filled: Place) -> None:
    (filled.folder / HEAD).unlink()
    assert verify(filled).problems == (
        "the head file is missing: a cut tail could not be told",
    )
    add_version(filled.catalog)
    assert (filled.folder / HEAD).read_text().startswith("5 ")


def test_an_older_copy_of_the_file_is_refused(filled: Place) -> None:
    log = filled.folder / f"{FILE}.wal"
    old = {path: path.read_bytes() for path in (filled.folder / FILE, log)}
    add_version(filled.catalog)
    for path, data in old.items():
        path.write_bytes(data)
    with pytest.raises(Tampered, match="not in the audit trail"):
        add_version(filled.catalog)
    assert not verify(filled).ok


def test_another_chain_of_the_same_length_is_refused(filled: Place) -> None:
    write_head(filled.folder, 4, "0" * 64)
    with pytest.raises(Tampered, match="not in the audit trail"):
        add_version(filled.catalog)


@pytest.mark.parametrize("text", ["", "nonsense", "4 abc", f"x {'0' * 64}"])
def test_a_head_that_is_none_is_refused(filled: Place, text: str) -> None:
    (filled.folder / HEAD).write_text(text)
    with pytest.raises(Tampered, match="is not a head"):
        add_version(filled.catalog)


def test_an_untouched_registry_verifies(filled: Place) -> None:
    found = verify(filled)
    assert found.ok
    assert (found.problems, found.orphans) == ((), ())
    assert (found.events, found.artifacts) == (4, 1)


def test_changed_and_lost_artifacts_show_and_orphans_are_named(filled: Place) -> None:
    orphan = filled.artifacts.put(b"left by a crash")
    filled.artifacts.path(DIGEST).write_bytes(b"another model")
    found = verify(filled)
    assert found.orphans == (orphan,)
    assert len(found.problems) == 1
    assert "was changed" in found.problems[0]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update event set actor = 'eve' where seq = 2", "event 2"),
        ("update event set detail = '{}' where seq = 4", "event 4"),
        ("update event set detail = 'no json' where seq = 4", "event 4"),
        ("update event set detail = '[1]' where seq = 2", "event 2"),
        ("update event set detail = repeat('[', 100000) where seq = 2", "event 2"),
        (
            "update event set verb = 'redact', detail = '{\"seq\": Infinity, "
            '"actor": "", "detail": "", "left": ""}\' where seq = 2',
            "event 2",
        ),
        ("update event set verb = 'steal' where seq = 3", "event 3"),
        ("update event set subject = 'delays/x' where seq = 2", "event 2"),
        ("update event set happened_at = '2020-01-01' where seq = 3", "event 3"),
        ("update event set subject = 'delays/9' where seq = 3", "event 3"),
        ("update event set hash = repeat('0', 64) where seq = 3", "event 3"),
        ("delete from event where seq = 2", "event 2 is missing"),
        ("delete from event where seq = 4", "not in the audit trail"),
    ],
)
def test_every_edit_of_an_event_shows(
    filled: Place, statement: str, words: str
) -> None:
    with filled.catalog.reading() as unit:
        assert broken_links(unit) == []
    edit(filled, statement)
    with filled.catalog.reading() as unit:
        problems = list(broken_links(unit))
        try:
            events.tip_of(unit, filled.folder)
        except Tampered as error:
            problems.append(error.message)
    assert any(words in problem for problem in problems)
    assert any(words in problem for problem in verify(filled).problems)


def test_an_edited_event_that_was_hashed_anew_shows_in_the_next(filled: Place) -> None:
    with filled.catalog.reading() as unit:
        line = lines(unit)[1]
    edited = chain_hash(line._replace(subject="delays/9"))
    edit(
        filled,
        f"update event set subject = 'delays/9', hash = '{edited}' where seq = 2",
    )
    assert "event 3 does not follow the one before it" in verify(filled).problems


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("update alias set number = 2", "alias"),
        ("update tag set value = 'x'", "tag"),
        ("insert into param values ('delays', 1, 'a', 'b')", "param"),
        ("delete from alias_move", "alias_move"),
        ("update model_version set deleted_at = '2020-01-01'", "model_version"),
        ("update model set created_at = '2020-01-01'", "model"),
    ],
)
def test_every_edit_of_a_table_shows(filled: Place, statement: str, table: str) -> None:
    edit(filled, statement)
    assert any(f"table {table} " in problem for problem in verify(filled).problems)


def test_verification_reads_well(filled: Place) -> None:
    text = repr(verify(filled))
    assert text.startswith("4 events and 1 artifact are what was recorded")
    assert "head: 4 " in text
    assert "<script" not in verify(filled)._repr_html_()
