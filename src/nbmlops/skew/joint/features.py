"""The columns of both sides as numbers that a classifier reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nbmlops.frames.kinds import Kind, decoded, numbers, texts, whole_seconds

MOST_LABELS = 200  # of one column; the rest is one label (HGB takes at most 255)
FEWEST_OF_LABEL = 5  # rows on both sides together from which a label is one of its own
DAY, THURSDAY = 86_400, 3  # 1 January 1970 was a Thursday; weeks begin on Monday

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One column of the matrix.

    Attributes
    ----------
    column, part
        The frame's column, and of a time which part: "hour" or "weekday", else "".
    kind
        The column's kind.
    labels
        What the codes 0, 1, ... of a text stand for; the code after is all others.
    """

    column: str
    part: str = ""
    kind: Kind
    labels: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in sentences: "hour of departed"."""
        return f"{self.part} of {self.column}" if self.part else self.column


def features_of(
    tables: Iterable[pa.Table], kinds: Iterable[tuple[str, Kind]]
) -> tuple[Feature, ...]:
    """Choose how columns are read.

    Parameters
    ----------
    tables
        Both sides' rows.
    kinds
        The columns and their kinds, alike on both sides.

    Returns
    -------
    tuple
        Features; of a time its hour and weekday (UTC), never its place on the calendar.
    """
    both = list(tables)
    found: list[Feature] = []
    for column, kind in kinds:
        if kind == "time":
            found += [
                Feature(column=column, part=part, kind=kind)
                for part in ("hour", "weekday")
            ]
        elif kind == "text":
            labels = _labels([table.column(column) for table in both])
            found.append(Feature(column=column, kind=kind, labels=labels))
        else:
            found.append(Feature(column=column, kind=kind))
    return tuple(found)


def matrix(table: pa.Table, features: Sequence[Feature]) -> Floats:
    """Read rows as numbers.

    Parameters
    ----------
    table
        With the features' columns.
    features
        As `features_of` chose them.

    Returns
    -------
    ndarray
        Shape (rows, features), float64, NaN where null; texts as codes.
    """
    values = np.empty((table.num_rows, len(features)))
    for at, feature in enumerate(features):
        column = table.column(feature.column).combine_chunks()
        values[:, at] = _values(column, feature)
    return values


def _values(column: pa.Array, feature: Feature) -> Floats:
    if feature.kind == "number":
        found = np.array(numbers(column))
        found[~np.isfinite(found)] = np.nan
        return found
    if feature.kind == "boolean":
        truth = pc.cast(decoded(column), pa.float64())
        return np.array(truth.to_numpy(zero_copy_only=False), dtype=np.float64)
    if feature.kind == "time":
        whole, _, present = whole_seconds(column)
        found = np.full(len(present), np.nan)
        days = whole // DAY
        is_hour = feature.part == "hour"
        found[present] = whole % DAY // 3600 if is_hour else (days + THURSDAY) % 7
        return found
    words = texts(column)
    known = pa.array(feature.labels, type=pa.large_string())
    codes = pc.fill_null(pc.index_in(words, value_set=known), len(feature.labels))
    found = np.array(codes.to_numpy(zero_copy_only=False), dtype=np.float64)
    found[words.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return found


def _labels(columns: Iterable[pa.ChunkedArray]) -> tuple[str, ...]:
    """List the labels of both sides that are frequent enough, the heaviest first."""
    words = pa.concat_arrays([texts(c.combine_chunks()) for c in columns]).drop_null()
    counted = pc.value_counts(words)
    pairs = zip(
        counted.field("values").to_pylist(),
        counted.field("counts").to_pylist(),
        strict=True,
    )
    heavy = sorted(
        ((-count, label) for label, count in pairs if count >= FEWEST_OF_LABEL)
    )
    return tuple(label for _, label in heavy[:MOST_LABELS])
