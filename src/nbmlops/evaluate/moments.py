"""Metrics that are a function of weighted sums over the rows.

Accuracy, F1, log loss, RMSE, R2 ... are each g(sum of w_i m_i) with a few moments m_i
per row. So their value without a row, or without a group of rows, costs a subtraction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nbmlops.evaluate.tasks import Array, Classes, encode

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a metric reads of n rows: labels as codes, -1 for a label not known.

    Attributes
    ----------
    target, prediction
        Shape (n,) or (n, k): codes where there are classes, else numbers.
    probability
        Shape (n, classes), or (n, k) in a multilabel task; None where there is none.
    sizes
        The number of classes of each output; empty for regression and multilabel.
    """

    target: Array
    prediction: Array
    probability: Floats | None
    sizes: tuple[int, ...]


def rows_of(
    target: Array, prediction: Array, probability: Array | None, classes: Classes
) -> Rows:
    """Encode labels by the classes, so that a metric compares whole numbers."""
    chance = None if probability is None else np.asarray(probability, np.float64)
    if not classes:
        return Rows(np.asarray(target), np.asarray(prediction), chance, ())
    several = isinstance(classes[0], tuple)
    sizes = tuple(map(len, classes)) if several else (len(classes),)
    return Rows(encode(target, classes), encode(prediction, classes), chance, sizes)


#: Rows -> shape (n, m).
RowMoments: TypeAlias = Callable[[Rows], Floats]
#: Sums of shape (..., m), sizes -> shape (...), NaN where it is not defined.
FromSums: TypeAlias = Callable[[Floats, tuple[int, ...]], Floats]


def sums_by_unit(
    moments: Floats, weight: Floats | None, units: Array, count: int
) -> Floats:
    """Add weighted moments up by unit; shape (count, m)."""
    weighted = moments if weight is None else moments * weight[:, None]
    if count == len(units) and bool((units == np.arange(count)).all()):
        return weighted
    columns = [np.bincount(units, column, minlength=count) for column in weighted.T]
    return np.column_stack(columns)


def ratio(above: Floats, below: Floats) -> Floats:
    """Divide, NaN where the divisor is not positive."""
    out = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    # Sums of which a part was taken away leave rounding behind instead of 0.
    return np.asarray(np.divide(above, below, out=out, where=below > 1e-9))


