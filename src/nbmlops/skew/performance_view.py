"""How the section on performance is said and shown."""

from collections.abc import Sequence

from nbmlops.display import numbers
from nbmlops.display.curves import over_time
from nbmlops.display.markup import Child, Markup, join, tag
from nbmlops.display.table import definitions, details, table, words
from nbmlops.skew.performance import (
    ASSUMES,
    Change,
    Figure,
    Performance,
    Span,
    within,
)
from nbmlops.skew.section_view import notes
from nbmlops.skew.sentences import capital, sentence

MOST_SPANS = 31  # the newest
MOST_FIGURES = 2  # columns of the table by span
MOST_CHANGES = 8
LEAST_DRAWN = 3  # spans
ROOM_SPANS = 7_500  # bytes
FEW = "not enough"


def headline_of(section: Performance) -> str:
    """Say what labels show, or what is estimated without.

    Parameters
    ----------
    section
        What was found.

    Returns
    -------
    str
        One sentence without a full stop.
    """
    whole = section.whole
    if whole is None:
        return _without_labels(section)
    figure = f"{section.loss} {within(whole.value, whole.interval)}"
    limit = numbers.percent(section.tolerance)
    said = "no sign that it got worse"
    if section.drift:
        amount = {
            "over tolerance": f" by more than {limit}",
            "within tolerance": f" by less than {limit}",
        }.get(section.verdict, "")
        since = f" since {section.changes[-1].since}" if section.changes else ""
        said = f"worse{amount}{since}"
        figure = f"{section.loss} {_short(section.now)}"
    elif section.verdict == "not enough data":
        said = f"too few labels to tell a rise of {limit}"
    return f"{said}: {figure}, {_short(whole.test)} on test"


def _without_labels(section: Performance) -> str:
    start = "no labels" if not section.labelled else "too few labels"
    if not section.estimates:
        return f"{start}, and no estimate: {section.refused}"
    first = section.estimates[0]
    value = within(first.value, first.interval)
    said = (
        f"{first.label.lower()} is estimated at {value}, {_short(first.test)} on test"
    )
    return f"{start}: {said}"


def lines_of(section: Performance) -> list[str]:
    """Say the rest, the most important first.

    Parameters
    ----------
    section
        What was found.

    Returns
    -------
    list of str
        Without the headline.
    """
    lines = [_cause(section)] if section.drift else []
    if section.whole is not None:
        lines.append(
            f"{section.labelled:,} of {section.rows:,} answers have a label; over all "
            f"{section.loss} {within(section.whole.value, section.whole.interval)}"
        )
    if section.estimates:
        lines.append(ASSUMES)
    lines += [_said(figure) for figure in (*section.figures, *section.estimates)[:4]]
    worse = [s for s in section.spans if s.said and s.said != FEW]
    if worse:
        names = ", ".join(span.name for span in worse[:4])
        lines.append(f"worse in {len(worse)} of {len(section.spans)} spans: {names}")
    if section.detectable is not None:
        lines.append(_detectable(section))
    return [*lines, *section.notes]


def html_of(section: Performance) -> Markup:
    """Show figures, spans and changes.

    Parameters
    ----------
    section
        What was found.

    Returns
    -------
    Markup
        Under 15,000 bytes.
    """
    return join(
        tag("p", words(sentence(_cause(section)))) if section.drift else None,
        _figures(section.figures, "Realised"),
        _spans(section),
        _changes(section.changes),
        tag("p", sentence(ASSUMES)) if section.estimates else None,
        _figures(section.estimates, "Estimated"),
        _facts(section),
        notes(section.notes),
    )


def _cause(section: Performance) -> str:
    before = f"rows with these scores had {_short(section.expected)} on test"
    now = _short(section.now)
    if section.drift == "data":
        return f"data drift: {before}, so harder rows explain the {now} of now"
    but = "; no column or score is over tolerance" if section.quiet else ""
    return f"concept drift: {before}, {now} now{but}"


def _said(figure: Figure) -> str:
    return (
        f"{figure.label}: {within(figure.value, figure.interval)}, "
        f"{_short(figure.test)} on test"
    )


def _short(value: float | None) -> str:
    return numbers.number(value, significant=3)


