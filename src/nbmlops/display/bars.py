"""Shares and distances, as bars."""

from collections.abc import Collection, Iterable, Sequence

from nbmlops.display.markup import Markup, classes, tag
from nbmlops.display.svg import path, picture, root


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
        picture(
            label,
            f"0 0 {max(1, 10 * len(tops))} 30",
            path(_steps([t[0] for t in tops], range(len(tops)), apart), "old"),
            path(_steps([t[1] for t in tops], plain, apart), "new"),
            path(_steps([t[1] for t in tops], noticed, apart), "new", "hot")
            if noticed
            else None,
            path(f"M0 30H{10 * len(tops)}"),
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
        bar = f"M{10 * index + 1} 30V{round(top, 1):g}h8V30"
        (noticed if index in hot else calm).append(bar)
    end, line = 10 * len(values), 30 - 0.29 * root(limit)
    drawing = picture(
        label,
        f"0 0 {max(1, end)} 30",
        path("".join(calm), "old") if calm else None,
        path("".join(noticed), "new", "hot") if noticed else None,
        path(f"M0 {line:.1f}H{end}", "dash"),
        path(f"M0 30H{end}"),
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
