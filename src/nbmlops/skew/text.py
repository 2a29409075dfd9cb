"""How a skew report is shown in a terminal: only what moved, the rest counted."""

from collections import Counter
from typing import TYPE_CHECKING

from nbmlops.display import numbers
from nbmlops.display.text import middle_shorten, shorten, text_table
from nbmlops.skew import sentences

if TYPE_CHECKING:
    from nbmlops.skew.report import ColumnSkew, SkewReport

WIDTH = 100
MOST_MOVED = 10
MOST_REPAIRS = 5
MOST_NOTES = 3
SHAPES = {
    "handling fault": "\N{MULTIPLICATION X}",
    "over tolerance": "\N{BLACK UP-POINTING TRIANGLE}",
}


def report_text(report: "SkewReport") -> str:
    """Show a report as text, at most about 30 lines of 100 characters.

    Parameters
    ----------
    report
        What a check found.

    Returns
    -------
    str
        The verdict, what moved with its cause and repair, the rest in counts.
    """
    rows = [numbers.count(number) for number in report.rows]
    sides = f"{report.serving} {rows[1]} rows against {report.reference} {rows[0]} rows"
    moved = [*sentences.faults(report), *sentences.shifts(report)]
    lines = [
        sentences.headline(report),
        shorten(sides, WIDTH),
        sentences.basis(report),
        *_moved(moved),
        *_repairs(moved),
        *_quiet(report),
        *(f"Note: {shorten(note, WIDTH - 6)}" for note in report.notes[:MOST_NOTES]),
    ]
    if len(report.notes) > MOST_NOTES:
        lines.append(f"Note: and {len(report.notes) - MOST_NOTES} more in .notes")
    return "\n".join(lines)


def _moved(columns: list["ColumnSkew"]) -> list[str]:
    if not columns:
        return []
    rows = [
        (
            f"{SHAPES[column.verdict]} {middle_shorten(column.name, 24)}",
            column.verdict,
            numbers.fixed(column.distance, 2),
            numbers.interval(column.interval, 2),
            numbers.p_value(column.p_value),
            _what(column),
        )
        for column in columns[:MOST_MOVED]
    ]
    headers = ("column", "verdict", "distance", "95% interval", "", "what happened")
    lines = ["", text_table(headers, rows, numeric=[2], width=WIDTH)]
    if rest := columns[MOST_MOVED:]:
        more = f"and {len(rest):,} more: {sentences.names(rest, most=3)}"
        lines.append(f"  {shorten(more, WIDTH - 2)}")
    return lines


def _what(column: "ColumnSkew") -> str:
    cause = column.cause
    if cause is None:
        return column.summary
    return f"{sentences.title_of(cause.kind)}: {cause.detail or column.summary}"


def _repairs(columns: list["ColumnSkew"]) -> list[str]:
    lines = [c.cause.repair for c in columns if c.cause and c.cause.repair]
    if not lines:
        return []
    more = len(lines) - MOST_REPAIRS
    return [
        "",
        "Repair, for a pandas frame `serving`:",
        *(f"  {shorten(line, WIDTH - 2)}" for line in lines[:MOST_REPAIRS]),
        *([f"  and {more} more in .columns[...].cause.repair"] if more > 0 else []),
    ]


def _quiet(report: "SkewReport") -> list[str]:
    failing = {"handling fault", "over tolerance"}
    counts = Counter(
        c.verdict for c in report.columns.values() if c.verdict not in failing
    )
    parts = [
        f"{counts[verdict]:,} {verdict}"
        for verdict in ("within tolerance", "not enough data", "no evidence")
        if counts[verdict]
    ]
    lines = [f"Quiet: {', '.join(parts)}"] if parts else []
    if silenced := sentences.muted(report):
        until = min(column.muted_until for column in silenced)
        said = f"Muted: {sentences.names(silenced)}; the first until {until}"
        lines.append(shorten(said, WIDTH))
    if unsure := sentences.blind(report):
        figures = ", ".join(
            f"{middle_shorten(c.name, 20)} below {c.detectable:.2f}" for c in unsure[:3]
        )
        rest = f" and {len(unsure) - 3:,} more" if len(unsure) > 3 else ""
        said = f"Could not have shown a shift in: {figures}{rest}"
        lines.append(shorten(said, WIDTH))
    return ["", *lines] if lines else []
