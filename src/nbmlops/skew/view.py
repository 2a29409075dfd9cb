"""How a skew report is shown as HTML: worst first, the quiet columns folded."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nbmlops.display import numbers, svg
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.table import (
    Status,
    code,
    definitions,
    details,
    fitting,
    fold,
    folds,
    hidden,
    listed,
    shape,
    status,
    table,
    tally,
    words,
)
from nbmlops.display.theme import scoped
from nbmlops.skew import sentences
from nbmlops.skew.column_view import (
    STATUS_OF,
    findings,
    interval_of,
    row_of,
    status_of,
)
from nbmlops.skew.text import report_text as report_text

if TYPE_CHECKING:
    from nbmlops.skew.report import ColumnSkew, SkewReport
    from nbmlops.skew.sections import Section

# Bytes that each part of a report may take, so that the whole stays under 200 KB.
ROOM_DRAWN, ROOM_LISTED, ROOM_QUIET, ROOM_BARS = 80_000, 30_000, 15_000, 20_000
FAILED: tuple[Status, ...] = ("fault", "over", "muted")
MOST_BLIND = 12


def report_html(report: "SkewReport") -> Markup:
    """Show a report: the verdict first, then what moved, the worst first.

    Parameters
    ----------
    report
        What a check found.

    Returns
    -------
    Markup
        One self-contained output, under 200 KB for any number of columns.
    """
    groups = _groups(report)
    failing = [column for columns in groups.values() for column in columns]
    quiet = [c for c in report.columns.values() if status_of(c) not in FAILED]
    return scoped(
        _head(report),
        _findings(report, groups) if groups else None,
        [_section(section, report) for section in sentences.sections(report)],
        _blind(report),
        _notes(report),
        folds(_quiet_folds(quiet), _bars_fold(failing), _method(report)),
    )


def _groups(report: "SkewReport") -> dict[Status, list["ColumnSkew"]]:
    groups: dict[Status, list[ColumnSkew]] = {
        "fault": sentences.faults(report),
        "over": sentences.shifts(report),
        "muted": sentences.muted(report),
    }
    return {kind: columns for kind, columns in groups.items() if columns}


def _head(report: "SkewReport") -> Markup:
    sides = [
        join(tag("b", words(name, most=60)), ", ", numbers.amount(rows, "row"))
        for name, rows in (
            (report.serving, report.rows),
            (report.reference, report.reference_rows),
        )
    ]
    return tag(
        "div",
        tag("p", join(*sides, between=" against "), class_=classes("eyebrow")),
        tag("h2", sentences.headline(report)),
        [
            tag("p", tag("b", what), " ", why, class_=classes("lead"))
            for what, why in sentences.advice(report)
        ],
        _counts(report),
        tag("p", sentences.basis(report), class_=classes("note")),
        class_=classes("head"),
    )


def _counts(report: "SkewReport") -> Markup:
    kinds: list[Status] = ["fault", "over", "muted", "within", "short", "none"]
    counts = dict.fromkeys(kinds, 0)
    for column in report.columns.values():
        counts[status_of(column)] += 1
    names = {kind: name for name, kind in STATUS_OF.items()} | {"muted": "muted"}
    if counts["fault"] != 1:
        names["fault"] = "handling faults"
    return tally((kind, counts[kind], names[kind]) for kind in kinds)


def _findings(
    report: "SkewReport", groups: Mapping[Status, Sequence["ColumnSkew"]]
) -> Markup:
    room = ROOM_DRAWN
    bodies: list[Markup] = []
    unseen: list[ColumnSkew] = []
    for kind, columns in groups.items():
        rows = fitting((row_of(column) for column in columns), room)
        room -= sum(map(len, rows))
        bodies.append(tag("tbody", _group_row(kind, columns), rows))
        unseen += columns[len(rows) :]
    whole = findings(bodies, report.tolerance, caption="What moved, the worst first")
    return join(whole, _more(unseen) if unseen else None)


def _group_row(kind: Status, columns: Sequence["ColumnSkew"]) -> Markup:
    count = len(columns)
    mends = any(column.cause and column.cause.repair for column in columns)
    said = {
        "fault": (
            f"handling fault{'s' if count > 1 else ''}",
            "The same facts, written differently. Mend the sender"
            + ("; these lines mend the frame that came, " if mends else ".")
            + ("report.repair() does it before the model." if mends else ""),
        ),
        "over": ("over tolerance", "The world moved: no line turns it back."),
        "muted": ("muted", "Acknowledged until the date given; gates pass over them."),
    }
    what, why = said[kind]
    cell = tag(
        "th",
        shape(kind),
        tag("b", f"{count:,} {what}"),
        " ",
        tag("span", why, class_=classes("mute")),
        scope="rowgroup",
        colspan=4,
    )
    return tag("tr", cell, class_=classes("group"))


def _more(columns: Sequence["ColumnSkew"]) -> Markup:
    """List what there is no room to draw, and count what there is none to list."""
    rows = fitting((_short_row(column) for column in columns), ROOM_LISTED)
    rest = len(columns) - len(rows)
    body = tag("table", tag("tbody", rows))
    return details(
        f"{numbers.amount(len(columns), 'column')} more moved, by distance",
        tag("div", body, class_=classes("scroll")),
        tag("p", f"And {rest:,} more: see to_frame().", class_=classes("note"))
        if rest
        else None,
    )


def _short_row(column: "ColumnSkew") -> Markup:
    cause = sentences.title_of(column.cause.kind) if column.cause else ""
    return tag(
        "tr",
        tag("th", code(column.name, width=40), scope="row"),
        tag("td", status(status_of(column), calm=True)),
        tag("td", numbers.fixed(column.distance, 2), class_=classes("num")),
        tag("td", cause),
    )


def _section(section: "Section", report: "SkewReport") -> Markup:
    headline = sentences.sentence(section.headline, columns=report.columns)
    return tag(
        "section",
        tag("h3", section.title),
        tag(
            "p", shape(STATUS_OF[section.verdict]), tag("b", words(headline, most=300))
        ),
        section.html(),
    )


def _blind(report: "SkewReport") -> Markup | None:
    unsure = sentences.blind(report)
    if not unsure:
        return None
    lead = (
        f"In {numbers.amount(len(unsure), 'column')} a shift over tolerance could have "
        "passed unseen: it must reach the figure below to be found 4 times in 5."
    )
    rows = [
        (
            [shape(status_of(column)), code(column.name, width=60)],
            tag(
                "span",
                class_=classes("hatch"),
                style=f"width:{svg.root(column.detectable or 0):g}%",
            ),
            tag("b", numbers.fixed(column.detectable, 2)),
            column.verdict,
        )
        for column in unsure[:MOST_BLIND]
    ]
    rest = unsure[MOST_BLIND:]
    return tag(
        "section",
        tag("h3", "What this sample could not have shown"),
        tag("p", lead, class_=classes("note")),
        tag(
            "div",
            table(
                ["Column", "Blind below", hidden("Distance"), "Verdict"],
                rows,
                numeric=[2],
            ),
            class_=classes("blinds"),
            style=f"--nbmlops-at:{svg.root(report.tolerance) / 100:g}",
        ),
        tag("p", "Also: ", listed(c.name for c in rest), ".", class_=classes("note"))
        if rest
        else None,
    )


def _notes(report: "SkewReport") -> Markup | None:
    if not report.notes:
        return None
    return tag(
        "section",
        tag("h3", "What it rests on"),
        tag("ul", (tag("li", words(note)) for note in _said(report))),
    )


def _said(report: "SkewReport") -> list[str]:
    columns = report.columns
    return [sentences.sentence(note, columns=columns) for note in report.notes[:20]]


def _quiet_folds(quiet: Sequence["ColumnSkew"]) -> list[Markup]:
    made = []
    for kind in ("within tolerance", "not enough data", "no evidence"):
        columns = [column for column in quiet if column.verdict == kind]
        if columns:
            title = [shape(STATUS_OF[kind]), f"{len(columns):,} {kind}"]
            made.append(fold(title, listed(c.name for c in columns), _quiet(columns)))
    return made


def _quiet(columns: Sequence["ColumnSkew"]) -> Markup:
    rows: list[Sequence[Child]] = [
        (
            [code(column.name, width=60), " ", tag("small", column.kind)],
            numbers.fixed(column.distance, 2),
            interval_of(column),
            numbers.p_value(column.p_value),
            numbers.fixed(column.detectable, 2),
            words(column.summary, most=160),
        )
        for column in columns
    ]
    heads = [
        "Column",
        "Distance",
        "95% interval",
        "p, if alike",
        "Found from",
        "Summary",
    ]
    if not any(column.summary for column in columns):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    return table(heads, rows, numeric=[1, 4], room=ROOM_QUIET, how="see to_frame()")


def _bars_fold(columns: Sequence["ColumnSkew"]) -> Markup | None:
    """Give the drawn shares as numbers, for who cannot see the drawing."""
    drawn = [column for column in columns if column.bars]
    tables = fitting((_bars(column) for column in drawn), ROOM_BARS)
    if not tables:
        return None
    rest = len(drawn) - len(tables)
    more = f"And {rest:,} more columns." if rest else None
    answer = "the shares that are drawn above"
    return fold("In numbers", answer, tag("div", tables), more)


def _bars(column: "ColumnSkew") -> Markup:
    rows = [
        (
            words(bar.label, most=40),
            numbers.percent(bar.reference),
            numbers.percent(bar.serving),
        )
        for bar in column.bars
    ]
    heads = ["Values", "Training", "Serving"]
    inner = table(heads, rows, numeric=[1, 2], fit=True)
    return details(code(column.name, width=40), inner)


def _method(report: "SkewReport") -> Markup:
    alpha = numbers.percent(report.alpha, decimals=None if report.alpha < 0.01 else 0)
    return fold(
        "How this was measured",
        "distance, interval, tolerance, error rate",
        definitions(
            [
                (
                    "Distance",
                    "Jensen-Shannon distance of the two distributions, nulls counted, "
                    "freed of what chance alone would add: 0 is alike, 1 has nothing "
                    "in common. The axis is a square root, so that small ones show.",
                ),
                (
                    "Over tolerance",
                    f"The distance is larger than {report.tolerance:g} beyond "
                    "reasonable doubt, not merely different from 0.",
                ),
                (
                    "Error rate",
                    f"Where nothing changed, {alpha} of checks call any column real, "
                    "however many columns there are (Benjamini-Hochberg).",
                ),
                (
                    "Grey bar",
                    "Shifts shorter than it are found less than 4 times in 5 with "
                    "this many rows.",
                ),
            ]
        ),
    )
