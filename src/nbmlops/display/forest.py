"""A table whose last column is drawn: values with their intervals on one axis."""

import math
from collections.abc import Iterable

from nbmlops.display import numbers, svg
from nbmlops.display.document import Grid, Mark
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.points import forest
from nbmlops.display.table import fitting, more, status, words

TICK = 0.7  # where on an axis its labelled tick stands
MOST_MARKS = 60
ROOM = 60_000  # bytes
ONE_SIDED, TWO_SIDED = 12.0, 50.0  # where zero stands, in percent


def forest_table(grid: Grid, *, room: int = ROOM) -> Markup:
    """Draw the marks of a grid, each beside the row that it belongs to.

    Parameters
    ----------
    grid
        With marks.
    room
        Bytes that the rows may take; those that no longer fit are counted.

    Returns
    -------
    Markup
        A table in an element that scrolls sideways where it must.
    """
    limit = _limit(grid.marks, is_one_sided=grid.is_one_sided)
    zero = ONE_SIDED if grid.is_one_sided else TWO_SIDED
    head = [
        tag("th", header, scope="col", class_=_num(index, grid))
        for index, header in enumerate(grid.headers)
    ]
    axis = tag("div", _ticks(limit, zero), tag("span", grid.mark_header))
    head.append(tag("th", axis, scope="col", class_=classes("diff")))
    pairs = list(zip(grid.rows, grid.marks, strict=True))[:MOST_MARKS]
    body = fitting(
        (
            tag("tr", _cells(row, grid), _mark(mark, grid, limit, zero))
            for row, mark in pairs
        ),
        room,
    )
    laid = tag(
        "table",
        tag("caption", grid.caption) if grid.caption else None,
        tag("thead", tag("tr", head)),
        tag("tbody", body),
        class_=classes("metrics"),
    )
    rest = len(grid.rows) - len(body)
    return join(
        tag("div", laid, class_=classes("scroll"), tabindex=0),
        tag("p", more(rest), class_=classes("note")) if rest else None,
    )


def _cells(row: Iterable[str], grid: Grid) -> Iterable[Child]:
    for index, cell in enumerate(row):
        name, scope = ("td", None) if index else ("th", "row")
        said = words(cell, most=60)
        yield tag(name, said, scope=scope, class_=_num(index, grid))


def _mark(mark: Mark, grid: Grid, limit: float, zero: float) -> Markup:
    drawing = forest(
        mark.value,
        mark.interval,
        limit=limit,
        status=mark.status,
        label=mark.text,
        inner=(0.0, mark.value) if zero == ONE_SIDED else None,
        zero=zero,
        line=grid.line,
    )
    figures = tag(
        "span",
        tag("b", mark.figure),
        " ",
        tag("span", f"({mark.bounds})") if mark.bounds else None,
        class_=classes("dn"),
    )
    said = status(mark.status, mark.word) if mark.word else None
    inner = tag("div", drawing, figures, " ", tag("span", said, class_=classes("say")))
    return tag("td", inner, class_=classes("diff"))


def _ticks(limit: float, zero: float) -> Markup:
    end = TICK * limit
    wanted = [(zero, 0.0), (zero + TICK * (100 - zero), end)]
    if zero == TWO_SIDED:
        wanted.insert(0, (zero - TICK * zero, -end))
    places = numbers.places(end, significant=1, at_least=1)
    return svg.ticks(
        (at, numbers.signed(value, places) if value else "0", value == 0)
        for at, value in wanted
    )


def _limit(marks: Iterable[Mark], *, is_one_sided: bool) -> float:
    """Choose the end of the axis: bars fit; of intervals, none squeezes the others."""
    reach = sorted(
        max(map(abs, mark.interval or (mark.value, mark.value))) for mark in marks
    )
    usual = reach[math.floor(0.8 * (len(reach) - 1))]
    fits = is_one_sided or reach[-1] <= 2 * usual
    return numbers.nice_end(reach[-1] if fits else usual) / TICK


def _num(index: int, grid: Grid) -> str | None:
    return classes("num") if index in grid.numeric else None
