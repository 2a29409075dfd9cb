"""A document as one output of a notebook: the headline, the rest in folds."""

import math
from collections.abc import Iterable, Iterator

from nbmlops.display import numbers, svg
from nbmlops.display.document import (
    MOST_WORDS,
    Block,
    Code,
    Document,
    Facts,
    Grid,
    Items,
    Mark,
    Section,
)
from nbmlops.display.markup import Child, Markup, classes, tag
from nbmlops.display.points import forest
from nbmlops.display.table import (
    Status,
    definitions,
    fold,
    folds,
    pills,
    shape,
    status,
    table,
    words,
)
from nbmlops.display.theme import scoped
from nbmlops.host import whole

TICK = 0.7  # where on an axis its labelled tick stands
MOST_MARKS = 60
MOST_BYTES = 140_000  # of all sections; the style and the head need their part
ONE_SIDED, TWO_SIDED = 12.0, 50.0  # where zero stands, in percent


def document_html(document: Document) -> Markup:
    """Show a document.

    Parameters
    ----------
    document
        What to say.

    Returns
    -------
    Markup
        One self-contained output, under 200 KB.
    """
    detail = tag("small", " ", document.detail) if document.detail else None
    labels = [" ", pills(document.labels)] if document.labels else None
    lead = words(document.lead, most=1_200)
    return scoped(
        tag(
            "div",
            tag("p", words(document.eyebrow), class_=classes("eyebrow")),
            tag("h2", document.title, detail, labels),
            _items(document.buts, "buts") if document.buts else None,
            tag("p", lead, class_=classes("lead")) if lead else None,
            class_=classes("head"),
        ),
        folds(_sections(document.sections)),
    )


def _sections(sections: Iterable[Section]) -> Iterator[Markup]:
    """Fold each section; of one for which there is no room, the answer stays."""
    room = MOST_BYTES
    for section in sections:
        answer = words(section.answer)
        blocks = [_block(block) for block in section.blocks]
        size = sum(len(block.encode("utf-8", "replace")) for block in blocks)
        if size > room:
            blocks, size = [tag("p", f"Too long to be shown: {whole()}")], 0
        room -= size
        yield fold(section.title, answer, *blocks, is_open=section.is_open)


def _block(block: Block) -> Markup:
    if isinstance(block, Grid):
        return _marked(block) if block.marks else _grid(block)
    if isinstance(block, Facts):
        return definitions(block.pairs)
    if isinstance(block, Items):
        return _items(block.items, "attention")
    if isinstance(block, Code):
        return tag("pre", tag("code", block.text))
    return tag("p", words(block.text, most=MOST_WORDS), class_=classes("lead"))


def _items(items: Iterable[tuple[Status | None, str]], look: str) -> Markup:
    lines = (
        tag("li", shape(kind) if kind else None, tag("span", words(said, most=1_200)))
        for kind, said in items
    )
    return tag("ul", lines, class_=classes(look))


def _grid(grid: Grid) -> Markup:
    caption = grid.caption or None
    return table(
        grid.headers, grid.rows, caption=caption, numeric=grid.numeric, fit=True
    )


def _marked(grid: Grid) -> Markup:
    limit = _limit(grid.marks, is_one_sided=grid.is_one_sided)
    zero = ONE_SIDED if grid.is_one_sided else TWO_SIDED
    head = [
        tag("th", header, scope="col", class_=_num(index, grid))
        for index, header in enumerate(grid.headers)
    ]
    axis = tag("div", _ticks(limit, zero), tag("span", grid.mark_header))
    head.append(tag("th", axis, scope="col", class_=classes("diff")))
    pairs = list(zip(grid.rows, grid.marks, strict=True))[:MOST_MARKS]
    body = [
        tag("tr", _cells(row, grid), _mark(mark, limit, zero)) for row, mark in pairs
    ]
    laid = tag(
        "table",
        tag("caption", grid.caption) if grid.caption else None,
        tag("thead", tag("tr", head)),
        tag("tbody", body),
        class_=classes("metrics"),
    )
    return tag("div", laid, class_=classes("scroll"), tabindex=0)


def _cells(row: Iterable[str], grid: Grid) -> Iterable[Child]:
    for index, cell in enumerate(row):
        name, scope = ("td", None) if index else ("th", "row")
        said = words(cell, most=60)
        yield tag(name, said, scope=scope, class_=_num(index, grid))


def _mark(mark: Mark, limit: float, zero: float) -> Markup:
    drawing = forest(
        mark.value,
        mark.interval,
        limit=limit,
        status=mark.status,
        label=mark.text,
        inner=(0.0, mark.value) if zero == ONE_SIDED else None,
        zero=zero,
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
