"""Asking for approval of a version, approving it and rejecting it.

Who acts is a claim, not a proof: somebody who can write the folder can act under any
name. What the trail shows is who was said to have approved what, and when.
"""

from datetime import UTC, datetime

from nbmlops.errors import AlreadyExists, NotAllowed, NotFound, UsageError
from nbmlops.gate.access import check_access, is_one_of
from nbmlops.gate.approval_state import ApprovalRequest, person, stated
from nbmlops.gate.case import Case, case_of
from nbmlops.gate.evidence import digest_of, evidence
from nbmlops.gate.policy import Policy, policy_of
from nbmlops.host import option, typed
from nbmlops.lifecycle.arguments import given_reason
from nbmlops.refs import CHAMPION, check_alias, parse_ref
from nbmlops.registry import lookup
from nbmlops.registry.approval_requests import Request, requests
from nbmlops.registry.audit.chain import REDACTED
from nbmlops.registry.catalog import Writer
from nbmlops.registry.place import Place


def request(
    place: Place, ref: str, alias: str = CHAMPION, *, reason: str = ""
) -> ApprovalRequest:
    """Ask that a version be approved for an alias.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version; a bare name only if it has one version.
    alias
        What it shall hold.
    reason
        Why.

    Returns
    -------
    ApprovalRequest
        Open until it is rejected, its time is over, or the version holds the alias.

    Raises
    ------
    NotAllowed
        If the version holds the alias already.
    AlreadyExists
        If the same was asked and can still be answered.
    """
    reason = given_reason(reason)
    policy = policy_of(place)
    with place.catalog.writing() as writer:
        case = case_of(place, policy, ref, alias)
        candidate, now = case.candidate, datetime.now(UTC)
        if case.holder is not None and case.holder.number == candidate.number:
            raise NotAllowed(
                f"{candidate.ref} is {alias} already", hint="nothing to do"
            )
        if any(r.is_open(now) for r in _asked(writer, candidate.ref, alias)):
            raise AlreadyExists(
                f"{candidate.ref} was requested for {alias} already",
                hint=f"look at {typed(f'approvals {candidate.name}')}",
            )
        age = case.policy.approval_max_age
        detail = {
            "alias": alias,
            "reason": reason,
            "approvals": max(case.policy.approvals, 1),
            "expires_at": None if age is None else (now + age).isoformat(),
            "policy": policy.to_dict(),
        }
        writer.write("request", candidate.ref, detail)
        return _newest(case)


def approve(
    place: Place, ref: str, *, alias: str | None = None, reason: str = ""
) -> ApprovalRequest:
    """Approve a version that was requested for an alias.

    It holds for what is there now: the version's bytes, its evaluations, the newest
    check, what it is compared with, and the rules. A change of any of them lapses it.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version.
    alias
        For which alias; None where only one was asked for.
    reason
        Why.

    Returns
    -------
    ApprovalRequest
        With this approval. NotFound if nobody asked for it.

    Raises
    ------
    NotAllowed
        If the request has expired, or the actor made the version, asked for it, is no
        approver, or approved it before and nothing has changed since.
    """
    reason, policy = given_reason(reason), policy_of(place)
    with place.catalog.writing() as writer:
        case, found = _to_answer(writer, place, policy, ref, alias)
        if not found.is_open(datetime.now(UTC)):
            raise NotAllowed(
                f"the request for {found.ref} has expired",
                hint=f"ask again: {typed(f'request {found.ref} --to {found.alias}')}",
            )
        _refuse_own(place.actor, case, found)
        _refuse_stranger(place.actor, case)
        seen = evidence(case)
        mine = [a for a in found.answers if person(a.actor) == person(place.actor)]
        if mine and mine[-1].evidence == digest_of(seen):
            raise NotAllowed(
                f"{place.actor} has approved {found.ref} (event {mine[-1].seq}), and "
                "nothing has changed since",
                hint="nothing to do",
            )
        _answer(writer, "approve", case, found, reason, seen)
        return _newest(case)


def reject(
    place: Place, ref: str, *, alias: str | None = None, reason: str = ""
) -> ApprovalRequest:
    """Reject a version that was requested for an alias; whoever asked may withdraw it.

    Parameters
    ----------
    place, ref, alias, reason
        As in `approve`.

    Returns
    -------
    ApprovalRequest
        Closed: one rejection is enough, whatever was approved before. NotFound if
        nobody asked for it; NotAllowed if the actor is no approver, and did not ask
        for it either.
    """
    reason, policy = given_reason(reason), policy_of(place)
    with place.catalog.writing() as writer:
        case, found = _to_answer(writer, place, policy, ref, alias)
        if person(place.actor) != person(found.actor):
            check_access(place, "reject", found.name)
            _refuse_stranger(place.actor, case)
        _answer(writer, "reject", case, found, reason, evidence(case))
        return _newest(case)


