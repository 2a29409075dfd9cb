"""A repair as a fitted transformer, to be put in front of a pipeline.

Parts of scikit-learn and numpy wherever they have one, so that the artifact loads
without anybody's word and without nbmlops. Each part is frozen: a repair is not learnt,
and must not be learnt anew where the pipeline behind it is.
"""

from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from nbmlops.errors import warn
from nbmlops.skew.repair.doing import FUNCTIONS
from nbmlops.skew.repair.plan import Plan
from nbmlops.skew.repair.rewrite import Rewrite
from nbmlops.skew.repair.steps import (
    Apply,
    Convert,
    Scale,
    Shift,
    Step,
    ToNull,
    step_dict,
)

_MOMENT = pd.Timestamp("2026-01-01")


def transformer(plan: Plan) -> ColumnTransformer:
    """Build the transformer that turns a serving frame into one like training.

    Parameters
    ----------
    plan
        Which columns there are, where each is read from, and what is done to it.

    Returns
    -------
    ColumnTransformer
        Fitted. It gives pandas frames of the plan's columns, in its order; after
        `set_output(transform="polars")` polars ones. A warning names what it leaves.
    """
    if plan.left:
        warn(f"the repair leaves as it comes: {plan.left}")
    parts: list[tuple[str, Any, list[str]]] = []
    for is_kept, group in groupby(plan.columns, key=plan.is_kept):
        names = list(group)
        if is_kept:
            parts.append((f"{len(parts)} as it comes", "passthrough", names))
            continue
        for name in names:
            label = f"{len(parts)} {name}".replace("__", "_")  # sklearn's own sign
            part = FrozenEstimator(_part(plan, name))
            parts.append((label, part, [plan.source(name)]))
    whole = ColumnTransformer(parts, verbose_feature_names_out=False)
    row = {plan.source(name): [_example(plan, name)] for name in plan.columns}
    fitted: ColumnTransformer = whole.set_output(transform="pandas").fit(
        pd.DataFrame(row)
    )
    return fitted


def _part(plan: Plan, name: str) -> Any:
    """Build what makes one column, fitted."""
    given, steps = plan.source(name), plan.steps_of(name)
    frame = pd.DataFrame({name: [_example(plan, name)]})
    parts: list[Any] = []
    if given != name:
        # A name in braces would be read as a field.
        as_named = name.replace("{", "{{").replace("}", "}}")
        taken = ColumnTransformer(
            [("taken", "passthrough", [given])], verbose_feature_names_out=as_named
        )
        parts.append(taken.fit(frame.set_axis([given], axis="columns")))
    if _is_stock(steps):
        parts += [part for step in steps for part in _stock(step, frame)]
    else:
        parts.append(Rewrite([step_dict(step) for step in steps]).fit(frame))
    if len(parts) == 1:
        return parts[0]
    return Pipeline([(f"step {at}", part) for at, part in enumerate(parts)])


def _example(plan: Plan, name: str) -> Any:
    """Give a value that the steps of a column can be tried on."""
    first = next(iter(plan.steps_of(name)), None)
    return _MOMENT if isinstance(first, Shift) else 1.0


def _is_stock(steps: tuple[Step, ...]) -> bool:
    """Say whether scikit-learn and numpy have a part for each step."""
    if any(isinstance(a, Scale) and isinstance(b, Apply) for a, b in pairwise(steps)):
        return False  # no scaler takes infinities, and a logarithm of 0 is one
    return all(map(_has_part, steps))


def _has_part(step: Step) -> bool:
    match step:
        case Scale():
            return True
        case Apply(function=function):
            return function != "logical_not"  # to numpy a null is true
        case ToNull(values=values):
            return not any(isinstance(value, str) for value in values)
        case Convert(to="number", given="boolean"):
            return True
    return False


def _stock(step: Step, frame: pd.DataFrame) -> list[Any]:
    """Build the parts of one step, fitted."""
    if isinstance(step, Scale):
        return _scalers(step, frame)
    as_floats = _function(np.asarray, frame, dtype="float64")
    if isinstance(step, Apply):
        return [as_floats, _function(FUNCTIONS[step.function], frame)]
    if isinstance(step, ToNull):
        nulls = [_function(np.ma.masked_equal, frame, value=v) for v in step.values]
        return [as_floats, *nulls]
    return [as_floats]


def _function(function: Any, frame: pd.DataFrame, **values: Any) -> Any:
    part = FunctionTransformer(
        function, kw_args=values or None, feature_names_out="one-to-one"
    )
    return part.fit(frame)


def _scalers(step: Scale, frame: pd.DataFrame) -> list[Any]:
    """Build (value + plus) divided by, or times, a number."""
    # One scaler divides and the other multiplies: by the inverse instead, the last bit
    # would not be that of pandas.
    parts: list[Any] = []
    if step.plus or step.divides:
        scaler = StandardScaler(with_mean=bool(step.plus), with_std=step.divides)
        scaler.fit(frame)
        scaler.mean_ = np.array([-step.plus])
        if step.divides:
            scaler.scale_ = np.array([step.by])
            scaler.var_ = scaler.scale_**2
        parts.append(scaler)
    if step.by != 1.0 and not step.divides:
        scaler = MinMaxScaler().fit(frame)
        scaler.scale_, scaler.min_ = np.array([step.by]), np.array([0.0])
        scaler.data_min_ = np.array([0.0])
        scaler.data_max_ = scaler.data_range_ = np.array([1.0 / step.by])
        parts.append(scaler)
    return parts
