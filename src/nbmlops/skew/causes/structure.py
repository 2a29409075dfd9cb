"""Causes without statistics: a column missing, extra, empty, or of another kind."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Literal

from nbmlops.profiles.columns import (
    BooleanColumn,
    ColumnProfile,
    NumberColumn,
    OtherColumn,
    TextColumn,
)
from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew.causes import clock
from nbmlops.skew.causes.words import listed, number, share
from nbmlops.skew.repair.steps import Convert, Relabel, Rename, Step, Text, lines
from nbmlops.skew.report import Cause

KINDS = {
    "number": "numbers",
    "boolean": "true/false values",
    "text": "text",
    "time": "times",
    "vector": "vectors",
    "free text": "free text",
    "other": "values of other types",
}
# What turns back, by training's kind and serving's.
_CONVERTIBLE: dict[tuple[str, str], Literal["number", "text", "time", "boolean"]] = {
    ("number", "text"): "number",
    ("number", "other"): "number",
    ("number", "boolean"): "number",
    ("time", "text"): "time",
    ("time", "other"): "time",
    ("text", "number"): "text",
    ("text", "boolean"): "text",
    ("text", "time"): "text",
    ("boolean", "text"): "boolean",
}
# How true and false are written, in lower case.
TRUTHS = (("true", "false"), ("1", "0"), ("yes", "no"), ("y", "n"), ("t", "f"))
READABLE = 0.9  # share of rows that a change of type must be able to read
CHANCE = 1e-3  # below it an empty column is no accident of a small sample


def missing(name: str, extra: Iterable[str], words: tuple[str, str]) -> Cause:
    """Say that serving lacks a column, and which one it may have become."""
    reference, serving = words
    close = get_close_matches(name, list(extra), n=1, cutoff=0.6)
    detail = f"{serving} has no column {name!r}, {reference} has"
    if not close:
        return Cause(kind="missing-column", detail=f"{detail}; deliver it again")
    mend = (Rename(given=close[0]),)
    return Cause(
        kind="missing-column",
        detail=f"{detail}; was it renamed to {close[0]!r}?",
        repair=lines(mend, name),
        mend=mend,
    )


def extra(name: str, words: tuple[str, str]) -> Cause:
    """Say that serving has a column that the reference lacks."""
    reference, serving = words
    return Cause(
        kind="extra-column",
        detail=f"{serving} has a column {name!r} that {reference} never had; "
        "it is not judged",
    )


def is_empty(column: ColumnProfile) -> bool:
    """Say whether a column holds nothing but nulls."""
    return float(column.nulls) >= float(column.mass) * (1 - 1e-12)


def empty(
    reference: ColumnProfile,
    serving: ColumnProfile,
    rows: float,
    words: tuple[str, str],
) -> Cause | None:
    """Find a column that arrives without any value.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    rows
        Effective rows of the serving side.
    words
        What the sides are called.

    Returns
    -------
    Cause or None
        None where serving has values, or where the reference is so often null that
        so few rows may well all be.
    """
    if not is_empty(serving) or is_empty(reference):
        return None
    before = float(reference.nulls) / float(reference.mass)
    if before**rows > CHANCE:
        return None
    return Cause(
        kind="empty-column",
        detail=f"every row of {words[1]} is null, {share(before)} of {words[0]} rows "
        "are; does the source still deliver it?",
    )


def other_kind(
    name: str, reference: ColumnProfile, serving: ColumnProfile, words: tuple[str, str]
) -> Cause:
    """Say that a column's logical kind changed, and how to turn it back."""
    epoch = clock.as_other_kind(name, reference, serving, words)
    if epoch is not None:
        return epoch
    before, after = str(reference.kind), str(serving.kind)
    detail = f"{words[1]} holds {_held(serving)} where {words[0]} has "
    detail += _held(reference)
    if isinstance(serving, OtherColumn):
        detail += f" ({serving.types})" if serving.types else ""
    if isinstance(serving, TextColumn):
        seen = list(serving.labels)[:3]
        detail += f", such as {listed(seen)}" if seen else ""
    if before == "time" and isinstance(serving, NumberColumn):
        detail += f", such as {number(serving.maximum or 0.0)}, in no unit since 1970"
    mend: tuple[Step, ...] = ()
    if (before, after) in _CONVERTIBLE:
        mend = (Convert(to=_CONVERTIBLE[before, after], given=after),)
        if isinstance(reference, TextColumn):
            mend += spelt_as(reference, serving)
        elif isinstance(serving, TextColumn):
            mend = _read_as(before, serving, mend)
    return Cause(kind="dtype", detail=detail, repair=lines(mend, name), mend=mend)


def _read_as(
    kind: str, serving: TextColumn, convert: tuple[Step, ...]
) -> tuple[Step, ...]:
    """Give what reads text as another kind; nothing where it would only lose values."""
    if kind == "number":
        return convert if _holds(serving, _is_number) else ()
    if kind == "boolean":
        for words in TRUTHS:
            plain = dict(zip(words, TRUTHS[0], strict=True))
            names = {a: plain[a.lower()] for a in serving.labels if a.lower() in plain}
            if _holds(serving, names.__contains__):
                is_plain = words in TRUTHS[:2]  # what `Convert` itself reads
                return convert if is_plain else (Relabel(labels=names), *convert)
        return ()
    return convert


def _holds(column: TextColumn, reads: Callable[[str], bool]) -> bool:
    """Say whether nearly all of a column's known labels can be read."""
    known = sum(column.labels.values())
    return sum(v for k, v in column.labels.items() if reads(k)) > READABLE * known


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return "_" not in label


def _held(column: ColumnProfile) -> str:
    if isinstance(column, VectorColumn):
        return f"vectors of {column.dimensions} numbers"
    return KINDS[str(column.kind)]


def spelt_as(reference: TextColumn, serving: ColumnProfile) -> tuple[Step, ...]:
    """Give what turns numbers or truth as text into training's labels."""
    known = {label.lower() for label in reference.labels}
    whole = isinstance(serving, NumberColumn) and serving.is_whole
    if whole and not any(label.endswith(".0") for label in known):
        return (Text(how="removesuffix", text=".0"),)
    if isinstance(serving, BooleanColumn):
        for words in TRUTHS:
            if known <= set(words):
                exact = {label.lower(): label for label in reference.labels}
                pairs = zip(("True", "False"), words, strict=True)
                names = {a: exact.get(b, b) for a, b in pairs}
                changed = {a: b for a, b in names.items() if a != b}
                return (Relabel(labels=changed),) if changed else ()
    return ()
