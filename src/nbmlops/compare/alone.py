"""One version by itself: its metrics, and the leading one by slice, with 95% intervals.

The variance is the jackknife's, as it is for the difference of two versions (`paired`).
A slice is judged by its difference to the other rows, false discoveries held to 5% over
all slices; where a slice has few rows or groups, so has its t distribution.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import stdtr, stdtrit

from nbmlops.compare.align import ScoredLike, rows_of
from nbmlops.compare.paired import LEVEL, Array, Floats, MetricLike, Rows, Units
from nbmlops.compare.slices import (
    FALSE_DISCOVERIES,
    benjamini_hochberg,
    members,
    too_small,
)

Interval = tuple[float, float]
SliceVerdict = Literal["better", "worse", "not clear", "too small"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricEstimate:
    """One metric of one version.

    Attributes
    ----------
    metric, label
        "roc_auc", "ROC AUC".
    value, interval
        With 95%; None where none can be given.
    greater_is_better
        Which way is good.
    """

    metric: str
    label: str
    value: float
    interval: Interval | None
    greater_is_better: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceEstimate:
    """The leading metric on one slice of the rows, and against all other rows.

    Attributes
    ----------
    column, slice, rows
        "carrier", "EV", 1,850.
    value, interval
        On the slice; None where it is too small.
    difference, difference_interval
        To the metric on the other rows.
    p_value
        Of no difference, adjusted (Benjamini-Hochberg over all slices).
    verdict
        "worse" where it is clearly worse than the other rows.
    """

    column: str
    slice: str
    rows: int
    value: float | None = None
    interval: Interval | None = None
    difference: float | None = None
    difference_interval: Interval | None = None
    p_value: float | None = None
    verdict: SliceVerdict = "too small"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What the stored rows of one version say.

    Attributes
    ----------
    metrics
        In the order of the table of metrics, the leading one first.
    slices
        Surest first, the too small ones last.
    groups, group_column
        How many groups the intervals are of; 0 and "" where they are by row.
    """

    metrics: tuple[MetricEstimate, ...] = ()
    slices: tuple[SliceEstimate, ...] = ()
    groups: int = 0
    group_column: str = ""


def estimate(scored: ScoredLike, metrics: Mapping[str, MetricLike]) -> Alone:
    """Give a version's metrics with intervals.

    Parameters
    ----------
    scored
        Its stored rows, with slices and groups where they were named.
    metrics
        The metrics of its task by name, the leading one first.

    Returns
    -------
    Alone
        Of what these rows allow.
    """
    places = np.arange(len(scored.target))
    rows = rows_of(
        scored, places, like=scored, like_positions=places, classes=scored.classes
    )
    units, column = Units.rows(len(places)), ""
    if scored.groups is not None:
        grouped = Units.groups(scored.groups[1])
        if 1 < grouped.count < len(places):
            units, column = grouped, scored.groups[0]
    found = [_metric(metric, rows, units) for metric in metrics.values()]
    known = tuple(one for one in found if one is not None)
    return Alone(
        metrics=known,
        slices=_slices(metrics[known[0].metric], rows, scored.slices, units)
        if known
        else (),
        groups=units.count if column else 0,
        group_column=column,
    )


def _metric(metric: MetricLike, rows: Rows, units: Units) -> MetricEstimate | None:
    given = rows.args(metric)
    value = np.nan if given is None else metric.function(*given)
    if not np.isfinite(value):
        return None
    moves = _moves(metric, rows, units)
    return MetricEstimate(
        metric=metric.name,
        label=metric.label,
        value=float(value),
        interval=_interval(metric, float(value), moves, units.count - 1.0),
        greater_is_better=metric.greater_is_better,
    )


def _moves(metric: MetricLike, rows: Rows, units: Units) -> Floats:
    """Say how far the metric moves without each unit; NaN where it is not defined."""
    given = rows.args(metric)
    if given is None:
        return np.full(units.count, np.nan)
    without = metric.left_out(*given, units.of_row, units.count)
    return np.asarray(without - metric.function(*given), np.float64)


def _interval(
    metric: MetricLike, value: float, moves: Floats, degrees: float
) -> Interval | None:
    """Reach from the value to both sides, but not past the best one there is."""
    bounds = _reach(value, moves, degrees)
    if bounds is None:
        return None
    low, high = bounds
    return (low, min(high, 1.0)) if metric.greater_is_better else (max(low, 0.0), high)


def _reach(value: float, moves: Floats, degrees: float) -> Interval | None:
    error = _error(moves)
    if degrees < 1 or not error > 0:
        return None
    side = float(stdtrit(degrees, 0.5 + LEVEL / 2.0)) * error
    return value - side, value + side


def _error(moves: Floats) -> float:
    return float(np.sqrt((1.0 - 1.0 / len(moves)) * float(moves @ moves)))


def _slices(
    metric: MetricLike, rows: Rows, columns: Mapping[str, Array], units: Units
) -> tuple[SliceEstimate, ...]:
    found = [
        _slice(metric, rows, (column, label), own, units)
        for column, labels in columns.items()
        for label, own in members(labels)
    ]
    judged = [one for one in found if one.p_value is not None]
    adjusted = benjamini_hochberg([one.p_value or 0.0 for one in judged])
    verdicts = [
        _judged(one, float(p_value), up=metric.greater_is_better)
        for one, p_value in zip(judged, adjusted, strict=True)
    ]
    small = (one for one in found if one.p_value is None)
    return (*sorted(verdicts, key=lambda one: one.p_value or 0.0), *small)


def _slice(
    metric: MetricLike, rows: Rows, name: tuple[str, str], own: Array, units: Units
) -> SliceEstimate:
    found = SliceEstimate(column=name[0], slice=name[1], rows=len(own))
    others = np.setdiff1d(np.arange(len(rows.target)), own)
    sides = [rows.take(part) for part in (own, others)]
    if any(too_small(side) for side in sides):
        return found
    drawn = [Units(units.of_row[part], units.count) for part in (own, others)]
    values = [metric.function(*given) for side in sides if (given := side.args(metric))]
    mine, theirs = (_moves(metric, s, u) for s, u in zip(sides, drawn, strict=True))
    degrees = min(len(np.unique(unit.of_row)) for unit in drawn) - 1.0
    difference = float(values[0] - values[1])
    bounds = _reach(difference, mine - theirs, degrees)
    if bounds is None:
        return found
    sure = abs(difference) / _error(mine - theirs)
    return replace(
        found,
        value=float(values[0]),
        interval=_interval(metric, float(values[0]), mine, degrees),
        difference=difference,
        difference_interval=bounds,
        p_value=2.0 * float(stdtr(degrees, -sure)),
    )


def _judged(one: SliceEstimate, p_value: float, *, up: bool) -> SliceEstimate:
    if p_value >= FALSE_DISCOVERIES:
        return replace(one, p_value=p_value, verdict="not clear")
    is_better = ((one.difference or 0.0) > 0) == up
    return replace(one, p_value=p_value, verdict="better" if is_better else "worse")
