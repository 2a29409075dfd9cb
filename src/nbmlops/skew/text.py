"""How a skew report is shown in a terminal: only what moved, the rest counted."""

from collections import Counter
from io import StringIO
from itertools import pairwise
from textwrap import wrap
from tokenize import TokenError, generate_tokens
from typing import TYPE_CHECKING

from nbmlops.display import numbers
from nbmlops.display.text import (
    ELLIPSIS,
    clean,
    clean_lines,
    middle_shorten,
    shorten,
    text_table,
    width_of,
)
from nbmlops.skew import sentences
from nbmlops.skew.report import FAILING

if TYPE_CHECKING:
    from nbmlops.skew.report import ColumnSkew, SkewReport

WIDTH = 100
MOST_MOVED = 10
MOST_REPAIRS = 6
MOST_BROKEN = 5  # lines of one repair
MOST_NOTES = 3
SHAPES = {
    "handling fault": "\N{MULTIPLICATION X}",
    "over tolerance": "\N{BLACK UP-POINTING TRIANGLE}",
}


def report_text(report: "SkewReport") -> str:
    """Show a report as text, about 40 lines of 100 characters and its sections.

    Parameters
    ----------
    report
        What a check found.

    Returns
    -------
    str
        The verdict, what moved with its cause and repair, the rest in counts.
    """
    serving = f"{report.serving} {numbers.amount(report.rows, 'row')}"
    reference = f"{report.reference} {numbers.amount(report.reference_rows, 'row')}"
    sides = f"{serving} against {reference}"
    moved = [*sentences.faults(report), *sentences.shifts(report)]
    lines = [
        *_indented(sentences.headline(report)),
        shorten(sides, WIDTH),
        *_indented(sentences.basis(report)),
        *_moved(moved),
        *_repairs(moved),
        *_sections(report),
        *_quiet(report),
        *(line for note in report.notes[:MOST_NOTES] for line in _note(note, report)),
    ]
    if len(report.notes) > MOST_NOTES:
        lines.append(f"Note: and {len(report.notes) - MOST_NOTES} more in .notes")
    return "\n".join(lines)


def _moved(columns: list["ColumnSkew"]) -> list[str]:
    """Lay the columns out in one table, a line before each verdict."""
    if not columns:
        return []
    shown = columns[:MOST_MOVED]
    rows = [
        (
            middle_shorten(column.name, 24),
            numbers.fixed(column.distance, 2),
            numbers.interval(column.interval, 2),
        )
        for column in shown
    ]
    headers = ("column", "distance", "95% interval")
    head, *lines = text_table(headers, rows, numeric=[1], indent=2).split("\n")
    start = max(map(width_of, (head, *lines))) + 2
    found = ["", *_beside(head, "what happened", start)]
    verdict = ""
    for column, line in zip(shown, lines, strict=True):
        if column.verdict != verdict:
            verdict = column.verdict
            found.append(f"{SHAPES[verdict]} {verdict}")
        said = " ".join(filter(None, sentences.said_of(column)))
        found += _beside(line, said, start)
    if rest := columns[MOST_MOVED:]:
        more = f"and {len(rest):,} more: {sentences.names(rest, most=3)}"
        found.append(f"  {shorten(more, WIDTH - 2)}")
    return found


def _beside(line: str, said: str, start: int) -> list[str]:
    """Set running text beside a line, and go on below it."""
    first, *below = _wrapped(clean(said), WIDTH - start, most=2) or [""]
    gap = " " * (start - width_of(line))
    return [f"{line}{gap}{first}".rstrip(), *(" " * start + part for part in below)]


def _note(note: str, report: "SkewReport") -> list[str]:
    said = sentences.sentence(clean(note), columns=report.columns)
    return _indented(f"Note: {said}", most=2)


def _indented(said: str, most: int = 3) -> list[str]:
    """Wrap what goes on under its own beginning."""
    first, *below = _wrapped(said, WIDTH - 2, most)
    return [first, *(f"  {part}" for part in below)]


def _wrapped(said: str, width: int, most: int) -> list[str]:
    return wrap(
        said,
        width,
        max_lines=most,
        placeholder=ELLIPSIS,
        break_on_hyphens=False,
    )


def _repairs(columns: list["ColumnSkew"]) -> list[str]:
    """Give the lines that repair what has a repair."""
    known = [c for c in columns if c.cause and c.cause.repair]
    if not known:
        return []
    lines = ["", "To mend a pandas frame `serving` (report.repair() does it all):"]
    for column in known[:MOST_REPAIRS]:
        lines += [f"    {line}" for line in _repair(column)]
    more = len(known) - MOST_REPAIRS
    if more > 0:
        lines.append(f"    # and {more} more: report.columns[...].cause.repair")
    return lines


def _repair(column: "ColumnSkew") -> list[str]:
    repair = clean_lines(column.cause.repair if column.cause else "")
    lines = [part for line in repair.split("\n") for part in _broken(line)]
    fits = len(lines) <= MOST_BROKEN and max(map(width_of, lines)) <= WIDTH - 4
    return lines if fits else [sentences.print_repair(column)]


def _broken(line: str) -> list[str]:
    """Break a line of Python after commas, where it stays what it is: in brackets."""
    if width_of(line) <= WIDTH - 4:
        return [line]
    try:
        tokens = [*generate_tokens(StringIO(line).readline)]
    except (TokenError, SyntaxError):  # not Python: as it came
        return [line]
    parts, start = [], 0
    room = WIDTH - 8
    ends = [token.end[1] for token in tokens if token.string == ","]
    for end, following in pairwise([*ends, len(line)]):
        if width_of(line[start:following]) > room and line[start:end].strip():
            parts.append(line[start:end])
            start = end
    first, *below = [*parts, line[start:]]
    return [first, *(f"    {part.strip()}" for part in below)]


def _sections(report: "SkewReport") -> list[str]:
    """Say what was judged beside the columns."""
    found: list[str] = []
    for section in sentences.sections(report):
        found += [
            "",
            *_indented(clean(f"{section.title}: {section.headline}"), most=2),
            *(f"  {shorten(line, WIDTH - 2)}" for line in section.lines()),
        ]
    return found


def _quiet(report: "SkewReport") -> list[str]:
    counts = Counter(
        c.verdict for c in report.columns.values() if c.verdict not in FAILING
    )
    parts = [
        f"{counts[verdict]:,} {verdict}"
        for verdict in ("within tolerance", "not enough data", "no evidence")
        if counts[verdict]
    ]
    lines = [f"Quiet: {', '.join(parts)}"] if parts else []
    silenced = sentences.muted(report)
    for column in silenced[:MOST_NOTES]:
        named = f"{middle_shorten(column.name, 24)} until {column.muted_until}"
        said = f"Muted: {named}: {clean(column.muted_reason)}"
        lines.append(shorten(said, WIDTH))
    if rest := silenced[MOST_NOTES:]:
        lines.append(shorten(f"Muted as well: {sentences.names(rest)}", WIDTH))
    if unsure := sentences.blind(report):
        figures = ", ".join(
            f"{middle_shorten(c.name, 20)} below {c.detectable:.2f}" for c in unsure[:3]
        )
        more = f" and {len(unsure) - 3:,} more" if len(unsure) > 3 else ""
        said = f"Could not have shown a shift in: {figures}{more}"
        lines.append(shorten(said, WIDTH))
    return ["", *lines] if lines else []
