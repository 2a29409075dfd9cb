"""Curves in one square, named where they run; values one after another in time."""

import math
from collections.abc import Collection, Sequence

from nbmlops.display import numbers
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


def over_time(
    values: Sequence[tuple[float, tuple[float, float] | None] | None],
    *,
    level: float | None,
    level_name: str,
    ends: tuple[str, str],
    title: Child,
    label: str,
    hot: Collection[int] = (),
) -> Markup:
    """Draw values one after another as points with their intervals, from zero up.

    Parameters
    ----------
    values
        Each with its interval, at least 0; None where nothing is known.
    level, level_name
        A level to compare with, as a dashed line, and what it is called.
    ends
        What the first and the last value are called.
    title
        The caption.
    label
        What is seen, in words.
    hot
        Values to be noticed, as squares in the colour of a fault.

    Returns
    -------
    Markup
        A `<figure>`; intervals that leave it are cut at its edge.
    """
    known = [found[0] for found in values if found]
    top = numbers.nice_end(max([*known, level or 0.0], default=1.0) / 0.7)
    places = [
        (100 * (at + 0.5) / len(values), at, found)
        for at, found in enumerate(values)
        if found
    ]
    drawn = []
    for names, chosen in (
        (("dot", "blue"), [place for place in places if place[1] not in hot]),
        (("box", "bad"), [place for place in places if place[1] in hot]),
    ):
        bars = "".join(
            f"M{x:.1f} {_down(found[1][0], top):g}V{_down(found[1][1], top):g}"
            for x, _, found in chosen
            if found[1]
        )
        dots = "".join(f"M{x:.1f} {_down(found[0], top):g}h0" for x, _, found in chosen)
        drawn += [path(bars, "span", names[1]), path(dots, *names)] if dots else []
    height = None if level is None else _down(level, top)
    drawing = picture(
        label,
        "0 0 100 100",
        path("M0 0H100M0 50H100M0 100H100", "faint"),
        None if height is None else path(f"M0 {height:g}H100", "dash"),
        drawn,
    )
    labels = [
        *_scale((0.0, top), "y", is_percent=False),
        label_at(ends[0], 0, 100, "xfirst"),
        label_at(ends[1], 100, 100, "xlast"),
        None if height is None else label_at(level_name, 100, height, "level"),
    ]
    area = tag("span", drawing, labels, class_=classes("area", "wide"))
    return tag("figure", tag("figcaption", title), area)


def _down(value: float, top: float) -> float:
    return round(100 - along(value, (0.0, top)), 1)


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
