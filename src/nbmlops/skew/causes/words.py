"""Numbers and shares as they stand in sentences."""

import math


def number(value: float) -> str:
    """Write a number with up to four significant digits, whole ones in full."""
    if math.isnan(value):
        return "none"
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e15 else f"{value:.3e}"
    return f"{value:.4g}"


def exact(value: float) -> str:
    """Write a number so that Python reads the same one: -1, 0.25."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))


def share(value: float) -> str:
    """Write a share as percent: 4.0%, 99.6%, under 0.1%; 0% is none and 100% all."""
    if value in (0, 1):
        return f"{100 * value:.0f}%"
    if 0 < value < 0.0005:
        return "under 0.1%"
    if 0.9995 <= value < 1:
        return "over 99.9%"
    return f"{100 * value:.1f}%"


def listed(names: list[str], most: int = 3) -> str:
    """List labels, the first few in full: "ACK, MVY ..."."""
    shown = [label(name) for name in names[:most]]
    return ", ".join(shown) + (" ..." if len(names) > most else "")


def arriving(pairs: list[tuple[str, str]], most: int = 3) -> str:
    """Say which labels arrive as which: "UA arrives as ua, B6 as b6 ..."."""
    verbs = ["arrives as", *["as"] * most]
    shown = [
        f"{label(a)} {verb} {label(b)}"
        for (a, b), verb in zip(pairs[:most], verbs, strict=False)
    ]
    return ", ".join(shown) + (" ..." if len(pairs) > most else "")


def label(name: str) -> str:
    """Give a label that has no length, or blanks at its ends, in quotes; cut it."""
    if len(name) > 24:
        name = name[:23] + "…"
    return name if name.strip() == name and name.isprintable() and name else repr(name)
