"""A few rows as a model reads them: given by the user, or made up from the profile."""

import io
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
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion

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
    names = version.signature.names
    if ATTACHMENT in version.attachments:
        data = place.artifacts.get(version.attachments[ATTACHMENT])
        frame = pq.read_table(io.BytesIO(data)).to_pandas().head(1)
    elif version.profile is not None:
        frame = _typical_row(version)
    else:
        frame = pd.DataFrame([[0.0] * len(names)], columns=list(names))
    if feature_names(model) is None and all(
        column.kind in {"number", "boolean", "unknown"}
        for column in version.signature.columns
    ):
        return frame.to_numpy(dtype=np.float64)
    return frame


def _typical_row(version: ModelVersion) -> pd.DataFrame:
    profile = version.profile
    assert profile is not None
    columns = {
        column.name: _series(_typical(profile.columns[column.name]), column.dtype)
        for column in version.signature.columns
    }
    return pd.DataFrame(columns)


def _typical(column: ColumnProfile) -> Any:
    """Return a value in the middle of what a column holds; None if it is empty."""
    match column:
        case NumberColumn():
            middle = column.quantile(0.5)
            if middle is None or not column.is_whole:
                return middle
            return int(middle)
        case TextColumn():
            return max(column.labels, key=column.labels.__getitem__, default=None)
        case BooleanColumn():
            return column.true >= column.false
        case TimeColumn():
            return None if column.maximum is None else _moment(column.maximum)
    return None


def _moment(seconds: float) -> pd.Timestamp:
    return pd.Timestamp(seconds, unit="s", tz="UTC")


def _series(value: Any, dtype: str) -> "pd.Series[Any]":
    """Hold a value as the frame that the model was shown held it, where it can."""
    series = pd.Series([value])
    if isinstance(value, pd.Timestamp) and "UTC" not in dtype and "," not in dtype:
        series = series.dt.tz_localize(None)
    try:
        return cast("pd.Series[Any]", series.astype(dtype))  # type: ignore[call-overload]  # any dtype's name
    except (TypeError, ValueError):
        return series
