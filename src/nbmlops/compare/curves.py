"""Points for the drawings of a binary task, and what changes when a version does."""

from collections.abc import Mapping

import numpy as np

from nbmlops.compare.comparison import (
    CalibrationPoint,
    Flip,
    Flips,
    ScoreBin,
    VersionCurves,
)
from nbmlops.compare.paired import Array, Floats, Rows

MOST_POINTS = 100
CALIBRATION_POINTS = 10
SCORE_BINS = 20
MOST_FLIPS = 20


def curves(versions: Mapping[str, Rows]) -> tuple[VersionCurves, ...]:
    """Compute the curves of each version of a binary task.

    Parameters
    ----------
    versions
        Ref -> rows, labels as codes: 1 is positive.

    Returns
    -------
    tuple
        Empty unless both classes occur; a version without scores has none.
    """
    found = []
    for ref, rows in versions.items():
        score = rows.decision if rows.probability is None else rows.probability[:, 1]
        if score is None or len(np.unique(rows.target == 1)) < 2:
            continue
        load = np.ones(len(score)) if rows.weight is None else rows.weight
        positive = np.where(rows.target == 1, load, 0.0)
        roc, reach = _thresholds(positive, load - positive, score)
        chance = rows.probability is not None
        found.append(
            VersionCurves(
                ref=ref,
                roc=roc,
                precision_recall=reach,
                calibration=_calibration(positive, load, score) if chance else (),
                scores=_score_bins(positive, load, score) if chance else (),
            )
        )
    return tuple(found)


_Points = tuple[tuple[float, float], ...]


def _thresholds(
    positive: Floats, negative: Floats, score: Floats
) -> tuple[_Points, _Points]:
    """Give (false, true positive rate) and (recall, precision) by threshold."""
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    hits = np.cumsum(positive[order])[last]
    alarms = np.cumsum(negative[order])[last]
    found, false = hits / hits[-1], alarms / alarms[-1]
    # Equal steps along the curve, so that steep parts keep their points.
    roc = _spread(np.append(0.0, false), np.append(0.0, found))
    called = hits + alarms
    kept = called > 0
    reach = _spread(found[kept], hits[kept] / called[kept])
    return roc, reach


def _spread(x: Floats, y: Floats) -> _Points:
    """Keep points at equal distances along a curve, both ends among them."""
    along = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    wanted = np.linspace(0.0, along[-1], MOST_POINTS)
    kept = np.unique(np.searchsorted(along, wanted).clip(0, len(x) - 1))
    kept[-1] = len(x) - 1
    return tuple((round(float(x[i]), 5), round(float(y[i]), 5)) for i in kept)


def _calibration(
    positive: Floats, load: Floats, score: Floats
) -> tuple[CalibrationPoint, ...]:
    """Compare what was promised with what came, over equal shares of the rows."""
    inner = np.linspace(0.0, 1.0, CALIBRATION_POINTS + 1)[1:-1]
    cuts = np.unique(np.quantile(score, inner))
    bins = np.searchsorted(cuts, score, side="left")
    points = []
    for which in np.unique(bins):
        own = bins == which
        total = float(load[own].sum())
        if total > 0:
            points.append(
                CalibrationPoint(
                    predicted=float(load[own] @ score[own]) / total,
                    observed=float(positive[own].sum()) / total,
                    rows=int(own.sum()),
                )
            )
    return tuple(points)


def _score_bins(positive: Floats, load: Floats, score: Floats) -> tuple[ScoreBin, ...]:
    edges = np.linspace(0.0, 1.0, SCORE_BINS + 1)
    hits, _ = np.histogram(score, edges, weights=positive)
    rest, _ = np.histogram(score, edges, weights=load - positive)
    return tuple(
        ScoreBin(
            low=round(float(edges[i]), 6),
            high=round(float(edges[i + 1]), 6),
            positives=float(hits[i] / hits.sum()),
            negatives=float(rest[i] / rest.sum()),
        )
        for i in range(SCORE_BINS)
    )


def flips(
    baseline: tuple[str, Rows], challenger: tuple[str, Rows], labels: tuple[object, ...]
) -> Flips:
    """Count the rows that two versions predict differently, and who is right.

    Parameters
    ----------
    baseline, challenger
        Ref and rows, labels as codes of one output.
    labels
        The classes, by code.

    Returns
    -------
    Flips
        The most frequent pairs of predictions first, at most 20.
    """
    before, after = baseline[1].prediction, challenger[1].prediction
    target: Array = baseline[1].target
    apart = np.flatnonzero(before != after)
    pairs, codes = np.unique(
        np.column_stack([before[apart], after[apart]]), axis=0, return_inverse=True
    )
    codes = codes.ravel()
    size = len(pairs)
    count = np.bincount(codes, minlength=size)
    left = np.bincount(codes, before[apart] == target[apart], minlength=size)
    right = np.bincount(codes, after[apart] == target[apart], minlength=size)
    order = np.argsort(-count, kind="stable")[:MOST_FLIPS]
    return Flips(
        baseline=baseline[0],
        challenger=challenger[0],
        rows=len(target),
        disagree=len(apart),
        baseline_right=int(left.sum()),
        challenger_right=int(right.sum()),
        pairs=tuple(
            Flip(
                baseline_prediction=_name(labels, int(pairs[i, 0])),
                challenger_prediction=_name(labels, int(pairs[i, 1])),
                rows=int(count[i]),
                baseline_right=int(left[i]),
                challenger_right=int(right[i]),
            )
            for i in order
        ),
    )


def _name(labels: tuple[object, ...], code: int) -> str:
    return str(labels[code]) if 0 <= code < len(labels) else "(other)"
