"""What a model should answer and how much each row counts, as plain arrays."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from nbmlops.errors import UsageError, suggestion
from nbmlops.frames.opening import to_pandas


def named_targets(target: str | Sequence[str] | None) -> list[str]:
    """List the targets that were named; a plain string is one."""
    if target is None:
        return []
    return [target] if isinstance(target, str) else [str(name) for name in target]


def require(name: str, whole: pd.DataFrame, message: str) -> None:
    """Refuse a column that is not there, with this message and a suggestion."""
    if name not in whole.columns:
        raise UsageError(message, hint=suggestion(name, whole.columns))


def answers_frame(
    given: Any, names: list[str], whole: pd.DataFrame, what: str
) -> pd.DataFrame:
    """Give y as a frame with a column per target."""
    if isinstance(given, str):
        raise UsageError(
            f"y of the {what} is the text {given!r}",
            hint="pass the values, or a frame that holds the column and target=",
        )
    if isinstance(given, pd.DataFrame):
        answers = to_pandas(given, what=f"y of the {what}")
    elif isinstance(given, pd.Series) or getattr(given, "ndim", 1) == 1:
        answers = pd.DataFrame({"target": _series(given)})
        if getattr(given, "name", None) is not None:
            answers.columns = pd.Index([str(given.name)])
    elif isinstance(given, np.ndarray) and given.ndim == 2:
        answers = pd.DataFrame(given)
        several = given.shape[1] > 1
        answers.columns = pd.Index(
            [f"target{at}" if several else "target" for at in range(given.shape[1])]
        )
    else:
        answers = to_pandas(given, what=f"y of the {what}")
    if names:
        if len(names) != answers.shape[1]:
            raise UsageError(
                f"y of the {what} has {answers.shape[1]} columns, target= names "
                f"{len(names)}",
                hint="name each column of y once",
            )
        answers.columns = pd.Index(names)
    if len(answers) != len(whole):
        raise UsageError(
            f"X of the {what} has {len(whole)} rows, y has {len(answers)}",
            hint="pass a target for each row",
        )
    for name in answers.columns:
        if name in whole.columns:
            raise UsageError(
                f"X of the {what} holds the target {name!r} itself",
                hint=f"drop it: X.drop(columns={name!r}), or rename y",
            )
    return answers


def target_values(answers: pd.DataFrame, what: str) -> NDArray[Any]:
    """Give the targets as an array of shape (n,), or (n, k); none may be null."""
    columns: list[NDArray[Any]] = []
    for name in answers.columns:
        absent = int(answers[name].isna().sum())
        if absent:
            raise UsageError(
                f"the target {name!r} of the {what} is null in {absent} rows",
                hint=f"drop them: frame.dropna(subset=[{name!r}])",
            )
        columns.append(_plain(answers[name]))
    if not columns:
        return np.empty((len(answers), 0))
    return columns[0] if len(columns) == 1 else np.column_stack(columns)


def row_weights(
    weight: str | Any | None, whole: pd.DataFrame, what: str
) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """Give the weights, and the columns that they are made of."""
    if weight is None:
        return None, ()
    taken: tuple[str, ...] = ()
    if isinstance(weight, str):
        require(weight, whole, f"the weight {weight!r} is not a column of the {what}")
        taken = (weight,)
        weight = whole[weight]
    try:
        values = _series(weight).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise UsageError(
            f"the weights of the {what} are not numbers", hint="pass one number per row"
        ) from None
    if len(values) != len(whole):
        raise UsageError(
            f"the {what} has {len(whole)} rows, but {len(values)} weights",
            hint="pass one weight per row",
        )
    bad = int(np.sum(~(np.isfinite(values) & (values > 0))))
    if bad:
        raise UsageError(
            f"{bad} weights of the {what} are not above 0",
            hint="a weight is 1 / the probability that the row was sampled; drop rows "
            "without one",
        )
    return values, taken


def _plain(series: "pd.Series[Any]") -> NDArray[Any]:
    """Give a column without nulls as a plain numpy array."""
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _plain(series.astype(dtype.categories.dtype))
    if isinstance(dtype, np.dtype):
        return _narrowed(series.to_numpy())
    if pd.api.types.is_bool_dtype(dtype):
        return series.to_numpy(dtype=np.bool_)
    if pd.api.types.is_integer_dtype(dtype):
        return series.to_numpy(dtype=np.int64)
    if pd.api.types.is_float_dtype(dtype):
        return series.to_numpy(dtype=np.float64)
    return _narrowed(series.to_numpy(dtype=object))


def _narrowed(values: NDArray[Any]) -> NDArray[Any]:
    """Find the type of Python objects, as a null that was there once left them."""
    if values.dtype != object:
        return values
    kind = pd.api.types.infer_dtype(values, skipna=False)
    types = {"boolean": np.bool_, "integer": np.int64, "floating": np.float64}
    if kind in types:
        return values.astype(types[kind])
    if kind == "decimal":
        return values.astype(np.float64)
    return values


def _series(values: Any) -> "pd.Series[Any]":
    if isinstance(values, pd.Series):
        return values
    if isinstance(values, (pa.Array, pa.ChunkedArray)) or hasattr(values, "to_pandas"):
        return pd.Series(values.to_pandas())
    return pd.Series(values)
