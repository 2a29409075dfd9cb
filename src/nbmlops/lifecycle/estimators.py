"""What an estimator says of itself: that it is fitted, its names, its parameters."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from nbmlops.errors import UsageError

LONGEST_PARAMETER = 200


def check_estimator(model: Any) -> None:
    """Refuse what is no fitted estimator.

    Parameters
    ----------
    model
        What the user wants to register.

    Raises
    ------
    UsageError
        If it is a class, has no `predict`, or was not fitted.
    """
    if isinstance(model, type):
        raise UsageError(
            f"{model.__name__} is a class, not a fitted estimator",
            hint=f"{model.__name__}().fit(X, y) makes one",
        )
    if not hasattr(model, "predict") or not hasattr(model, "fit"):
        raise UsageError(
            f"a {type(model).__name__} cannot be registered: it has no fit and predict",
            hint="register a fitted scikit-learn estimator or pipeline",
        )
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise UsageError(
            f"this {type(model).__name__} is not fitted", hint="call fit first"
        ) from None


def describe(model: Any) -> str:
    """Name an estimator and its last step: "Pipeline: ColumnTransformer, Ridge"."""
    name = type(model).__name__
    if isinstance(model, Pipeline):
        steps = ", ".join(type(step).__name__ for _, step in model.steps)
        return f"{name}: {steps}"
    inner = getattr(model, "best_estimator_", None) or getattr(model, "estimator", None)
    return f"{name}: {type(inner).__name__}" if inner is not None else name


def is_unsupervised(model: Any) -> bool:
    """Tell whether an estimator is one of groups, outliers or the like: it has no y."""
    return not (
        is_classifier(model) or is_regressor(model) or hasattr(model, "classes_")
    )


def feature_names(model: Any) -> tuple[str, ...] | None:
    """Return the input columns that the estimator was fitted on, if it knows them."""
    names = getattr(model, "feature_names_in_", None)
    return None if names is None else tuple(str(name) for name in names)


def parameters(model: Any, extra: Mapping[str, Any] | None) -> dict[str, str]:
    """List an estimator's parameters as text; nested estimators only by their own.

    Parameters
    ----------
    model
        An estimator.
    extra
        What the user adds; wins over the estimator's.

    Returns
    -------
    dict
        Name to text, at most 200 characters each.
    """
    found = {
        key: _short(value)
        for key, value in sorted(model.get_params(deep=True).items())
        if not _is_structure(value)
    }
    return {**found, **{str(k): _short(v) for k, v in (extra or {}).items()}}


def unseeded(params: Mapping[str, str]) -> list[str]:
    """List the random states that were left to chance: fitting again may differ.

    Parameters
    ----------
    params
        A version's, as text.

    Returns
    -------
    list of str
        The names of those that are None.
    """
    seeds = (key for key in params if key.rpartition("__")[2] == "random_state")
    return [key for key in seeds if params[key] == "None"]


def search_results(model: Any) -> str | None:
    """Return `cv_results_` of a fitted search as JSON, one list per column."""
    results = getattr(model, "cv_results_", None)
    if results is None:
        return None
    columns = {key: _plain(value) for key, value in results.items()}
    return json.dumps(columns, sort_keys=True, default=repr)


def plain(value: Any) -> Any:
    """Return a numpy scalar as Python's own; other values as they are."""
    return value.item() if isinstance(value, np.generic) else value


def _plain(values: Any) -> list[Any]:
    return [None if _is_missing(v) else plain(v) for v in np.ma.array(values).tolist()]


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not np.isfinite(value))


def _is_structure(value: Any) -> bool:
    return isinstance(value, BaseEstimator) or any(
        isinstance(item, BaseEstimator) for item in _flat(value)
    )


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(plain(value))
    if len(text) <= LONGEST_PARAMETER:
        return text
    return text[: LONGEST_PARAMETER - 1] + "…"