def approvals(place: Place, name: str | None = None) -> list[ApprovalRequest]:
    """List what was asked for and what has become of it, newest first.

    Parameters
    ----------
    place
        The registry.
    name
        A model, or a ref of one version; None lists all.

    Returns
    -------
    list of ApprovalRequest
        Each judged by what is there now.
    """
    policy, now = policy_of(place), datetime.now(UTC)
    with place.catalog.reading() as unit:
        model, only = None, None
        if name is not None:
            ref = parse_ref(name)
            model = lookup.known_name(unit, ref.name)
            only = None if ref.is_bare else str(lookup.resolve(unit, ref))
        return [
            _judged(place, policy, found, now)
            for found in requests(unit, model)
            if only in (None, found.ref)
        ]


def newest_request(case: Case) -> ApprovalRequest | None:
    """Judge the newest request of a case's version for its alias; None without one."""
    with case.place.catalog.reading() as unit:
        found = _of(requests(unit, case.candidate.name), case.candidate.ref, case.alias)
    if not found:
        return None
    return stated(
        found[0],
        needed=max(case.policy.approvals, 1),
        seen=evidence(case),
        now=datetime.now(UTC),
    )


def _judged(
    place: Place, policy: Policy, found: Request, now: datetime
) -> ApprovalRequest:
    seen = None
    if found.is_open(now):  # then its version is there: nothing open is deleted
        seen = evidence(case_of(place, policy, found.ref, found.alias))
    needed = found.needed
    if seen is not None:
        needed = max(policy.of(found.alias).approvals, 1)
    return stated(found, needed=needed, seen=seen, now=now)


def _to_answer(
    writer: Writer, place: Place, policy: Policy, ref: str, alias: str | None
) -> tuple[Case, Request]:
    """Find the one request that an answer is meant for."""
    if alias is not None:
        check_alias(alias)
    version = place.version_in(writer.unit, ref, to_change=True)
    waiting = [r for r in _asked(writer, version.ref, alias) if r.closed is None]
    aliases = sorted({request.alias for request in waiting})
    if not waiting:
        words = f"request --to {alias}" if alias else "request"
        raise NotFound(
            "open request",
            version.ref if alias is None else f"{version.ref} for {alias}",
            hint=f"{typed(words.replace('request', f'request {version.ref}'))} asks",
        )
    if len(aliases) > 1:
        told = [option("alias", alias, "--to") for alias in aliases]
        raise UsageError(
            f"{version.ref} was requested for several aliases",
            hint=f"say which: {' or '.join(told)}",
        )
    return case_of(place, policy, version.ref, aliases[0]), waiting[0]


def _refuse_own(actor: str, case: Case, found: Request) -> None:
    """Refuse who made the version or asked for it: four eyes are two people's."""
    author = case.candidate.imported.get("author", case.candidate.author)
    for name, did in (
        (author, "made it"),
        (found.actor, "requested it"),
    ):
        if name == REDACTED:
            raise NotAllowed(
                f"{found.ref} cannot be approved: who {did} was redacted, so nobody is "
                "known to be somebody else",
                hint="register it anew",
            )
        if person(name) == person(actor):
            raise NotAllowed(
                f"{actor} cannot approve {found.ref}: the same name {did}",
                hint="ask somebody else",
            )


def _refuse_stranger(actor: str, case: Case) -> None:
    known = case.policy.approvers
    if known and not is_one_of(actor, known):
        raise NotAllowed(
            f"{actor} is no approver of {case.alias} ({case.policy_file})",
            hint=f"ask one of: {', '.join(known)}",
        )


def _answer(
    writer: Writer,
    verb: str,
    case: Case,
    found: Request,
    reason: str,
    seen: dict[str, str],
) -> None:
    detail = {
        "request": found.seq,
        "alias": found.alias,
        "reason": reason,
        "digest": case.candidate.digest,
        "evidence": digest_of(seen),
        "seen": seen,
    }
    writer.write(verb, found.ref, detail)


def _newest(case: Case) -> ApprovalRequest:
    found = newest_request(case)
    assert found is not None
    return found


def _asked(writer: Writer, ref: str, alias: str | None) -> list[Request]:
    model = parse_ref(ref).name
    return _of(requests(writer.unit, model), ref, alias)


def _of(found: list[Request], ref: str, alias: str | None) -> list[Request]:
    return [r for r in found if r.ref == ref and alias in (None, r.alias)]
