"""The part of a serving log between two moments."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.source import Source
from nbmlops.host import option
from nbmlops.lifecycle.browse import moment_of
from nbmlops.profiles.times import seconds
from nbmlops.skew.log_columns import REQUESTED_AT

Moment = str | date | datetime


def within(
    served: Any, since: Moment | None, until: Moment | None, *, time: str | None
) -> Any:
    """Keep the rows of a log from one moment to another.

    Parameters
    ----------
    served
        An opened frame, or a Profile.
    since, until
        Both are included; a day is meant from its start, and to its end. Naive ones
        are UTC.
    time
        The column of time; `requested_at` when None.

    Returns
    -------
    Source or Profile
        As it was where neither is given. A row without a time is in no period.

    Raises
    ------
    NotFound
        If there is no such column.
    UsageError
        If it holds no times, or `served` is a profile, or since is after until.
    """
    if since is None and until is None:
        return served
    if not isinstance(served, Source):
        raise UsageError(
            "a profile has no rows to take a period of", hint="give the frame or files"
        )
    column = time or REQUESTED_AT
    if column not in served.columns:
        raise NotFound(
            "column", column, served.columns, hint=f"name it: {option('time')}"
        )
    if served.kinds[column] != "time":
        raise UsageError(
            f"{column!r} is a column of kind {served.kinds[column]}, not of times",
            hint="make it timestamps first, e.g. by pandas.to_datetime",
        )
    first, last = _edges(since, until)
    return _filtered(served, column, first, last)


def _edges(since: Moment | None, until: Moment | None) -> tuple[float, float]:
    first, last = -np.inf, np.inf
    if since is not None:
        first = moment_of(since, start_of_day=True).timestamp()
    if until is not None:
        last = moment_of(until).timestamp()
    if first > last:
        raise UsageError(
            f"since {since} is after until {until}", hint="exchange the two"
        )
    return first, last


def _filtered(served: Source, column: str, first: float, last: float) -> Source:
    def reading(
        columns: tuple[str, ...], dictionaries: bool
    ) -> Iterator[pa.RecordBatch]:
        read = columns if column in columns else (*columns, column)
        for batch in served.reading(read, dictionaries):
            kept = _kept(batch.column(column), first, last)
            wanted = batch.select(list(columns))
            yield wanted if kept.all() else wanted.filter(pa.array(kept))

    return replace(served, rows=None, reading=reading)


def _kept(times: pa.Array, first: float, last: float) -> NDArray[np.bool_]:
    at = seconds(times)
    return np.asarray((at >= first) & (at <= last))
