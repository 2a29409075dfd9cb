"""Rows of the catalog read as model versions, models, evaluations and checks."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from nbmlops.profiles.profile import Profile
from nbmlops.refs import Ref
from nbmlops.registry.database import Unit
from nbmlops.registry.records import (
    CheckRecord,
    EvaluationRecord,
    Model,
    ModelVersion,
)
from nbmlops.registry.signature import Signature

_MODELS = """
select m.name, m.created_at, count(v.number), max(v.number)
from model m
left join model_version v on v.name = m.name and v.deleted_at is null
group by m.name, m.created_at
order by max(v.created_at) desc nulls last, m.name
"""
_ALL_ALIASES = "select name, alias, number from alias order by name, alias"
_VERSIONS = """
select name, number, created_at, author, digest, size, document, deleted_at, profile
from model_version
where name = $name and list_contains($numbers, number)
order by number desc
"""
_TAGS = """
select number, key, value
from tag
where name = $name and list_contains($numbers, number)
order by key
"""
_NOTES = """
select number, text
from note
where name = $name and list_contains($numbers, number)
order by seq
"""
_ALIASES = """
select number, alias
from alias
where name = $name
order by alias
"""
_EVALUATIONS = """
select number, document
from evaluation
where name = $name and list_contains($numbers, number)
order by seq desc
"""
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


def versions(
    unit: Unit,
    name: str,
    numbers: Iterable[int],
    read_profile: Callable[[str], Profile],
) -> list[ModelVersion]:
    """Read versions of one model, newest first.

    Parameters
    ----------
    unit
        The open transaction.
    name, numbers
        Which.
    read_profile
        Reads a profile by its digest, later, when it is asked for.

    Returns
    -------
    list of ModelVersion
        One per number.
    """
    keys: dict[str, Any] = {"name": name, "numbers": list(numbers)}
    tags: dict[int, dict[str, str]] = defaultdict(dict)
    for number, key, value in unit.rows(_TAGS, **keys):
        tags[number][key] = value
    notes = _grouped(unit.rows(_NOTES, **keys))
    aliases = _grouped(unit.rows(_ALIASES, name=name))
    evaluations = _evaluations(unit, keys)
    return [
        _version(
            row,
            tags=tags[row[1]],
            notes=tuple(notes[row[1]]),
            aliases=tuple(aliases[row[1]]),
            evaluations=evaluations[row[1]],
            read_profile=read_profile,
        )
        for row in unit.rows(_VERSIONS, **keys)
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


def _evaluations(
    unit: Unit, keys: dict[str, Any]
) -> dict[int, tuple[EvaluationRecord, ...]]:
    newest: dict[int, dict[str, EvaluationRecord]] = defaultdict(dict)
    for number, document in unit.rows(_EVALUATIONS, **keys):
        record = evaluation_record(json.loads(document))
        newest[number].setdefault(record.name, record)
    return defaultdict(tuple, {n: tuple(e.values()) for n, e in newest.items()})


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


def _version(
    row: tuple[Any, ...],
    *,
    tags: Mapping[str, str],
    notes: tuple[str, ...],
    aliases: tuple[str, ...],
    evaluations: tuple[EvaluationRecord, ...],
    read_profile: Callable[[str], Profile],
) -> ModelVersion:
    name, number, created_at, author, digest, size, text, deleted_at, profile = row
    document = json.loads(text)
    own = next((e for e in evaluations if e.name == OWN_EVALUATION), None)
    shown = own or next(iter(evaluations), None)
    return ModelVersion(
        name=name,
        number=number,
        created_at=created_at.replace(tzinfo=UTC),
        author=author,
        description=document["description"],
        tags=tags,
        aliases=aliases,
        metrics=dict(shown.metrics) if shown else {},
        reported=document["reported"],
        params=document["params"],
        task=document["task"],
        target=tuple(document["target"]),
        classes=tuple(_as_tuples(document["classes"])),
        signature=Signature.from_dict(document["signature"]),
        digest=digest,
        size=size,
        flavor=document["flavor"],
        estimator=document["estimator"],
        source=document["source"],
        environment=document["environment"],
        datasets=tuple(document["datasets"]),
        evaluations=evaluations,
        attachments=document["attachments"],
        notes=notes,
        parent=document["parent"] or "",
        profile_digest=profile,
        is_deleted=deleted_at is not None,
        read_profile=read_profile,
    )


def _as_tuples(classes: Iterable[Any]) -> list[Any]:
    return [tuple(c) if isinstance(c, list) else c for c in classes]


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = defaultdict(list)
    for number, value in rows:
        groups[number].append(value)
    return groups
