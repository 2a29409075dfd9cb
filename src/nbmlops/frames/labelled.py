"""A frame split into what a model is given, what it should answer, and the weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from nbmlops.errors import UsageError, suggestion
from nbmlops.frames.memory import numpy_columns
from nbmlops.frames.opening import open_frame, to_pandas
from nbmlops.frames.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """The parts of a frame that a model is trained or tested on.

    Attributes
    ----------
    features
        What the estimator is given: a pandas frame, or polars or numpy where the
        frame was that.
    target
        Shape (n,), or (n, k) with several targets.
    target_names
        One name per target.
    weight
        Shape (n,), finite and above 0, or None.
    frame
        All columns, the targets and the weight included; x0, x1, ... for numpy. For
        fingerprints, slices and profiles.
    feature_names
        The columns of `frame` that are in `features`, in this order.
    description, origin
        Where the rows came from: "pandas frame", or a path and the files there.
    """

    features: Any
    feature_names: tuple[str, ...]
    description: str
    origin: Origin
    target: NDArray[Any]
    target_names: tuple[str, ...]
    weight: NDArray[np.float64] | None
    frame: pd.DataFrame

    @property
    def rows(self) -> int:
        """The number of rows, at least 1."""
        return len(self.frame)


def labelled(
    frame: Any,
    *,
    target: str | Sequence[str] | None = None,
    weight: str | Any | None = None,
    features: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    what: str = "frame",
) -> Labelled:
    """Split a frame into features, target and weight.

    Parameters
    ----------
    frame
        A frame that holds the target, or `(X, y)`, or `(X, y, weight)`.
    target
        The target's column, or a list of them. With `(X, y)` it only names y.
    weight
        The column of weights, or an array of one weight per row.
    features
        The columns the estimator wants, in its order (its `feature_names_in_`); all
        columns but targets and weight when None. For a numpy X they name its columns,
        and the features come as a pandas frame then.
    ignore
        Columns that are no features though nobody says which are: groups.
    what
        What the frame is called in messages: "training frame".

    Returns
    -------
    Labelled
        With at least one row.

    Raises
    ------
    UsageError
        When a part is missing or empty, the lengths differ, a column mixes types, a
        target is null, or a weight is not above 0.
    """
    if isinstance(frame, tuple):
        return _from_parts(frame, target, weight, features, ignore, what)
    names = _names(target)
    if not names:
        raise UsageError(
            f"the {what} needs a target",
            hint="name its column with target=, or pass (X, y)",
        )
    whole = _checked(frame, what)
    for name in names:
        _require(name, whole, f"the target {name!r} is not a column of the {what}")
    chosen, taken = _weights(weight, whole, what)
    inputs = _inputs(whole, features, {*names, *taken, *ignore}, what)
    source = open_frame(frame, what=what)
    return Labelled(
        features=_like(frame, whole, inputs),
        feature_names=tuple(inputs),
        description=source.description,
        origin=source.origin,
        target=_target(whole[names], what),
        target_names=tuple(names),
        weight=chosen,
        frame=whole,
    )


def unlabelled(
    frame: Any, *, features: Sequence[str] | None = None, what: str = "frame"
) -> Labelled:
    """Take a frame as features alone, for a model that has no target.

    Parameters
    ----------
    frame
        A frame, or a numpy array.
    features
        The columns the estimator wants, in its order; all when None.
    what
        What the frame is called in messages.

    Returns
    -------
    Labelled
        Without targets.
    """
    whole = _features_frame(frame, features, what)
    inputs = _inputs(whole, features, set(), what)
    source = open_frame(frame, what=what)
    return Labelled(
        features=_like(frame, whole, inputs),
        feature_names=tuple(inputs),
        description=source.description,
        origin=source.origin,
        target=np.empty((len(whole), 0)),
        target_names=(),
        weight=None,
        frame=whole,
    )


def _from_parts(
    parts: tuple[Any, ...],
    target: str | Sequence[str] | None,
    weight: str | Any | None,
    features: Sequence[str] | None,
    ignore: Sequence[str],
    what: str,
) -> Labelled:
    if len(parts) not in (2, 3):
        raise UsageError(
            f"the {what} is a tuple of {len(parts)}",
            hint="pass a frame with the target in it, (X, y), or (X, y, weight)",
        )
    given = parts[0]
    whole = _features_frame(given, features, what)
    if len(parts) == 3 and parts[2] is not None:
        if weight is not None:
            raise UsageError(
                f"the {what} has weights twice: in the tuple and as weight=",
                hint="leave one of them out",
            )
        weight = parts[2]
    answers = _answers(parts[1], _names(target), whole, what)
    chosen, taken = _weights(weight, whole, what)
    inputs = _inputs(whole, features, {*taken, *ignore}, what)
    frame = pd.concat(
        [whole.reset_index(drop=True), answers.reset_index(drop=True)], axis=1
    )
    source = open_frame(given, what=what)
    return Labelled(
        features=_like(given, whole, inputs),
        feature_names=tuple(inputs),
        description=source.description,
        origin=source.origin,
        target=_target(answers, what),
        target_names=tuple(answers.columns),
        weight=chosen,
        frame=_checked(frame, what),
    )


def _features_frame(
    given: Any, features: Sequence[str] | None, what: str
) -> pd.DataFrame:
    if not isinstance(given, np.ndarray) or given.dtype.names:
        return _checked(given, what)
    if given.ndim != 2:
        raise UsageError(
            f"X of the {what} has {given.ndim} dimensions, not 2",
            hint="rows by columns: X.reshape(-1, 1) for a single column",
        )
    whole = pd.DataFrame(numpy_columns(given, what))
    if features is not None and list(features) != list(whole.columns):
        if len(features) != given.shape[1]:
            raise UsageError(
                f"X of the {what} has {given.shape[1]} columns, the model wants "
                f"{len(features)}",
                hint=f"in this order: {', '.join(map(str, features[:8]))}",
            )
        whole.columns = pd.Index([str(name) for name in features])
    return _checked(whole, what)


def _answers(
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


def _checked(frame: Any, what: str) -> pd.DataFrame:
    """Bring a frame into memory; refuse what cannot be kept."""
    source = open_frame(frame, what=what)
    for name, types in source.mixed.items():
        raise UsageError(
            f"column {name!r} of the {what} mixes types: {types}",
            hint=f"make it one type, e.g. frame[{name!r}].astype(str)",
        )
    whole = to_pandas(frame if isinstance(frame, pd.DataFrame) else source, what=what)
    if not len(whole):
        raise UsageError(
            f"the {what} has no rows", hint="look at the filter that made it"
        )
    return whole


def _inputs(
    whole: pd.DataFrame, features: Sequence[str] | None, taken: set[str], what: str
) -> list[str]:
    if features is not None:
        for name in features:
            _require(
                str(name), whole, f"the {what} lacks {name!r}, which the model wants"
            )
        return [str(name) for name in features]
    rest = [name for name in whole.columns if name not in taken]
    if not rest:
        raise UsageError(
            f"the {what} has no column besides the target",
            hint="pass the feature columns too",
        )
    return rest


def _like(given: Any, whole: pd.DataFrame, inputs: list[str]) -> Any:
    """Give the inputs in the library that the frame came in."""
    if isinstance(given, np.ndarray) and not given.dtype.names:
        if all(name == f"x{at}" for at, name in enumerate(whole.columns)):
            if inputs == list(whole.columns):
                return given
            return given[:, [list(whole.columns).index(name) for name in inputs]]
        return whole[inputs]
    if type(given).__module__.partition(".")[0] == "polars":
        chosen = given.select(inputs)
        return chosen.collect() if hasattr(chosen, "collect") else chosen
    if isinstance(given, pd.DataFrame) and list(given.columns) != list(whole.columns):
        # Names that are no text: an estimator fitted on them knows none.
        return given.iloc[:, [list(whole.columns).index(name) for name in inputs]]
    return whole[inputs]


def _weights(
    weight: str | Any | None, whole: pd.DataFrame, what: str
) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """Give the weights, and the columns that they are made of."""
    if weight is None:
        return None, ()
    taken: tuple[str, ...] = ()
    if isinstance(weight, str):
        _require(weight, whole, f"the weight {weight!r} is not a column of the {what}")
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


def _target(answers: pd.DataFrame, what: str) -> NDArray[Any]:
    columns: list[NDArray[Any]] = []
    for name in answers.columns:
        absent = int(answers[name].isna().sum())
        if absent:
            raise UsageError(
                f"the target {name!r} of the {what} is null in {absent} rows",
                hint=f"drop them: frame.dropna(subset=[{name!r}])",
            )
        columns.append(_plain(answers[name]))
    return columns[0] if len(columns) == 1 else np.column_stack(columns)


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


def _names(target: str | Sequence[str] | None) -> list[str]:
    if target is None:
        return []
    return [target] if isinstance(target, str) else [str(name) for name in target]


def _require(name: str, whole: pd.DataFrame, message: str) -> None:
    if name not in whole.columns:
        raise UsageError(message, hint=suggestion(name, whole.columns))
