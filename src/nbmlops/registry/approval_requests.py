"""Reading requests for approval, and their answers."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nbmlops.registry.unit import Unit

_REQUESTS = """
select r.seq, r.happened_at, r.name, r.number, r.alias, r.expires_at, e.actor,
  e.detail, c.verb, r.closed
from approval_request r
join event e on e.seq = r.seq
left join event c on c.seq = r.closed
where $name is null or r.name = $name
order by r.seq desc
"""
_ANSWERS = """
select a.request, a.seq, e.happened_at, e.actor, a.verb, a.evidence, e.detail
from approval a
join event e on e.seq = a.seq
order by a.seq
"""
_WAITING = """
select name, number, alias, happened_at
from approval_request
where closed is null and (expires_at is null or expires_at > $now)
order by seq
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An approval or a rejection.

    Attributes
    ----------
    seq, happened_at, actor
        Its event, when (UTC), and who claims to have answered.
    verb
        "approve" or "reject".
    reason
        Why, or "".
    evidence, seen
        The digest of what lay before them, and those of its parts.
    """

    seq: int
    happened_at: datetime
    actor: str
    verb: str
    reason: str
    evidence: str
    seen: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A version that was requested for an alias.

    Attributes
    ----------
    seq, happened_at, actor
        Its event, when (UTC), and who claims to have asked.
    name, number, alias
        The version, and what it shall hold.
    reason
        Why, or "".
    needed
        How many approvals it asked for.
    expires_at
        When it and its approvals end; None for never.
    closed, closed_by
        The event that ended it and its verb, or None and "".
    answers
        Oldest first.
    """

    seq: int
    happened_at: datetime
    actor: str
    name: str
    number: int
    alias: str
    reason: str
    needed: int
    expires_at: datetime | None
    closed: int | None
    closed_by: str
    answers: tuple[Answer, ...]

    @property
    def ref(self) -> str:
        """The version's own ref."""
        return f"{self.name}/{self.number}"

    def is_open(self, now: datetime) -> bool:
        """Tell whether it still can be answered."""
        return self.closed is None and not self.has_expired(now)

    def has_expired(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A version that waits for approval, and since when (UTC)."""

    name: str
    number: int
    alias: str
    since: datetime


def requests(unit: Unit, name: str | None = None) -> list[Request]:
    """List the requests of a model, or of all, newest first."""
    answers: dict[int, list[Answer]] = defaultdict(list)
    for request, *row in unit.rows(_ANSWERS):
        answers[request].append(_answer(row))
    return [
        _request(row, tuple(answers[row[0]])) for row in unit.rows(_REQUESTS, name=name)
    ]


def waiting(unit: Unit, now: datetime) -> list[Waiting]:
    """List what waits for approval at a moment, the oldest first."""
    return [
        Waiting(name=name, number=number, alias=alias, since=since.replace(tzinfo=UTC))
        for name, number, alias, since in unit.rows(
            _WAITING, now=now.astimezone(UTC).replace(tzinfo=None)
        )
    ]


def _answer(row: list[Any]) -> Answer:
    seq, happened_at, actor, verb, evidence, text = row
    detail = json.loads(text)
    return Answer(
        seq=seq,
        happened_at=happened_at.replace(tzinfo=UTC),
        actor=actor,
        verb=verb,
        reason=detail["reason"],
        evidence=evidence,
        seen=detail["seen"],
    )


def _request(row: tuple[Any, ...], answers: tuple[Answer, ...]) -> Request:
    seq, happened_at, name, number, alias, ends, actor, text, closed_by, closed = row
    detail = json.loads(text)
    return Request(
        seq=seq,
        happened_at=happened_at.replace(tzinfo=UTC),
        actor=actor,
        name=name,
        number=number,
        alias=alias,
        reason=detail["reason"],
        needed=detail["approvals"],
        expires_at=None if ends is None else ends.replace(tzinfo=UTC),
        closed=closed,
        closed_by=closed_by or "",
        answers=answers,
    )
