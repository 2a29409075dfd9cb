"""Moving an alias: promotion through the gates, rollback, and retirement."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from nbmlops.errors import GateFailed, NbmlopsError, NotAllowed, NotFound, UsageError
from nbmlops.gate.approvals import newest_request
from nbmlops.gate.case import case_of
from nbmlops.gate.gates import judge_gates
from nbmlops.gate.policy import Policy, policy_of
from nbmlops.gate.policy_file import shown_path
from nbmlops.gate.results import GateResult, Promotion
from nbmlops.host import option, typed
from nbmlops.lifecycle.arguments import needed_reason
from nbmlops.lifecycle.example import example_of
from nbmlops.lifecycle.load import load_version
from nbmlops.refs import CHAMPION, Ref, check_alias, parse_ref
from nbmlops.registry import lookup
from nbmlops.registry.catalog import Writer
from nbmlops.registry.lookup import Move
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion


def gates(
    place: Place, ref: str, alias: str = CHAMPION, *, trust: Sequence[str] = ()
) -> tuple[GateResult, ...]:
    """Judge a version's gates without moving anything.

    Parameters
    ----------
    place, ref, alias, trust
        As in `promote`.

    Returns
    -------
    tuple of GateResult
        One per gate.
    """
    return judge_gates(case_of(place, policy_of(place), ref, alias, trust))


def promote(
    place: Place,
    ref: str,
    alias: str = CHAMPION,
    *,
    reason: str = "",
    force: bool = False,
    trust: Sequence[str] = (),
) -> Promotion:
    """Give a version an alias, if its gates hold.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version; a bare name only if it has one version.
    alias
        The alias.
    reason
        Why; needed with `force`.
    force
        Move it although a gate fails. The event says so.
    trust
        Refs or digests vouched for on this call.

    Returns
    -------
    Promotion
        With each gate's result.

    Raises
    ------
    GateFailed
        If a gate fails and the move is not forced; nothing moves. Without a reason it
        is not forced either: a UsageError.
    NotAllowed
        If the version holds the alias already, or the holder changed meanwhile.
    """
    if force:
        reason = needed_reason(reason, what="force")
    policy = policy_of(place)
    case = case_of(place, policy, ref, alias, trust)
    candidate, holder = case.candidate, case.holder
    if holder is not None and holder.number == candidate.number:
        raise NotAllowed(f"{candidate.ref} is {alias} already", hint="nothing to do")
    results = judge_gates(case)
    failed = [result for result in results if result.passed is False]
    if failed and not force:
        message = _refusal(candidate, alias, results, failed, policy.file)
        raise GateFailed(message, results=results)
    detail = {"forced": bool(failed), **_detail(reason, policy, results)}
    with place.catalog.writing() as writer:
        target = lookup.resolve(writer.unit, parse_ref(candidate.ref))
        _check_unmoved(writer, candidate.name, alias, holder)
        if case.policy.approvals and not failed:
            _check_approved(place, policy, candidate, alias)
        event = writer.move_alias(target, alias, "promote", detail)
    return Promotion(
        ref=candidate.ref,
        alias=alias,
        previous=holder.ref if holder else None,
        results=results,
        event=event,
        policy=policy.file,
        is_forced=bool(failed),
    )


def rollback(
    place: Place,
    name: str,
    alias: str = CHAMPION,
    *,
    to: str | int | None = None,
    reason: str = "",
    trust: Sequence[str] = (),
) -> Promotion:
    """Undo the newest standing promotion of an alias.

    Called again it goes one further back, never into a version rolled away from.

    Parameters
    ----------
    place, alias, reason, trust
        As in `promote`.
    name
        The model.
    to
        A former holder, as a ref or a number, instead of the one before.

    Returns
    -------
    Promotion
        The gates are shown, not enforced, and so is a policy file that cannot be read.

    Raises
    ------
    NotAllowed
        If there is no earlier holder, `to` holds the alias already, or the version
        cannot load and predict.
    """
    alias = check_alias(alias)
    model = parse_ref(name).name
    with place.catalog.reading() as unit:
        lookup.known_name(unit, model)
        moves = lookup.moves_of(unit, model, alias)
        holder = place.champion_in(unit, model, alias)
        target = _former(model, alias, moves, to)
        version = _standing(place, target, alias)
    if holder is not None and holder.number == version.number:
        raise NotAllowed(f"{version.ref} is {alias} already", hint="nothing to do")
    _prove_answers(place, version, trust)
    policy, unread = _policy_to_show(place)
    case = case_of(place, policy, version.ref, alias, trust)
    results = (*judge_gates(case), *unread)
    with place.catalog.writing() as writer:
        _check_unmoved(writer, model, alias, holder)
        ref = lookup.resolve(writer.unit, target)
        detail = _detail(reason, policy, results)
        event = writer.move_alias(ref, alias, "rollback", detail)
    return Promotion(
        ref=version.ref,
        alias=alias,
        previous=holder.ref if holder else None,
        results=results,
        event=event,
        policy=policy.file,
    )


def retire(place: Place, name: str, alias: str = CHAMPION, *, reason: str) -> Promotion:
    """Take a model out of production: nothing holds the alias afterwards.

    Parameters
    ----------
    place, name, alias
        As in `rollback`.
    reason
        Why; a UsageError where there is none.

    Returns
    -------
    Promotion
        With an empty `ref`.
    """
    reason = needed_reason(reason, what="retiring")
    model = parse_ref(name).name
    with place.catalog.writing() as writer:
        lookup.known_name(writer.unit, model)
        event = writer.drop_alias(
            model, check_alias(alias), "retire", {"reason": reason}
        )
    return Promotion(
        ref="",
        alias=alias,
        previous=f"{model}/{event.detail['previous']}",
        results=(),
        event=event,
    )


def gated_aliases(place: Place) -> frozenset[str]:
    """Name the aliases that move by promote, rollback and retire only."""
    return ruled_aliases(place) | {CHAMPION}


def ruled_aliases(place: Place) -> frozenset[str]:
    """Name the aliases for which the policy file has a rule."""
    policy = policy_of(place)
    return frozenset({*policy.gates, *policy.access.protected})


def _check_unmoved(
    writer: Writer, name: str, alias: str, holder: ModelVersion | None
) -> None:
    """Refuse to go on if somebody moved the alias while the gates were judged."""
    now = lookup.aliases_of(writer.unit, name).get(alias)
    if now != (holder.number if holder else None):
        raise NotAllowed(
            f"{name}@{alias} was moved to {now} while the gates were judged",
            hint=f"look at {typed('history')}, then try again",
        )


def _check_approved(
    place: Place, policy: Policy, candidate: ModelVersion, alias: str
) -> None:
    """Refuse to go on if an approval was taken back, or lapsed, in the meantime."""
    found = newest_request(case_of(place, policy, candidate.ref, alias))
    if found is None or found.state != "approved":
        why = found.detail if found else "there is no request"
        raise NotAllowed(
            f"the approval of {candidate.ref} changed while the gates were judged: "
            f"{why}",
            hint=f"look at {typed(f'approvals {candidate.name}')}",
        )


def _policy_to_show(place: Place) -> tuple[Policy, tuple[GateResult, ...]]:
    """Read the policy; one that cannot be read is a result, and asks for nothing."""
    try:
        return policy_of(place), ()
    except UsageError as error:
        file = shown_path(place.policy, project=place.folder.parent)
        unread = GateResult(
            name="policy", passed=False, detail=error.message, policy=file
        )
        return Policy(file=file), (unread,)


def _detail(
    reason: str, policy: Policy, results: tuple[GateResult, ...]
) -> dict[str, Any]:
    """Return what the event says of a judged move."""
    return {
        "reason": reason,
        "policy": policy.to_dict(),
        "results": [result.to_dict() for result in results],
    }


def _refusal(
    candidate: ModelVersion,
    alias: str,
    results: tuple[GateResult, ...],
    failed: list[GateResult],
    file: str,
) -> str:
    first = failed[0]
    others = ", ".join(result.name for result in failed[1:])
    also = f"\nAlso: {others}." if others else ""
    passed = sum(result.passed is True for result in results)
    asked = f" ({file})" if file else ""
    return (
        f"{candidate.ref} is not promoted to {alias}: {len(failed)} gate"
        f"{'s' if len(failed) > 1 else ''} failed, {passed} passed{asked}.\n"
        f"{first.name}: {first.detail}.{also}"
    )


def _former(model: str, alias: str, moves: list[Move], to: str | int | None) -> Ref:
    """Find the holder to go back to."""
    holders = [move.number for move in moves if move.number is not None]
    if to is not None:
        if isinstance(to, bool) or not isinstance(to, (int, str)):
            raise UsageError(f"to cannot be {to!r}", hint=option("to", f"{model}/1"))
        ref = Ref(model, number=to) if isinstance(to, int) else parse_ref(to)
        number = ref.number if ref.name == model else None
        if number not in holders:
            known = [f"{model}/{n}" for n in sorted(set(holders))]
            raise NotFound(f"former {alias}", str(to), known)
        return Ref(model, number=number)
    standing = _standing_holders(moves)
    if len(standing) < 2:
        current = (
            f"{model}/{standing[-1]} is the first" if standing else "no version is"
        )
        raise NotAllowed(
            f"there is nothing to roll back to: {current} {alias} of {model}",
            hint="promote another version, or retire this one",
        )
    return Ref(model, number=standing[-2])


def _standing_holders(moves: list[Move]) -> list[int]:
    """Replay the moves: promotions stack up, a rollback takes them off again."""
    # What was rolled away from goes wherever it stood: after 1, 2, 1 and one rollback
    # there is no way back to 1 but to promote it anew.
    stack: list[int] = []
    for move in moves:
        if move.number is None:
            stack = []
        elif move.verb == "rollback" and move.number in stack:
            last = len(stack) - stack[::-1].index(move.number)
            left = stack[last:]
            stack = [number for number in stack[:last] if number not in left]
        else:
            stack.append(move.number)
        stack = [number for number, _ in groupby(stack)]
    return stack


def _standing(place: Place, target: Ref, alias: str) -> ModelVersion:
    try:
        return place.version(target)
    except NotFound as error:
        raise NotAllowed(
            f"the {alias} before cannot come back: {error.message}", hint=error.hint
        ) from None


def _prove_answers(place: Place, version: ModelVersion, trust: Sequence[str]) -> None:
    try:
        model = load_version(place, version, trust=trust)
        model.predict(example_of(place, version, model))
    except NbmlopsError:
        raise
    except Exception as error:
        # Whatever the estimator raises here it would raise when serving.
        raise NotAllowed(
            f"{version.ref} cannot come back: it fails on a typical row: {error}",
            hint=f"roll back to another one with {option('to')}",
        ) from error
