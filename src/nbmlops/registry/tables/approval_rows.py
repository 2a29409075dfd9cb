"""From events to the tables of approvals: what was asked for, what was answered."""

from datetime import datetime

from nbmlops.registry.audit.events import Event
from nbmlops.registry.tables.values import happened_at, version_key
from nbmlops.registry.unit import Unit

_ADD_REQUEST = """
insert into approval_request
values ($seq, $happened_at, $name, $number, $alias, $expires_at, null)
"""
_ADD_ANSWER = "insert into approval values ($seq, $request, $verb, $evidence)"
_CLOSE = "update approval_request set closed = $seq where seq = $request"
_CLOSE_HELD = """
update approval_request
set closed = $seq
where name = $name and number = $number and alias = $alias and closed is null
"""


def add_request(unit: Unit, event: Event) -> None:
    """Write what a `request` event asks for."""
    expires_at = event.detail["expires_at"]
    unit.run(
        _ADD_REQUEST,
        **version_key(event),
        seq=event.seq,
        happened_at=happened_at(event),
        alias=event.detail["alias"],
        expires_at=expires_at
        and datetime.fromisoformat(expires_at).replace(tzinfo=None),
    )


def add_answer(unit: Unit, event: Event) -> None:
    """Write what an `approve` or `reject` event answers; a rejection closes."""
    request = event.detail["request"]
    unit.run(
        _ADD_ANSWER,
        seq=event.seq,
        request=request,
        verb=event.verb,
        evidence=event.detail["evidence"],
    )
    if event.verb == "reject":
        unit.run(_CLOSE, seq=event.seq, request=request)


def close_held(unit: Unit, event: Event) -> None:
    """Close the requests for what a version holds from now on: they were used."""
    unit.run(
        _CLOSE_HELD,
        seq=event.seq,
        name=event.subject.partition("/")[0],
        number=event.detail["number"],
        alias=event.detail["alias"],
    )
