"""A frame split into what a model is given, what it should answer, and the weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbmlops.errors import UsageError
from nbmlops.frames.memory import numpy_columns
from nbmlops.frames.opening import open_frame, to_pandas
from nbmlops.frames.origin import Origin
from nbmlops.frames.targets import (
    answers_frame,
    named_targets,
    require,
    row_weights,
    target_values,
)
from nbmlops.host import option


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
    names = named_targets(target)
    if not names:
        raise UsageError(
            f"the {what} needs a target",
            hint=f"name its column with {option('target')}, or pass (X, y)",
        )
    whole = _checked(frame, what)
    for name in names:
        require(name, whole, f"the target {name!r} is not a column of the {what}")
    chosen, taken = row_weights(weight, whole, what)
    inputs = _inputs(whole, features, {*names, *taken, *ignore}, what)
    return _put_together(
        frame, whole, inputs, what, answers=whole[names], weight=chosen
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
    return _put_together(frame, whole, inputs, what, answers=whole[[]])


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
                f"the {what} has weights twice: in the tuple and as {option('weight')}",
                hint="leave one of them out",
            )
        weight = parts[2]
    answers = answers_frame(parts[1], named_targets(target), whole, what)
    chosen, taken = row_weights(weight, whole, what)
    inputs = _inputs(whole, features, {*taken, *ignore}, what)
    both = pd.concat(
        [whole.reset_index(drop=True), answers.reset_index(drop=True)], axis=1
    )
    made = _put_together(given, whole, inputs, what, answers=answers, weight=chosen)
    return replace(made, frame=_checked(both, what))


def _put_together(
    given: Any,
    whole: pd.DataFrame,
    inputs: list[str],
    what: str,
    *,
    answers: pd.DataFrame,
    weight: NDArray[np.float64] | None = None,
) -> Labelled:
    source = open_frame(given, what=what)
    return Labelled(
        features=_like(given, whole, inputs),
        feature_names=tuple(inputs),
        description=source.description,
        origin=source.origin,
        target=target_values(answers, what),
        target_names=tuple(answers.columns),
        weight=weight,
        frame=whole,
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
            require(
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
