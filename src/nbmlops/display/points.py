"""Values with their intervals, as points on an axis."""

import math

from nbmlops.display.markup import Markup, classes, tag
from nbmlops.display.svg import path, picture, root
from nbmlops.display.table import STATUS, Status


def forest(
    gain: float,
    interval: tuple[float, float] | None,
    *,
    limit: float,
    status: Status,
    label: str,
    inner: tuple[float, float] | None = None,
    zero: float = 50.0,
    line: float | None = None,
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
    line
        A value to be marked by a dashed line: a margin.

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
    drawing = picture(
        label,
        "0 0 100 26",
        path(f"M{zero:g} 0V26", "zero"),
        path(f"M{_place(line, limit, zero):g} 0V26", "dash")
        if line is not None
        else None,
        path(f"M{low:g} 13H{high:g}", "span", tone) if interval else None,
        path(
            f"M{_place(inner[0], limit, zero):g} 13H{_place(inner[1], limit, zero):g}",
            "thick",
            tone,
        )
        if inner
        else None,
        path(f"M{point:g} 13h0", "box" if status == "worse" else "dot", tone),
        path(f"M{point:g} 13h0", "hole") if status == "unclear" else None,
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
        picture(
            label,
            "0 0 100 18",
            path("M0 17H100"),
            path(f"M0 15H{root(blind):g}", "blind") if blind else None,
            path(f"M{back:g} 7H{at:g}", "dash") if back is not None else None,
            path(f"M{low:g} 7H{high:g}", "span", tone) if interval else None,
            path(f"M{at:g} 7h0", "dot", tone),
            path(f"M{at:g} 7h0", "hole") if status in ("none", "short") else None,
            [path(f"M{back:g} 7h0", "dot", "quiet"), path(f"M{back:g} 7h0", "hole")]
            if back is not None
            else None,
        ),
        class_=classes("plot"),
    )


def _place(value: float, limit: float, zero: float) -> float:
    share = value / limit if limit > 0 and not math.isnan(value) else 0.0
    return round(min(100.0, max(0.0, zero + (100 - zero) * share)), 1)
