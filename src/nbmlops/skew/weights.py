"""Importance weights: training rows that count as often as their like is served."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from nbmlops.display import numbers
from nbmlops.errors import NotFound, UsageError, warn
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source, named
from nbmlops.skew.joint.classifier import Classifier, Side, fitted
from nbmlops.skew.joint.features import Feature, features_of, matrix
from nbmlops.skew.joint.ranking import ranked
from nbmlops.skew.joint.sample import Sample, sample_rows

FOLDS = 5
FEWEST_ROWS = 200
POOR_SHARE, POOR_AUC = 0.10, 0.95

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImportanceWeights:
    """Weights for the reference's rows that make it look like serving.

    Attributes
    ----------
    weights
        Shape (n,), one per row of the reference in its order, > 0, of mean 1: for
        `fit(sample_weight=...)`.
    effective_rows
        What the weighted rows are worth (Kish): an estimate from them varies like one
        from so many equally weighted rows.
    auc
        How well the sides can be told apart, on rows that the classifier had not seen.
    clipped
        The share of rows whose weight was cut to the largest allowed.
    warning
        Why they are not to be relied on, or "".
    """

    weights: Floats = field(repr=False)
    effective_rows: float
    auc: float
    clipped: float
    warning: str = ""

    def __repr__(self) -> str:
        rows = len(self.weights)
        share = numbers.percent(self.effective_rows / rows, decimals=0)
        said = (
            f"Importance weights for {rows:,} rows, worth "
            f"{numbers.count(self.effective_rows)} ({share}); the sides are told apart "
            f"with AUC {self.auc:.2f}; {numbers.percent(self.clipped)} of rows clipped"
        )
        return f"{said}\nWarning: {self.warning}" if self.warning else said


def importance_weights(
    reference: Any,
    serving: Any,
    *,
    columns: str | Sequence[str] | None = None,
    weight: str | None = None,
) -> ImportanceWeights:
    """Weigh a reference's rows by how much more often serving has their like.

    They mend a shift of the inputs only: the target must depend on the columns as it
    did (covariate shift; Shimodaira 2000). A classifier's odds of serving to reference
    are the ratio of densities (Bickel, Brueckner and Scheffer 2009). Each row is scored
    by a classifier that has not seen it, the odds are calibrated on such scores (Platt
    1999), and cut at the root of the number of rows times their mean (Ionides 2008).

    Parameters
    ----------
    reference
        The training rows: any frame of 200 rows or more but a stream.
    serving
        What is served now: the same.
    columns
        By which columns; all that both sides have in one kind when None. Leave out the
        target, and what has no part in the model.
    weight
        The serving column with 1 / each row's sampling probability.

    Returns
    -------
    ImportanceWeights
        With a warning, which is also given as a NbmlopsWarning, where the sides overlap
        too little: effective rows below 10%, or an AUC above 0.95.
    """
    sides = open_frame(reference, what="reference"), open_frame(serving, what="serving")
    features, samples = _sampled(*sides, columns=named(columns), weight=weight)
    models, margins = _cross_fitted(samples, features)
    scale, shift = _calibrated(margins, samples)
    scores = _scored(sides[0], features, models)
    scores[samples[0].places] = margins[0]
    odds = np.exp(np.clip(scale * scores + shift, -50, 50))
    odds /= odds.mean()
    most = float(np.sqrt(len(odds)))
    cut = np.minimum(odds, most)
    weights = cut / cut.mean()
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    auc = ranked(*margins, (samples[0].weights, samples[1].weights)).auc
    warning = _warning(effective / len(weights), auc)
    if warning:
        warn(warning)
    return ImportanceWeights(
        weights=weights,
        effective_rows=effective,
        auc=auc,
        clipped=float(np.mean(odds > most)),
        warning=warning,
    )


def _sampled(
    reference: Source,
    serving: Source,
    *,
    columns: Sequence[str] | None,
    weight: str | None,
) -> tuple[tuple[Feature, ...], tuple[Sample, Sample]]:
    """Choose the columns, and draw rows of both sides."""
    for source, what in ((reference, "reference"), (serving, "serving frame")):
        if source.is_stream:
            raise UsageError(
                f"the {what} is a stream, which can be read only once",
                hint="pass a table or a file",
            )
        for name in columns or ():
            if name not in source.columns:
                raise NotFound("column", name, source.columns)
    if weight is not None and weight not in serving.columns:
        raise NotFound("column", weight, serving.columns)
    kinds = [
        (name, kind)
        for name, kind in reference.kinds.items()
        if kind != "other"
        and serving.kinds.get(name) == kind
        and name != weight
        and (columns is None or name in columns)
    ]
    if not kinds:
        raise UsageError(
            "the sides share no column of one kind",
            hint=f"the reference has {', '.join(reference.columns[:8])}",
        )
    names = [name for name, _ in kinds]
    first = sample_rows(reference, names, side=0)
    second = sample_rows(serving, names, side=1, weight=weight)
    for sample, what in ((first, "reference"), (second, "serving frame")):
        if len(sample.places) < FEWEST_ROWS:
            raise UsageError(
                f"the {what} has {len(sample.places)} rows",
                hint=f"a ratio of densities takes {FEWEST_ROWS} a side",
            )
    return features_of([first.table, second.table], kinds), (first, second)


def _cross_fitted(
    samples: tuple[Sample, Sample], features: Sequence[Feature]
) -> tuple[list[Classifier], tuple[Floats, Floats]]:
    """Fit a classifier without each fold, and score the fold by it."""
    sides = [Side(values=matrix(s.table, features), weights=s.weights) for s in samples]
    folds = [np.arange(len(side.values)) % FOLDS for side in sides]
    margins = [np.empty(len(side.values)) for side in sides]
    models = []
    for fold in range(FOLDS):
        first, second = (
            Side(values=s.values[f != fold], weights=s.weights[f != fold])
            for s, f in zip(sides, folds, strict=True)
        )
        model = fitted((first, second), features)
        for side, which, found in zip(sides, folds, margins, strict=True):
            found[which == fold] = model.margins(side.values[which == fold])
        models.append(model)
    return models, (margins[0], margins[1])


def _calibrated(
    margins: tuple[Floats, Floats], samples: tuple[Sample, Sample]
) -> tuple[float, float]:
    """Fit slope and shift of the log odds; without any shift the slope is near 0."""
    values = np.concatenate(margins)[:, None]
    labels = np.repeat([0, 1], [len(found) for found in margins])
    weights = np.concatenate([s.weights / s.weights.sum() for s in samples])
    fit = LogisticRegression(C=np.inf).fit(
        values, labels, sample_weight=weights * len(labels) / 2
    )
    return max(0.0, float(fit.coef_[0, 0])), float(fit.intercept_[0])


def _scored(
    source: Source, features: Sequence[Feature], models: Sequence[Classifier]
) -> Floats:
    """Score all rows by the mean of the classifiers."""
    names = list(dict.fromkeys(feature.column for feature in features))
    found = []
    for batch in source.batches(names):
        values = matrix(pa.Table.from_batches([batch]), features)
        found.append(np.mean([model.margins(values) for model in models], axis=0))
    return np.concatenate(found)


def _warning(share: float, auc: float) -> str:
    reasons = []
    if share < POOR_SHARE:
        reasons.append(
            f"the weighted rows are worth {numbers.percent(share)} of their number"
        )
    if auc > POOR_AUC:
        reasons.append(f"a classifier tells the sides apart with AUC {auc:.3f}")
    if not reasons:
        return ""
    return (
        f"{' and '.join(reasons)}: serving has little like in the reference, which "
        "weights cannot make up for; gather labels of what is served"
    )
