"""What has become of a request for approval, by what is there now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from nbmlops.display.numbers import moment
from nbmlops.gate.evidence import changed, digest_of
from nbmlops.registry.approval_requests import Answer, Request

State: TypeAlias = Literal[
    "open", "approved", "lapsed", "rejected", "expired", "promoted"
]
# How a version that was requested came to its alias, by the verb that moved it there.
_HELD = {
    "promote": "promoted",
    "rollback": "rolled back to",
    "alias": "given the alias",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One answer to a request.

    Attributes
    ----------
    event, happened_at, by, reason
        The number of its event, when (UTC), who claims to have answered, and why.
    verb
        "approve" or "reject".
    lapsed
        What has changed since, so that it no longer counts; "" where it does.
    """

    event: int
    happened_at: datetime
    by: str
    reason: str
    verb: str
    lapsed: str

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values."""
        return {
            "event": self.event,
            "happened_at": self.happened_at.isoformat(),
            "by": self.by,
            "reason": self.reason,
            "verb": self.verb,
            "lapsed": self.lapsed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """A version that was requested for an alias, and what has become of it.

    Attributes
    ----------
    event, requested_at, by, reason
        The number of its event, when (UTC), who claims to have asked, and why.
    ref, alias
        The version, and what it shall hold.
    state
        "open", "approved", "lapsed", "rejected", "expired", or "promoted" where the
        version has held the alias since.
    detail
        The state in words, with its figures.
    needed
        How many approvals it takes.
    expires_at
        When it and its approvals end; None for never.
    answers
        Oldest first.
    """

    event: int
    requested_at: datetime
    by: str
    reason: str
    ref: str
    alias: str
    state: State
    detail: str
    needed: int
    expires_at: datetime | None
    answers: tuple[Approval, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the request as plain values."""
        ends = self.expires_at
        return {
            "event": self.event,
            "requested_at": self.requested_at.isoformat(),
            "by": self.by,
            "reason": self.reason,
            "ref": self.ref,
            "alias": self.alias,
            "state": self.state,
            "detail": self.detail,
            "needed": self.needed,
            "expires_at": None if ends is None else ends.isoformat(),
            "answers": [answer.to_dict() for answer in self.answers],
        }

    def __repr__(self) -> str:
        from nbmlops.gate.approval_view import request_text

        return request_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.gate.approval_view import request_html

        return request_html(self)


def stated(
    request: Request, *, needed: int, seen: Mapping[str, str] | None, now: datetime
) -> ApprovalRequest:
    """Say what has become of a request.

    Parameters
    ----------
    request
        As it is stored, with its answers.
    needed
        How many approvals the policy asks for.
    seen
        What its approvers would see now; None where it is over anyway.
    now
        In UTC.

    Returns
    -------
    ApprovalRequest
        An approval counts as long as all that its approver saw is as it was.
    """
    answers = tuple(_answer(answer, seen) for answer in request.answers)
    state, detail = _state(request, answers, needed=needed, now=now)
    return ApprovalRequest(
        event=request.seq,
        requested_at=request.happened_at,
        by=request.actor,
        reason=request.reason,
        ref=request.ref,
        alias=request.alias,
        state=state,
        detail=detail,
        needed=needed,
        expires_at=request.expires_at,
        answers=answers,
    )


def person(actor: str) -> str:
    """Tell people apart by name, upper and lower case aside."""
    return actor.strip().casefold()


def _answer(answer: Answer, seen: Mapping[str, str] | None) -> Approval:
    is_same = seen is None or answer.evidence == digest_of(seen)
    return Approval(
        event=answer.seq,
        happened_at=answer.happened_at,
        by=answer.actor,
        reason=answer.reason,
        verb=answer.verb,
        lapsed="" if is_same else changed(answer.seen, seen or {}),
    )


def _state(
    request: Request, answers: tuple[Approval, ...], *, needed: int, now: datetime
) -> tuple[State, str]:
    if request.closed_by == "reject":
        last = answers[-1]
        why = f": {last.reason}" if last.reason else ""
        return "rejected", f"rejected (event {last.event}){why}"
    if request.closed is not None:
        held = f"{_HELD[request.closed_by]} (event {request.closed})"
        return "promoted", f"{held}; the next promotion needs a new request"
    if request.has_expired(now):
        assert request.expires_at is not None
        return "expired", f"expired {moment(request.expires_at)} UTC: request it again"
    standing = [answer for answer in answers if not answer.lapsed]
    count = len({person(answer.by) for answer in standing})
    listed = ", ".join(str(answer.event) for answer in standing)
    events = f" (event{'s' if len(standing) > 1 else ''} {listed})" if standing else ""
    detail = f"{count} of {needed} approved{events}"
    if count >= needed:
        return "approved", detail
    lapsed = [answer for answer in answers if answer.lapsed]
    if lapsed:
        newest = lapsed[-1]
        return "lapsed", f"lapsed: {newest.lapsed} since event {newest.event}; {detail}"
    return "open", detail
