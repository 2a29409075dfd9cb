"""What the events of an export must look like before anything is done with them.

The tables and views rely on the shape that the verbs write. Keys that are not named
here may be there: a later nbmlops adds some.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

Shape: TypeAlias = Callable[[Any], bool]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LARGEST = 2**63


def text(value: Any) -> bool:
    """Tell whether it is text that can be stored: no half character."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole(value: Any) -> bool:
    """Tell whether it is a count."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return is_whole and 0 <= value < _LARGEST


def number(value: Any) -> bool:
    """Tell whether it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < _LARGEST if isinstance(value, int) else math.isfinite(value)


def flag(value: Any) -> bool:
    """Tell whether it is true or false."""
    return isinstance(value, bool)


def moment(value: Any) -> bool:
    """Tell whether it is a moment in ISO format."""
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def digest(value: Any) -> bool:
    """Tell whether it is a SHA-256 in hex."""
    return isinstance(value, str) and bool(_DIGEST.fullmatch(value))


def scalar(value: Any) -> bool:
    """Tell whether it is text, a number, a flag or nothing."""
    return value is None or text(value) or number(value) or flag(value)


def nested(value: Any) -> bool:
    """Tell whether it is a scalar, or a list of such values, however deep."""
    return scalar(value) or (isinstance(value, list) and all(map(nested, value)))


def maybe(shape: Shape) -> Shape:
    """Allow None too."""
    return lambda value: value is None or shape(value)


def each(shape: Shape) -> Shape:
    """Ask for a list of such values."""
    return lambda value: isinstance(value, list) and all(map(shape, value))


def mapping(shape: Shape) -> Shape:
    """Ask for names with such values."""
    return lambda value: (
        isinstance(value, dict)
        and all(map(text, value))
        and all(map(shape, value.values()))
    )


def file_names(shape: Shape) -> Shape:
    """Ask for names, none of which leads to another folder, with such values."""
    return lambda value: (
        mapping(shape)(value)
        and not any(set(name) & set("/\\\0") or name in {".", ".."} for name in value)
    )


def record(optional: Mapping[str, Shape] | None = None, **needed: Shape) -> Shape:
    """Ask for keys with a shape each; `optional` ones may be missing."""

    def fits(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and all(key in value and needed[key](value[key]) for key in needed)
            and all(
                shape(value[key])
                for key, shape in (optional or {}).items()
                if key in value
            )
        )

    return fits


_FILE = record({"sha256": text}, path=text)
_DATA = record(
    {
        "types": mapping(text),
        "description": text,
        "source": record({"files": each(_FILE), "frame": text, "variable": text}),
    },
    digest=digest,
    rows=whole,
    columns=each(text),
)
_COLUMN = record(name=text, kind=text, dtype=text, nullable=flag)
_SOURCE = record(
    {
        "git_commit": text,
        "git_branch": text,
        "git_dirty": maybe(flag),
        "git_remote": text,
        "git_untracked": each(text),
        "notebook": text,
        "cell": text,
        "cells": each(record(count=whole, code=text)),
        "cells_left_out": whole,
        "seconds": number,
        "process_peak_bytes": whole,
        "run": text,
        "command": text,
        "script": text,
        "line": whole,
    }
)
_FEATURE = record(feature=text, mean=number, low=number, high=number)
_IMPORTANCE = record(
    loss=text, rows=whole, groups=text, note=text, features=each(_FEATURE)
)
_SCALER = record(name=text, minus=number, by=number)
_VERSION = record(
    {
        "preparation": mapping(record({"scaler": _SCALER, "fill": number})),
        "example": maybe(record(answers=mapping(each(nested)))),
        "importance": maybe(_IMPORTANCE),
    },
    description=text,
    tags=mapping(text),
    params=mapping(text),
    reported=mapping(number),
    task=text,
    target=each(text),
    classes=each(nested),
    signature=record(columns=each(_COLUMN), is_partial=flag),
    estimator=text,
    digest=digest,
    size=whole,
    flavor=text,
    profile=maybe(digest),
    parent=maybe(text),
    source=_SOURCE,
    environment=record(
        {
            "python": text,
            "platform": text,
            "packages": mapping(text),
            "sources": mapping(
                record({"editable": flag, "vcs": text, "commit": text}, url=text)
            ),
        }
    ),
    datasets=each(lambda value: _DATA(value) and text(value.get("role"))),
    attachments=file_names(digest),
)
_IMPORTED = record(
    ref=text,
    author=text,
    created_at=moment,
    event=digest,
    registry=text,
    head=text,
    note=text,
)

_MANIFEST = record(event=record(seq=whole, hash=digest))
_MOVE = record({"reason": text}, alias=text, number=maybe(whole), previous=maybe(whole))
_ASKED = record({"reason": text}, alias=text)

# Of the verbs that an import writes again, then of those that a history shows.
SHAPES: Mapping[str, Shape] = {
    "register": _VERSION,
    "import": lambda value: _VERSION(value) and _IMPORTED(value.get("imported")),
    "tag": record(tags=mapping(maybe(text))),
    "note": record(text=text),
    "describe": record(description=text),
    "evaluate": record(
        {"data": maybe(_DATA)},
        evaluation=text,
        digest=digest,
        metrics=mapping(number),
        dataset=digest,
        rows=whole,
        slices=each(text),
        groups=text,
        latency_ms=maybe(number),
        notes=each(text),
    ),
    "rebaseline": record({"data": maybe(_DATA)}, profile=digest, reason=text),
    "check": record(
        verdict=text,
        ok=flag,
        report=digest,
        profile=digest,
        serving=text,
        columns=each(text),
    ),
    "acknowledge": record(column=text, until=text, reason=text),
    "promote": lambda value: _MOVE(value) and flag(value.get("forced")),
    **dict.fromkeys(("rollback", "alias", "unalias", "retire"), _MOVE),
    **dict.fromkeys(("request", "approve", "reject"), _ASKED),
    "delete": record(reason=text),
    "sign": record(key=text, manifest=_MANIFEST, signature=text),
}
