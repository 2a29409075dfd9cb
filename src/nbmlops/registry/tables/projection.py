"""From events to tables: each verb's event, and the rows that it makes.

The tables hold nothing that does not follow from the events, so replaying the trail
on an empty catalog must give the same tables: that is what `verify` compares.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from nbmlops.registry.audit.events import Event
from nbmlops.registry.tables import approval_rows, dataset_rows, search_rows
from nbmlops.registry.tables.values import happened_at, pairs, version_key
from nbmlops.registry.unit import Unit

_ADD_MODEL = """
insert into model
select $name, $folded, $happened_at
where not exists (select 1 from model where name = $name)
"""
_ADD_VERSION = """
insert into model_version
values (
  $name, $number, $seq, $happened_at, $author, $description, $task, $flavor,
  $digest, $size, $profile, $parent, $document, null
)
"""
_ADD_PARAMS = """
insert into param
select $name, $number, unnest($keys), unnest($values)
"""
_DROP_TAG = "delete from tag where name = $name and number = $number and key = $key"
# An update, and an insert if there was nothing to update: "on conflict do update" takes
# four times as long as either, and "returning" half as long again.
_SET_TAG = """
update tag
set value = $value
where name = $name and number = $number and key = $key
"""
_ADD_TAG = "insert into tag values ($name, $number, $key, $value)"
_ADD_NOTE = "insert into note values ($seq, $name, $number, $text)"
_ADD_EVALUATION = """
insert into evaluation
values ($seq, $name, $number, $evaluation, $digest, $document)
"""
_ADD_METRICS = """
insert into metric
select $seq, $name, $number, $evaluation, unnest($keys), unnest($values)
"""
_ADD_CHECK = """
insert into skew_check
values ($seq, $name, $number, $verdict, $is_ok, $report, $profile, $serving)
"""
_ADD_ACKNOWLEDGEMENT = """
insert into acknowledgement
values ($seq, $name, $number, $column, $until, $reason)
"""
_ADD_BASELINE = "insert into baseline values ($seq, $name, $number, $profile, $reason)"
_DESCRIBE = """
update model_version
set description = $description
where name = $name and number = $number
"""
_MARK_DELETED = """
update model_version
set deleted_at = $deleted_at
where name = $name and number = $number
"""
_DROP_ALIAS = "delete from alias where name = $name and alias = $alias"
_SET_ALIAS = """
update alias
set number = $number, seq = $seq
where name = $name and alias = $alias
"""
_ADD_ALIAS = "insert into alias values ($name, $alias, $number, $seq)"
_ADD_SIGNATURE = """
insert into manifest_signature
values ($seq, $name, $number, $key, $manifest, $signature)
"""
_ADD_MOVE = """
insert into alias_move
values ($seq, $happened_at, $name, $alias, $number, $previous, $verb)
"""


def project(unit: Unit, event: Event) -> None:
    """Write the rows that an event stands for."""
    _PROJECTIONS[event.verb](unit, event)


def _document(detail: Mapping[str, Any]) -> str:
    return json.dumps(detail, sort_keys=True, ensure_ascii=False)


def _nothing(unit: Unit, event: Event) -> None:
    """Leave the tables as they are."""


def _register(unit: Unit, event: Event) -> None:
    detail = event.detail
    subject = version_key(event)
    name = subject["name"]
    moment = happened_at(event)
    unit.run(_ADD_MODEL, name=name, folded=name.casefold(), happened_at=moment)
    unit.run(
        _ADD_VERSION,
        **subject,
        seq=event.seq,
        happened_at=moment,
        author=event.actor,
        description=detail["description"],
        task=detail["task"],
        flavor=detail["flavor"],
        digest=detail["digest"],
        size=detail["size"],
        profile=detail["profile"],
        parent=detail["parent"],
        document=_document(detail),
    )
    if detail["params"]:
        unit.run(_ADD_PARAMS, **subject, **pairs(detail["params"]))
    _put_tags(unit, subject, detail["tags"])
    dataset_rows.add_registered(unit, event)
    search_rows.add_registered(unit, event)


def _tag(unit: Unit, event: Event) -> None:
    _put_tags(unit, version_key(event), event.detail["tags"])
    search_rows.add_tagged(unit, event)


def _put_tags(unit: Unit, subject: dict[str, Any], tags: Mapping[str, Any]) -> None:
    for key, value in tags.items():
        if value is None:
            unit.run(_DROP_TAG, **subject, key=key)
        elif not unit.changed(_SET_TAG, **subject, key=key, value=value):
            unit.run(_ADD_TAG, **subject, key=key, value=value)


def _note(unit: Unit, event: Event) -> None:
    unit.run(_ADD_NOTE, **version_key(event), seq=event.seq, text=event.detail["text"])
    search_rows.add_noted(unit, event)


def _describe(unit: Unit, event: Event) -> None:
    unit.run(_DESCRIBE, **version_key(event), description=event.detail["description"])
    search_rows.add_described(unit, event)


def _evaluate(unit: Unit, event: Event) -> None:
    detail = event.detail
    subject = version_key(event)
    unit.run(
        _ADD_EVALUATION,
        **subject,
        seq=event.seq,
        evaluation=detail["evaluation"],
        digest=detail["digest"],
        document=_document(detail),
    )
    if detail["metrics"]:
        unit.run(
            _ADD_METRICS,
            **subject,
            seq=event.seq,
            evaluation=detail["evaluation"],
            **pairs(detail["metrics"]),
        )
    dataset_rows.add_evaluated(unit, event)


def _check(unit: Unit, event: Event) -> None:
    detail = event.detail
    unit.run(
        _ADD_CHECK,
        **version_key(event),
        seq=event.seq,
        verdict=detail["verdict"],
        is_ok=detail["ok"],
        report=detail["report"],
        profile=detail["profile"],
        serving=detail["serving"],
    )
    dataset_rows.add_compared(unit, event, "serving")


def _acknowledge(unit: Unit, event: Event) -> None:
    detail = event.detail
    unit.run(
        _ADD_ACKNOWLEDGEMENT,
        **version_key(event),
        seq=event.seq,
        column=detail["column"],
        until=detail["until"],
        reason=detail["reason"],
    )


def _rebaseline(unit: Unit, event: Event) -> None:
    unit.run(
        _ADD_BASELINE,
        **version_key(event),
        seq=event.seq,
        profile=event.detail["profile"],
        reason=event.detail["reason"],
    )
    dataset_rows.add_compared(unit, event, "baseline")


def _sign(unit: Unit, event: Event) -> None:
    unit.run(
        _ADD_SIGNATURE,
        **version_key(event),
        seq=event.seq,
        key=event.detail["key"],
        manifest=_document(event.detail["manifest"]),
        signature=event.detail["signature"],
    )


def _delete(unit: Unit, event: Event) -> None:
    unit.run(_MARK_DELETED, **version_key(event), deleted_at=happened_at(event))


def _restore(unit: Unit, event: Event) -> None:
    unit.run(_MARK_DELETED, **version_key(event), deleted_at=None)


def _move_alias(unit: Unit, event: Event) -> None:
    subject = version_key(event)
    name, number = subject["name"], event.detail["number"]
    alias = event.detail["alias"]
    holding = {"name": name, "alias": alias, "number": number, "seq": event.seq}
    if number is None:
        unit.run(_DROP_ALIAS, name=name, alias=alias)
    elif not unit.changed(_SET_ALIAS, **holding):
        unit.run(_ADD_ALIAS, **holding)
    unit.run(
        _ADD_MOVE,
        seq=event.seq,
        happened_at=happened_at(event),
        name=name,
        alias=alias,
        number=number,
        previous=event.detail["previous"],
        verb=event.verb,
    )
    if number is not None:
        approval_rows.close_held(unit, event)


_PROJECTIONS: dict[str, Callable[[Unit, Event], None]] = {
    "init": _nothing,
    "load": _nothing,
    "verify-load": _nothing,
    "reproduce": _nothing,
    "redact": _nothing,
    "gc": _nothing,
    "register": _register,
    "import": _register,
    "tag": _tag,
    "note": _note,
    "describe": _describe,
    "evaluate": _evaluate,
    "check": _check,
    "acknowledge": _acknowledge,
    "rebaseline": _rebaseline,
    "dataset": dataset_rows.add_named,
    "request": approval_rows.add_request,
    "approve": approval_rows.add_answer,
    "reject": approval_rows.add_answer,
    "sign": _sign,
    "delete": _delete,
    "restore": _restore,
    "alias": _move_alias,
    "unalias": _move_alias,
    "promote": _move_alias,
    "rollback": _move_alias,
    "retire": _move_alias,
}

VERBS = tuple(_PROJECTIONS)