def _detectable(section: Performance) -> str:
    return (
        f"a rise of the {section.loss} by {_short(section.detectable)} would have been "
        "found 4 times in 5"
    )


def _figures(figures: Sequence[Figure], head: str) -> Markup | None:
    if not figures:
        return None
    heads = ["Metric", head, "95% interval", "On test"]
    return table(heads, map(_row, figures), numeric=[1, 3], fit=True)


def _row(figure: Figure) -> list[Child]:
    """Write a metric, all of its numbers with the same decimals."""
    known = (figure.value, figure.test, *(figure.interval or ()))
    decimals = min(4, numbers.places(*known))
    return [
        figure.label,
        numbers.fixed(figure.value, decimals),
        numbers.interval(figure.interval, decimals),
        numbers.fixed(figure.test, decimals),
    ]


def _changes(changes: Sequence[Change]) -> Markup | None:
    if not changes:
        return None
    before, after = (
        numbers.column([getattr(change, side) for change in changes[:MOST_CHANGES]])
        for side in ("before", "after")
    )
    rows = zip([c.since for c in changes], before, after, strict=False)
    heads = ["From here the loss is another one", "Before", "After"]
    return table(heads, rows, numeric=[1, 2], fit=True)


def _spans(section: Performance) -> Markup | None:
    if not section.spans:
        return None
    names = [figure.label for figure in section.figures[:MOST_FIGURES]]
    shown = section.spans[-MOST_SPANS:]
    rows = _numbers(shown, names)
    heads = ["Span", "Rows", "Labelled", section.loss, "95%", "Judged", *names]
    numeric = [1, 2, 3, *range(6, 6 + len(names))]
    whole = table(heads, rows, numeric=numeric, room=ROOM_SPANS, how="see to_dict()")
    title = f"{len(section.spans)} spans in numbers"
    if len(shown) < len(section.spans):
        title = f"the last {len(shown)} of {title}"
    return join(_over_time(section, shown), details(capital(title), whole))


def _over_time(section: Performance, spans: Sequence[Span]) -> Markup | None:
    """Draw the loss of each span with its interval, beside the loss on test."""
    known = [span for span in spans if span.loss is not None]
    if len(known) < LEAST_DRAWN:
        return None
    hot = [at for at, s in enumerate(spans) if s.said not in ("", FEW)]
    level = section.whole.test if section.whole else None
    worse = f"; squares: surely worse, {len(hot)} of {len(spans)}" if hot else ""
    return over_time(
        [None if s.loss is None else (s.loss, s.interval) for s in spans],
        level=level,
        level_name="test",
        ends=(spans[0].name, spans[-1].name),
        title=[tag("b", capital(section.loss)), f" with its 95% interval{worse}"],
        label=f"{section.loss} of {len(spans)} spans, {_short(level)} on test{worse}",
        hot=hot,
    )


def _numbers(spans: Sequence[Span], names: Sequence[str]) -> list[list[Child]]:
    """Write spans as rows, each column with the same decimals."""
    decimals = numbers.places(max((s.loss or 0.0 for s in spans), default=0.0))
    known = [{figure.label: figure.value for figure in s.figures} for s in spans]
    figures = [numbers.column([one.get(name) for one in known]) for name in names]
    return [
        [
            span.name,
            f"{span.rows:,}",
            f"{span.labelled:,}",
            numbers.fixed(span.loss, decimals),
            numbers.interval(span.interval, decimals),
            span.said,
            *(column[at] for column in figures),
        ]
        for at, span in enumerate(spans)
    ]


def _facts(section: Performance) -> Markup | None:
    if section.whole is None:
        return None
    level = numbers.percent(section.alpha, decimals=0)
    pairs: list[tuple[Child, Child]] = [
        (
            "Error rate",
            f"Where the loss never rose, at most {level} of logs are ever called "
            "worse, over all spans and however often the growing log is checked.",
        ),
        (
            "Intervals",
            "95% confidence sequences: they hold at every row, not only at the last.",
        ),
    ]
    if section.detectable is not None:
        pairs.append(("Found from", sentence(_detectable(section))))
    return definitions(pairs)
