"""The chain of hashes over the audit trail, and what a redaction leaves of it.

An event's hash covers its actor and detail only through commitments,
`sha256(salt + text)`. A redaction drops salt and text and records the commitments, in
an event of its own, with a digest of what is left: so the chain still verifies, nobody
can guess the text from its hash, and what is left cannot be edited either.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from nbmlops.registry.unit import Unit

GENESIS = "0" * 64
REDACT = "redact"
REDACTED = "(redacted)"
_SALT = re.compile("[0-9a-f]{32}")

# The moment as text: an edited one may lie outside of what Python can hold.
_LINES = """
select
  seq, strftime(happened_at, '%Y-%m-%dT%H:%M:%S.%f'), actor, verb, subject, detail,
  salt, previous, hash
from event
order by seq
"""


class Line(NamedTuple):
    """One event as it lies in the table, its moment in ISO format."""

    seq: int
    happened_at: str
    actor: str
    verb: str
    subject: str
    detail: str
    salt: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What a redaction recorded of the event whose text it dropped.

    Attributes
    ----------
    actor, detail
        The commitments to what they were.
    left
        Digest of what is left: see `digest_left`.
    """

    actor: str
    detail: str
    left: str


def commitment(salt: str, text: str) -> str:
    """Bind to a text without giving it away."""
    return sha256(salt + text)


def digest_left(actor: str, detail: str, salt: str) -> str:
    """Hash what a redaction leaves of an event."""
    return sha256(json.dumps([actor, detail, salt], ensure_ascii=False))


def chain_hash(line: Line, redaction: Redaction | None = None) -> str:
    """Hash an event over its commitments: those recorded if it was redacted."""
    if redaction is None:
        actor, detail = (commitment(line.salt, t) for t in (line.actor, line.detail))
    else:
        actor, detail = redaction.actor, redaction.detail
    parts = [
        line.seq,
        line.happened_at,
        line.verb,
        line.subject,
        actor,
        detail,
        line.previous,
    ]
    return sha256(json.dumps(parts, ensure_ascii=False))


def lines(unit: Unit) -> list[Line]:
    """Read the trail as it lies there, oldest first."""
    return [Line(*row) for row in unit.rows(_LINES)]


def redactions(trail: Iterable[Line]) -> dict[int, Redaction]:
    """Collect what was redacted, by the number of the event; the newest counts."""
    found: dict[int, Redaction] = {}
    for line in trail:
        if line.verb == REDACT:
            redacted = _redaction(line.detail)
            if redacted is not None and redacted[0] < line.seq:
                found[redacted[0]] = redacted[1]
    return found


def broken_links(unit: Unit) -> list[str]:
    """Re-hash the chain and name each event that is not what was written."""
    trail = lines(unit)
    redacted = redactions(trail)
    problems = []
    expected_seq, expected_previous = 1, GENESIS
    for line in trail:
        if line.seq != expected_seq:
            problems.append(f"event {expected_seq} is missing")
        if line.previous != expected_previous:
            problems.append(f"event {line.seq} does not follow the one before it")
        redaction = redacted.get(line.seq)
        if chain_hash(line, redaction) != line.hash or not _is_left(line, redaction):
            named = f"event {line.seq} ({line.verb} {line.subject})"
            problems.append(f"{named} was edited")
        expected_seq, expected_previous = line.seq + 1, line.hash
    return problems


def sha256(text: str) -> str:
    """Hash text; as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _is_left(line: Line, redaction: Redaction | None) -> bool:
    if redaction is None:  # of one length, or a text could begin in the salt
        return _SALT.fullmatch(line.salt) is not None
    dropped = (line.actor, line.salt) == (REDACTED, "")
    return dropped and digest_left(REDACTED, line.detail, "") == redaction.left


def _redaction(detail: str) -> tuple[int, Redaction] | None:
    """Read a redaction; None where an edit left none, which its own hash shows."""
    try:
        found: Mapping[str, Any] = json.loads(detail)
        return int(found["seq"]), Redaction(
            actor=str(found["actor"]),
            detail=str(found["detail"]),
            left=str(found["left"]),
        )
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
