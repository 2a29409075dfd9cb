"""A document as Markdown (GitHub's), whatever the texts in it hold."""

import re
from collections.abc import Iterable, Iterator, Sequence

from nbmlops.display.document import (
    MOST_WORDS,
    Block,
    Code,
    Document,
    Facts,
    Grid,
    Items,
    Words,
    shape_of,
)
from nbmlops.display.table import Status, words

_SPECIAL = re.compile(r"[\\`*{}\[\]|~$#]|(?<!\w)_+|_+(?!\w)")
_LIST = re.compile(r"^(\d*)([-+=.)])(?=\s|\2|$)")


def escaped(text: object, *, most: int = 1_200) -> str:
    """Write a text so that Markdown shows it as it is, on one line.

    Parameters
    ----------
    text
        Anything; control characters become visible.
    most
        Characters that are kept.

    Returns
    -------
    str
        Without HTML, links, code or table cells of its own.
    """
    line = words(text, most=most)
    line = _SPECIAL.sub(lambda found: "\\" + "\\".join(found[0]), line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LIST.sub(r"\1\\\2", line)


def markdown(document: Document) -> str:
    """Write a document as Markdown.

    Parameters
    ----------
    document
        What to say.

    Returns
    -------
    str
        Ends with a newline.
    """
    labels = f" ({escaped(', '.join(document.labels))})" if document.labels else ""
    parts = [
        escaped(document.eyebrow),
        f"# {escaped(document.title)}{labels}",
        f"**{escaped(document.detail)}**" if document.detail else "",
        _items(document.buts),
        escaped(document.lead),
    ]
    for section in document.sections:
        parts += [f"## {escaped(section.title)}", escaped(section.answer)]
        parts += map(_block, section.blocks)
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Facts):
        return "\n".join(_facts(block))
    if isinstance(block, Items):
        return _items(block.items)
    if isinstance(block, Words):
        return escaped(block.text, most=MOST_WORDS)
    return _code(block)


def _facts(facts: Facts) -> Iterator[str]:
    for term, said in facts.pairs:
        yield f"- {escaped(term)}: {escaped(said)}" if term else f"  - {escaped(said)}"


def _items(items: Iterable[tuple[Status | None, str]]) -> str:
    lines = [f"{shape_of(kind)}{escaped(said)}" for kind, said in items]
    return "\n".join(f"- {line}" for line in lines)


def _grid(grid: Grid) -> str:
    headers, rows = grid.plain_headers, grid.plain_rows
    rule = ["---:" if index in grid.numeric else "---" for index in range(len(headers))]
    lines = [_row(map(escaped, headers)), _row(rule)]
    lines += [_row(map(escaped, row)) for row in rows]
    caption = [f"*{escaped(grid.caption)}*", ""] if grid.caption else []
    return "\n".join([*caption, *lines])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(code: Code) -> str:
    """Fence a text by more backticks than it has in a row."""
    runs: Sequence[str] = re.findall("`+", code.text)
    fence = "`" * max(3, 1 + max(map(len, runs), default=0))
    return f"{fence}{code.language}\n{code.text.rstrip()}\n{fence}"
