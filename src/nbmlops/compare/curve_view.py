"""How the curves of a binary task are shown, and what they say in a line."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nbmlops.compare import phrases
from nbmlops.display import numbers
from nbmlops.display.bars import histogram
from nbmlops.display.curves import lines
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.table import details, hidden, table
from nbmlops.display.text import counted, sparkline

if TYPE_CHECKING:
    from nbmlops.compare.comparison import Comparison, VersionCurves

MOST_CURVES = 4
GRID = tuple(step / 20 for step in range(1, 20))
RATES = (0.05, 0.1, 0.2, 0.4)
ALIKE = 0.005


def curves_answer(comparison: "Comparison", marks: Mapping[str, str]) -> str:
    """Say in a line which ROC curve lies above, and how well promises were kept.

    Parameters
    ----------
    comparison
        What `compare` found.
    marks
        The short mark of each version, by ref.

    Returns
    -------
    str
        "" where there are no curves.
    """
    curves = comparison.curves
    if not curves:
        return ""
    first = curves[0]
    name = marks.get(first.ref, "?")
    said = phrases.together(
        (marks.get(c.ref, "?"), _above(c, first, name)) for c in curves[1:MOST_CURVES]
    )
    off = [
        f"{marks.get(c.ref, '?')} by {numbers.percent(error, decimals=1)}"
        for c in curves[:MOST_CURVES]
        if (error := _calibration_error(c)) is not None
    ]
    promises = f"promises are off: {counted(off)}" if off else ""
    return "; ".join(filter(None, [said.replace(": ", " "), promises]))


def curves_body(comparison: "Comparison", marks: Mapping[str, str]) -> Markup:
    """Draw the curves, and give their numbers.

    Parameters
    ----------
    comparison
        What `compare` found.
    marks
        The short mark of each version, by ref.

    Returns
    -------
    Markup
        Nothing where there are no curves.
    """
    curves = comparison.curves[:MOST_CURVES]
    if not curves:
        return Markup()
    roc, kept, promised = "ROC", "Precision and recall", "Calibration"
    figures = [
        _chart(
            curves, marks, roc, [c.roc for c in curves], "false alarms", "found",
            diagonal=True,
        ),
        _chart(
            curves, marks, kept, [c.precision_recall for c in curves],
            "found (recall)", "right when flagged (precision)",
        ),
        _chart(
            curves, marks, promised,
            [[(p.predicted, p.observed) for p in c.calibration] for c in curves],
            "promised probability", "came true", diagonal=True,
        ),
        _scores(curves, marks),
    ]  # fmt: skip
    rest = len(comparison.curves) - len(curves)
    return join(
        tag("div", figures, class_=classes("pair")),
        tag("p", f"{rest} more not drawn.", class_=classes("note")) if rest else None,
        details("The numbers behind the curves", _numbers(curves, marks)),
    )


def _above(one: "VersionCurves", other: "VersionCurves", name: str) -> str:
    """Say how one ROC curve lies to the other, whose mark is `name`."""
    gains = [_at(one.roc, x) - _at(other.roc, x) for x in GRID]
    up, down = (sum(sign * gain > ALIKE for gain in gains) for sign in (1, -1))
    if not up and not down:
        return f"as good as {name} in ROC"
    if up and down:
        return f"crosses {name} in ROC"
    reach = "everywhere" if max(up, down) > 0.8 * len(GRID) else "in part"
    return f"{'above' if up else 'below'} {name} in ROC {reach}"


def _at(points: Sequence[tuple[float, float]], x: float) -> float:
    """Read a curve at x, straight between its points."""
    if not points:
        return 0.0
    index = bisect_right(points, (x, float("inf")))
    left, right = points[max(0, index - 1)], points[min(len(points) - 1, index)]
    if right[0] <= left[0]:
        return left[1]
    return left[1] + (right[1] - left[1]) * (x - left[0]) / (right[0] - left[0])


def _calibration_error(curves: "VersionCurves") -> float | None:
    rows = sum(point.rows for point in curves.calibration)
    if not rows:
        return None
    return (
        sum(abs(p.observed - p.predicted) * p.rows for p in curves.calibration) / rows
    )


def _chart(
    curves: Sequence["VersionCurves"],
    marks: Mapping[str, str],
    title: str,
    points: Sequence[Sequence[tuple[float, float]]],
    x_name: str,
    y_name: str,
    *,
    diagonal: bool = False,
) -> Markup | None:
    drawn = [
        (marks.get(c.ref, "?"), line)
        for c, line in zip(curves, points, strict=True)
        if line
    ]
    if not drawn:
        return None
    is_zoomed = title == "Calibration"
    most = max((max(p) for _, line in drawn for p in line), default=1.0)
    ends = (0.0, min(1.0, 1.1 * most) or 1.0) if is_zoomed else (0.0, 1.0)
    return lines(
        drawn,
        title=tag("b", title),
        x_name=x_name,
        y_name=y_name,
        label=f"{title} of {counted([name for name, _ in drawn])}",
        x_range=ends,
        y_range=ends,
        diagonal=diagonal,
    )


def _scores(
    curves: Sequence["VersionCurves"], marks: Mapping[str, str]
) -> Markup | None:
    """Draw where each version puts the positives and the negatives."""
    known = [c for c in curves if c.scores]
    if not known:
        return None
    rows = [_scores_of(c, marks.get(c.ref, "?")) for c in known]
    keys = [
        [" ", tag("span", class_=classes("key", side), aria_hidden="true"), name]
        for side, name in (("old", "negatives"), ("new", "positives"))
    ]
    caption = tag("figcaption", tag("b", "Scores"), "predicted probability", keys)
    return tag("figure", caption, rows)


def _numbers(curves: Sequence["VersionCurves"], marks: Mapping[str, str]) -> Markup:
    heads: list[Child] = ["Version", *(numbers.percent(rate) for rate in RATES)]
    found = [
        [marks.get(c.ref, "?"), *(numbers.percent(_at(c.roc, rate)) for rate in RATES)]
        for c in curves
    ]
    tables = [
        table(
            heads, found, caption="Found, at so many false alarms",
            numeric=range(1, len(heads)), fit=True,
        )
    ]  # fmt: skip
    for c in curves:
        if not c.calibration:
            continue
        rows = [
            (
                numbers.percent(p.predicted),
                numbers.percent(p.observed),
                numbers.count(p.rows),
            )
            for p in c.calibration
        ]
        caption = f"Calibration of {marks.get(c.ref, '?')}"
        heads = ["Promised", "Came true", "Rows"]
        tables.append(table(heads, rows, caption=caption, numeric=[0, 1, 2], fit=True))
    return tag("div", tables, class_=classes("pair"))


def _scores_of(curves: "VersionCurves", name: str) -> Markup:
    negatives = [found.negatives for found in curves.scores]
    positives = [found.positives for found in curves.scores]
    return tag(
        "div",
        tag("small", f"version {name}"),
        histogram(
            list(zip(negatives, positives, strict=True)),
            label=f"scores of negatives and positives by {name}",
        ),
        hidden(
            tag("div", tag("code", f"negatives {sparkline(negatives)}")),
            tag("div", tag("code", f"positives {sparkline(positives)}")),
            is_sketch=True,
        ),
        tag(
            "div",
            tag("span", "0%"),
            hidden(" to "),
            tag("span", "100%"),
            class_=classes("marks"),
        ),
    )
