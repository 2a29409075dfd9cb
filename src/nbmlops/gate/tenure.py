"""Who held an alias at a moment: which version, since when, by whom, why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from nbmlops.errors import NotFound, UsageError
from nbmlops.gate.results import GateResult
from nbmlops.host import call, typed
from nbmlops.lifecycle.browse import moment_of
from nbmlops.refs import CHAMPION, check_alias, parse_ref
from nbmlops.registry import lookup
from nbmlops.registry.audit import events
from nbmlops.registry.audit.events import Event
from nbmlops.registry.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """The time for which one version held an alias.

    Attributes
    ----------
    ref, alias
        Which version, and what it held.
    event
        The event that gave it the alias.
    ended
        The event that took it away, or None.
    results
        What the gates said then; () where the alias has none.
    """

    ref: str
    alias: str
    event: Event
    ended: Event | None
    results: tuple[GateResult, ...]

    @property
    def since(self) -> datetime:
        """When it began, in UTC."""
        return self.event.happened_at

    @property
    def until(self) -> datetime | None:
        """When it ended, in UTC; None while it lasts."""
        return None if self.ended is None else self.ended.happened_at

    @property
    def by(self) -> str:
        """Who claims to have given it the alias."""
        return self.event.actor

    @property
    def verb(self) -> str:
        """How it came to it: "promote", "rollback" or "alias"."""
        return self.event.verb

    @property
    def reason(self) -> str:
        """Why, or ""."""
        return str(self.event.detail.get("reason", ""))

    @property
    def forced(self) -> bool:
        """True if a gate failed and the move was forced."""
        return bool(self.event.detail.get("forced", False))

    def to_dict(self) -> dict[str, Any]:
        """Return the tenure as plain values."""
        return {
            "ref": self.ref,
            "alias": self.alias,
            "since": self.since.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "by": self.by,
            "verb": self.verb,
            "reason": self.reason,
            "forced": self.forced,
            "results": [result.to_dict() for result in self.results],
            "event": self.event.seq,
            "ended": None if self.ended is None else self.ended.seq,
        }

    def __repr__(self) -> str:
        from nbmlops.gate.tenure_view import tenure_text

        return tenure_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.gate.tenure_view import tenure_html

        return tenure_html(self)


def tenure(
    place: Place,
    name: str,
    alias: str = CHAMPION,
    *,
    as_of: str | date | datetime | None = None,
) -> Tenure:
    """Say which version held an alias at a moment, since when, by whom and why.

    Parameters
    ----------
    place
        The registry.
    name
        The model.
    alias
        The alias; "champion" is the version in production.
    as_of
        A moment; None is now, naive ones and text without a zone are UTC, a day means
        its end.

    Returns
    -------
    Tenure
        With the event that began it and the one that ended it.

    Raises
    ------
    UsageError
        If the name is a ref, or `as_of` is no moment.
    NotFound
        If there is no such model, or no version held the alias then.
    """
    ref, alias = parse_ref(name), check_alias(alias)
    if not ref.is_bare:
        raise UsageError(
            f"{name!r} is not the name of a model",
            hint=call("tenure", ref.name, alias=ref.alias or alias),
        )
    moment = None if as_of is None else moment_of(as_of)
    with place.catalog.reading() as unit:
        lookup.known_name(unit, ref.name)
        seqs = {move.seq for move in lookup.moves_of(unit, ref.name, alias)}
        moves = [event for event in events.read_all(unit) if event.seq in seqs]
    for found in _tenures(ref.name, alias, moves):
        is_over = found.until is not None and (moment is None or found.until <= moment)
        if not is_over and (moment is None or found.since <= moment):
            return found
    then = "" if moment is None else f" at {moment:%Y-%m-%d %H:%M:%S} UTC"
    raise NotFound(
        f"{alias} of", ref.name, hint=f"none{then}: see {typed(f'history {ref.name}')}"
    )


def _tenures(name: str, alias: str, moves: Iterable[Event]) -> Iterable[Tenure]:
    """Put the moves of an alias together; one to where it stood changes nothing."""
    begun: Event | None = None
    for move in moves:
        if begun is not None:
            if move.detail["number"] == begun.detail["number"]:
                continue
            yield _tenure(name, alias, begun, move)
        begun = move if move.detail["number"] is not None else None
    if begun is not None:
        yield _tenure(name, alias, begun, None)


def _tenure(name: str, alias: str, begun: Event, ended: Event | None) -> Tenure:
    results = [
        GateResult(
            name=one["name"],
            passed=one["passed"],
            detail=one["detail"],
            policy=one.get("policy", ""),
        )
        for one in begun.detail.get("results", ())
    ]
    return Tenure(
        ref=f"{name}/{begun.detail['number']}",
        alias=alias,
        event=begun,
        ended=ended,
        results=tuple(results),
    )
