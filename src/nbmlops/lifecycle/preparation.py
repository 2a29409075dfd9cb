"""What a fitted pipeline does first to each column: scaler, filled nulls, label codes.

Read from the estimator when it is registered, so that a check can tell a column that
was scaled before it reached the model, whose nulls were filled already, or whose labels
stand for each other in the encoder's order.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

MOST_COLUMNS = 2_000  # of more nothing is kept: an event is no place for so much
MOST_LABELS = 200  # of a column
SCALERS = (StandardScaler, MinMaxScaler, RobustScaler, MaxAbsScaler)
ENCODERS = (OneHotEncoder, OrdinalEncoder)
INNER = ("best_estimator_", "estimator_")  # of a search, of a chosen threshold

Found = tuple[str, str, Any]  # column, "scaler", "fill" or "categories", what of it


def preparation_of(model: Any, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read what a model's own first steps do to the columns that it is given.

    Parameters
    ----------
    model
        A fitted estimator; others than pipelines prepare nothing.
    names
        The columns that it reads, in its order.

    Returns
    -------
    dict
        By column {"scaler": {"name", "minus", "by"}}, which does (value - minus) / by,
        {"fill": value} of nulls, and {"categories": labels} in the order of their
        codes; columns without any are left out.
    """
    for inner in INNER:
        model = getattr(model, inner, model)
    if len(names) > MOST_COLUMNS or not isinstance(model, Pipeline):
        return {}
    found: dict[str, dict[str, Any]] = {}
    for column, what, value in _of_steps(model.steps[:-1], list(names)):
        found.setdefault(column, {}).setdefault(what, value)
    return found


def _of_steps(steps: Sequence[tuple[str, Any]], names: list[str]) -> Iterator[Found]:
    """Read steps one after another while each column stays in its place."""
    for _, step in steps:
        yield from _of_step(step, names)
        keeps_columns = isinstance(step, SimpleImputer) and not step.add_indicator
        if not keeps_columns or len(step.statistics_) != len(names):
            return
        if any(_is_missing(value) for value in step.statistics_):
            return  # a column of nulls is left out by the imputer


def _of_step(step: Any, names: list[str]) -> Iterator[Found]:
    """Read one fitted step that is given these columns."""
    if isinstance(step, Pipeline):
        yield from _of_steps(step.steps, names)
    elif isinstance(step, ColumnTransformer):
        for _, inner, columns in step.transformers_:
            yield from _of_step(inner, _chosen(columns, names))
    elif isinstance(step, SCALERS):
        yield from _of_scaler(step, names)
    elif isinstance(step, ENCODERS):
        for name, known in zip(names, step.categories_, strict=False):
            labels = [one for one in known if not _is_missing(one)]
            if len(labels) <= MOST_LABELS and all(isinstance(o, str) for o in labels):
                yield name, "categories", [str(label) for label in labels]
    elif isinstance(step, SimpleImputer):
        for name, value in zip(names, step.statistics_, strict=False):
            if isinstance(value, (int, float, np.number)) and np.isfinite(value):
                yield name, "fill", float(value)


def _of_scaler(step: Any, names: list[str]) -> Iterator[Found]:
    """Read a scaler as (value - minus) / by, column by column."""
    count = len(names)
    if isinstance(step, MinMaxScaler):
        by, minus = 1 / step.scale_, -step.min_ / step.scale_
    else:
        by = _given(step.scale_, np.ones(count))
        centre = getattr(step, "mean_", None)
        if isinstance(step, StandardScaler) and not step.with_mean:
            centre = None
        minus = _given(getattr(step, "center_", centre), np.zeros(count))
    for name, low, size in zip(names, minus, by, strict=False):
        if np.isfinite(low) and np.isfinite(size) and size > 0:
            scaler = {"name": type(step).__name__, "minus": float(low)}
            yield name, "scaler", {**scaler, "by": float(size)}


def _given(values: Any, default: Any) -> Any:
    return default if values is None else values


def _chosen(columns: Any, names: list[str]) -> list[str]:
    """Name the columns that a part of a column transformer is given."""
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, slice) and not isinstance(columns.start, str):
        return names[columns]
    if not isinstance(columns, (Sequence, np.ndarray)) or not len(columns):
        return []
    chosen = list(columns)
    if all(isinstance(one, (bool, np.bool_)) for one in chosen):
        return [name for name, one in zip(names, chosen, strict=False) if one]
    if all(isinstance(one, str) for one in chosen):
        return chosen
    return [names[int(one)] for one in chosen if isinstance(one, (int, np.integer))]


def _is_missing(value: Any) -> bool:
    is_nan = isinstance(value, (float, np.floating)) and bool(np.isnan(value))
    return value is None or is_nan
