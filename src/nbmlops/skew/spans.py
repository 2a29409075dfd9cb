"""A log cut into days, weeks or months by its times, else into blocks of rows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.statistics import Floats

DAY = 86_400
WIDTHS = (1, 7, 28)  # days: the first that needs no more than `MOST` is taken
MOST = 62
BLOCKS, ROWS_OF_BLOCK = 10, 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spans:
    """The spans of a log's rows.

    Attributes
    ----------
    order
        Shape (n,): the rows by time; those without a time last.
    span
        Shape (n,): of each row in that order the number of its span, ascending; -1 for
        a row without a time.
    names
        Of each span: "2026-07-01", "2026-07-01 to 2026-07-07", "rows 1 to 200".
    """

    order: NDArray[np.int64]
    span: NDArray[np.int64]
    names: tuple[str, ...]


def spans_of(at: Floats | None, rows: int) -> Spans:
    """Cut a log.

    Parameters
    ----------
    at
        Shape (rows,), seconds since 1970, NaN where unknown; None: there are no times.
    rows
        How many rows there are.

    Returns
    -------
    Spans
        Of UTC days while there are at most 62, of weeks, else of four weeks each; a
        span without rows has no number.
    """
    if at is None or np.isnan(at).all():
        return _blocks(rows)
    order = np.argsort(at, kind="stable")
    known = int((~np.isnan(at)).sum())
    days = np.floor(at[order[:known]] / DAY).astype(np.int64)
    # Weeks begin on Mondays: 1970-01-05 was one.
    few = (w for w in WIDTHS if len(np.unique((days - 4) // w)) <= MOST)
    width = next(few, WIDTHS[-1])
    starts, span = np.unique((days - 4) // width, return_inverse=True)
    unknown = np.full(rows - known, -1, dtype=np.int64)
    names = tuple(_name(int(start) * width + 4, width) for start in starts)
    return Spans(order=order, span=np.append(span, unknown), names=names)


def _blocks(rows: int) -> Spans:
    count = int(np.clip(rows // ROWS_OF_BLOCK, 1, BLOCKS))
    order = np.arange(rows)
    edges = [block * rows // count for block in range(count + 1)]
    names = tuple(f"rows {first + 1:,} to {last:,}" for first, last in pairwise(edges))
    span = np.searchsorted(np.array(edges[1:]), order, side="right")
    return Spans(order=order, span=span, names=names)


def _name(day: int, width: int) -> str:
    first = datetime.fromtimestamp(0, UTC) + timedelta(days=day)
    if width == 1:
        return f"{first:%Y-%m-%d}"
    return f"{first:%Y-%m-%d} to {first + timedelta(days=width - 1):%Y-%m-%d}"
