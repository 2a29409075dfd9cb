"""A graph of boxes in columns, causes to the left, drawn with the text as labels.

As in `svg`, nothing of it is text: whoever places it writes the same in a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nbmlops.display.markup import Markup, classes, tag

BOX = 40  # px, as in the stylesheet
PITCH = 50
GAP = 0.34  # between two columns, in widths of a box
MIN_WIDTH = 146  # px of a column
_HEAD = 26
_LANES = 5
_SPAN = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box.

    Attributes
    ----------
    column
        From 0.
    y
        Its middle, in px under the headers.
    label, note
        Two lines; what is too long is cut by an ellipsis.
    look
        "data", "run", "version", "sign" or "live", and a tone such as "good" or "bad".
    is_start
        It is what was asked about.
    """

    column: int
    y: float
    label: str
    note: str
    look: str
    is_start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A line from one box to another, by their places in the list."""

    source: int
    target: int
    is_dashed: bool = False


def graph(
    headers: Sequence[str],
    boxes: Sequence[Box],
    links: Sequence[Link],
    *,
    label: str,
) -> Markup:
    """Draw boxes and the links between them.

    Parameters
    ----------
    headers
        What stands over each column.
    boxes, links
        What is drawn; the links run under the boxes.
    label
        What is seen, in words.

    Returns
    -------
    Markup
        As wide as its place; scrolls where that is too narrow.
    """
    width = _SPAN / (len(headers) + GAP * (len(headers) - 1))
    height = max((box.y for box in boxes), default=0.0) + BOX / 2 + 4
    lines = [
        _link(boxes[link.source], boxes[link.target], link, width, lane)
        for lane, link in enumerate(links)
    ]
    drawing = tag(
        "svg",
        lines,
        viewBox=f"0 0 {_SPAN:g} {height:g}",
        preserveAspectRatio="none",
        style=f"height:{height:g}px",
    )
    names = [
        tag(
            "span",
            class_=classes("over"),
            style=f"left:{_left(at, width) / 10:.2f}%",
            data_l=name,
        )
        for at, name in enumerate(headers)
    ]
    return tag(
        "div",
        tag(
            "div",
            names,
            drawing,
            [_box(box, width) for box in boxes],
            class_=classes("map"),
            role="img",
            aria_label=label,
            style=f"height:{height + _HEAD:g}px;min-width:{MIN_WIDTH * len(headers)}px",
        ),
        class_=classes("scroll"),
        tabindex="0",
    )


def _box(box: Box, width: float) -> Markup:
    return tag(
        "span",
        tag("span", data_l=box.label),
        tag("span", data_l=box.note),
        class_=classes("node", *box.look.split(), "start" if box.is_start else ""),
        style=f"left:{_left(box.column, width) / 10:.2f}%;width:{width / 10:.2f}%;"
        f"top:{box.y - BOX / 2 + _HEAD:g}px",
    )


def _left(column: int, width: float) -> float:
    return column * width * (1 + GAP)


def _link(
    source: Box, target: Box, link: Link, width: float, lane: int
) -> list[Markup]:
    if target.column > source.column:
        line, end = _forward(source, target, width)
    else:
        line, end = _back(source, target, width, lane)
    look = classes("dash") if link.is_dashed else classes("wire")
    return [tag("path", d=line, class_=look), tag("path", d=end, class_=classes("end"))]


def _forward(source: Box, target: Box, width: float) -> tuple[str, str]:
    x1 = _left(source.column, width) + width
    x2 = _left(target.column, width)
    bend = GAP * width * (0.5 if target.column == source.column + 1 else 1.6)
    line = (
        f"M{x1:.1f} {source.y:g}C{x1 + bend:.1f} {source.y:g} "
        f"{x2 - bend:.1f} {target.y:g} {x2:.1f} {target.y:g}"
    )
    return line, f"M{x2:.1f} {target.y:g}h0"


def _back(source: Box, target: Box, width: float, lane: int) -> tuple[str, str]:
    """Lead from under a box down a lane of the gap to its left, to a box beyond."""
    down = 1 if target.y > source.y else -1
    x1 = _left(source.column, width) + 0.1 * width
    x2 = _left(target.column, width) + 0.9 * width
    gap = (_left(source.column, width) + _left(target.column, width) + width) / 2
    gap += (lane % _LANES - _LANES // 2) * GAP * width / (_LANES + 2)
    y1, y2 = source.y + down * BOX / 2, target.y - down * BOX / 2
    step = min(10.0, abs(y2 - y1) / 4) * down
    line = (
        f"M{x1:.1f} {y1:g}C{x1:.1f} {y1 + step:g} {gap:.1f} {y1:g} {gap:.1f} "
        f"{y1 + 2 * step:g}V{y2 - 2 * step:g}C{gap:.1f} {y2:g} {x2:.1f} "
        f"{y2 - step:g} {x2:.1f} {y2:g}"
    )
    return line, f"M{x2:.1f} {y2:g}h0"
