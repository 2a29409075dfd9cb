"""Whatever is edited with plain DuckDB, and whichever byte: verify names it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nbmlops.errors import NotAllowed, Tampered, UsageError
from nbmlops.registry.audit.chain import Line, chain_hash
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.database import FILE
from nbmlops.registry.head import HEAD
from nbmlops.registry.place import Place, open_place
from tests.registry.conftest import add_version
from tests.registry.sample import OTHER, TABLES, Edit, Tampering, fill, opened


@pytest.fixture(scope="module")
def tampering(tmp_path_factory: pytest.TempPathFactory) -> Tampering:
    return Tampering(fill(tmp_path_factory.mktemp("sample") / ".nbmlops"))


@pytest.fixture
def sample(tampering: Tampering) -> Iterator[Place]:
    """The place, put back as it was afterwards."""
    yield tampering.place
    tampering.undo()


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Any edit: values of every type, of other rows, and texts that look alike."""
    numbers = st.integers(-3, 60).map(str)
    values = st.one_of(
        st.none(),
        numbers,
        st.floats(allow_nan=True).map(repr),
        st.sampled_from(
            ["", "delays", "delays/2", "champion", "{}", "true", "-0.0", "infinity"]
        ),
        st.datetimes().map(str),
        st.just("290000-01-01 00:00:00"),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    )
    return Edit(
        table=draw(st.sampled_from(TABLES)),
        action=draw(st.sampled_from(["edit", "delete", "insert", "swap"])),
        row=draw(st.integers(0, 40)),
        other=draw(st.integers(0, 40)),
        column=draw(st.integers(0, 13)),
        value=draw(values),
    )


