"""Dropping the personal text of one event, so that the chain still verifies.

The event keeps its number, moment, verb, subject and hash, and of its detail what the
tables need: digests, numbers, names. Actor and free text go, from the event, from the
tables that were made of it, from the file's freed blocks, and with the attached files
that are text. An event of its own records the commitments that the hash covers: see
chain.py.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from nbmlops.errors import NbmlopsError, NotFound, Tampered, UsageError, warn
from nbmlops.host import option, typed
from nbmlops.registry.artifacts import text_of
from nbmlops.registry.audit import comparing, events
from nbmlops.registry.audit.chain import (
    REDACT,
    REDACTED,
    broken_links,
    commitment,
    digest_left,
)
from nbmlops.registry.audit.comparing import Difference
from nbmlops.registry.audit.events import Event
from nbmlops.registry.audit.replay import replayed
from nbmlops.registry.catalog import Writer
from nbmlops.registry.database import FILE, database_at
from nbmlops.registry.holding import LOOK_THERE
from nbmlops.registry.named import named_by
from nbmlops.registry.place import Place
from nbmlops.registry.tables import schema
from nbmlops.registry.unit import Unit

# Keys of a detail whose text a person wrote, or that says who and where a person is.
_FREE_TEXT = frozenset(
    {
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
    }
)
# Keys of a detail that name files; those of an import tell of the time before it.
_FILES = ("attachments", "history")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TRIGGERS = "select sql from duckdb_triggers() where database_name = 'registry'"
_UPDATE = """
update event
set actor = $actor, detail = $detail, salt = ''
where seq = $seq
"""


def redact(place: Place, event: Event | int, *, reason: str) -> Event:
    """Drop the actor and the free text of one event, and the texts attached by it.

    Parameters
    ----------
    place
        The registry; it must verify.
    event
        One of `history`, or its number. If it was redacted already, its file is
        written anew all the same: that part may have failed before.
    reason
        Why; it is kept, so it should not repeat what is to go.

    Returns
    -------
    Event
        The redaction, as it was written.

    Raises
    ------
    UsageError
        If no reason is given, or the event is no event.
    """
    if not reason.strip():
        raise UsageError(
            "redacting needs a reason",
            hint=f"{option('reason', 'asked by the author')} is kept",
        )
    seq = event.seq if isinstance(event, Event) else event
    if isinstance(seq, bool) or not isinstance(seq, int):
        raise UsageError(
            f"{event!r} is no event", hint="give one of history(), or its number"
        )
    database = database_at(place.folder)
    unneeded: set[str] = set()

    def clean_up() -> None:
        for digest in unneeded:
            place.artifacts.discard(digest)
        _rewrite(database.path, seq)

    with database.writing(after=clean_up), place.catalog.writing() as writer:
        written, texts = _redact(place, writer, seq, reason)
        unneeded |= texts
    _warn_of_copies(place.folder)
    return written


def without_text(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Give a detail without its free text; digests and numbers stay."""
    return {
        key: _blank(value) if key in _FREE_TEXT else _kept(value)
        for key, value in detail.items()
    }


