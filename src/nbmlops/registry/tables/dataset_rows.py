"""From events to the tables of datasets: what was seen, named and used."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from nbmlops.registry.audit.events import Event
from nbmlops.registry.tables.values import version_key
from nbmlops.registry.unit import Unit

_ADD_DATASET = """
insert into dataset
select $digest, $seq, $rows, $columns, $schema_digest, $description, $source
where not exists (select 1 from dataset where digest = $digest)
"""
_DESCRIBE = "update dataset set description = $description where digest = $digest"
_ADD_NAME = "insert into dataset_name values ($seq, $name, $digest)"
_ADD_USE = "insert into dataset_use values ($seq, $name, $number, $role, $digest)"


def add_registered(unit: Unit, event: Event) -> None:
    """Write what a `register` event says of its frames: each under its own role."""
    for record in event.detail["datasets"]:
        _add_used(unit, event, record, record["role"])


def add_evaluated(unit: Unit, event: Event) -> None:
    """Write what an `evaluate` event says of its frame; its role is the evaluation."""
    detail = event.detail
    of_before = {"digest": detail["dataset"], "rows": detail["rows"]}
    if record := detail.get("data", of_before):
        _add_used(unit, event, record, detail["evaluation"])


def add_compared(unit: Unit, event: Event, role: str) -> None:
    """Write what a `check` or `rebaseline` event says of its frame, if it does."""
    if record := event.detail.get("data"):
        _add_used(unit, event, record, role)


def add_named(unit: Unit, event: Event) -> None:
    """Write what a `dataset` event says: a dataset, its name and what it is."""
    detail = event.detail
    record = detail["data"]
    _add_dataset(unit, event.seq, record)
    if detail["name"]:
        unit.run(_ADD_NAME, seq=event.seq, name=detail["name"], digest=record["digest"])
    if detail["description"]:
        unit.run(_DESCRIBE, digest=record["digest"], description=detail["description"])


def _add_used(unit: Unit, event: Event, record: Mapping[str, Any], role: str) -> None:
    _add_dataset(unit, event.seq, record)
    digest = record["digest"]
    unit.run(_ADD_USE, **version_key(event), seq=event.seq, role=role, digest=digest)


def _add_dataset(unit: Unit, seq: int, record: Mapping[str, Any]) -> None:
    """Write a dataset the first time that it is seen."""
    names: Iterable[str] = record.get("columns", ())
    types: Mapping[str, str] = record.get("types", {})
    columns = json.dumps(
        [[name, types.get(name, "")] for name in names], ensure_ascii=False
    )
    source = record.get("source", {"frame": record.get("description", "")})
    unit.run(
        _ADD_DATASET,
        digest=record["digest"],
        seq=seq,
        rows=record["rows"],
        columns=columns,
        schema_digest=hashlib.sha256(columns.encode()).hexdigest(),
        description="",
        source=json.dumps(source, sort_keys=True, ensure_ascii=False),
    )
