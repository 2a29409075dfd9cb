"""A document in plain values: sections of blocks, to be written in several ways.

`document_html` shows one in a notebook, `markdown` writes it to a file, and `text` here
prints it in a terminal. Whatever is said is said once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal, TypeAlias

from nbmlops.display.table import STATUS, Status, more, words
from nbmlops.display.text import ROOMY, text_table, width_of
from nbmlops.host import width

MOST_LINES = 20
MOST_WORDS = 12_000  # characters of one paragraph


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms with what they are; an empty term goes on with the one before."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list, each item with the status that its shape shows, or with none."""

    items: tuple[tuple[Status | None, str], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Source text, shown as it is."""

    text: str
    language: Literal["python", ""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A number with its interval, to be drawn beside its figures.

    Attributes
    ----------
    value, interval
        Where it stands on the axis of its grid.
    figure, bounds, word
        The same as text, and what it means: "+0.017", "0.008 to 0.027", "worse".
    status
        How the point and the word look.
    """

    value: float
    interval: tuple[float, float] | None
    figure: str
    bounds: str = ""
    word: str = ""
    status: Status = "within"

    @property
    def text(self) -> str:
        """All of it in words."""
        bounds = f"({self.bounds})" if self.bounds else ""
        return " ".join(filter(None, [self.figure, bounds, self.word]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table.

    Attributes
    ----------
    headers, rows
        Texts; the first cell of a row names it.
    caption
        What it shows.
    numeric
        The columns set to the right.
    marks
        One per row for a last, drawn column, or none at all.
    mark_header
        What that column shows.
    is_one_sided
        Marks are mostly above 0, and drawn as bars.
    line
        A value to be marked on their axis: a margin, a tolerance.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    numeric: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()
    mark_header: str = ""
    is_one_sided: bool = False
    line: float | None = None

    @property
    def plain_headers(self) -> tuple[str, ...]:
        """The headers, that of the marks with them."""
        return (*self.headers, *([self.mark_header] if self.marks else []))

    @property
    def plain_rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows, with the marks in words."""
        if not self.marks:
            return self.rows
        pairs = zip(self.rows, self.marks, strict=True)
        return tuple((*row, mark.text) for row, mark in pairs)


Block: TypeAlias = Words | Facts | Items | Code | Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A title, the answer that is inside, and the blocks.

    Attributes
    ----------
    title, answer
        "Slices"; "worse on EV, 7 not clear".
    blocks
        In the order of reading.
    is_open
        Whether a notebook shows it unfolded, and a terminal its blocks.
    """

    title: str
    answer: str
    blocks: tuple[Block, ...] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is said first, and the sections.

    Attributes
    ----------
    eyebrow, title, detail
        A small line above; the headline; what follows it more quietly.
    labels
        Short ones in frames: aliases.
    buts
        What the headline leaves out.
    lead
        A paragraph.
    sections
        In the order of reading.
    """

    eyebrow: str
    title: str
    detail: str = ""
    labels: tuple[str, ...] = ()
    buts: tuple[tuple[Status | None, str], ...] = ()
    lead: str = ""
    sections: tuple[Section, ...] = ()


def text(document: Document) -> str:
    """Print a document: its headline, the answers, and what is open."""
    labels = f"  [{', '.join(document.labels)}]" if document.labels else ""
    lines = [f"{document.title} {document.detail}".rstrip() + labels]
    lines += [f"  {shape_of(kind)}{said}" for kind, said in document.buts]
    lines += [f"  {words(document.lead, most=240)}"] if document.lead else []
    answers = [(section.title, section.answer) for section in document.sections]
    lines.append(text_table(["", ""], answers, numeric=(), indent=2, running=1))
    for section in document.sections:
        if section.is_open:
            lines += [f"{section.title}:", *_printed(section.blocks)]
    return "\n".join(_fitting(lines))


def shape_of(kind: Status | None) -> str:
    """Give the shape of a status and a blank, or nothing."""
    return "" if kind is None else f"{STATUS[kind][0]} "


def _fitting(lines: Sequence[str]) -> Iterator[str]:
    """Break what is wider than the terminal, and indent what follows alike."""
    for line in "\n".join(lines).split("\n"):
        indent = " " * (len(line) - len(line.lstrip()))
        if width_of(line) <= width():
            yield line
        else:
            room = max(ROOMY, width() - len(indent))
            yield from (
                indent + part
                for part in wrap(line.strip(), room, break_on_hyphens=False)
            )


def _printed(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Grid):
            rows = block.plain_rows[:MOST_LINES]
            yield text_table(block.plain_headers, rows, indent=2)
            if len(block.rows) > MOST_LINES:
                yield f"  {more(len(block.rows) - MOST_LINES)}"
        elif isinstance(block, Facts):
            rows = block.pairs[:MOST_LINES]
            yield text_table(["", ""], rows, numeric=(), indent=2, running=1)
        elif isinstance(block, Items):
            yield from (f"  {shape_of(kind)}{said}" for kind, said in block.items)
        elif isinstance(block, Words):
            yield f"  {words(block.text)}"
        else:
            yield from (f"  {line}" for line in block.text.split("\n")[:MOST_LINES])
