"""Small drawings inside the text; each says in aria-label what it shows.

A drawing has no text of its own: in an untrusted notebook the element is dropped but
its text would stay. Labels are drawn by the stylesheet from `data-l`, and whoever
places a drawing writes its numbers beside it.
"""

import math
from collections.abc import Collection, Iterable, Sequence

from nbmlops.display.markup import Child, Markup, classes, tag
from nbmlops.display.table import STATUS, Status

STROKES = ("first", "", "third", "other")
MOST_POINTS = 120


def forest(
    gain: float,
    interval: tuple[float, float] | None,
    *,
    limit: float,
    status: Status,
    label: str,
    inner: tuple[float, float] | None = None,
    zero: float = 50.0,
) -> Markup:
    """Draw one row of a forest plot: a line for zero, right of it is better.

    Parameters
    ----------
    gain
        How much better, in the unit of `limit`; negative: worse.
    interval
        Its interval, or None.
    limit
        The drawing ends at +limit; what lies beyond its ends gets an arrow.
    status
        "better" (disc), "worse" (square) or "unclear" (ring).
    label
        The same in words.
    inner
        A second, surer interval, drawn thick over the first.
    zero
        Where the line stands, in percent of the width.

    Returns
    -------
    Markup
        A `<span>` as wide as its place, 18 px high.
    """
    tone = STATUS[status][2].split()[0]
    ends = (gain, gain) if interval is None else (min(interval), max(interval))
    low, point, high = (
        _place(value, limit, zero) for value in (ends[0], gain, ends[1])
    )
    beyond = [
        tag("span", class_=classes("l", *side), style=f"left:{at}%", data_l=arrow)
        for at, arrow, side, is_out in (
            (
                0,
                "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
                ["to"],
                ends[0] < -limit * zero / (100 - zero),
            ),
            (
                100,
                "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
                ["from"],
                ends[1] > limit,
            ),
        )
        if is_out
    ]
    drawing = _svg(
        label,
        "0 0 100 26",
        _path(f"M{zero:g} 0V26", "zero"),
        _path(f"M{low:g} 13H{high:g}", "span", tone) if interval else None,
        _path(
            f"M{_place(inner[0], limit, zero):g} 13H{_place(inner[1], limit, zero):g}",
            "thick",
            tone,
        )
        if inner
        else None,
        _path(f"M{point:g} 13h0", "box" if status == "worse" else "dot", tone),
        _path(f"M{point:g} 13h0", "hole") if status == "unclear" else None,
    )
    return tag("span", drawing, beyond, class_=classes("plot", "forest"))


def distance(
    value: float,
    interval: tuple[float, float] | None,
    *,
    status: Status,
    label: str,
    blind: float | None = None,
    repaired: float | None = None,
) -> Markup:
    """Draw a distance of 0 to 1 on a square-root axis, with its interval.

    Parameters
    ----------
    value, interval
        The distance and its interval.
    status
        Gives the colour.
    label
        The same in words.
    blind
        Up to here nothing could have been found: a grey bar under the axis.
    repaired
        Where the distance would be after the repair: a ring.

    Returns
    -------
    Markup
        A `<span>` as wide as its place, 18 px high.
    """
    tone = STATUS[status][2].split()[0]
    at = root(value)
    low, high = (at, at) if interval is None else (root(interval[0]), root(interval[1]))
    back = None if repaired is None else root(repaired)
    return tag(
        "span",
        _svg(
            label,
            "0 0 100 18",
            _path("M0 17H100"),
            _path(f"M0 15H{root(blind):g}", "blind") if blind else None,
            _path(f"M{back:g} 7H{at:g}", "dash") if back is not None else None,
            _path(f"M{low:g} 7H{high:g}", "span", tone) if interval else None,
            _path(f"M{at:g} 7h0", "dot", tone),
            _path(f"M{at:g} 7h0", "hole") if status in ("none", "short") else None,
            [_path(f"M{back:g} 7h0", "dot", "quiet"), _path(f"M{back:g} 7h0", "hole")]
            if back is not None
            else None,
        ),
        class_=classes("plot"),
    )


def root(value: float) -> float:
    """Place a distance of 0 to 1 on the square-root axis, in percent of its width."""
    return round(100 * math.sqrt(min(1.0, max(0.0, value))), 1)


def histogram(
    shares: Sequence[tuple[float, float]],
    *,
    label: str,
    apart: Collection[int] = (),
    hot: Collection[int] = (),
) -> Markup:
    """Draw two distributions over the same bars: the old filled, the new outlined.

    Parameters
    ----------
    shares
        The old and the new share of each bar, in order.
    label
        What is drawn, in words.
    apart
        Bars that stand for themselves (a category, null), drawn with gaps; the others
        join into steps.
    hot
        Bars to be noticed, in the colour of a fault.

    Returns
    -------
    Markup
        A `<span>` as wide as its place, 30 px high.
    """
    most = max((share for pair in shares for share in pair), default=0.0) or 1.0
    tops = [
        tuple(30 - round(29 * share / most, 1) for share in pair) for pair in shares
    ]
    plain = [index for index in range(len(tops)) if index not in hot]
    noticed = [index for index in range(len(tops)) if index in hot]
    return tag(
        "span",
        _svg(
            label,
            f"0 0 {max(1, 10 * len(tops))} 30",
            _path(_steps([t[0] for t in tops], range(len(tops)), apart), "old"),
            _path(_steps([t[1] for t in tops], plain, apart), "new"),
            _path(_steps([t[1] for t in tops], noticed, apart), "new", "hot")
            if noticed
            else None,
            _path(f"M0 30H{10 * len(tops)}"),
        ),
        class_=classes("plot", "hist"),
    )


