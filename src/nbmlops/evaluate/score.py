"""Score a model on one frame: predictions, metrics, slices, single-row latency."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.metrics import get_scorer, get_scorer_names

from nbmlops.errors import NotFound, UsageError
from nbmlops.evaluate.compute import compute_metrics
from nbmlops.evaluate.latency import single_row_latency
from nbmlops.evaluate.metrics import Metric, metrics_for
from nbmlops.evaluate.predict import predict
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.slicing import group_labels, slice_labels
from nbmlops.evaluate.tasks import Array, Classes, Task, encode, plain_array
from nbmlops.frames.fingerprints import fingerprint_rows
from nbmlops.frames.labelled import Labelled

_LATENCY_SECONDS = 0.02  # a registration waits for it; comparisons time anew, in turns

Scorer: TypeAlias = Callable[..., float]
#: Name -> scorer, or names that scikit-learn knows.
Scorers: TypeAlias = Mapping[str, "Scorer | str"] | Sequence[str]


def score(
    model: Any,
    data: Labelled,
    *,
    task: Task,
    classes: Classes,
    scorers: Scorers | None = None,
    slices: Iterable[str] = (),
    groups: str | tuple[str, Any] | None = None,
    latency: bool = True,
) -> Scored:
    """Evaluate a fitted estimator on a frame that holds the target.

    Parameters
    ----------
    model
        A fitted estimator.
    data
        The frame, split into features, target and weight.
    task, classes
        As `infer_task` gives them.
    scorers
        More metrics: name -> `scorer(estimator, X, y)` or a name that scikit-learn's
        `get_scorer` knows; or only such names. Greater is taken to be better.
    slices
        Columns of the frame by which to tell rows apart.
    groups
        A column whose equal values make rows that belong together (a day, a customer);
        or its name and an array of one value per row.
    latency
        Whether to time single-row predictions (20 ms, or one of them).

    Returns
    -------
    Scored
        Metrics that are not defined on these rows are left out, with a note.
    """
    target = plain_array(data.target, what="the target")
    known = _checked(scorers, metrics_for(task))
    grouping = _grouping(data.frame, groups)
    labels = {name: slice_labels(_column(data.frame, name)) for name in slices}
    said = predict(model, data.features, rows=data.rows, task=task, classes=classes)
    weight = None if data.weight is None else np.asarray(data.weight, np.float64)
    metrics, notes = compute_metrics(
        task,
        classes,
        target=target,
        prediction=said.prediction,
        probability=said.probability,
        decision=said.decision,
        weight=weight,
    )
    metrics |= _own(known, model, data, weight)
    taken: tuple[float | None, ...] = (None,)
    if latency:
        row = data.features[:1]
        taken = single_row_latency([model], [row], budget=_LATENCY_SECONDS)
    return Scored(
        task=task,
        classes=classes,
        target_names=data.target_names,
        target=target,
        prediction=said.prediction,
        probability=said.probability,
        decision=said.decision,
        weight=weight,
        fingerprints=fingerprint_rows(data.frame),
        slices=labels,
        groups=grouping,
        metrics=metrics,
        latency_ms=taken[0],
        notes=(*_about_labels(target, classes), *notes),
    )


def _checked(
    scorers: Scorers | None, own: Mapping[str, Metric]
) -> Mapping[str, Scorer]:
    if scorers is None:
        return {}
    if isinstance(scorers, str):
        scorers = [scorers]
    pairs: Mapping[str, Scorer | str] = (
        scorers if isinstance(scorers, Mapping) else {name: name for name in scorers}
    )
    checked: dict[str, Scorer] = {}
    for name, scorer in pairs.items():
        if name in own:
            if scorer == name:
                continue  # computed anyway
            raise UsageError(
                f"the metric {name!r} is one of our own and is computed anyway",
                hint="give yours another name",
            )
        checked[name] = _scorer(name, scorer)
    return checked


def _scorer(name: str, scorer: Scorer | str) -> Scorer:
    if isinstance(scorer, str):
        if scorer not in get_scorer_names():
            raise NotFound("scorer", scorer, get_scorer_names())
        found: Scorer = get_scorer(scorer)
        return found
    if not callable(scorer):
        raise UsageError(
            f"the metric {name!r} is {scorer!r}, not a scorer",
            hint="give scorer(estimator, X, y), or the name of one",
        )
    return scorer


def _own(
    scorers: Mapping[str, Scorer], model: Any, data: Labelled, weight: Array | None
) -> dict[str, float]:
    values = {}
    for name, scorer in scorers.items():
        # Scorers of scikit-learn take weights; a function of the user's may not.
        weighted = weight is not None and hasattr(scorer, "_score_func")
        extra = {"sample_weight": weight} if weighted else {}
        try:
            answer = scorer(model, data.features, data.target, **extra)
        except Exception as error:  # it is the user's code
            text = next(iter(str(error).splitlines()), type(error).__name__)
            raise UsageError(
                f"the metric {name!r} failed: {text}",
                hint="it is called as scorer(estimator, X, y)",
            ) from error
        values[name] = _finite(name, answer)
    return values


def _finite(name: str, answer: object) -> float:
    number = isinstance(answer, (int, float, np.number)) or (
        isinstance(answer, np.ndarray) and answer.ndim == 0
    )
    value = float(answer) if number else float("nan")  # type: ignore[arg-type]  # told
    if not np.isfinite(value):
        raise UsageError(
            f"the metric {name!r} gives {answer!r}", hint="it must be a finite number"
        )
    return value


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise NotFound("column", name, map(str, frame.columns))
    return frame[name]


def _grouping(
    frame: pd.DataFrame, groups: str | tuple[str, Any] | None
) -> tuple[str, Array] | None:
    if groups is None:
        return None
    if isinstance(groups, str):
        return groups, group_labels(_column(frame, groups))
    name, values = groups
    if len(values) != len(frame):
        raise UsageError(
            f"groups {name!r} has {len(values):,} values for {len(frame):,} rows",
            hint="give one value per row",
        )
    return name, group_labels(pd.Series(np.asarray(values)))


def _about_labels(target: Array, classes: Classes) -> tuple[str, ...]:
    if not classes:
        return ()
    unknown = int((encode(target, classes) < 0).sum())
    if not unknown:
        return ()
    noun = "label" if unknown == 1 else "labels"
    return (f"{unknown:,} target {noun} the model does not know: always wrong",)
