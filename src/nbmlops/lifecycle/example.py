"""A few rows as a model reads them: given by the user, or made up from the profile."""

import io
from collections.abc import Sequence
from itertools import islice
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nbmlops.errors import UsageError
from nbmlops.frames.opening import to_pandas
from nbmlops.lifecycle.estimators import feature_names
from nbmlops.profiles.columns import (
    BooleanColumn,
    ColumnProfile,
    NumberColumn,
    TextColumn,
    TimeColumn,
)
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.profiles.profile import Profile
from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.signature import Signature

ATTACHMENT = "input_example.parquet"
MOST_ROWS = 100


def example_rows(given: Any, model: Any) -> pd.DataFrame:
    """Read an input example as a small frame of the model's own columns.

    Parameters
    ----------
    given
        A frame, or a numpy array.
    model
        The estimator that must be able to read it.

    Returns
    -------
    DataFrame
        At most 100 rows.

    Raises
    ------
    UsageError
        If the model cannot predict on it.
    """
    rows = to_pandas(given, what="input_example").head(MOST_ROWS)
    names = feature_names(model)
    if names is not None:
        missing = [name for name in names if name not in rows.columns]
        if missing:
            raise UsageError(
                f"input_example lacks the column {missing[0]!r}",
                hint=f"the model reads: {', '.join(names[:8])}",
            )
        rows = rows[list(names)]
    return rows


def example_bytes(rows: pd.DataFrame) -> bytes:
    """Write example rows as Parquet."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), sink)
    return sink.getvalue()


def example_of(place: Place, version: ModelVersion, model: Any) -> Any:
    """Return one row that a version should be able to answer.

    Parameters
    ----------
    place, version
        Which version.
    model
        Its estimator, which says whether it reads names or bare numbers.

    Returns
    -------
    DataFrame or ndarray
        The stored example's first row, else one made of the profile's middle values,
        else zeros.
    """
    frame = given_example(place, version)
    if frame is None and version.profile is not None:
        frame = typical_rows(version.profile, version.signature)
    if frame is None:
        names = version.signature.names
        frame = pd.DataFrame([[0.0] * len(names)], columns=list(names))
    return as_read_by(model, frame.head(1), version.signature)


def given_example(place: Place, version: ModelVersion) -> pd.DataFrame | None:
    """Return the rows that the user gave as an example; None if there are none."""
    if ATTACHMENT not in version.attachments:
        return None
    data = place.artifacts.get(version.attachments[ATTACHMENT])
    # An imported version's may be of any size: no more is unpacked than we ever keep.
    file = pq.ParquetFile(io.BytesIO(data))
    batches = islice(file.iter_batches(MOST_ROWS), 1)
    frame: pd.DataFrame = pa.Table.from_batches(batches, file.schema_arrow).to_pandas()
    return frame


def as_read_by(model: Any, frame: pd.DataFrame, signature: Signature) -> Any:
    """Return rows as bare numbers where the estimator was fitted on such."""
    if feature_names(model) is None and all(
        column.kind in {"number", "boolean", "unknown"} for column in signature.columns
    ):
        return frame.to_numpy(dtype=np.float64)
    return frame


def typical_rows(
    profile: Profile, signature: Signature, *, shares: Sequence[float] = (0.5,)
) -> pd.DataFrame:
    """Make up rows of what the columns usually hold, each column by itself.

    Parameters
    ----------
    profile
        Of the training frame.
    signature
        Which of its columns, in the model's order.
    shares
        One row for each: where its values lie among all, 0 to 1.

    Returns
    -------
    DataFrame
        With the dtypes that the model was shown, where these can be had.
    """
    columns = {
        column.name: series_of(
            [
                _typical(profile.columns[column.name], rank, share)
                for rank, share in enumerate(shares)
            ],
            column.dtype,
        )
        for column in signature.columns
    }
    return pd.DataFrame(columns)


def series_of(values: Sequence[Any], dtype: str) -> "pd.Series[Any]":
    """Hold values as the frame that the model was shown held them, where it can."""
    series = pd.Series(values)
    is_time = isinstance(values[0], pd.Timestamp)
    if is_time and "UTC" not in dtype and "," not in dtype:
        series = series.dt.tz_localize(None)
    try:
        return cast("pd.Series[Any]", series.astype(dtype))  # type: ignore[call-overload]  # any dtype's name
    except (TypeError, ValueError):
        return series


def _typical(column: ColumnProfile, rank: int, share: float) -> Any:
    """Return a value that a column often holds; None if it is empty."""
    match column:
        case NumberColumn():
            value = column.quantile(share)
            if value is None or not column.is_whole:
                return value
            return int(value)
        case TextColumn():
            # Of equally frequent labels the first by name, in every process.
            labels = sorted(
                column.labels, key=lambda name: (-column.labels[name], name)
            )
            return labels[rank % len(labels)] if labels else None
        case BooleanColumn():
            return (column.true >= column.false) == (rank % 2 == 0)
        case TimeColumn():
            return None if column.maximum is None else _moment(column.maximum)
        case VectorColumn():
            there = len(column.centre) > 0
            return column.centre.copy() if there else np.zeros(column.dimensions)
        case FreeTextColumn():
            return ""  # no text is kept
    return None


def _moment(seconds: float) -> pd.Timestamp:
    return pd.Timestamp(seconds, unit="s", tz="UTC")
