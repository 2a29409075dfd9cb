"""Differences of metrics between two versions on the same rows, with 95% intervals.

Both versions are judged on the same rows, so the interval is of the paired difference.
Its variance is the jackknife's (Quenouille 1956; Tukey 1958): the difference without
each row, or without each whole group of rows, which metrics that are sums or ranks give
without being computed anew (`left_out`). For a mean this is the paired t interval, for
ROC AUC it is that of DeLong, DeLong and Clarke-Pearson (1988) and, by group, of
Obuchowski (1997), up to a factor of about 1 + 1/n on the careful side. It is centred on
the full estimate, not on the mean of the parts: the wider of the two, which few or
unequal groups need (Bell and McCaffrey 2002).
"""

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

Array: TypeAlias = npt.NDArray[Any]
Floats: TypeAlias = npt.NDArray[np.float64]

#: target, prediction, probability, weight, classes
Arguments: TypeAlias = tuple[Array, Array, Array | None, Array | None, tuple[Any, ...]]

LEVEL = 0.95
#: Below this many groups an interval by group is shown with a warning.
FEW_GROUPS = 10


class MetricLike(Protocol):
    """What is read of a metric; `nbmlops.evaluate.metrics.Metric` is one."""

    @property
    def name(self) -> str:
        """Read the name."""

    @property
    def label(self) -> str:
        """Read the label."""

    @property
    def greater_is_better(self) -> bool:
        """Read the direction."""

    @property
    def needs(self) -> str:
        """Read "prediction", "probability" or "ranking"."""

    @property
    def kind(self) -> str:
        """Read "mean", "ratio" or "ranking"."""

    @property
    def counts(self) -> bool:
        """Whether it only counts right and wrong labels."""

    def function(
        self,
        target: Array,
        prediction: Array,
        probability: Array | None,
        weight: Array | None,
        classes: tuple[Any, ...],
        /,
    ) -> float:
        """Compute the value, NaN where it is not defined."""

    def left_out(
        self,
        target: Array,
        prediction: Array,
        probability: Array | None,
        weight: Array | None,
        classes: tuple[Any, ...],
        units: Array,
        count: int,
        /,
    ) -> Floats:
        """Compute the values without each unit of rows in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One version's side of the paired rows.

    Attributes
    ----------
    target, weight
        The same on both sides; weight None: all 1.
    prediction
        Shape (n,) or (n, k).
    probability
        Shape (n, k), or None.
    decision
        Shape (n,): what ranks where there is no probability; or None.
    classes
        The labels, the positive one second in a binary task.
    """

    target: Array
    prediction: Array
    probability: Array | None
    decision: Array | None
    weight: Array | None
    classes: tuple[Any, ...]

    def args(self, metric: MetricLike) -> Arguments | None:
        """Give what the metric's function takes; None where this side lacks it."""
        scores = self.probability
        if scores is None and metric.needs == "ranking":
            scores = self.decision
        if scores is None and metric.needs != "prediction":
            return None
        return self.target, self.prediction, scores, self.weight, self.classes

    def take(self, rows: Array) -> "Rows":
        """Keep some of the rows, in the given order."""

        def part(values: Array | None) -> Array | None:
            return None if values is None else values[rows]

        return Rows(
            target=self.target[rows],
            prediction=self.prediction[rows],
            probability=part(self.probability),
            decision=part(self.decision),
            weight=part(self.weight),
            classes=self.classes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One metric on both sides, and how sure the difference is.

    Attributes
    ----------
    baseline, challenger, difference
        Values; challenger - baseline.
    standard_error, degrees
        Of the difference, and the degrees of freedom of its t distribution.
    interval
        95%; None where there is none (with `why`).
    p_value
        Of no difference, two-sided; None likewise.
    why
        Why there is no interval; "" where there is.
    """

    baseline: float
    challenger: float
    difference: float
    standard_error: float | None = None
    degrees: float = 0.0
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """What is drawn independently: rows, or groups of rows.

    Attributes
    ----------
    of_row
        Shape (n,): the unit of each row, 0 to count - 1.
    count
        The number of units.
    """

    of_row: npt.NDArray[np.intp]
    count: int

    @classmethod
    def rows(cls, n: int) -> "Units":
        """Make every row its own unit."""
        return cls(np.arange(n), n)

    @classmethod
    def groups(cls, labels: Array) -> "Units":
        """Make the rows of equal labels one unit."""
        names, codes = np.unique(labels.astype(str), return_inverse=True)
        return cls(codes, len(names))

    def take(self, rows: Array) -> "Units":
        """Keep some of the rows, and number the units that are left."""
        kept, codes = np.unique(self.of_row[rows], return_inverse=True)
        return Units(codes, len(kept))


def paired_difference(
    metric: MetricLike, baseline: Rows, challenger: Rows, units: Units
) -> Difference | None:
    """Compare one metric on the same rows of two versions.

    Parameters
    ----------
    metric
        Of the common task.
    baseline, challenger
        The same rows in the same order, n >= 1.
    units
        What is drawn independently.

    Returns
    -------
    Difference or None
        None where one side lacks what the metric needs, or it is not defined.
    """
    left, right = baseline.args(metric), challenger.args(metric)
    if left is None or right is None:
        return None
    a, b = metric.function(*left), metric.function(*right)
    if not (np.isfinite(a) and np.isfinite(b)):
        return None
    found = Difference(baseline=a, challenger=b, difference=b - a)
    if units.count < 2:
        return _without(found, "one group only")
    pseudo = metric.counts and baseline.target.ndim == 1 and len(baseline.classes) > 1
    moves = _moves(metric, baseline, challenger, units, pseudo=pseudo)
    if not np.isfinite(moves).all():
        return _without(found, "one unit alone decides whether it is defined")
    error = float(np.sqrt((1.0 - 1.0 / units.count) * float(moves @ moves)))
    return _with_interval(found, error, units.count - 1.0)


def _moves(
    metric: MetricLike, baseline: Rows, challenger: Rows, units: Units, *, pseudo: bool
) -> Floats:
    """Say how far the difference moves without each unit."""
    if pseudo:
        baseline, challenger, units = _with_discord(baseline, challenger, units)
    sides = [
        (metric.function(*args), metric.left_out(*args, units.of_row, units.count))
        for args in (baseline.args(metric), challenger.args(metric))
        if args is not None
    ]
    (a, a_without), (b, b_without) = sides
    return (b_without - a_without) - (b - a)


def _with_discord(
    baseline: Rows, challenger: Rows, units: Units
) -> tuple[Rows, Rows, Units]:
    # For each class half a row that only the one version has right, and half a row the
    # other way round. Without them two versions that never disagree on n rows would get
    # an interval of no width; with them it is that of Agresti and Min (2005).
    classes = len(baseline.classes)
    labels = np.asarray(baseline.classes, dtype=baseline.target.dtype)
    own, other = np.repeat(labels, 2), np.repeat(np.roll(labels, 1), 2)
    first = np.tile([True, False], classes)
    load = np.ones(len(units.of_row)) if baseline.weight is None else baseline.weight
    extra = np.full(len(own), 0.5 * float(load.mean()))
    both = [
        Rows(
            target=np.concatenate([side.target, own]),
            prediction=np.concatenate([side.prediction, np.where(right, own, other)]),
            probability=None,
            decision=None,
            weight=np.concatenate([load, extra]),
            classes=side.classes,
        )
        for side, right in ((baseline, first), (challenger, ~first))
    ]
    more = units.count + np.arange(len(own))
    grown = Units(np.concatenate([units.of_row, more]), units.count + len(own))
    return both[0], both[1], grown


def _without(found: Difference, why: str) -> Difference:
    return Difference(
        baseline=found.baseline,
        challenger=found.challenger,
        difference=found.difference,
        why=why,
    )


def _with_interval(found: Difference, error: float, degrees: float) -> Difference:
    reach = float(stdtrit(degrees, 0.5 + LEVEL / 2.0)) * error
    if error > 0:
        p_value = 2.0 * float(stdtr(degrees, -abs(found.difference) / error))
    else:
        p_value = 1.0 if found.difference == 0 else 0.0
    return Difference(
        baseline=found.baseline,
        challenger=found.challenger,
        difference=found.difference,
        standard_error=error,
        degrees=degrees,
        interval=(found.difference - reach, found.difference + reach),
        p_value=p_value,
    )