def strip(
    values: Sequence[float | None],
    *,
    limit: float,
    label: str,
    hot: Collection[int] = (),
) -> Markup:
    """Draw distances over time as bars on a square-root axis; a line marks the limit.

    Parameters
    ----------
    values
        0 to 1, None where nothing is known: a gap.
    limit
        Where the line is drawn.
    label
        What is seen, in words.
    hot
        Bars to be noticed, outlined in the colour of a fault.

    Returns
    -------
    Markup
        A `<span>` as wide as its place, 30 px high.
    """
    calm: list[str] = []
    noticed: list[str] = []
    for index, value in enumerate(values):
        if value is None:
            continue
        top = 30 - max(1.0, 0.29 * root(value))
        bar = f"M{10 * index + 1} 30V{top:.1f}h8V30"
        (noticed if index in hot else calm).append(bar)
    end, line = 10 * len(values), 30 - 0.29 * root(limit)
    drawing = _svg(
        label,
        f"0 0 {max(1, end)} 30",
        _path("".join(calm), "old") if calm else None,
        _path("".join(noticed), "new", "hot") if noticed else None,
        _path(f"M0 {line:.1f}H{end}", "dash"),
        _path(f"M0 30H{end}"),
    )
    return tag("span", drawing, class_=classes("plot", "hist"))


def _steps(tops: Sequence[float], which: Iterable[int], apart: Collection[int]) -> str:
    pieces: list[str] = []
    before = None
    for index in which:
        gap = 1 if index in apart else 0
        top, left, right = tops[index], 10 * index + gap, 10 * index + 10 - gap
        if top >= 30:
            before = None
            continue
        if gap or before != index - 1 or index - 1 in apart:
            pieces.append(f"M{left} 30V{top:g}H{right}V30")
        else:
            pieces[-1] = pieces[-1].removesuffix("V30")
            pieces.append(f"V{top:g}H{right}V30")
        before = index
    return "".join(pieces)


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
    drawing = _svg(
        label,
        "0 0 100 100",
        _path(grid, "faint"),
        _path("M0 100L100 0", "dash") if diagonal else None,
        [
            _path(_polyline(points, x_range, y_range), "line", STROKES[min(index, 3)])
            for index, (_, points) in enumerate(series)
        ],
    )
    labels = [
        *_scale(x_range, "x", is_percent=is_percent),
        *_scale(y_range, "y", is_percent=is_percent),
        _label(x_name, 50, 100, "xname"),
        _label(y_name, 0, 0, "yname"),
        *(
            _name_of_curve(name, points, index, x_range, y_range)
            for index, (name, points) in enumerate(series)
            if points
        ),
    ]
    area = tag("span", drawing, labels, class_=classes("area"))
    return tag("figure", tag("figcaption", title), area)


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


def _place(value: float, limit: float, zero: float) -> float:
    share = value / limit if limit > 0 and not math.isnan(value) else 0.0
    return round(min(100.0, max(0.0, zero + (100 - zero) * share)), 1)


def _polyline(
    points: Sequence[tuple[float, float]],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> str:
    step = max(1, math.ceil(len(points) / MOST_POINTS))
    kept = [*points[::step], *points[-1:]] if step > 1 else points
    return "M" + "L".join(
        f"{_share(x, x_range):g} {100 - _share(y, y_range):g}" for x, y in kept
    )


def _share(value: float, ends: tuple[float, float]) -> float:
    span = ends[1] - ends[0]
    return round(100 * min(1.0, max(0.0, (value - ends[0]) / span)), 1) if span else 0.0


def _scale(ends: tuple[float, float], axis: str, *, is_percent: bool) -> list[Markup]:
    labels = []
    for share in (0.0, 0.5, 1.0):
        value = ends[0] + share * (ends[1] - ends[0])
        text = f"{100 * value:.0f}%" if is_percent else f"{value:.3g}"
        across, down = (100 * share, 100) if axis == "x" else (0, 100 - 100 * share)
        labels.append(_label(text, across, down, axis))
    return labels


def _name_of_curve(
    name: str,
    points: Sequence[tuple[float, float]],
    index: int,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> Markup:
    x, y = points[min(len(points) - 1, len(points) * (2 + index) // 5)]
    across, down = _share(x, x_range), 100 - _share(y, y_range)
    above = index % 2 == 1
    style = f"left:{across:g}%;top:calc({down:g}% {'- 18px' if above else '+ 6px'})"
    side = "to" if above else "from"
    return tag("span", class_=classes("l", "strong", side), style=style, data_l=name)


def _label(text: str, across: float, down: float, kind: str) -> Markup:
    style = f"left:{across:g}%;top:{down:g}%"
    return tag("span", class_=classes("l", kind), style=style, data_l=text)


def _svg(label: str, box: str, *children: Child) -> Markup:
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


def _path(line: str, *names: str) -> Markup:
    return tag("path", d=line, class_=classes(*names) or None)
