"""What is in the registry, and what needs attention first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbmlops.display.numbers import age
from nbmlops.host import typed
from nbmlops.refs import CHAMPION
from nbmlops.registry import lookup
from nbmlops.registry.approval_requests import Waiting, waiting
from nbmlops.registry.checks import stored_checks
from nbmlops.registry.place import Place
from nbmlops.registry.records import CheckRecord, Model

STALE_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """One thing to look at: of which model, why, and what to type."""

    model: str
    why: str
    hint: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"model": self.model, "why": self.why, "hint": self.hint}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a registry holds.

    Attributes
    ----------
    location
        Its folder.
    exists
        False before `init` or the first `register`.
    models
        The one that changed last first.
    checks
        The newest skew check by model.
    attention
        What to look at, the most urgent first.
    """

    location: Path
    exists: bool
    models: tuple[Model, ...]
    checks: dict[str, CheckRecord]
    attention: tuple[Attention, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the status as plain values."""
        return {
            "location": str(self.location),
            "exists": self.exists,
            "models": [model.to_dict() for model in self.models],
            "checks": {name: c.outcome for name, c in self.checks.items()},
            "attention": [item.to_dict() for item in self.attention],
        }

    def __repr__(self) -> str:
        from nbmlops.lifecycle.status_view import status_text

        return status_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.lifecycle.status_view import status_html

        return status_html(self)


def status(place: Place) -> Status:
    """Sum a registry up.

    Parameters
    ----------
    place
        The registry; it need not exist.

    Returns
    -------
    Status
        Empty if there is nothing.
    """
    if not place.catalog.exists:
        return Status(
            location=place.folder, exists=False, models=(), checks={}, attention=()
        )
    with place.catalog.reading() as unit:
        models = tuple(lookup.models(unit))
        checks = {m.name: stored_checks(unit, m.name) for m in models}
        asked = waiting(unit, datetime.now(UTC))
    newest = {name: found[0] for name, found in checks.items() if found}
    now = datetime.now(UTC)
    attention = [_asked(one, now) for one in asked]
    attention += [a for m in models for a in _attention(m, newest.get(m.name), now)]
    return Status(
        location=place.folder,
        exists=True,
        models=models,
        checks=newest,
        attention=tuple(attention),
    )


def _asked(one: Waiting, now: datetime) -> Attention:
    ref = f"{one.name}/{one.number}"
    why = f"{ref} was requested for {one.alias} {age(one.since, now)}"
    hint = typed(f"approvals {one.name}")
    return Attention(model=one.name, why=why, hint=hint)


def _attention(
    model: Model, check: CheckRecord | None, now: datetime
) -> list[Attention]:
    found = []
    if check is not None and not check.ok:
        why = f"the newest skew check of {check.ref} says: {check.verdict}"
        hint = typed(f"checks {model.name}")
        found.append(Attention(model=model.name, why=why, hint=hint))
    if check is not None and "" < check.muted_until < now.date().isoformat():
        why = f"the acknowledgement of what {check.ref} shows is over: {check.verdict}"
        hint = typed(f"skew {model.name} FRAME")
        found.append(Attention(model=model.name, why=why, hint=hint))
    if CHAMPION not in model.aliases:
        hint = typed(f"promote {model.name}/{model.newest}")
        if model.newest is not None:
            found.append(
                Attention(model=model.name, why="no version is champion", hint=hint)
            )
    elif check is not None and now - check.happened_at > STALE_AFTER:
        days = (now - check.happened_at).days
        why = f"the newest skew check is {days} days old"
        hint = typed(f"skew {model.name}@{CHAMPION} FRAME")
        found.append(Attention(model=model.name, why=why, hint=hint))
    return found
