"""Times that arrive as numbers, numbers as times, and times read in another unit."""

from collections.abc import Mapping
from datetime import UTC, datetime

from nbmlops.profiles.columns import ColumnProfile, NumberColumn, TimeColumn
from nbmlops.skew.causes.words import number
from nbmlops.skew.repair.steps import Convert, Step, lines
from nbmlops.skew.report import Cause

SIZES: Mapping[str, float] = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
WORDS: Mapping[str, str] = {
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
}
YEAR = 365.25 * 86_400.0
MOST_OFF = 20 * YEAR  # seconds beyond training's times that may still be meant
FAR = 10 * YEAR  # seconds beyond them that no log is late, or early
# What was meant, and what it was read as.
MISREAD = (("s", "ms"), ("ms", "s"), ("s", "us"), ("s", "ns"))


def as_other_kind(
    name: str, reference: ColumnProfile, serving: ColumnProfile, words: tuple[str, str]
) -> Cause | None:
    """Find times that arrive as numbers since 1970, or such numbers as times.

    Parameters
    ----------
    name
        The column.
    reference, serving
        Its two sides, of different kinds.
    words
        What the sides are called.

    Returns
    -------
    Cause or None
        None where the numbers are no such times in any unit.
    """
    if isinstance(reference, TimeColumn) and isinstance(serving, NumberColumn):
        unit = _unit(serving, reference)
        mend = Convert(to="time", given="number", unit=unit)
        counts, times = words[1], words[0]
        example = serving
    elif isinstance(reference, NumberColumn) and isinstance(serving, TimeColumn):
        unit = _unit(reference, serving)
        mend = Convert(to="number", given="time", unit=unit)
        counts, times = words[0], words[1]
        example = reference
    else:
        return None
    if not unit:
        return None
    value = example.quantile(0.5) or 0.0
    detail = f"{counts} counts {WORDS[unit]} since 1970 where {times} has times: "
    detail += f"{number(value)} is {_written(value / SIZES[unit])}"
    return _cause(name, detail, (mend,))


def misread(
    name: str, reference: ColumnProfile, serving: ColumnProfile, words: tuple[str, str]
) -> Cause | None:
    """Find times about 1970, or far in the future: their unit was taken wrong.

    Parameters
    ----------
    name
        The column.
    reference, serving
        Its two sides.
    words
        What the sides are called.

    Returns
    -------
    Cause or None
        None unless all of serving lies years from training's times, and near them in
        another unit.
    """
    if not isinstance(reference, TimeColumn) or not isinstance(serving, TimeColumn):
        return None
    first, last = serving.minimum, serving.maximum
    if first is None or last is None:
        return None
    if min(_off(first, reference), _off(last, reference)) < FAR:
        return None
    for meant, read in MISREAD:
        by = SIZES[read] / SIZES[meant]
        if max(_off(first * by, reference), _off(last * by, reference)) > FAR:
            continue
        detail = f"{words[1]} has times about {_written(first)}: {WORDS[meant]} were "
        detail += f"read as {WORDS[read]}; they are of {_written(first * by)}"
        mend = (
            Convert(to="number", given="time", unit=read),
            Convert(to="time", given="number", unit=meant),
        )
        return _cause(name, detail, mend)
    return None


def _cause(name: str, detail: str, mend: tuple[Step, ...]) -> Cause:
    return Cause(kind="epoch", detail=detail, repair=lines(mend, name), mend=mend)


def _unit(counts: NumberColumn, times: TimeColumn) -> str:
    """Name the unit in which numbers lie nearest to these times, "" for none."""
    value = counts.quantile(0.5)
    if value is None:
        return ""
    off = {unit: _off(value / size, times) for unit, size in SIZES.items()}
    unit = min(off, key=lambda u: off[u])
    return unit if off[unit] <= MOST_OFF else ""


def _off(second: float, times: TimeColumn) -> float:
    """Return how far a second is from the window of a column; infinite without any."""
    if times.minimum is None or times.maximum is None:
        return float("inf")
    return max(times.minimum - second, second - times.maximum, 0.0)


def _written(second: float) -> str:
    """Write a second since 1970 as a date and time, of far ones the year."""
    try:
        return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):
        return f"the year {1970 + second / YEAR:,.0f}"
