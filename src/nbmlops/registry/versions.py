"""Rows of the catalog read as models, evaluations and checks."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nbmlops.refs import Ref
from nbmlops.registry.records import (
    CheckRecord,
    EvaluationRecord,
    Model,
)
from nbmlops.registry.unit import Unit

_MODELS = """
select m.name, m.created_at, count(v.number), max(v.number)
from model m
left join model_version v on v.name = m.name and v.deleted_at is null
group by m.name, m.created_at
order by max(v.created_at) desc nulls last, m.name
"""
_ALL_ALIASES = "select name, alias, number from alias order by name, alias"
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
select profile
from baseline
where name = $name and number = $number
order by seq desc
limit 1
"""

OWN_EVALUATION = "test"


def models(unit: Unit) -> list[Model]:
    """List the models, the one that changed last first."""
    aliases: dict[str, dict[str, int]] = defaultdict(dict)
    for name, alias, number in unit.rows(_ALL_ALIASES):
        aliases[name][alias] = number
    return [
        Model(
            name=name,
            created_at=created_at.replace(tzinfo=UTC),
            versions=count,
            newest=newest,
            aliases=aliases[name],
        )
        for name, created_at, count, newest in unit.rows(_MODELS)
    ]


def checks(unit: Unit, name: str) -> list[CheckRecord]:
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


def evaluation_record(detail: Mapping[str, Any]) -> EvaluationRecord:
    """Read an evaluation from its event's detail."""
    return EvaluationRecord(
        name=detail["evaluation"],
        digest=detail["digest"],
        rows=detail["rows"],
        metrics=detail["metrics"],
        dataset=detail["dataset"],
        slices=tuple(detail["slices"]),
        groups=detail["groups"],
        latency_ms=detail["latency_ms"],
        notes=tuple(detail["notes"]),
    )
