"""How rows by key are shown: what became of the rows, then the columns that differ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nbmlops.display import numbers
from nbmlops.display.markup import Markup, join, tag
from nbmlops.display.table import (
    Status,
    code,
    details,
    fitting,
    shape,
    table,
    words,
)
from nbmlops.display.text import clean, middle_shorten, shorten
from nbmlops.skew.section_view import notes

if TYPE_CHECKING:
    from nbmlops.skew.parity.result import ColumnParity, Parity, SideRows

WIDTH = 96
MOST_LINES = 8
ROOM_COLUMNS, ROOM = 8_000, 5_000  # bytes of columns and of single rows


def headline(parity: "Parity") -> str:
    """Say how many columns differ in how many pairs.

    Parameters
    ----------
    parity
        The section.

    Returns
    -------
    str
        One sentence without a full stop.
    """
    pairs = numbers.amount(parity.pairs, "pair")
    faults = [c for c in parity.columns if c.is_fault and not c.is_muted]
    if faults:
        told = _names(faults)
        return f"{told} differ{'s' if len(faults) == 1 else ''} in {pairs} by key"
    if parity.columns:
        return (
            f"{_names(parity.columns)} differ{'s' if len(parity.columns) == 1 else ''} "
            f"in few of {pairs} by key"
        )
    if not parity.agreeing:
        return f"{pairs} by key, and no column that both sides have"
    columns = numbers.amount(len(parity.agreeing), "column")
    return f"{columns} agree{'s' if len(parity.agreeing) == 1 else ''} in all {pairs}"


def parity_lines(parity: "Parity") -> list[str]:
    """Say it for a terminal.

    Parameters
    ----------
    parity
        The section.

    Returns
    -------
    list of str
        At most eight lines of at most 96 characters.
    """
    rows = [_joined(parity)]
    shown = parity.columns[: MOST_LINES - 2]
    lines = [shorten(f"{_marked(c)}: {_said(c)}", WIDTH) for c in shown]
    rest = len(parity.columns) - len(shown)
    if rest:
        lines.append(f"and {rest:,} more columns")
    elif parity.agreeing:
        lines.append(_agreeing(parity))
    return [*(shorten(row, WIDTH) for row in rows), *lines]


def parity_html(parity: "Parity") -> Markup:
    """Show the columns that differ, with counts, relations and samples.

    Parameters
    ----------
    parity
        The section.

    Returns
    -------
    Markup
        At most 15,000 bytes.
    """
    said = [
        _joined(parity),
        *([_agreeing(parity)] if parity.agreeing else []),
        _rule(parity),
    ]
    return join(_table(parity), _samples(parity), notes(said))


def _table(parity: "Parity") -> Markup | None:
    if not parity.columns:
        return None
    rows = [
        (
            [shape(_status(c)), code(c.name, width=40), " ", tag("small", c.kind)],
            numbers.percent(c.share),
            numbers.count(c.mismatching),
            numbers.count(c.only_serving),
            numbers.count(c.only_reference),
            words(_relation(c), most=220),
        )
        for c in parity.columns
    ]
    reference, serving = (word.capitalize() for word in parity.words)
    heads = [
        "Column",
        "Differ",
        "Other value",
        f"{serving} only",
        f"{reference} only",
        "How",
    ]
    how = "see to_dict()"
    return table(heads, rows, numeric=[1, 2, 3, 4], room=ROOM_COLUMNS, how=how)


def _samples(parity: "Parity") -> Markup | None:
    """Show single rows, column by column, in one fold."""
    tables = fitting((_sample(parity, c) for c in parity.columns if c.samples), ROOM)
    return details("Single rows that differ", tables) if tables else None


def _sample(parity: "Parity", column: "ColumnParity") -> Markup:
    rows = [
        (
            words(", ".join(sample.key), most=40),
            "null" if sample.reference is None else words(sample.reference, most=40),
            "null" if sample.serving is None else words(sample.serving, most=40),
        )
        for sample in column.samples
    ]
    by = [*parity.by, *([parity.time] if parity.time else [])]
    heads = [", ".join(by), *(word.capitalize() for word in parity.words)]
    caption = tag("b", code(column.name, width=40))
    return table(heads, rows, fit=True, caption=caption)


def _joined(parity: "Parity") -> str:
    """Say what became of the rows."""
    by = ", ".join(clean(name) for name in parity.by)
    how = f" with the newest earlier {parity.time}" if parity.time else ""
    parts = [f"{numbers.amount(parity.pairs, 'pair')} by {by}{how}"]
    for word, side in zip(
        reversed(parity.words), (parity.serving, parity.reference), strict=True
    ):
        if said := _left(side):
            parts.append(f"{word} rows left over: {said}")
    return "; ".join(parts)


def _left(side: "SideRows") -> str:
    told = (
        (side.alone, "without a partner"),
        (side.repeated, "whose key is not unique"),
        (side.without_key, "without a key"),
    )
    return ", ".join(f"{numbers.count(count)} {what}" for count, what in told if count)


def _agreeing(parity: "Parity") -> str:
    columns = numbers.amount(len(parity.agreeing), "column")
    names = ", ".join(middle_shorten(name, 24) for name in parity.agreeing[:4])
    rest = len(parity.agreeing) - 4
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"{columns} agree{'s' if len(parity.agreeing) == 1 else ''}: {names}{more}"


def _rule(parity: "Parity") -> str:
    return (
        "Numbers agree to 6 digits, integers and all else exactly, null with null; a "
        "fault differs for sure in over 1% of pairs, or in over 0.1% by one rule "
        f"(false in at most {numbers.percent(parity.alpha, decimals=0)} of checks)"
    )


def _said(column: "ColumnParity") -> str:
    return f"{numbers.percent(column.share)} differ; {_relation(column)}"


def _relation(column: "ColumnParity") -> str:
    """Say the relations, and give an example of what none of them explains."""
    parts = [
        f"{relation.detail}, in {numbers.count(column.count_of(relation))}"
        if relation.part == "emptied"
        else relation.detail
        for relation in column.relations
    ]
    if column.mismatching and all(r.part != "values" for r in column.relations):
        pairs = numbers.amount(column.mismatching, "pair")
        parts.insert(0, f"no rule in {pairs}{_example(column)}")
    elif column.only_serving and not parts:
        parts.append(f"no rule{_example(column)}")
    return "; ".join(parts)


def _example(column: "ColumnParity") -> str:
    for sample in column.samples:
        if sample.reference is not None and sample.serving is not None:
            before, after = (
                middle_shorten(value, 20)
                for value in (sample.reference, sample.serving)
            )
            return f", such as {before} {numbers.ARROW} {after}"
    return ""


def _marked(column: "ColumnParity") -> str:
    muted = " (muted)" if column.is_muted else ""
    return f"{middle_shorten(column.name, 24)}{muted}"


def _status(column: "ColumnParity") -> Status:
    if column.is_muted:
        return "muted"
    return "fault" if column.is_fault else "within"


def _names(columns: Sequence["ColumnParity"]) -> str:
    names = [middle_shorten(column.name, 24) for column in columns]
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3:,} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
