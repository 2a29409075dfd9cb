"""Since when a loss is another one: adaptive windowing (ADWIN) on a stream of losses.

Bifet and Gavalda 2007, "Learning from time-changing data with adaptive windowing": the
window grows with each row, and loses its older part as soon as any cut of it leaves two
parts whose means differ by more than their bound (their equation 3.1, delta over ln n,
as in their ADWIN2). They sum old rows up in buckets whose sizes are powers of two, to
be able to forget them; here all rows are at hand, so the cuts are at the same distances
from the newest row, but the sums are exact, and a change that was found is placed where
the two parts differ most. A row may have a weight: parts then have Kish's effective
rows, and the bound's linear term what the heaviest row leaves of them.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.statistics import Floats

Rows: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
At: TypeAlias = int | Rows

DELTA = 0.002
CLOCK, MOST_LOOKS = 32, 10_000  # rows between two looks; more rows in long streams
FEWEST = 5  # rows of a part
BUCKETS = 5  # cuts between one power of two and the next


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """A row from which the mean is another one.

    Attributes
    ----------
    row
        The first row of the new level, from 0.
    found
        How many rows had come when it was found.
    before, after
        The means from the change before to this one, and from here to the next.
    """

    row: int
    found: int
    before: float
    after: float


def change_points(
    values: Floats, weight: Floats | None = None, *, delta: float = DELTA
) -> tuple[ChangePoint, ...]:
    """Find the rows at which the mean of a stream changes.

    Parameters
    ----------
    values
        Shape (n,), 0 to 1, in the order of time.
    weight
        Shape (n,), > 0; None: all alike.
    delta
        How readily it cries: at 0.002 a stable stream of 10,000 rows hardly ever does.

    Returns
    -------
    tuple of ChangePoint
        In order.
    """
    if len(values) < 2 * FEWEST:
        return ()
    sums = _Sums(values, weight)
    offsets = _offsets(len(values))
    start, found = 0, list[tuple[int, int]]()
    clock = max(CLOCK, len(values) // MOST_LOOKS)
    for end in range(clock, len(values) + clock, clock):
        end = min(end, len(values))
        while (end - start) >= 2 * FEWEST:
            cuts = end - offsets[offsets <= end - start - FEWEST]
            if not sums.differ(start, cuts, end, delta).any():
                break
            start = _most_apart(sums, start, end)
            found.append((start, end))
    kept = _settled(sums, found, len(values), delta)
    rows = [0, *(row for row, _ in kept), len(values)]
    means = [float(sums.mean(start, end)) for start, end in pairwise(rows)]
    return tuple(
        ChangePoint(row=row, found=end, before=before, after=after)
        for (row, end), (before, after) in zip(kept, pairwise(means), strict=True)
    )


def _settled(
    sums: "_Sums", found: list[tuple[int, int]], rows: int, delta: float
) -> list[tuple[int, int]]:
    """Place changes again with what came after, and drop what is none any more."""
    kept: list[tuple[int, int]] = []
    following = [*(row for row, _ in found), rows][1:]
    for (_, end), later in zip(found, following, strict=True):
        start = kept[-1][0] if kept else 0
        if later - start < 2 * FEWEST:
            continue
        row = _most_apart(sums, start, later)
        if sums.differ(start, np.array([row]), later, delta).all():
            kept.append((row, end))
    return kept


class _Sums:
    """Sums over any part of the stream, in no time."""

    def __init__(self, values: Floats, weight: Floats | None) -> None:
        load = np.ones(len(values)) if weight is None else np.asarray(weight)
        self._heaviest = float(load.max(initial=1.0))
        self._load = _running(load)
        self._squares = _running(load**2)
        self._values = _running(load * values)
        self._powers = _running(load * values**2)

    def mean(self, start: At, end: At) -> Floats:
        """Give weighted means of the rows from start up to, not including, end."""
        return np.asarray(
            _part(self._values, start, end) / _part(self._load, start, end)
        )

    def gap(self, start: int, cuts: Rows, end: int) -> Floats:
        """Give the distance of the means before and after each cut."""
        return np.abs(self.mean(start, cuts) - self.mean(cuts, end))

    def differ(self, start: int, cuts: Rows, end: int, delta: float) -> Bools:
        """Say at which cuts the means differ by more than their bound."""
        log = np.log(2 * np.log(end - start) / delta)
        size = _harmonic(self.size(start, cuts), self.size(cuts, end))
        least = _harmonic(self.least_size(start, cuts), self.least_size(cuts, end))
        spread = self.variance(start, end)
        bound = np.sqrt(2 / size * spread * log) + 2 / (3 * least) * log
        return np.asarray(self.gap(start, cuts, end) > bound)

    def variance(self, start: int, end: int) -> float:
        """Give the weighted variance of the rows of a window."""
        power = _part(self._powers, start, end) / _part(self._load, start, end)
        return max(0.0, float(power - self.mean(start, end) ** 2))

    def size(self, start: At, end: At) -> Floats:
        """Give effective rows (Kish)."""
        load = _part(self._load, start, end)
        return np.asarray(load**2 / _part(self._squares, start, end))

    def least_size(self, start: At, end: At) -> Floats:
        """Give what the rows are worth if one can be as heavy as the heaviest."""
        return np.asarray(_part(self._load, start, end) / self._heaviest)


def _running(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


def _part(running: Floats, start: At, end: At) -> Floats:
    return np.asarray(running[end] - running[start])


def _offsets(rows: int) -> Rows:
    """Give the distances of cuts from the newest row, the nearest first."""
    doublings = max(1, int(np.ceil(np.log2(max(2, rows)))))
    steps = np.repeat(2 ** np.arange(doublings, dtype=np.int64), BUCKETS)
    offsets = np.cumsum(steps)
    return np.asarray(offsets[(offsets >= FEWEST) & (offsets < rows)])


def _most_apart(sums: _Sums, start: int, end: int) -> int:
    """Find the cut whose parts differ most beyond their noise."""
    rows = np.arange(start + FEWEST, end - FEWEST + 1)
    size = _harmonic(sums.size(start, rows), sums.size(rows, end))
    return int(rows[np.argmax(sums.gap(start, rows, end) * np.sqrt(size))])


def _harmonic(first: Floats, second: Floats) -> Floats:
    return np.asarray(first * second / (first + second))
