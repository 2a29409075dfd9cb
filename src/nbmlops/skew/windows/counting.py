"""Counting rows in the cells of all columns, window by window, in one pass."""

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nbmlops.frames.kinds import numbers
from nbmlops.frames.source import Source
from nbmlops.profiles.building import THREADS, ahead
from nbmlops.profiles.cells import massed
from nbmlops.profiles.times import seconds
from nbmlops.skew.statistics import Floats
from nbmlops.skew.windows.parts import DAY, Clock, Codes, Part

HOUR = 3_600
FEW_DAYS = 3  # below so many, windows are hours
MOST_WINDOWS = 400  # of a longer time windows are several days each

Parts = Mapping[str, tuple[Part, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """The rows of one side in windows.

    Attributes
    ----------
    start, width
        When the first window begins, in seconds since 1970, and how long each is.
    rows, mass, squares
        Shape (windows,): rows, the sum of their weights, and of these squared.
    columns
        For each part of each column the mass per cell, shape (windows, cells).
    without_time
        How many rows are in no window.
    """

    start: float
    width: float
    rows: NDArray[np.int64]
    mass: Floats
    squares: Floats
    columns: Mapping[str, tuple[Floats, ...]]
    without_time: int = 0

    @property
    def scales(self) -> Floats:
        """Effective rows per unit of mass in each window (Kish); 0 in empty ones."""
        there = self.squares > 0
        return np.divide(self.mass, self.squares, out=np.zeros(len(there)), where=there)

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which windows hold rows."""
        return self.rows > 0

    def begin(self, window: int) -> float:
        """Say when a window begins, in seconds since 1970."""
        return self.start + window * self.width

    def joined(self, width: float, start: float) -> "Counted":
        """Add up neighbouring windows to wider ones.

        Parameters
        ----------
        width, start
            The width in seconds, and where the first wide window begins.

        Returns
        -------
        Counted
            The same rows.
        """
        at = ((self.start - start) + np.arange(len(self.rows)) * self.width) // width
        count = int(at[-1]) + 1
        sums = np.zeros((count, len(at)))
        sums[at.astype(np.int64), np.arange(len(at))] = 1.0
        return Counted(
            start=start,
            width=width,
            rows=np.rint(sums @ self.rows).astype(np.int64),
            mass=sums @ self.mass,
            squares=sums @ self.squares,
            columns={
                name: tuple(sums @ part for part in parts)
                for name, parts in self.columns.items()
            },
            without_time=self.without_time,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when the times of a side go, in seconds since 1970."""

    first: float
    last: float

    @property
    def width(self) -> float:
        """How long windows are: an hour below three days, else a day or several."""
        if self.last - self.first < FEW_DAYS * DAY:
            return HOUR
        return DAY * math.ceil((self.last - self.first + DAY) / DAY / MOST_WINDOWS)


def span_of(source: Source, time: str) -> Span | None:
    """Find the first and the last time of a side; None where it has none."""
    first, last = math.inf, -math.inf
    for batch in source.batches([time]):
        at = seconds(batch.column(0))
        at = at[~np.isnan(at)]
        if len(at):
            first, last = min(first, float(at.min())), max(last, float(at.max()))
    return Span(first=first, last=last) if first <= last else None


def count(
    source: Source,
    parts: Parts,
    span: Span,
    width: float,
    *,
    time: str,
    weight: str | None,
) -> Counted:
    """Count a side in windows.

    Parameters
    ----------
    source
        The rows; it is read once, and must not be a stream.
    parts
        The cells of its columns.
    span, width
        Of the times.
    time, weight
        The columns of time and of weights.

    Returns
    -------
    Counted
        With every window from the first to the last time, empty ones too.
    """
    start = math.floor(span.first / width) * width
    windows = int((span.last - start) // width) + 1
    # One more window for rows without a time, which is left out in the end.
    totals = np.zeros((3, windows + 1))
    sums = {
        name: tuple(np.zeros((windows + 1) * part.cells) for part in own)
        for name, own in parts.items()
    }
    wanted = tuple(dict.fromkeys([*parts, time, *([weight] if weight else [])]))
    with ThreadPoolExecutor(THREADS + 1) as pool:  # one reads ahead
        for batch in ahead(source.batches(wanted, dictionaries=True), pool):
            clock = seconds(batch.column(time))
            at = np.full(len(clock), windows, dtype=np.int32)
            there = ~np.isnan(clock)
            at[there] = (clock[there] - start) // width
            weights = None if weight is None else numbers(batch.column(weight))
            squares = None if weights is None else np.square(weights)
            for total, each in zip(totals, (None, weights, squares), strict=True):
                total += massed(at, each, windows + 1)

            def add(
                name: str,
                batch: pa.RecordBatch = batch,
                at: NDArray[np.int32] = at,
                clock: Clock = clock,
                weights: Floats | None = weights,
            ) -> None:
                array = batch.column(name)
                for part, held in zip(parts[name], sums[name], strict=True):
                    places = at * np.int32(part.cells)
                    places += _codes(part, array, clock)
                    held += massed(places, weights, len(held))

            list(pool.map(add, parts))
    return Counted(
        start=start,
        width=width,
        rows=totals[0, :-1].astype(np.int64),
        mass=totals[1, :-1],
        squares=totals[2, :-1],
        columns={
            name: tuple(
                held.reshape(windows + 1, part.cells)[:-1]
                for part, held in zip(parts[name], own, strict=True)
            )
            for name, own in sums.items()
        },
        without_time=int(totals[0, -1]),
    )


def _codes(part: Part, array: pa.Array, clock: Clock) -> Codes:
    if pa.types.is_null(array.type):  # a column of nothing but nulls has any kind
        return np.full(len(array), part.cells - 1, dtype=np.int16)
    return part.codes(array, clock)
