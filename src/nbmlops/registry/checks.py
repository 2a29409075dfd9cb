"""Reading what is kept of skew checks: their results, what is muted, the references."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nbmlops.refs import Ref
from nbmlops.registry.records import CheckRecord
from nbmlops.registry.unit import Unit

_CHECKS = """
select c.seq, e.happened_at, c.name, c.number, c.verdict, c.is_ok, c.report,
  c.profile, c.serving, e.detail
from skew_check c
join event e on e.seq = c.seq
where c.name = $name
order by c.seq desc
"""
_ACKNOWLEDGED = """
select column_name, until, reason
from acknowledgement
where name = $name
order by seq
"""
_BASELINE = """
select b.profile, e.detail, b.reason, e.happened_at, e.actor
from baseline b
join event e on e.seq = b.seq
where b.name = $name and b.number = $number
order by b.seq desc
limit 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Why, when and by whom a new reference was accepted."""

    reason: str
    happened_at: datetime
    actor: str


def stored_checks(unit: Unit, name: str) -> list[CheckRecord]:
    """List the skew checks of a model, newest first."""
    return [_check(row) for row in unit.rows(_CHECKS, name=name)]


def muted_columns(unit: Unit, name: str, today: datetime) -> dict[str, tuple[str, str]]:
    """Return until when, and why, findings in a model's columns are acknowledged.

    Parameters
    ----------
    unit
        The open transaction.
    name
        The model.
    today
        A moment of the day, in UTC.

    Returns
    -------
    dict
        By column: what its newest acknowledgement says, if that is not over.
    """
    rows = unit.rows(_ACKNOWLEDGED, name=name)
    newest = {column: (until, reason) for column, until, reason in rows}
    day = today.date().isoformat()
    return {column: said for column, said in newest.items() if said[0] >= day}


def _check(row: tuple[Any, ...]) -> CheckRecord:
    seq, happened_at, name, number, verdict, ok, report, profile, serving, text = row
    detail = json.loads(text)
    return CheckRecord(
        seq=seq,
        happened_at=happened_at.replace(tzinfo=UTC),
        ref=f"{name}/{number}",
        verdict=verdict,
        ok=ok,
        report=report,
        profile=profile,
        serving=serving,
        muted_until=detail.get("muted_until", ""),
        is_partial=detail.get("partial", False),
    )


def accepted_baseline(unit: Unit, ref: Ref) -> str | None:
    """Return the digest of the newest accepted reference profile, if there is one."""
    row = unit.row(_BASELINE, name=ref.name, number=ref.number)
    return row[0] if row else None


def accepted_data(unit: Unit, ref: Ref) -> dict[str, Any] | None:
    """Return what is recorded of the newest accepted reference's frame, if any is."""
    row = unit.row(_BASELINE, name=ref.name, number=ref.number)
    data: dict[str, Any] | None = json.loads(row[1]).get("data") if row else None
    return data


def accepted_because(unit: Unit, ref: Ref) -> Accepted | None:
    """Return why the newest accepted reference is one, if there is one."""
    row = unit.row(_BASELINE, name=ref.name, number=ref.number)
    if row is None:
        return None
    _, _, reason, happened_at, actor = row
    return Accepted(reason=reason, happened_at=happened_at, actor=actor)
