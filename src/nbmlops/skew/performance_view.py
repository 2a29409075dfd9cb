"""How the section on performance is said and shown."""

from collections.abc import Sequence

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.table import definitions, details, table, words
from nbmlops.skew.performance import (
    ASSUMES,
    Change,
    Figure,
    Performance,
    Span,
    within,
)
from nbmlops.skew.sentences import capital

MOST_SPANS = 31  # the newest
MOST_FIGURES = 2  # columns of the table by span
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
        tag("p", words(_cause(section))) if section.drift else None,
        _figures(section.figures, "Realised"),
        tag("p", capital(ASSUMES), ".") if section.estimates else None,
        _figures(section.estimates, "Estimated"),
        _changes(section.changes),
        _spans(section),
        _facts(section),
        [tag("p", words(note), class_=classes("note")) for note in section.notes[:5]],
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
    rows = [
        [
            figure.label,
            _short(figure.value),
            numbers.interval(
                figure.interval, numbers.places(figure.value, *(figure.interval or ()))
            ),
            _short(figure.test),
        ]
        for figure in figures
    ]
    return table(["", head, "95%", "On test"], rows, numeric=[1, 3], fit=True)


def _changes(changes: Sequence[Change]) -> Markup | None:
    if not changes:
        return None
    rows = [[c.since, _short(c.before), _short(c.after)] for c in changes[:8]]
    heads = ["The loss changes", "Before", "After"]
    return table(heads, rows, numeric=[1, 2], fit=True)


def _spans(section: Performance) -> Markup | None:
    if not section.spans:
        return None
    names = [figure.label for figure in section.figures[:MOST_FIGURES]]
    shown = section.spans[-MOST_SPANS:]
    rows = [_span(span, names) for span in shown]
    heads = ["", "Rows", "Labelled", section.loss, "95%", "Judged", *names]
    whole = table(heads, rows, numeric=[1, 2, 3, *range(6, 6 + len(names))])
    title = f"{len(section.spans)} spans"
    if len(shown) < len(section.spans):
        title = f"the last {len(shown)} of {title}"
    return details(title, whole, is_open=len(rows) < 15)


def _span(span: Span, names: Sequence[str]) -> list[Child]:
    known = {figure.label: figure.value for figure in span.figures}
    decimals = numbers.places(span.loss, *(span.interval or ()))
    return [
        span.name,
        f"{span.rows:,}",
        f"{span.labelled:,}",
        _short(span.loss),
        numbers.interval(span.interval, decimals),
        span.said,
        *(_short(known.get(name)) for name in names),
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
        pairs.append(("Found from", _detectable(section)))
    return definitions(pairs)