def mean(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Give the weighted mean of the first moment; the second is 1."""
    return ratio(sums[..., 0], sums[..., 1])


def root_mean(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Give the root of each output's mean, then their average; the last moment is 1."""
    means = ratio(sums[..., :-1], sums[..., -1:])
    return np.asarray(np.sqrt(np.maximum(means, 0.0)).mean(axis=-1))


def determination(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Give R2 averaged over outputs; moments are (error2, y2, y) per output, then 1."""
    error, square, plain = (sums[..., i:-1:3] for i in range(3))
    total = square - ratio(plain**2, sums[..., -1:])
    # A constant target leaves only rounding in the total: no R2 is defined.
    total = np.where(total > 1e-12 * np.abs(square), total, 0.0)
    return np.asarray((1.0 - ratio(error, total)).mean(axis=-1))


def precision(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Divide true positives by positive predictions; 0 where none was predicted."""
    right, predicted, actual = (sums[..., i] for i in range(3))
    value = np.nan_to_num(ratio(right, predicted), nan=0.0)
    return np.where(predicted + actual > 0, value, np.nan)


def recall(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Divide true positives by actual positives."""
    return ratio(sums[..., 0], sums[..., 2])


def f1(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Give the harmonic mean of precision and recall."""
    return ratio(2.0 * sums[..., 0], sums[..., 1] + sums[..., 2])


def f1_by_class(sums: Floats) -> Floats:
    """Give F1 by class: NaN for one neither predicted nor actual."""
    right, predicted, actual = (sums[..., i::3] for i in range(3))
    return ratio(2.0 * right, predicted + actual)


def f1_macro(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Average F1 over the classes that occur, then over outputs."""
    by_class = f1_by_class(sums)
    ends = np.cumsum(sizes)
    outputs = [
        mean_of_defined(by_class[..., end - size : end])
        for size, end in zip(sizes, ends, strict=True)
    ]
    return np.asarray(np.stack(outputs, axis=-1).mean(axis=-1))


def f1_weighted(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Average F1 over the classes by how often they occur."""
    actual = sums[..., 2::3]
    by_class = np.nan_to_num(f1_by_class(sums), nan=0.0)
    return ratio((by_class * actual).sum(axis=-1), actual.sum(axis=-1))


def f1_labels(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Average F1 over labels, 0 for one neither predicted nor actual (scikit-learn)."""
    return np.asarray(np.nan_to_num(f1_by_class(sums), nan=0.0).mean(axis=-1))


def f1_micro(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Give the F1 of all labels thrown together."""
    right, predicted, actual = (sums[..., i::3].sum(axis=-1) for i in range(3))
    return ratio(2.0 * right, predicted + actual)


def balanced_accuracy(sums: Floats, sizes: tuple[int, ...]) -> Floats:
    """Average recall over the classes that occur in the target."""
    return mean_of_defined(ratio(sums[..., 0::3], sums[..., 2::3]))


def mean_of_defined(values: Floats) -> Floats:
    """Average over the last axis without NaN; NaN where nothing is left."""
    defined = ~np.isnan(values)
    total = np.where(defined, values, 0.0).sum(axis=-1)
    return ratio(total, defined.sum(axis=-1).astype(np.float64))


def with_ones(*columns: Array) -> Floats:
    """Put columns side by side, and a column of ones last."""
    ones = np.ones(len(columns[0]))
    return np.column_stack([*columns, ones]).astype(np.float64, copy=False)


def rightness(rows: Rows) -> Floats:
    """Whether the prediction is right; the share of outputs where there are several."""
    right = rows.target == rows.prediction
    return with_ones(right if right.ndim == 1 else right.mean(axis=1))


def exactness(rows: Rows) -> Floats:
    """Whether the predictions of all outputs are right."""
    return with_ones((rows.target == rows.prediction).all(axis=1))


def label_errors(rows: Rows) -> Floats:
    """Give the share of wrong labels."""
    return with_ones((rows.target != rows.prediction).mean(axis=1))


def positives(rows: Rows) -> Floats:
    """Mark true positives, predicted positives, positives (the second class)."""
    actual, predicted = rows.target == 1, rows.prediction == 1
    return np.column_stack([actual & predicted, predicted, actual]).astype(np.float64)


def confusions(rows: Rows) -> Floats:
    """Mark the same by class of each output: three columns each."""
    target, prediction = (
        a[:, None] if a.ndim == 1 else a for a in (rows.target, rows.prediction)
    )
    parts = [
        _triples(target[:, i, None] == codes, prediction[:, i, None] == codes)
        for i, size in enumerate(rows.sizes)
        for codes in (np.arange(size),)
    ]
    return np.concatenate(parts, axis=1)


def label_confusions(rows: Rows) -> Floats:
    """Mark the same by label of a multilabel task."""
    return _triples(rows.target == 1, rows.prediction == 1)


def _triples(actual: Array, predicted: Array) -> Floats:
    stacked = np.stack([actual & predicted, predicted, actual], axis=2)
    return stacked.reshape(len(actual), -1).astype(np.float64)


def surprise(rows: Rows) -> Floats:
    """Minus the log of the probability of what happened, clipped as scikit-learn's."""
    chance = _needed(rows)
    taken = chance[np.arange(len(chance)), np.maximum(rows.target, 0)]
    taken = np.where(rows.target < 0, 0.0, taken)
    least = np.finfo(np.float64).eps
    return with_ones(-np.log(np.clip(taken, least, 1.0 - least)))


def brier(rows: Rows) -> Floats:
    """Squared distance of the positive class's probability from what happened."""
    return with_ones((_needed(rows)[:, 1] - (rows.target == 1)) ** 2)


def squared_errors(rows: Rows) -> Floats:
    """Squared error, by output."""
    return with_ones(_errors(rows) ** 2)


def absolute_errors(rows: Rows) -> Floats:
    """Absolute error, averaged over outputs."""
    return with_ones(np.abs(_errors(rows)).mean(axis=1))


def variances(rows: Rows) -> Floats:
    """Squared error, target and its square by output; the target is centred."""
    target = _two(rows.target)
    centred = target - target.mean(axis=0)
    triples = np.stack([_errors(rows) ** 2, centred**2, centred], axis=2)
    return with_ones(triples.reshape(len(target), -1))


def _errors(rows: Rows) -> Floats:
    return _two(rows.target) - _two(rows.prediction)


def _two(values: Array) -> Floats:
    out = np.asarray(values, np.float64)
    return out[:, None] if out.ndim == 1 else out


def _needed(rows: Rows) -> Floats:
    if rows.probability is None:
        message = "this metric needs probabilities"
        raise ValueError(message)
    return rows.probability
