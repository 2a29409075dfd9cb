"""How slices are shown: the clear ones and the nearest to a loss, the rest folded."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nbmlops.compare import phrases
from nbmlops.display import numbers, svg
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.points import forest
from nbmlops.display.table import Status, details, mark, status, words
from nbmlops.display.text import counted, middle_shorten

if TYPE_CHECKING:
    from nbmlops.compare.comparison import Comparison, SliceDifference

CLEAR: Mapping[str, Status] = {"better": "better", "worse": "worse"}
NEAREST = 5
TICK = 0.7  # where on the axis the labelled difference stands
MOST_DRAWN, MOST_PLAIN, MOST_SMALL = 40, 120, 20


def slices_answer(comparison: "Comparison", marks: Mapping[str, str]) -> str:
    """Say where a challenger is clearly better and worse, in a line.

    Parameters
    ----------
    comparison
        What `compare` found.
    marks
        The short mark of each version, by ref.

    Returns
    -------
    str
        "better on 9E, UA; worse on none; 13 not clear"; "" where nothing was sliced.
    """
    challengers = list(dict.fromkeys(s.challenger for s in comparison.slices))
    parts = []
    for ref in challengers[:4]:
        own = [s for s in comparison.slices if s.challenger == ref]
        better, worse = (
            [s for s in own if s.verdict == v] for v in ("better", "worse")
        )
        small = sum(s.verdict == "too small" for s in own)
        rest = len(own) - len(better) - len(worse) - small
        said = [
            f"better on {_named(better)}",
            f"worse on {_named(worse)}",
            f"{rest:,} not clear" if rest else "",
            f"{small:,} too small to judge" if small else "",
        ]
        several = len(challengers) > 1
        clause = ", ".join(said[:2]) if several else "; ".join(filter(None, said))
        parts.append((marks.get(ref, "?"), clause))
    return phrases.together(parts, is_named=len(challengers) > 1)


def slices_body(comparison: "Comparison", marks: Mapping[str, str]) -> Markup:
    """Show the slices: drawn, listed, named, as they matter.

    Parameters
    ----------
    comparison
        What `compare` found.
    marks
        The short mark of each version, by ref.

    Returns
    -------
    Markup
        Nothing where nothing was sliced.
    """
    slices = comparison.slices
    if not slices:
        return Markup()
    up = _greater_is_better(comparison)
    judged = [
        s for s in slices if s.verdict != "too small" and s.difference is not None
    ]
    clear = [s for s in judged if s.verdict in CLEAR]
    unclear = sorted(
        (s for s in judged if s.verdict not in CLEAR), key=lambda s: _least(s, up)
    )
    shown = [*clear, *unclear[:NEAREST]][:MOST_DRAWN]
    rest = [*clear, *unclear[:NEAREST]][MOST_DRAWN:] + unclear[NEAREST:]
    small = [s for s in slices if s.verdict == "too small" or s.difference is None]
    return join(
        _table(shown, marks, comparison, up=up) if shown else None,
        details(
            f"{numbers.amount(len(rest), 'slice')} more, none closer to a loss",
            _plain(rest[:MOST_PLAIN], marks),
            tag("p", f"And {len(rest) - MOST_PLAIN:,} more.", class_=classes("note"))
            if len(rest) > MOST_PLAIN
            else None,
        )
        if rest
        else None,
        _small(small) if small else None,
    )


def _named(slices: Sequence["SliceDifference"]) -> str:
    if not slices:
        return "none"
    kept = [middle_shorten(s.value, 24) for s in slices[:4]]
    return counted([*kept, *([f"{len(slices) - 4:,} more"] if len(slices) > 4 else [])])


def _greater_is_better(comparison: "Comparison") -> bool:
    metric = comparison.slices[0].metric
    return next(
        (d.greater_is_better for d in comparison.differences if d.metric == metric),
        True,
    )


def _least(found: "SliceDifference", up: bool) -> float:
    """Give the gain that is still possible at worst."""
    bounds = found.interval or (found.difference or 0.0,) * 2
    return bounds[0] if up else -bounds[1]


def _table(
    slices: Sequence["SliceDifference"],
    marks: Mapping[str, str],
    comparison: "Comparison",
    *,
    up: bool,
) -> Markup:
    reach = sorted(max(map(abs, s.interval)) for s in slices if s.interval)
    end = numbers.nice_end(reach[int(0.8 * (len(reach) - 1))] if reach else 1.0)
    limit, places = end / TICK, _places(slices)
    lead = phrases.leading(comparison)
    label = phrases.label_of(lead) if lead else middle_shorten(slices[0].metric, 40)
    caption = tag(
        "caption",
        tag("b", f"{label} by slice"),
        " the clear ones, then those that could lose most; right is better",
    )
    ends = [(15.0, _end(-end, up)), (50.0, "0"), (85.0, _end(end, up))]
    ticks = svg.ticks([(at, text, at == 50.0) for at, text in ends])
    head = tag(
        "tr",
        tag("th", "Slice", scope="col"),
        tag("th", "Rows", scope="col", class_=classes("num")),
        tag(
            "th",
            tag("div", ticks, tag("span", "difference (95% interval)")),
            scope="col",
            class_=classes("diff"),
        ),
    )
    several = len(comparison.versions) > 2
    rows = [_row(s, marks, limit, places, up=up, several=several) for s in slices]
    whole = tag(
        "table",
        caption,
        tag("thead", head),
        tag("tbody", rows),
        class_=classes("metrics"),
    )
    return tag("div", whole, class_=classes("scroll"))


def _end(value: float, up: bool) -> str:
    return numbers.signed(
        value if up else -value, numbers.places(value, significant=1, at_least=1)
    )


def _row(
    found: "SliceDifference",
    marks: Mapping[str, str],
    limit: float,
    places: int,
    *,
    up: bool,
    several: bool,
) -> Markup:
    kind = CLEAR.get(found.verdict, "unclear")
    figure, bounds = _figures(found, places)
    word = _word(found, marks)
    drawing = forest(
        (found.difference or 0.0) * (1 if up else -1),
        _turned(found.interval, up),
        limit=limit,
        status=kind,
        label=f"{word}, {figure} {bounds}",
    )
    return tag(
        "tr",
        tag("th", _name(found, marks, several=several), scope="row"),
        tag("td", numbers.count(found.rows), class_=classes("num")),
        tag(
            "td",
            tag(
                "div",
                drawing,
                tag(
                    "span",
                    tag("b", figure),
                    " ",
                    tag("span", f"({bounds})") if bounds else None,
                    class_=classes("dn"),
                ),
                " ",
                tag("span", status(kind, word), class_=classes("say")),
            ),
            class_=classes("diff"),
        ),
    )  # fmt: skip


def _plain(slices: Sequence["SliceDifference"], marks: Mapping[str, str]) -> Markup:
    """List slices without drawings."""
    rows, places = [], _places(slices)
    several = len({found.challenger for found in slices}) > 1
    for found in slices:
        figure, bounds = _figures(found, places)
        rows.append(
            tag(
                "tr",
                tag("th", _name(found, marks, several=several), scope="row"),
                tag("td", numbers.count(found.rows), class_=classes("num")),
                tag("td", figure, class_=classes("num")),
                tag("td", bounds, class_=classes("num")),
                tag("td", _word(found, marks)),
            )
        )
    return tag("div", tag("table", tag("tbody", rows)), class_=classes("scroll"))


def _name(
    found: "SliceDifference", marks: Mapping[str, str], *, several: bool
) -> Iterable[Child]:
    label = marks.get(found.challenger, "?")
    return [
        tag("small", words(found.column, most=24)),
        " ",
        words(found.value, most=40),
        [" ", mark(label, solid=True)] if several else None,
    ]


def _word(found: "SliceDifference", marks: Mapping[str, str]) -> str:
    label = marks.get(found.challenger, "?")
    return f"{label} is {found.verdict}" if found.verdict in CLEAR else found.verdict


def _figures(found: "SliceDifference", places: int) -> tuple[str, str]:
    figure = numbers.signed(found.difference, places)
    return figure, numbers.interval(found.interval, places)


def _places(slices: Sequence["SliceDifference"]) -> int:
    """Find the decimals that suit the surest of these."""
    spreads = [s.interval[1] - s.interval[0] for s in slices if s.interval]
    return min(4, numbers.places(min(spreads, default=None), at_least=2))


def _turned(bounds: tuple[float, float] | None, up: bool) -> tuple[float, float] | None:
    return bounds if bounds is None or up else (-bounds[1], -bounds[0])


def _small(slices: Sequence["SliceDifference"]) -> Markup:
    named = [
        f"{middle_shorten(s.column, 20)} {middle_shorten(s.value, 24)} ({s.rows:,})"
        for s in slices[:MOST_SMALL]
    ]
    rest = len(slices) - MOST_SMALL
    more = [f"{rest:,} more"] if rest > 0 else []
    return tag(
        "p", f"Too small to judge: {counted([*named, *more])}.", class_=classes("note")
    )
