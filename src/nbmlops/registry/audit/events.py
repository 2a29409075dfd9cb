"""The audit trail: append-only events, each bound to the one before by a hash."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbmlops.display.numbers import duration
from nbmlops.errors import Tampered, UsageError, warn
from nbmlops.registry.audit.chain import GENESIS, Line, chain_hash
from nbmlops.registry.head import HEAD, read_head
from nbmlops.registry.unit import Unit

_INSERT = """
insert into event
values ($seq, $happened_at, $actor, $verb, $subject, $detail, $salt, $previous, $hash)
"""
_ALL = """
select seq, happened_at, actor, verb, subject, detail, salt, previous, hash
from event
order by seq
"""
_SINCE = """
select seq, happened_at, actor, verb, subject, detail, salt, previous, hash
from event
where seq > $seq
order by seq
"""
# Clocks that are set over the network agree better than this.
CLOCKS_AGREE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the audit trail.

    Attributes
    ----------
    seq
        1, 2, 3 ... without a gap.
    happened_at
        When, in UTC; never earlier than the event before it.
    actor
        Who claims to have done it.
    verb, subject
        What was done ("promote"), and to what ("delays/2").
    detail
        All that the tables need to be rebuilt.
    hash
        SHA-256 over this event and the hash of the one before.
    """

    seq: int
    happened_at: datetime
    actor: str
    verb: str
    subject: str
    detail: dict[str, Any]
    salt: str
    previous: str
    hash: str

    def __repr__(self) -> str:
        from nbmlops.registry.view import history_text

        return history_text((self,))

    def _repr_html_(self) -> str:
        from nbmlops.registry.view import history_html

        return history_html((self,))

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain values."""
        return {
            "seq": self.seq,
            "happened_at": self.happened_at.isoformat(),
            "actor": self.actor,
            "verb": self.verb,
            "subject": self.subject,
            "detail": self.detail,
            "hash": self.hash,
        }

    def to_json(self) -> str:
        """Return one line of JSON with all that the hash covers: see docs/registry.md.

        Returns
        -------
        str
            `detail` is the text that was hashed; `happened_at` has microseconds.
        """
        moment = self.happened_at.replace(tzinfo=None)
        fields = {
            "seq": self.seq,
            "happened_at": moment.isoformat(timespec="microseconds"),
            "actor": self.actor,
            "verb": self.verb,
            "subject": self.subject,
            "detail": detail_text(self.detail),
            "salt": self.salt,
            "previous": self.previous,
            "hash": self.hash,
        }
        return json.dumps(fields, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Tip:
    """The newest event of the chain: what the next one is bound to."""

    seq: int
    happened_at: datetime
    hash: str


START = Tip(0, datetime.min, GENESIS)


def check_text(*texts: str) -> None:
    """Refuse half a character by a UsageError: it can be neither hashed nor stored."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            around = text[max(0, error.start - 20) : error.end + 20]
            raise UsageError(
                f"{around!a} holds half a character, {text[error.start]!a}",
                hint="write the text anew, or decode it with errors='replace'",
            ) from None


def append(
    unit: Unit,
    tip: Tip,
    *,
    actor: str,
    verb: str,
    subject: str,
    detail: dict[str, Any],
) -> Event:
    """Write the next event of the chain.

    Parameters
    ----------
    unit
        The open transaction.
    tip
        The newest event so far.
    actor, verb, subject, detail
        As in `Event`.

    Returns
    -------
    Event
        As it was written.
    """
    happened_at = max(datetime.now(UTC).replace(tzinfo=None), tip.happened_at)
    _warn_of_clocks(happened_at)
    text = detail_text(detail)
    check_text(actor, subject, text)
    salt = secrets.token_hex(16)
    fields: dict[str, Any] = {
        "seq": tip.seq + 1,
        "happened_at": happened_at,
        "actor": actor,
        "verb": verb,
        "subject": subject,
        "salt": salt,
        "previous": tip.hash,
    }
    moment = happened_at.isoformat(timespec="microseconds")
    line = Line(**{**fields, "happened_at": moment}, detail=text, hash="")
    digest = chain_hash(line)
    unit.run(_INSERT, **fields, detail=text, hash=digest)
    return _event((*fields.values(), text, digest), detail)


def detail_text(detail: Mapping[str, Any]) -> str:
    """Write a detail as it is stored and hashed."""
    return json.dumps(detail, sort_keys=True, ensure_ascii=False, allow_nan=False)


def is_of(event: Event, name: str, ref: str | None = None) -> bool:
    """Tell whether an event was done to a model.

    Parameters
    ----------
    event
        One that removed artifacts was done to the versions that they were of.
    name
        The model.
    ref
        "delays/2" asks for this version of it alone.

    Returns
    -------
    bool
        True if it was.
    """
    removed = event.detail["versions"] if event.verb == "gc" else ()
    subjects = [event.subject, *removed]
    if ref is not None:
        return ref in subjects
    return any(subject.partition("/")[0] == name for subject in subjects)


def read_all(unit: Unit) -> list[Event]:
    """Read the whole trail, oldest first; ValueError where a detail is no JSON."""
    return [_read(row) for row in unit.rows(_ALL)]


def read_since(unit: Unit, seq: int) -> list[Event]:
    """Read the events after one, oldest first; ValueError as in `read_all`."""
    return [_read(row) for row in unit.rows(_SINCE, seq=seq)]


def tip_of(unit: Unit, folder: Path) -> Tip:
    """Find the newest event, and refuse a trail that lacks the head file's event.

    A head that is older than the newest event is what a crash between the commit and
    the rename leaves, and is mended by the next write.

    Parameters
    ----------
    unit
        The open transaction.
    folder
        The registry's folder.

    Returns
    -------
    Tip
        `START` if nothing has happened yet.

    Raises
    ------
    Tampered
        If the head's event is not in the chain: a cut tail, or an older copy.
    """
    head, found = read_head(folder), unit.newest
    if head is not None and (not found or (found[-1][0], found[-1][2]) != head):
        raise Tampered(
            f"the newest event known to {folder / HEAD} ({head[0]}) is not in the "
            "audit trail: events were cut off, or an older copy was put back",
            hint="bring back registry.duckdb and head from the same copy",
        )
    return Tip(*found[0]) if found else START


def _warn_of_clocks(happened_at: datetime) -> None:
    """Say that time stands still in the trail until this clock has caught up."""
    behind = happened_at.replace(tzinfo=UTC) - datetime.now(UTC)
    if behind > CLOCKS_AGREE:
        warn(
            f"this machine's clock is {duration(behind.total_seconds())} behind the "
            "newest event: the order is kept, and events get that event's moment until "
            "the clock has caught up"
        )


def _read(row: tuple[Any, ...]) -> Event:
    return Event(
        seq=row[0],
        happened_at=row[1].replace(tzinfo=UTC),
        actor=row[2],
        verb=row[3],
        subject=row[4],
        detail=json.loads(row[5]),
        salt=row[6],
        previous=row[7],
        hash=row[8],
    )


def _event(values: Iterable[Any], detail: dict[str, Any]) -> Event:
    seq, happened_at, actor, verb, subject, salt, previous, _, digest = values
    return Event(
        seq=seq,
        happened_at=happened_at.replace(tzinfo=UTC),
        actor=actor,
        verb=verb,
        subject=subject,
        detail=detail,
        salt=salt,
        previous=previous,
        hash=digest,
    )
