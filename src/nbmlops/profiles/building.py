"""Building the profile of a frame, in one pass and in constant memory."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.kinds import is_number_list, numbers
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source, named
from nbmlops.profiles.columns import (
    ColumnProfile,
    NumberColumn,
    OtherColumn,
    TimeColumn,
)
from nbmlops.profiles.merging import empty_like
from nbmlops.profiles.numbers import NumberCounter, Weights
from nbmlops.profiles.profile import Profile
from nbmlops.profiles.rows import RowCounter
from nbmlops.profiles.text_choice import text_counter
from nbmlops.profiles.times import BooleanCounter, TimeCounter, seconds
from nbmlops.profiles.vector_column import VectorColumn

THREADS = 2
LARGE_BLOCK = 1 << 24  # bytes
WORTH_THREADS = 20_000  # rows in a batch

Clock = NDArray[np.float64] | None


def build_profile(
    frame: Any,
    *,
    columns: str | Iterable[str] | None = None,
    exclude: str | Iterable[str] = (),
    weight: str | None = None,
    time: str | None = None,
    like: Profile | None = None,
    what: str = "frame",
) -> Profile:
    """Summarise a frame, column by column.

    Parameters
    ----------
    frame
        Any frame that `open_frame` takes. It is read once, in batches.
    columns
        The column or columns to profile; all but the weight when None.
    exclude
        The column or columns to leave out of these.
    weight
        A column of weights, 1 / the probability that the row was sampled. It is not
        profiled itself.
    time
        A column of time: of every other one the lag to it is counted too.
    like
        The reference that the profile will be compared with or added to: cells are
        centred as there, and a column of nulls only takes its kind from there.
    what
        What the frame is called in messages.

    Returns
    -------
    Profile
        Of all rows; a frame without rows gives an empty one.

    Raises
    ------
    NotFound
        When a column that is named does not exist.
    UsageError
        When a weight is not a finite number above 0, or `time` is not a time.
    """
    source = open_frame(frame, what=what)
    asked = named(columns)
    for name in (*(asked or ()), *(n for n in (weight, time) if n)):
        if name not in source.kinds:
            raise NotFound("column", name, source.columns)
    if weight is not None and source.kinds[weight] != "number":
        raise UsageError(
            f"the weight {weight!r} is a column of kind {source.kinds[weight]}",
            hint="name a column of numbers",
        )
    if time is not None and source.kinds[time] != "time":
        raise UsageError(
            f"time={time!r} is a column of kind {source.kinds[time]}",
            hint="name a column of timestamps, e.g. made by pandas.to_datetime",
        )
    left_out = {*(named(exclude) or ()), weight}
    chosen = source.columns if asked is None else asked
    names = [name for name in chosen if name not in left_out]
    counters = {name: _counter(name, source, time, like) for name in names}
    totals = _read(source, counters, weight, time)
    return Profile(
        rows=int(totals[0]),
        mass=float(totals[1]),
        mass_squares=float(totals[2]),
        columns=MappingProxyType({name: counters.pop(name).finish() for name in names}),
        weight=weight,
        time=time,
    )


class _PlainCounter(Protocol):
    """Counts one column."""

    def update(self, array: pa.Array, weights: Weights) -> None:
        """Count the next rows."""

    def finish(self) -> ColumnProfile:
        """Give what was counted."""


_Counter: TypeAlias = _PlainCounter | TimeCounter  # only times look at the clock


class _Numbers:
    def __init__(self, like: NumberColumn | None, type_: pa.DataType) -> None:
        narrow = pa.types.is_float32(type_) or pa.types.is_float16(type_)
        self._counter = NumberCounter(like, narrow=narrow)

    def update(self, array: pa.Array, weights: Weights) -> None:
        self._counter.update(numbers(array), weights)

    def finish(self) -> ColumnProfile:
        return self._counter.finish()


class _Other:
    """Counts rows and nulls of a column that has no kind."""

    def __init__(self, types: str, like: ColumnProfile | None) -> None:
        self._types = types
        self._like = like
        self._counted = RowCounter()

    def update(self, array: pa.Array, weights: Weights) -> None:
        self._counted.add(array, weights)

    def finish(self) -> ColumnProfile:
        counts = self._counted.counts
        if not self._types and self._like is not None:
            return empty_like(self._like, **counts)
        return OtherColumn(**counts, types=self._types)


def _counter(
    name: str, source: Source, time: str | None, like: Profile | None
) -> _Counter:
    reference = like.columns.get(name) if like is not None else None
    kind = source.kinds[name]
    type_ = source.schema.field(name).type
    if kind == "number":
        known = reference if isinstance(reference, NumberColumn) else None
        return _Numbers(known, type_)
    if kind == "text":
        return text_counter(reference)
    if kind == "boolean":
        return BooleanCounter()
    if kind == "time":
        earlier = reference if isinstance(reference, TimeColumn) else None
        return TimeCounter(earlier, has_clock=time is not None and name != time)
    is_counted = isinstance(reference, OtherColumn) and not reference.is_empty
    if is_number_list(type_) and not is_counted:
        from nbmlops.profiles.vectors import VectorCounter

        alike = reference if isinstance(reference, VectorColumn) else None
        return VectorCounter(alike, str(type_))
    types = "" if pa.types.is_null(type_) else source.mixed.get(name, str(type_))
    return _Other(types, reference)


def _read(
    source: Source, counters: dict[str, _Counter], weight: str | None, time: str | None
) -> tuple[float, float, float]:
    """Read all rows; give their number, mass, and sum of squared weights."""
    # Until a large block has been freed once, glibc gives the arrays that are freed
    # between two steps back to the system: a fifth of the time went into their pages.
    np.empty(LARGE_BLOCK, dtype=np.uint8)
    needed = [name for name in (weight, time) if name]
    wanted = tuple(dict.fromkeys([*counters, *needed]))
    rows, mass, squares = 0, 0.0, 0.0
    with ThreadPoolExecutor(THREADS) as pool:
        for batch in ahead(source.batches(wanted, dictionaries=True), pool):
            weights = _weights(batch, weight)
            clock = seconds(batch.column(time)) if time else None
            rows += batch.num_rows
            mass += float(batch.num_rows if weights is None else weights.sum())
            squares += float(
                batch.num_rows if weights is None else np.square(weights).sum()
            )
            counts = _counting(counters, batch, weights, clock)
            if batch.num_rows >= WORTH_THREADS:
                other = pool.submit(counts)
                counts()
                other.result()
            else:
                counts()
    return rows, mass, squares


def _counting(
    counters: dict[str, _Counter], batch: pa.RecordBatch, weights: Weights, clock: Clock
) -> Callable[[], None]:
    """Give what counts a batch, column by column; run twice, each takes a share."""
    names = iter(tuple(counters))

    def counts() -> None:
        for name in names:
            counter, array = counters[name], batch.column(name)
            if isinstance(counter, TimeCounter):
                counter.update(array, weights, clock)
            else:
                counter.update(array, weights)

    return counts


def ahead(
    batches: Iterator[pa.RecordBatch], pool: ThreadPoolExecutor
) -> Iterator[pa.RecordBatch]:
    """Read the next batch while this one is being counted."""
    waiting = pool.submit(next, batches, None)
    while (batch := waiting.result()) is not None:
        waiting = pool.submit(next, batches, None)
        yield batch


def _weights(batch: pa.RecordBatch, weight: str | None) -> Weights:
    if weight is None:
        return None
    weights = numbers(batch.column(weight))
    bad = int(np.count_nonzero(~(np.isfinite(weights) & (weights > 0))))
    if bad:
        raise UsageError(
            f"the weight {weight!r} is null, infinite or not above 0 in {bad} rows",
            hint="a weight is 1 / the probability that the row was sampled; drop rows "
            "without one",
        )
    return weights
