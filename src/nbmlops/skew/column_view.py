"""How one judged column is shown: distance, both distributions, cause, repair."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nbmlops.display import numbers, svg
from nbmlops.display.bars import histogram
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.points import distance
from nbmlops.display.table import Status, code, hidden, source, status, words
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
DOT = "\N{MIDDLE DOT}"
MOMENTS = 1e8  # larger ends are seconds since 1970
SCALE = ((0.0, "0"), (0.3, ".3"), (0.6, ".6"), (1.0, "1"))
MOST_REPAIR = 1_500  # characters


def status_of(column: "ColumnSkew") -> Status:
    """Say how a column is marked: by its verdict, or as muted."""
    kind = STATUS_OF[column.verdict]
    return "muted" if column.muted_until and kind in ("fault", "over") else kind


def findings(
    bodies: Child,
    tolerance: float,
    *,
    caption: str,
    sides: tuple[str, str] = ("training", "serving"),
) -> Markup:
    """Lay out what moved: name, distance, both distributions, what happened.

    Parameters
    ----------
    bodies
        `<tbody>` elements of rows that `row_of` made.
    tolerance
        Where the dashed line stands.
    caption
        For who cannot see the page.
    sides
        What the two distributions are called.

    Returns
    -------
    Markup
        A table; on a narrow page its rows are cards.
    """
    at = svg.root(tolerance)
    marks = [
        (svg.root(value), text, False)
        for value, text in SCALE
        if abs(svg.root(value) - at) > 14
    ]
    limit = f"tol {tolerance:g}".replace(" 0.", " .")
    keys = [
        tag("span", tag("span", class_=classes("key", look), aria_hidden="true"), name)
        for look, name in zip(("old", "new"), sides, strict=True)
    ]
    head = tag(
        "tr",
        tag("th", "Column", scope="col"),
        tag(
            "th",
            "Distance",
            hidden(" with 95% interval"),
            svg.ticks([*marks, (at, limit, True)]),
            scope="col",
            class_=classes("d"),
        ),
        tag("th", join(*keys, between=" "), scope="col", class_=classes("h")),
        tag("th", "What happened", scope="col"),
    )
    return tag(
        "table",
        tag("caption", hidden(caption)),
        tag("thead", head),
        bodies,
        class_=classes("findings"),
        style=f"--nbmlops-at:{at / 100:g}",
    )


def row_of(column: "ColumnSkew") -> Markup:
    """Show one column as a row of the findings."""
    kind, no_axis = status_of(column), column.distance is None
    return tag(
        "tr",
        tag(
            "th",
            tag(
                "div",
                code(column.name, width=60),
                [" ", tag("small", column.kind)] if column.kind else None,
            ),
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
        distance(
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
    apart = [i for i, bar in enumerate(bars) if bar.low is None or bar.low == bar.high]
    new = [
        index
        for index in apart
        if column.verdict == "handling fault"
        and bars[index].serving >= 0.01 > 10 * bars[index].reference
    ]
    first, last = _ends(bars, column.kind)
    sparks = [
        tag("code", f"{name} {sparkline(shares)}")
        for name, shares in (
            ("training", [bar.reference for bar in bars]),
            ("serving ", [bar.serving for bar in bars]),
        )
    ]
    return join(
        histogram(
            [(bar.reference, bar.serving) for bar in bars],
            label=f"training and serving distributions, {first} to {last}",
            apart=apart,
            hot=new,
        ),
        hidden(tag("div", sparks[0]), tag("div", sparks[1]), is_sketch=True),
        tag("div", _marks(bars, new, first, last), class_=classes("marks")),
        _mended(column.cause.mended) if column.cause and column.cause.mended else None,
    )


def _mended(bars: Sequence["Bar"]) -> Markup:
    """Draw training, and serving as the repair turns it back: the cause's evidence."""
    shares = [(bar.reference, bar.serving) for bar in bars]
    alike = f"repaired: {numbers.percent(sum(map(min, shares)), decimals=0)} alike"
    apart = [i for i, bar in enumerate(bars) if bar.low is None]
    return join(
        histogram(shares, label=alike, apart=apart),
        tag("div", tag("span", alike), class_=classes("marks")),
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
                data_l=words(_label(bars[index]), most=12),
            )
            for index in middle
        ],
        tag("span", last),
    )


def _label(bar: "Bar") -> str:
    is_value = bar.low is not None and bar.low == bar.high
    return numbers.number(bar.low) if is_value else bar.label


def _ends(bars: Sequence["Bar"], kind: str) -> tuple[str, str]:
    """Name the ends of the axis: the outer numbers, or the outer labels."""
    numeric = [bar for bar in bars if bar.low is not None and bar.high is not None]
    if not numeric:
        return words(bars[0].label, most=14), words(bars[-1].label, most=14)
    low, high = numeric[0].low or 0.0, numeric[-1].high or 0.0
    if max(abs(low), abs(high)) > MOMENTS:  # the labels say when
        return words(numeric[0].label, most=17), words(numeric[-1].label, most=17)
    unit = " h" if kind == "time" else ""
    first, last = numbers.number(low), f"{numbers.number(high)}{unit}"
    if bars[0] is not numeric[0]:
        first = f"{words(bars[0].label, most=8)} {DOT} {first}"
    if bars[-1] is not numeric[-1]:
        last = f"{last} {DOT} {words(bars[-1].label, most=8)}"
    return first, last


def _repair(column: "ColumnSkew", repair: str) -> Markup:
    is_short = len(repair) <= MOST_REPAIR
    return source(repair if is_short else sentences.print_repair(column))


def _what(column: "ColumnSkew") -> Markup:
    cause = column.cause
    title, said, figures = sentences.said_of(column)
    also = [sentences.title_of(kind).lower() for kind in cause.also] if cause else []
    more = tag("span", words(sentences.capital(figures)), class_=classes("mute"))
    parts = [
        tag("b", title) if title else None,
        words(said) if figures else words(sentences.capital(said)),
        more if figures else None,
        tag("small", f"Fits as well: {', '.join(also)}.") if also else None,
    ]
    return join(
        tag("p", join(*parts, between=" ")),
        _repair(column, cause.repair) if cause and cause.repair else None,
        tag(
            "p",
            f"Muted until {numbers.moment(column.muted_until)}: ",
            words(column.muted_reason, most=200),
            class_=classes("note"),
        )
        if column.muted_until
        else None,
    )
