"""A document as one output of a notebook: the headline, the rest in folds."""

from collections.abc import Iterable, Iterator

from nbmlops.display.document import (
    MOST_WORDS,
    Block,
    Code,
    Document,
    Facts,
    Grid,
    Items,
    Section,
)
from nbmlops.display.forest import forest_table
from nbmlops.display.markup import Markup, classes, tag
from nbmlops.display.table import (
    Status,
    definitions,
    fold,
    folds,
    pills,
    shape,
    table,
    words,
)
from nbmlops.display.theme import scoped
from nbmlops.host import whole

MOST_BYTES = 140_000  # of all sections; the style and the head need their part


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
        return forest_table(block) if block.marks else _grid(block)
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
