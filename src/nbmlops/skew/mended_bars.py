"""The picture behind a cause: serving as the repair turns it back, beside training.

Drawn from the profiles alone. Where the cause is right the two lie on each other.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nbmlops.skew.bars import bounds_of, interval_bars, label_bars
from nbmlops.skew.causes.evidence import Evidence
from nbmlops.skew.causes.points import points_of
from nbmlops.skew.questions import Labels
from nbmlops.skew.repair.doing import done
from nbmlops.skew.repair.steps import Shift, Step, Swap
from nbmlops.skew.report import Bar
from nbmlops.skew.statistics import Floats

HOURS = 24


def mended_bars(evidence: Evidence, mend: tuple[Step, ...]) -> tuple[Bar, ...]:
    """Draw training and the serving side as steps turn it back.

    Parameters
    ----------
    evidence
        The column.
    mend
        The steps of its repair.

    Returns
    -------
    tuple of Bar
        () where there is no repair, or where a profile does not tell its outcome.
    """
    if not mend:
        return ()
    if evidence.kind == "number":
        return _of_numbers(evidence, mend)
    if evidence.kind == "text" and evidence.labels is not None:
        return label_bars(_relabelled(evidence.labels, mend))
    if evidence.kind == "time" and evidence.labels is not None:
        return _of_hours(evidence.labels, mend)
    return ()


def _of_numbers(evidence: Evidence, mend: tuple[Step, ...]) -> tuple[Bar, ...]:
    case, served = evidence.numbers, evidence.numbers
    steps = []
    for step in mend:
        if isinstance(step, Swap):
            other = evidence.others.get(step.other)
            served = other.numbers if other else None
        else:
            steps.append(step)
    if case is None or served is None:
        return ()
    points, weights = points_of(served.serving)
    column: Any = pd.Series(points)
    with np.errstate(all="ignore"):
        for step in steps:
            column = done(step, column)
    values: Floats = column.to_numpy("float64")
    is_null, is_finite = np.isnan(values), np.isfinite(values)
    nulls = served.serving.nulls + float(weights[is_null].sum())
    return _intervals(
        (case.values, case.weights, case.reference.nulls),
        (values[is_finite], weights[is_finite], nulls),
    )


def _intervals(
    before: tuple[Floats, Floats, float], after: tuple[Floats, Floats, float]
) -> tuple[Bar, ...]:
    """Count both sides' points in common intervals."""
    values = np.concatenate([before[0], after[0]])
    if not len(values):
        return ()
    shares = [
        w / max(float(w.sum()) + nulls, 1e-300) for _, w, nulls in (before, after)
    ]
    order = np.argsort(values, kind="stable")
    bounds = bounds_of(values[order], np.concatenate(shares)[order])
    first, second = (
        np.bincount(
            np.searchsorted(bounds, v, side="right"), w, len(bounds) + 1
        ).astype(np.float64)
        for v, w in zip((before[0], after[0]), shares, strict=True)
    )
    return interval_bars(
        (float(values.min()), *bounds.tolist(), float(values.max())),
        (first, second),
        nulls=(1 - float(first.sum()), 1 - float(second.sum())),
    )


def _relabelled(labels: Labels, mend: tuple[Step, ...]) -> Labels:
    """Count the labels of serving under the names that a repair gives them."""
    column: Any = pd.Series(labels.names, dtype=object)
    for step in mend:
        column = done(step, column)
    counts = dict.fromkeys(labels.names, 0.0)
    nulls = labels.nulls[1]
    for name, rows in zip(column, labels.serving.tolist(), strict=True):
        if isinstance(name, str):
            counts[name] = counts.get(name, 0.0) + rows
        else:
            nulls += rows
    known = dict(zip(labels.names, labels.reference.tolist(), strict=True))
    kept = [name for name, rows in counts.items() if rows or known.get(name)]
    return replace(
        labels,
        names=tuple(kept),
        reference=np.array([known.get(name, 0.0) for name in kept]),
        serving=np.array([counts[name] for name in kept]),
        nulls=(labels.nulls[0], nulls),
    )


def _of_hours(labels: Labels, mend: tuple[Step, ...]) -> tuple[Bar, ...]:
    hours = sum(step.hours for step in mend if isinstance(step, Shift))
    if len(labels.names) != HOURS or hours != int(hours):
        return ()
    shifted = replace(labels, serving=np.roll(labels.serving, int(hours)))
    return label_bars(shifted, places=True)
