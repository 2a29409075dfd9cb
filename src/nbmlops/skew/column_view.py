"""How one judged column is shown: distance, both distributions, cause, repair."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nbmlops.display import numbers, svg
from nbmlops.display.markup import Markup, classes, join, tag
from nbmlops.display.table import Status, code, hidden, status, words
from nbmlops.display.text import sparkline
from nbmlops.skew import sentences

if TYPE_CHECKING:
    from nbmlops.skew.report import Bar, ColumnSkew

STATUS_OF: Mapping[str, Status] = {
    "handling fault": "fault",
    "over tolerance": "over",
    "within tolerance": "within",
    "not enough data": "short",
    "no evidence": "none",
}


def status_of(column: "ColumnSkew") -> Status:
    """Say how a column is marked: by its verdict, or as muted."""
    kind = STATUS_OF[column.verdict]
    return "muted" if column.muted_until and kind in ("fault", "over") else kind


def row_of(column: "ColumnSkew") -> Markup:
    """Show one column as a row of the findings."""
    kind, no_axis = status_of(column), column.distance is None
    return tag(
        "tr",
        tag(
            "th",
            tag("div", code(column.name, width=60), " ", tag("small", column.kind)),
            tag("div", status(kind, calm=True), class_=classes("fig")),
            scope="row",
        ),
        tag("td", _distance(column), class_=None if no_axis else classes("d")),
        tag("td", _distributions(column), class_=classes("h")),
        tag("td", _what(column), class_=classes("w")),
    )


def _distance(column: "ColumnSkew") -> Markup:
    if column.distance is None:
        return tag("div", "not comparable", class_=classes("figs", "mute"))
    said = f"distance {column.distance:.2f}, interval {interval_of(column)}"
    return join(
        svg.distance(
            column.distance,
            column.interval,
            status=status_of(column),
            label=said,
            blind=column.detectable,
        ),
        hidden(tag("meter", min=0, max=1, value=f"{column.distance:.3f}"), " "),
        tag(
            "div",
            tag("b", numbers.fixed(column.distance, 2)),
            " ",
            tag("span", interval_of(column)),
            " ",
            tag("span", numbers.p_value(column.p_value), class_=classes("end")),
            class_=classes("figs"),
        ),
    )


def interval_of(column: "ColumnSkew") -> str:
    """Write the interval of a column's distance, or nothing."""
    return numbers.interval(column.interval, 2)


def _distributions(column: "ColumnSkew") -> Markup | None:
    bars = column.bars
    if not bars:
        return None
    apart = [index for index, bar in enumerate(bars) if bar.low is None]
    new = [
        index
        for index in apart
        if column.verdict == "handling fault"
        and bars[index].serving >= 0.01 > 10 * bars[index].reference
    ]
    first, last = _ends(bars)
    sparks = [
        tag("code", f"{name} {sparkline(shares)}")
        for name, shares in (
            ("training", [bar.reference for bar in bars]),
            ("serving ", [bar.serving for bar in bars]),
        )
    ]
    return join(
        svg.histogram(
            [(bar.reference, bar.serving) for bar in bars],
            label=f"training and serving distributions, {first} to {last}",
            apart=apart,
            hot=new,
        ),
        hidden(tag("div", sparks[0]), tag("div", sparks[1]), is_sketch=True),
        tag("div", _marks(bars, new, first, last), class_=classes("marks")),
    )


def _marks(bars: Sequence["Bar"], new: Sequence[int], first: str, last: str) -> Markup:
    middle = [i for i in new if 0.15 < (i + 0.5) / len(bars) < 0.85][:1]
    return join(
        tag("span", first),
        hidden(" to "),
        [
            tag(
                "span",
                class_=classes("l", "hot"),
                style=f"left:{100 * (index + 0.5) / len(bars):.0f}%",
                data_l=words(bars[index].label, most=12),
            )
            for index in middle
        ],
        tag("span", last),
    )


def _ends(bars: Sequence["Bar"]) -> tuple[str, str]:
    """Name the ends of the axis: the outer numbers, or the outer labels."""
    numeric = [bar for bar in bars if bar.low is not None and bar.high is not None]
    if not numeric:
        return words(bars[0].label, most=14), words(bars[-1].label, most=14)
    if any(abs(bar.low or 0.0) > 1e8 for bar in numeric):  # times: labels say more
        return words(numeric[0].label, most=17), words(numeric[-1].label, most=17)
    first = numbers.number(numeric[0].low)
    lead = words(bars[0].label, most=8) if bars[0].low is None else ""
    return (f"{lead} \N{MIDDLE DOT} {first}" if lead else first), numbers.number(
        numeric[-1].high
    )


def _what(column: "ColumnSkew") -> Markup:
    cause = column.cause
    summary = _capital(column.summary)
    said = [summary] if summary else []
    title = ""
    if cause:
        title = f"{sentences.title_of(cause.kind)}."
        said = [text for text in (cause.detail, summary) if text]
    also = [sentences.title_of(kind).lower() for kind in cause.also] if cause else []
    return join(
        tag(
            "p",
            tag("b", title) if title else None,
            " ",
            words(_sentence(said[0])) if said else None,
            [" ", tag("span", words(_sentence(text)), class_=classes("mute"))]
            if (text := " ".join(said[1:]))
            else None,
            tag("small", f" Fits as well: {', '.join(also)}.") if also else None,
        ),
        tag("div", code(cause.repair, width=200), class_=classes("fix"))
        if cause and cause.repair
        else None,
        tag(
            "p",
            f"Muted until {numbers.moment(column.muted_until)}: ",
            words(column.muted_reason, most=200),
            class_=classes("note"),
        )
        if column.muted_until
        else None,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    bare = text.strip()
    return bare if bare.endswith((".", "!", "?")) else f"{bare}."