def rewrite(path: Path) -> None:
    """Write a catalog's file anew, without the blocks that rows left behind.

    Only while the folder's lock is held and the file is detached.

    Parameters
    ----------
    path
        The file. It is replaced once the new one is whole and on the disk.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    log = fresh.with_name(f"{fresh.name}.wal")
    try:
        with duckdb.connect(config={"threads": 1}) as connection:
            for name, file in (("registry", path), ("fresh", fresh)):
                quoted = str(file).replace("'", "''")
                connection.execute(
                    f"attach '{quoted}' as {name} (storage_version 'v2.0.0')"
                )
            triggers = connection.execute(_TRIGGERS).fetchall()
            connection.execute("copy from database registry to fresh")
            connection.execute("use fresh")
            for (trigger,) in triggers:  # which are not copied
                connection.execute(trigger)
            connection.execute("use memory")
            connection.execute("checkpoint registry")
            connection.execute("detach registry")
            connection.execute("detach fresh")
        with fresh.open("rb+") as written:
            os.fsync(written.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
        log.unlink(missing_ok=True)


def _rewrite(path: Path, seq: int) -> None:
    try:
        rewrite(path)
    except (OSError, duckdb.Error) as error:
        raise NbmlopsError(
            f"event {seq} is redacted, but freed blocks of {path} still hold its text: "
            f"the file could not be written anew ({error})",
            hint="free as much room as the file takes, then redact it again",
        ) from error


def _redact(
    place: Place, writer: Writer, seq: int, reason: str
) -> tuple[Event, set[str]]:
    """Write the redaction; return it, and the artifacts that nothing needs now."""
    trail = events.read_all(writer.unit)
    found = next((event for event in trail if event.seq == seq), None)
    if found is None:
        last = trail[-1].seq if trail else 0
        raise NotFound("event", str(seq), hint=f"the newest is {last}")
    for event in trail:
        if event.verb == REDACT and event.detail["seq"] == seq:
            return event, set()
    _refuse_tampered(writer.unit)
    texts = {
        digest
        for key in _FILES
        for digest in found.detail.get(key, {}).values()
        if _is_text(place, digest)
    }
    written = _drop(writer, found, texts, reason)
    _project_again(writer.unit)
    return written, texts - _named_elsewhere(texts, trail, seq)


def _is_text(place: Place, digest: str) -> bool:
    """Tell whether an artifact is a text; one that gc has removed is none any more."""
    is_there = place.artifacts.path(digest).exists()
    return is_there and text_of(place.artifacts.get(digest)) is not None


def _named_elsewhere(texts: set[str], trail: Sequence[Event], seq: int) -> set[str]:
    """Find the texts that other events name too, and tell which events those are."""
    found: set[str] = set()
    for event in trail:
        same = texts & named_by(event.verb, event.detail)
        if same and event.seq != seq:
            found |= same
            warn(
                f"event {event.seq} ({event.verb} {event.subject}) keeps a text that "
                "this one kept too, so the file stays: redact that event as well"
            )
    return found


def _refuse_tampered(unit: Unit) -> None:
    """Refuse to make the tables anew over an edit, which would hide it."""
    problems = broken_links(unit)
    if not problems:
        with replayed(events.read_all(unit)) as scratch:
            problems = [str(found) for found in comparing.differences(unit, scratch)]
    if problems:
        raise Tampered(
            f"the registry does not verify, so nothing is redacted: {problems[0]}",
            hint=f"{typed('verify')} says all that is wrong",
        )


def _drop(writer: Writer, event: Event, texts: set[str], reason: str) -> Event:
    before = writer.unit.row(
        "select actor, detail, salt from event where seq = $seq", seq=event.seq
    )
    assert before is not None
    actor, detail, salt = before
    left = events.detail_text(_without_files(without_text(event.detail), texts))
    written = writer.write(
        REDACT,
        event.subject,
        {
            "seq": event.seq,
            "hash": event.hash,
            "actor": commitment(salt, actor),
            "detail": commitment(salt, detail),
            "left": digest_left(REDACTED, left, ""),
            "reason": reason,
        },
    )
    _edit(writer.unit, actor=REDACTED, detail=left, seq=event.seq)
    return written


def _without_files(detail: Mapping[str, Any], texts: set[str]) -> dict[str, Any]:
    """Give a detail that names none of these files: a digest lets a text be guessed."""
    kept = {
        key: {
            name: digest for name, digest in detail[key].items() if digest not in texts
        }
        for key in _FILES
        if key in detail
    }
    return {**detail, **kept}


def _edit(unit: Unit, **values: Any) -> None:
    """Let the append-only trigger go for one statement of this transaction."""
    unit.run("use registry")  # where triggers are looked for
    unit.run("drop trigger event_is_not_edited on event")
    unit.run(_UPDATE, **values)
    unit.run(schema.EVENT_IS_NOT_EDITED)
    unit.run(LOOK_THERE)


def _project_again(unit: Unit) -> None:
    """Give the tables the rows that the events give now."""
    with replayed(events.read_all(unit)) as scratch:
        found = list(comparing.differences(unit, scratch))
    for difference in found:
        if difference.found is not None:
            _delete(unit, difference)
    for difference in found:
        if difference.expected is not None:
            _insert(unit, difference)


def _delete(unit: Unit, difference: Difference) -> None:
    table, row = difference.table, difference.found or ()
    values = dict(zip(table.columns, row, strict=True))
    where = " and ".join(f'"{column}"::varchar = ${column}' for column in table.key)
    bound = {column: values[column] for column in table.key}
    unit.run(f'delete from "{table.name}" where {where}', **bound)


def _insert(unit: Unit, difference: Difference) -> None:
    table, row = difference.table, difference.expected or ()
    values = dict(zip(table.columns, row, strict=True))
    marks = ", ".join(f"${column}" for column in table.columns)
    unit.run(f'insert into "{table.name}" values ({marks})', **values)


def _kept(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_text(value)
    if isinstance(value, list):
        return [_kept(item) for item in value]
    return value


def _blank(value: Any) -> Any:
    """Blank texts, however deep; an empty one and a digest say nothing of a person."""
    if isinstance(value, Mapping):
        return {key: _blank(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_blank(item) for item in value]
    if not isinstance(value, str) or not value or _DIGEST.fullmatch(value):
        return value
    return REDACTED


def _warn_of_copies(folder: Path) -> None:
    copies = sorted(path.name for path in folder.glob(f"{FILE}.schema-*"))
    if copies:
        warn(
            f"{copies[0]}, kept when the schema was upgraded, still holds the text: "
            "remove it"
        )
