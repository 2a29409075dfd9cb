"""The leading metric on each slice of the rows, false discoveries held to 5%."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from nbmlops.compare.comparison import SliceDifference
from nbmlops.compare.paired import (
    Array,
    Difference,
    Floats,
    MetricLike,
    Rows,
    Units,
    paired_difference,
)

LEAST_ROWS = 100
#: A class with fewer rows than this in a slice is too rare there to rank or to count.
LEAST_OF_A_CLASS = 10
FALSE_DISCOVERIES = 0.05
_Rows = npt.NDArray[np.intp]


def slice_differences(
    metric: MetricLike,
    baseline: tuple[str, Rows],
    challengers: Mapping[str, Rows],
    columns: Mapping[str, Array],
    units: Units | None,
) -> tuple[SliceDifference, ...]:
    """Compare one metric on every slice.

    Parameters
    ----------
    metric
        The leading one.
    baseline
        Its ref and rows.
    challengers
        Ref -> the same rows.
    columns
        Slice column -> the label of each row.
    units
        Groups that are drawn together, or None; where a slice holds one group only, its
        interval is by row.

    Returns
    -------
    tuple
        One per challenger and slice, surest first, the too small last.
    """
    found = [
        _difference(metric, baseline, (ref, rows), (column, label), own, units)
        for ref, rows in challengers.items()
        for column, labels in columns.items()
        for label, own in members(labels)
    ]
    judged = [one for one in found if one.p_value is not None]
    adjusted = benjamini_hochberg([one.p_value or 0.0 for one in judged])
    verdicts = [
        _judged(one, p_value, metric)
        for one, p_value in zip(judged, adjusted, strict=True)
    ]
    small = [one for one in found if one.p_value is None]
    return (*sorted(verdicts, key=lambda one: one.p_value or 0.0), *small)


def benjamini_hochberg(p_values: Sequence[float]) -> Floats:
    """Adjust p-values so that those under q are false with a share of at most q.

    Parameters
    ----------
    p_values
        In [0, 1].

    Returns
    -------
    ndarray
        Adjusted (Benjamini and Hochberg 1995), in the same order, never smaller.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    out = np.empty(len(values))
    out[order] = np.minimum.accumulate(values[order] * len(values) / ranks)
    return np.minimum(out, 1.0)


def members(labels: Array) -> Iterator[tuple[str, _Rows]]:
    """Split rows by their label, in the order of the labels.

    Parameters
    ----------
    labels
        One per row.

    Yields
    ------
    tuple
        A label, and where its rows stand.
    """
    names, codes = np.unique(labels.astype(str), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    for name, own in zip(names, np.split(order, ends[:-1]), strict=True):
        yield str(name), own


def _difference(
    metric: MetricLike,
    baseline: tuple[str, Rows],
    challenger: tuple[str, Rows],
    name: tuple[str, str],
    own: _Rows,
    units: Units | None,
) -> SliceDifference:
    left, right = baseline[1].take(own), challenger[1].take(own)
    result: Difference | None = None
    if not too_small(left):
        drawn = None if units is None else units.take(own)
        if drawn is None or drawn.count < 2:
            drawn = Units.rows(len(own))
        result = paired_difference(metric, left, right, drawn)
    shown = None if result is None or result.interval is None else result
    return SliceDifference(
        metric=metric.name,
        baseline=baseline[0],
        challenger=challenger[0],
        column=name[0],
        value=name[1],
        rows=len(own),
        difference=None if shown is None else shown.difference,
        interval=None if shown is None else shown.interval,
        p_value=None if shown is None else shown.p_value,
        verdict="too small",
    )


def too_small(rows: Rows) -> bool:
    """Tell whether rows are too few, or too much alike, to be judged by themselves."""
    if len(rows.target) < LEAST_ROWS:
        return True
    if len(rows.classes) != 2 or rows.target.ndim != 1:
        return len(np.unique(rows.target)) < 2
    return bool(np.bincount(rows.target == 1, minlength=2).min() < LEAST_OF_A_CLASS)


def _judged(
    one: SliceDifference, p_value: float, metric: MetricLike
) -> SliceDifference:
    clear = p_value < FALSE_DISCOVERIES and one.difference
    if not clear:
        return replace(one, p_value=float(p_value), verdict="not clear")
    better = ((one.difference or 0.0) > 0) == metric.greater_is_better
    return replace(one, p_value=float(p_value), verdict="better" if better else "worse")
