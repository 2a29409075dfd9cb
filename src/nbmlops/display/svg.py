"""What drawings are made of; each says in aria-label what it shows.

A drawing has no text of its own: in an untrusted notebook the element is dropped but
its text would stay. Labels are drawn by the stylesheet from `data-l`, and whoever
places a drawing writes its numbers beside it.
"""

import math
from collections.abc import Iterable

from nbmlops.display.markup import Child, Markup, classes, tag


def picture(label: str, box: str, *children: Child) -> Markup:
    """Draw into a box of so many units, as wide and as high as its place."""
    return tag(
        "svg",
        children,
        viewBox=box,
        preserveAspectRatio="none",
        fill="none",
        stroke="currentColor",
        role="img",
        aria_label=label,
    )


def path(line: str, *names: str) -> Markup:
    """Draw a line; the classes say how it looks."""
    return tag("path", d=line, class_=classes(*names) or None)


def label_at(text: str, across: float, down: float, kind: str) -> Markup:
    """Write a label at a place, in percent from the left and from the top."""
    style = f"left:{across:g}%;top:{down:g}%"
    return tag("span", class_=classes("l", kind), style=style, data_l=text)


def ticks(marks: Iterable[tuple[float, str, bool]]) -> Markup:
    """Label an axis: position in percent, text, whether it is the one that matters."""
    return tag(
        "span",
        (
            tag(
                "span",
                class_=classes("l", "strong" if strong else ""),
                style=f"left:{at:g}%",
                data_l=text,
            )
            for at, text, strong in marks
        ),
        class_=classes("ticks"),
        aria_hidden="true",
    )


def root(value: float) -> float:
    """Place a distance of 0 to 1 on the square-root axis, in percent of its width."""
    return round(100 * math.sqrt(min(1.0, max(0.0, value))), 1)


def along(value: float, ends: tuple[float, float]) -> float:
    """Place a value between two ends, in percent; what is beyond them, at them."""
    span = ends[1] - ends[0]
    return round(100 * min(1.0, max(0.0, (value - ends[0]) / span)), 1) if span else 0.0
