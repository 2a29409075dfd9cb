"""Curves in one square, named where they run."""

import math
from collections.abc import Sequence

from nbmlops.display.markup import Child, Markup, classes, tag
from nbmlops.display.svg import along, label_at, path, picture

STROKES = ("first", "", "third", "other")
MOST_POINTS = 120


def lines(
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    *,
    title: Child,
    x_name: str,
    y_name: str,
    label: str,
    x_range: tuple[float, float] = (0.0, 1.0),
    y_range: tuple[float, float] = (0.0, 1.0),
    diagonal: bool = False,
    is_percent: bool = True,
) -> Markup:
    """Draw curves: the first dashed grey, the second solid blue, more in other dashes.

    Parameters
    ----------
    series
        The name and the points of each, at most 120 are drawn.
    title
        The caption.
    x_name, y_name
        What the axes show.
    label
        What is seen, in words.
    x_range, y_range
        The axes' ends.
    diagonal
        Draw the line from corner to corner: chance, or a perfect promise.
    is_percent
        Write the ends as percentages.

    Returns
    -------
    Markup
        A `<figure>`.
    """
    grid = "".join(f"M0 {y}H100" for y in (0, 50, 100))
    drawing = picture(
        label,
        "0 0 100 100",
        path(grid, "faint"),
        path("M0 100L100 0", "dash") if diagonal else None,
        [
            path(_polyline(points, x_range, y_range), "line", STROKES[min(index, 3)])
            for index, (_, points) in enumerate(series)
        ],
    )
    labels = [
        *_scale(x_range, "x", is_percent=is_percent),
        *_scale(y_range, "y", is_percent=is_percent),
        label_at(x_name, 50, 100, "xname"),
        label_at(y_name, 0, 0, "yname"),
        *(
            _name_of_curve(name, points, index, x_range, y_range)
            for index, (name, points) in enumerate(series)
            if points
        ),
    ]
    area = tag("span", drawing, labels, class_=classes("area"))
    return tag("figure", tag("figcaption", title), area)


def _polyline(
    points: Sequence[tuple[float, float]],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> str:
    step = max(1, math.ceil(len(points) / MOST_POINTS))
    kept = [*points[::step], *points[-1:]] if step > 1 else points
    return "M" + "L".join(
        f"{along(x, x_range):g} {100 - along(y, y_range):g}" for x, y in kept
    )


def _scale(ends: tuple[float, float], axis: str, *, is_percent: bool) -> list[Markup]:
    labels = []
    for share in (0.0, 0.5, 1.0):
        value = ends[0] + share * (ends[1] - ends[0])
        text = f"{100 * value:.0f}%" if is_percent else f"{value:.3g}"
        across, down = (100 * share, 100) if axis == "x" else (0, 100 - 100 * share)
        labels.append(label_at(text, across, down, axis))
    return labels


def _name_of_curve(
    name: str,
    points: Sequence[tuple[float, float]],
    index: int,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> Markup:
    x, y = points[min(len(points) - 1, len(points) * (2 + index) // 5)]
    across, down = along(x, x_range), 100 - along(y, y_range)
    above = index % 2 == 1
    style = f"left:{across:g}%;top:calc({down:g}% {'- 18px' if above else '+ 6px'})"
    side = "to" if above else "from"
    return tag("span", class_=classes("l", "strong", side), style=style, data_l=name)