def flipped(data: bytes, at: int) -> bytes:
    """Flip one bit of one byte."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def answers(tampering: Tampering, *edits: Edit) -> dict[Edit, bool]:
    """Make edits of different tables, and tell of each whether verify names its row."""
    try:
        made = tampering.apply(*edits)
        problems = verify(tampering.place).problems
    finally:
        tampering.undo()
    return {
        edit: any(all(word in problem for word in words) for problem in problems)
        for edit, words in made.items()
    }


def test_the_sample_verifies_and_has_rows_in_every_table(sample: Place) -> None:
    found = verify(sample)
    assert (found.problems, found.orphans, found.notes) == ((), (), ())
    with sample.catalog.reading() as unit:
        empty = [t for t in TABLES if unit.row(f"select count(*) from {t}") == (0,)]
    assert empty == [], "let sample.fill write an event that fills them"


def test_every_column_of_every_table_is_watched(tampering: Tampering) -> None:
    """Edit one column of each table at a time; of the events, one at a time in all."""
    edits = [
        Edit(table=table, action="edit", row=1, column=column, value=OTHER[kind])
        for table, columns in tampering.columns.items()
        for column, (_, kind) in enumerate(columns)
    ]
    judged = in_rounds(tampering, edits)
    assert [edit for edit, is_seen in judged.items() if not is_seen] == []
    watched = {(edit.table, edit.column) for edit in judged}
    assert watched == {(edit.table, edit.column) for edit in edits}


def test_rows_deleted_added_and_swapped_are_named(tampering: Tampering) -> None:
    edits = []
    for table, columns in tampering.columns.items():
        edits += [Edit(table=table, action="delete", row=row) for row in (0, 1)]
        for column in (0, 1, len(columns) - 1):
            value = OTHER[columns[column][1]]
            edits += [
                Edit(table=table, action="insert", column=column, value=value),
                Edit(table=table, action="swap", column=column),
            ]
    judged = in_rounds(tampering, edits)
    assert [edit for edit, is_seen in judged.items() if not is_seen] == []
    made = {(edit.table, edit.action) for edit in judged}
    assert made >= {(table, "delete") for table in TABLES}
    # A model has two unique columns, and no copy of one is taken.
    assert made >= {(table, "insert") for table in TABLES if table != "model"}
    assert sum(action == "swap" for _, action in made) > len(TABLES) / 2


def test_a_model_that_nobody_registered_is_named(sample: Place) -> None:
    with opened(sample) as connection:
        connection.execute("insert into model values ('eve', 'eve', '2026-01-01')")
    (problem,) = verify(sample).problems
    assert problem == "table model has a row that no event gives: name='eve'"


def in_rounds(tampering: Tampering, edits: list[Edit]) -> dict[Edit, bool]:
    """Judge edits, one of each table at a time; an edited event spoils the others."""
    rest = list(edits)
    judged: dict[Edit, bool] = {}
    while rest:
        first = {edit.table: edit for edit in reversed(rest)}
        event = first.pop("event", None)
        judged |= answers(tampering, *first.values()) if first else {}
        judged |= answers(tampering, event) if event else {}
        rest = [e for e in rest if e not in {*first.values(), event}]
    return judged


@settings(max_examples=15, deadline=None)
@given(edit=edits())
def test_no_single_edit_passes(tampering: Tampering, edit: Edit) -> None:
    judged = answers(tampering, edit)
    assume(judged)
    assert judged[edit]


OBJECTS = {
    "create table more (a integer)": "table more is not of this registry",
    "create view more as select 1 as a": "view more is not of this registry",
    "create index more on tag (value)": "index more is not of this registry",
    "create macro more(a) as a + 1": "macro more is not of this registry",
    "create sequence more": "sequence more is not of this registry",
    "create type more as enum ('a')": "type more is not of this registry",
    "create schema more": "schema more is not of this registry",
    "drop trigger event_is_not_edited on event": "event_is_not_edited is missing",
    "drop table note": "table note is missing",
    "alter table note alter text type blob": "table note was changed",
    "alter table note add column more integer": "table note was changed",
    "alter table metric alter value drop not null": "table metric was changed",
    "alter table param alter value set default 'x'": "table param was changed",
    "insert into refusal values ('x')": "table refusal has a row",
    "insert into schema_version values (2)": "table schema_version of",
    "delete from schema_version": "table schema_version of",
    "update schema_version set version = 1": "table schema_version of",
    "update schema_version set version = null": "table schema_version of",
    "alter table event drop column salt": "table event was changed",
    "drop table event": "the catalog cannot be read",
}


@pytest.mark.parametrize("statement", OBJECTS)
def test_what_is_made_changed_and_dropped_is_named(
    sample: Place, statement: str
) -> None:
    with opened(sample, drop=False) as connection:
        connection.execute(statement)
    problems = verify(sample).problems
    assert any(OBJECTS[statement] in problem for problem in problems), problems


def test_a_schema_of_the_future_is_refused_and_said(sample: Place) -> None:
    with opened(sample, drop=False) as connection:
        connection.execute("update schema_version set version = 99")
    with pytest.raises(NotAllowed, match=r"newer nbmlops \(schema 99"):
        verify(sample)


def test_a_copied_table_without_a_key_may_not_hold_a_row_twice(sample: Place) -> None:
    with opened(sample, drop=False) as connection:
        connection.execute("create table other as from note")
        connection.execute("drop table note")
        connection.execute("alter table other rename to note")
        connection.execute("insert into note from note limit 1")
    assert any("table note was changed" in p for p in verify(sample).problems)


def test_any_byte_of_any_artifact_is_watched(sample: Place) -> None:
    digests = sample.artifacts.digests()
    assert len(digests) >= 5
    for digest in digests:
        path = sample.artifacts.path(digest)
        kept = path.read_bytes()
        for at in {0, len(kept) // 2, len(kept) - 1}:
            path.write_bytes(flipped(kept, at))
            problems = verify(sample).problems if at == 0 else checked(sample, digest)
            assert len(problems) == 1
            assert digest in problems[0]
        path.write_bytes(kept)
    assert verify(sample).ok


def checked(place: Place, digest: str) -> list[str]:
    """Look at one artifact as verify does at all of them."""
    try:
        place.artifacts.check(digest)
    except Tampered as error:
        return [error.message]
    return []


def test_lost_and_unreadable_artifacts_are_named(sample: Place) -> None:
    digest = min(sample.artifacts.digests())
    path = sample.artifacts.path(digest)
    kept = path.read_bytes()
    path.unlink()
    (gone,) = verify(sample).problems
    assert digest[:12] in gone
    assert "gone" in gone
    path.mkdir()
    (unreadable,) = verify(sample).problems
    assert digest in unreadable
    assert "cannot be read" in unreadable
    path.rmdir()
    path.write_bytes(kept)


def recompute(place: Place) -> None:
    """Edit a reason, and compute the chain anew from there, as an attacker would."""
    with opened(place) as connection:
        rows = connection.execute(
            "select seq, strftime(happened_at, '%Y-%m-%dT%H:%M:%S.%f'), actor, verb, "
            "subject, detail, salt, previous, hash from event order by seq"
        ).fetchall()
        line = Line(*rows[7])
        for row in rows[8:]:  # the redaction of event 8 has its commitments
            edited = Line(*row)
            if edited.verb == "note":
                edited = edited._replace(detail=edited.detail.replace("ab", "AB"))
            edited = edited._replace(previous=line.hash)
            line = edited._replace(hash=chain_hash(edited))
            connection.execute(
                "update event set detail = ?, previous = ?, hash = ? where seq = ?",
                [line.detail, line.previous, line.hash, line.seq],
            )
        connection.execute("update note set text = replace(text, 'ab', 'AB')")
    (place.folder / HEAD).write_text(f"{line.seq} {line.hash}\n")


def test_a_recomputed_chain_shows_against_the_head_only(sample: Place) -> None:
    noted = verify(sample).head
    kept_head = (sample.folder / HEAD).read_text()
    recompute(sample)
    assert verify(sample).ok, "nothing inside of the folder can tell"
    (problem,) = verify(sample, head=noted).problems
    assert "was computed anew" in problem
    (problem,) = verify(sample, head=noted.split()[1]).problems
    assert "no event has the noted hash" in problem
    (sample.folder / HEAD).write_text(kept_head)
    assert any("is not in the audit trail" in p for p in verify(sample).problems)


def test_a_whole_folder_put_back_shows_against_a_noted_head(
    tmp_path: Path, sample: Place
) -> None:
    now = tmp_path / "now"
    shutil.copytree(sample.folder, now)
    place = open_place(now, actor=None)
    add_version(place.catalog)
    noted = verify(place).head
    assert verify(place, head=noted).ok
    for name in (FILE, HEAD):
        shutil.copy(sample.folder / name, now / name)
    (now / f"{FILE}.wal").unlink(missing_ok=True)
    assert verify(place).ok, "nothing inside of the folder can tell"
    (problem,) = verify(place, head=noted).problems
    assert "events were cut off, or an older copy was put back" in problem


def test_a_cut_tail_shows_against_the_head_file(sample: Place) -> None:
    with opened(sample) as connection:
        connection.execute("delete from event where seq = (select max(seq) from event)")
    assert any("is not in the audit trail" in p for p in verify(sample).problems)


@pytest.mark.parametrize("head", ["", "12", "12 abc", "x" * 64, "1 2 " + "a" * 64])
def test_what_is_no_head_is_refused(sample: Place, head: str) -> None:
    with pytest.raises(UsageError, match="is not a head"):
        verify(sample, head=head)
