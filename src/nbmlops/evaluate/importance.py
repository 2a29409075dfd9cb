"""Permutation importance: how much worse a model does without what a column tells it.

Breiman (2001), "Random Forests", section 10; in the form of Fisher, Rudin and Dominici
(2019), "All Models are Wrong, but Many are Useful", section 3.1 (e-divide): rows are
paired at random and swap their values of one column, and the importance is the mean
increase of the loss per row. No row is in two pairs, so pairs are independent and
their mean has a t interval; shuffling a whole column, as scikit-learn does, estimates
the same from rows that depend on each other. Pairs that share a group of rows depend on
each other as well: then the variance is the dyadic one (Fafchamps and Gubert 2007).

The columns are those that the model reads, before any encoding. Of columns that say the
same each may look unimportant, because the model still has the other.
"""

import warnings
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from nbmlops.errors import UsageError
from nbmlops.evaluate import moments
from nbmlops.evaluate.predict import Predictions, predict
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import REGRESSION, Array
from nbmlops.frames.labelled import Labelled

Floats: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.intp]

#: Rows to predict in all: half as many as the test frame has, within these bounds, and
#: never more than so many times as many. What is measured depends on no machine.
LEAST_PREDICTED = 5_000
MOST_PREDICTED = 20_000
MOST_TIMES = 5
ENOUGH_ROWS = 100
FEWEST_ROWS = 20
MOST_COLUMNS = 60
#: Cells of the frame that is predicted: 80 MB of numbers.
MOST_CELLS = 10_000_000
SEED = 0
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureImportance:
    """One column: the mean increase of the loss, and its 95% interval."""

    feature: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """How much each column matters to a model, the most important first.

    Attributes
    ----------
    loss
        "log_loss", "error_rate" or "absolute_error".
    rows
        How many rows of the test frame were used.
    groups
        The column whose groups the intervals allow for; "" for rows alone.
    features
        Empty where it was not computed.
    note
        Why not, or which columns were left out; else "".
    """

    loss: str
    rows: int = 0
    groups: str = ""
    features: tuple[FeatureImportance, ...] = ()
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give plain values, ready for JSON."""
        return {
            "loss": self.loss,
            "rows": self.rows,
            "groups": self.groups,
            "note": self.note,
            "features": [
                {"feature": f.feature, "mean": f.mean, "low": f.low, "high": f.high}
                for f in self.features
            ],
        }


def permutation_importance(
    model: Any, data: Labelled, scored: Scored
) -> Importance | None:
    """Measure the importance of the columns that a model reads, on its test frame.

    Parameters
    ----------
    model
        A fitted estimator.
    data
        The test frame.
    scored
        Its answers on the same rows, so that nothing is predicted twice.

    Returns
    -------
    Importance or None
        None where there is no target to be right about. What the model fails on gives
        one without features, and a note.
    """
    if scored.target.size == 0:
        return None
    trial = _Trial(model, data, scored)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scoring has said it
            return trial.importance(_predicted(data.rows))
    except UsageError as error:
        return Importance(loss=trial.loss, note=f"not computed: {error.message}")


def _predicted(rows: int) -> int:
    """Say how many rows may be predicted for a test frame of so many."""
    return min(MOST_PREDICTED, max(rows // 2, min(LEAST_PREDICTED, MOST_TIMES * rows)))


@dataclass(frozen=True, slots=True)
class _Trial:
    """A model, its test frame, and its answers there."""

    model: Any
    data: Labelled
    scored: Scored

    @property
    def loss(self) -> str:
        if self.scored.task in REGRESSION:
            return "absolute_error"
        return "error_rate" if self.scored.probability is None else "log_loss"

    def importance(self, affordable: int) -> Importance:
        names = self.data.feature_names
        order = np.random.default_rng(SEED).permutation(self.data.rows)
        columns = np.arange(len(names))
        note = ""
        if len(names) > MOST_COLUMNS:
            screened = _even(min(MOST_PREDICTED // 2, affordable // 2) // len(names))
            if screened < 2 or len(names) * len(names) * screened > MOST_CELLS:
                return self._without(f"{len(names):,} columns are too many")
            columns = self._moving(columns, order[-screened:])
            affordable //= 2
            note = (
                f"of {len(names):,} columns the {MOST_COLUMNS} whose swapping moved "
                f"the answers most on {screened} other rows"
            )
        wanted = max(ENOUGH_ROWS, MOST_PREDICTED // len(columns))
        room = MOST_CELLS // (len(names) * len(columns))
        rows = _even(min(len(order), wanted, affordable // len(columns), room))
        if rows < FEWEST_ROWS:
            return self._without(
                f"{len(order):,} rows are too few for {len(columns)} columns"
            )
        own = order[:rows]
        groups, column = self._groups(own)
        found = self._estimates(columns, own, groups)
        return Importance(
            loss=self.loss,
            rows=rows,
            groups=column,
            features=tuple(sorted(found, key=lambda one: -one.mean)),
            note=note,
        )

    def _without(self, why: str) -> Importance:
        return Importance(loss=self.loss, note=f"not computed: {why}")

    def _moving(self, columns: Places, own: Places) -> Places:
        """Choose the columns whose swapping moves the answers most."""
        before, after = (
            said.prediction if said.probability is None else said.probability
            for said in (self._said(own), self._swapped(columns, own))
        )
        after = after.reshape(len(columns), *before.shape)
        is_number = after.dtype.kind in "iuf"
        moved = np.abs(after - before) if is_number else after != before
        by_column = moved.reshape(len(columns), -1).mean(axis=1)
        return np.sort(np.argsort(-by_column, kind="stable")[:MOST_COLUMNS])

    def _estimates(
        self, columns: Places, own: Places, groups: Places | None
    ) -> list[FeatureImportance]:
        target = self.scored.target[own]
        before = self._losses(target, self._said(own))
        repeated = np.concatenate([target] * len(columns))
        after = self._losses(repeated, self._swapped(columns, own))
        increase = after.reshape(len(columns), len(own)) - before
        means, reach = _means(increase, self._weights(own), groups)
        return [
            FeatureImportance(
                feature=self.data.feature_names[column],
                mean=_short(mean),
                low=_short(mean - side),
                high=_short(mean + side),
            )
            for column, mean, side in zip(columns, means, reach, strict=True)
        ]

    def _swapped(self, columns: Places, own: Places) -> Predictions:
        """Predict the rows once per column, with that column's values swapped."""
        features = swapped(self.data.features, columns, own, _partners(own))
        rows = len(columns) * len(own)
        task, classes = self.scored.task, self.scored.classes
        return predict(self.model, features, rows=rows, task=task, classes=classes)

    def _said(self, own: Places) -> Predictions:
        chance = self.scored.probability
        return Predictions(
            self.scored.prediction[own], None if chance is None else chance[own], None
        )

    def _losses(self, target: Array, said: Predictions) -> Floats:
        """Give the loss of each row; over several outputs, their mean."""
        classes = self.scored.classes
        rows = moments.rows_of(target, said.prediction, said.probability, classes)
        if self.loss == "log_loss":
            return _surprise(rows)
        if self.loss == "error_rate":
            return _over_outputs(rows.target != rows.prediction)
        return _over_outputs(np.abs(rows.target - rows.prediction))

    def _weights(self, own: Places) -> Floats:
        """Weigh a pair by how often both of its rows stand for others."""
        weight = self.scored.weight
        if weight is None:
            return np.ones(len(own) // 2)
        first, second = np.split(weight[own], 2)
        return np.asarray(first * second, np.float64)

    def _groups(self, own: Places) -> tuple[Places | None, str]:
        """Give the groups of each pair of rows, shape (2, pairs), and their name."""
        if self.scored.groups is None:
            return None, ""
        name, labels = self.scored.groups
        distinct, codes = np.unique(labels[own].astype(str), return_inverse=True)
        return (codes.reshape(2, -1), name) if len(distinct) > 1 else (None, "")


def swapped(features: Any, columns: Places, own: Places, donors: Places) -> Any:
    """Stack some rows once per column, with that column's values from other rows.

    Parameters
    ----------
    features
        A pandas or polars frame, or a numpy array of two dimensions.
    columns
        Which columns, by position.
    own, donors
        Which rows, and from which rows the values come: of equal lengths.

    Returns
    -------
    frame or ndarray
        Of the same library, types and categories; `len(columns) * len(own)` rows.
    """
    block = len(own)
    rows = np.tile(own, len(columns))
    taken = {int(c): np.s_[i * block : (i + 1) * block] for i, c in enumerate(columns)}

    def places(column: int) -> Places:
        if column not in taken:
            return rows
        moved = rows.copy()
        moved[taken[column]] = donors
        return moved

    if isinstance(features, np.ndarray):
        stacked = features[rows]
        for column, part in taken.items():
            stacked[part, column] = features[donors, column]
        return stacked
    if isinstance(features, pd.DataFrame):
        arrays = {
            column: features.iloc[:, column].array.take(places(column))
            for column in range(features.shape[1])
        }
        frame = pd.DataFrame(arrays)
        frame.columns = features.columns
        return frame
    series = [column.gather(places(i)) for i, column in enumerate(features)]
    return type(features)(series)


def _partners(own: Places) -> Places:
    """Pair each row of the first half with one of the second."""
    return np.roll(own, len(own) // 2)


def _means(
    increase: Floats, weight: Floats, groups: Places | None
) -> tuple[Floats, Floats]:
    """Average over pairs of rows, with how far the 95% interval reaches.

    Parameters
    ----------
    increase
        Shape (columns, rows): row i was swapped with row i + rows / 2.
    weight
        Shape (pairs,), above 0.
    groups
        Shape (2, pairs): the groups of both rows; None: rows are independent.

    Returns
    -------
    tuple
        Two of shape (columns,).
    """
    columns, pairs = len(increase), len(weight)
    values = increase.reshape(columns, 2, pairs).mean(axis=1)
    share = weight / weight.sum()
    means = values @ share
    errors = (values - means[:, None]) * share
    single = (errors**2).sum(axis=1)
    variance, units = single * pairs / (pairs - 1), pairs
    if groups is not None:
        units = int(groups.max()) + 1
        sums = np.zeros((columns, units))
        apart = groups[0] != groups[1]
        for column, error in zip(sums, errors, strict=True):
            column += np.bincount(groups[0], error, minlength=units)
            column += np.bincount(groups[1][apart], error[apart], minlength=units)
        # A pair of two groups is in two sums: its own square is counted once too often.
        dyadic = (sums**2).sum(axis=1) - (errors[:, apart] ** 2).sum(axis=1)
        variance = np.maximum(variance, dyadic * units / (units - 1))
    reach = float(stdtrit(min(units, pairs) - 1, 0.5 + LEVEL / 2)) * np.sqrt(variance)
    return means, np.asarray(reach)


def _surprise(rows: moments.Rows) -> Floats:
    """Give the log loss of each row; of several labels, their mean."""
    if rows.sizes:
        return moments.surprise(rows)[:, 0]
    promised = np.asarray(rows.probability)
    chance = np.where(rows.target == 1, promised, 1.0 - promised)
    least = np.finfo(np.float64).eps
    return _over_outputs(-np.log(np.clip(chance, least, 1.0)))


def _over_outputs(values: Array) -> Floats:
    each = np.asarray(values, np.float64)
    return each if each.ndim == 1 else each.mean(axis=1)


def _even(count: int) -> int:
    return count - count % 2


def _short(value: float) -> float:
    """Keep six digits: more are noise, and would be in every event."""
    return float(f"{value:.6g}")
