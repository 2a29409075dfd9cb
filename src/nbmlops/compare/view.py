"""How a comparison is shown as HTML: the verdict, who, metrics, the rest folded."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nbmlops.compare import phrases
from nbmlops.compare.decision import GateLike, decision
from nbmlops.compare.folds import all_folds
from nbmlops.compare.sentences import headline_of
from nbmlops.compare.text import comparison_text as comparison_text
from nbmlops.display import numbers, svg
from nbmlops.display.markup import Markup, classes, join, tag
from nbmlops.display.points import forest
from nbmlops.display.table import Status, code, hidden, mark, pill, shape, status, words
from nbmlops.display.text import middle_shorten
from nbmlops.display.theme import scoped

if TYPE_CHECKING:
    from nbmlops.compare.comparison import Comparison, MetricDifference, VersionSide


TICK = 0.7  # where on the axis the labelled gain stands
ROOM_METRICS = 60_000  # bytes
VERDICTS: Mapping[str, Status] = {"better": "better", "worse": "worse"}


def comparison_html(
    comparison: "Comparison",
    *,
    gates: Sequence[GateLike] | None = None,
    candidate: str = "",
    alias: str = "champion",
) -> Markup:
    """Show a comparison: the verdict with its buts, the metrics surest first.

    Parameters
    ----------
    comparison
        What `compare` found.
    gates
        The results of the gates that guard the alias; None: no decision is shown.
    candidate
        The ref that the gates judged; "": the challenger of the headline.
    alias
        What the candidate would become.

    Returns
    -------
    Markup
        One self-contained output, under 200 KB.
    """
    marks = phrases.marks_of(version.ref for version in comparison.versions)
    found = join(
        _metrics(comparison, marks) if comparison.differences else None,
        all_folds(comparison, marks),
    )
    lead = phrases.leading(comparison)
    judged = candidate or (lead.challenger if lead else comparison.versions[-1].ref)
    return scoped(
        _head(comparison, marks),
        found
        if gates is None
        else tag(
            "div",
            tag("div", found),
            decision(gates, judged, alias=alias),
            class_=classes("cols"),
        ),
        _notes(comparison),
    )


def headline_html(comparison: "Comparison") -> Markup:
    """Say the verdict in one line, for `theme.folded` and for the page's title."""
    line = headline_of(comparison)
    return join(
        line.sentence, tag("small", " ", line.interval) if line.interval else None
    )


def _head(comparison: "Comparison", marks: Mapping[str, str]) -> Markup:
    buts = headline_of(comparison).buts
    on = f"compared on {comparison.evaluation}" if comparison.evaluation else ""
    paired = (
        f"{numbers.amount(comparison.rows_compared, 'row')} paired"
        if numbers.count(comparison.rows_compared) not in comparison.evaluation
        else ""
    )
    models = sorted({v.ref.rpartition("/")[0] or v.ref for v in comparison.versions})
    parts = [", ".join(models[:3]), on, paired]
    return tag(
        "div",
        tag(
            "p",
            join(*(words(p, most=120) for p in parts if p), between=" \N{MIDDLE DOT} "),
            class_=classes("eyebrow"),
        ),
        tag("h2", headline_html(comparison)),
        tag("ul", map(_but, buts), class_=classes("buts")) if buts else None,
        tag(
            "ul",
            (
                _who(version, marks[version.ref], is_first=index == 0)
                for index, version in enumerate(comparison.versions)
            ),
            class_=classes("who"),
        ),
        class_=classes("head"),
    )


def _but(but: tuple[Status, str, str]) -> Markup:
    kind, clause, figures = but
    return tag("li", shape(kind), tag("span", tag("b", clause), " ", words(figures)))


def _who(version: "VersionSide", label: str, *, is_first: bool) -> Markup:
    described = version.description.strip()
    what = [version.estimator, version.training, described]
    when = (
        numbers.moment(version.created_at).split(",")[0] if version.created_at else ""
    )
    by = f"by {middle_shorten(version.author, 32)}" if version.author else ""
    return tag(
        "li",
        mark(label, solid=not is_first),
        " ",
        tag(
            "span",
            tag("b", phrases.name_of(version.ref)),
            [[" ", pill(words(alias, most=40))] for alias in version.aliases[:6]],
        ),
        " ",
        tag(
            "span",
            join(*(words(w, most=160) for w in what if w), between=" \N{MIDDLE DOT} "),
        ),
        " ",
        tag(
            "span",
            words(", ".join(filter(None, [by, when])), most=80),
            class_=classes("mute"),
        ),
    )


def _metrics(comparison: "Comparison", marks: Mapping[str, str]) -> Markup:
    differences = comparison.differences
    limit = _limit(differences)
    several = len(comparison.versions) > 2
    first = marks[comparison.versions[0].ref]
    others = [marks[version.ref] for version in comparison.versions[1:]]
    bodies: list[Markup] = []
    room = ROOM_METRICS
    for group, is_rest in _bodies(differences, by_metric=several):
        rows = [
            _metric_row(d, marks, limit, span=_span(group, i, by_metric=several))
            for i, d in enumerate(group)
        ]
        room -= sum(len(row.encode()) for row in rows)
        if room < 0:
            break
        bodies.append(tag("tbody", rows, class_=classes("rest") if is_rest else None))
    by = code(comparison.group_column or "group", width=40)
    is_grouped = any(d.group_interval for d in differences)
    caption = tag(
        "caption",
        tag("b", "Metrics"),
        " surest first, 95% intervals by ",
        [by, ", the thick line by row"] if is_grouped else "row",
        f"; drawn as gain in % of {phrases.name_of(comparison.versions[0].ref)}: "
        "right of the line is better",
    )
    head = tag(
        "tr",
        tag("th", "Metric", scope="col"),
        tag("th", mark(first), scope="col", class_=classes("num")),
        tag(
            "th",
            mark(others[0], solid=True) if not several else "Challenger",
            scope="col",
            class_=classes("num"),
        ),
        tag(
            "th", _diff_head(first, others, limit), scope="col", class_=classes("diff")
        ),
    )
    whole = tag("table", caption, tag("thead", head), bodies, class_=classes("metrics"))
    return tag("section", tag("div", whole, class_=classes("scroll")))


def _diff_head(first: str, others: Sequence[str], limit: float) -> Markup:
    end = TICK * limit
    marks = [(15, -end, False), (50, 0.0, True), (85, end, False)]
    labels = [(at, _gain(value), strong) for at, value, strong in marks]
    what = others[0] if len(others) == 1 else "challenger"
    return tag(
        "div",
        svg.ticks(labels),
        tag("span", f"{what} {numbers.MINUS} {first} (95% interval)"),
        hidden(" and verdict"),
    )


def _gain(value: float) -> str:
    return (
        "0"
        if value == 0
        else f"{numbers.signed(100 * value, 0 if abs(value) >= 0.02 else 1)}%"
    )


def _limit(differences: Iterable["MetricDifference"]) -> float:
    """Choose the ends of the axis: most intervals fit, none squeezes the others."""
    reach = sorted(
        max(map(abs, bounds or (phrases.gain_of(d),)))
        for d, bounds in (
            (d, phrases.gain_interval(d, phrases.deciding(d))) for d in differences
        )
    )
    most = reach[math.floor(0.8 * (len(reach) - 1))] if reach else 0.0
    wanted = reach[-1] if reach and reach[-1] <= 2 * most else most
    return numbers.nice_end(min(wanted, 2.0)) / TICK


def _bodies(
    differences: Sequence["MetricDifference"], *, by_metric: bool
) -> Iterable[tuple[list["MetricDifference"], bool]]:
    """Group rows: one body per metric, or what is clear before what is not."""
    clear = ("better", "worse")
    if by_metric:
        for metric in dict.fromkeys(d.metric for d in differences):
            group = [d for d in differences if d.metric == metric]
            yield group, not any(d.verdict in clear for d in group)
        return
    for is_rest in (False, True):
        group = [d for d in differences if (d.verdict not in clear) == is_rest]
        if group:
            yield group, is_rest


def _span(group: Sequence["MetricDifference"], index: int, *, by_metric: bool) -> int:
    """Say over how many rows the metric's name reaches; 0: it stands above."""
    if not by_metric:
        return 1
    return len(group) if index == 0 else 0


def _metric_row(
    d: "MetricDifference", marks: Mapping[str, str], limit: float, *, span: int
) -> Markup:
    places = phrases.decimals(d)
    value = numbers.fixed(d.values.get(d.challenger), places)
    several = span != 1
    name = [
        tag(
            "th",
            words(phrases.label_of(d), most=60),
            None if d.greater_is_better else [" ", tag("small", "lower is better")],
            scope="rowgroup" if several else "row",
            rowspan=span if several else None,
        ),
        tag(
            "td",
            numbers.fixed(d.values.get(d.baseline), places),
            class_=classes("num"),
            rowspan=span if several else None,
        ),
    ]
    return tag(
        "tr",
        name if span else None,
        tag(
            "td",
            [mark(marks.get(d.challenger, "?"), solid=True), " "] if several else None,
            value,
            class_=classes("num"),
        ),
        tag(
            "td",
            difference_cell(d, marks.get(d.challenger, "?"), limit, places),
            class_=classes("diff"),
        ),
    )


def difference_cell(
    d: "MetricDifference", label: str, limit: float, places: int
) -> Markup:
    """Show one difference: drawn, in figures, and judged."""
    kind = VERDICTS.get(d.verdict, "unclear")
    bounds = phrases.deciding(d)
    word = f"{label} is {d.verdict}" if d.verdict in VERDICTS else d.verdict
    shown = numbers.interval(bounds, places)
    by_row = numbers.interval(d.interval, places) if d.group_interval else ""
    return tag(
        "div",
        forest(
            phrases.gain_of(d),
            phrases.gain_interval(d, bounds),
            limit=limit,
            status=kind,
            label=f"{word}, {phrases.figure(d)} {shown}",
            inner=phrases.gain_interval(d, d.interval) if d.group_interval else None,
        ),
        tag(
            "span",
            tag("b", phrases.figure(d)),
            " ",
            tag("span", f"({shown})") if shown else None,
            tag("small", f" by row {by_row}") if by_row else None,
            class_=classes("dn"),
        ),
        " ",
        tag("span", status(kind, word), class_=classes("say")),
    )


def _notes(comparison: "Comparison") -> Markup:
    methods = "; ".join(d.method for d in comparison.differences if d.method)
    known = list(dict.fromkeys(methods.split("; ")))
    how = f"Intervals: {words('; '.join(known), most=300)}." if methods else ""
    notes = [words(note) for note in comparison.notes[:20]]
    return tag(
        "section",
        [tag("p", note, class_=classes("note")) for note in [*notes, how] if note],
    )
