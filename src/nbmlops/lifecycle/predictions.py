"""A version's logged predictions against its stored evaluation and against itself."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import Array, encode
from nbmlops.frames.source import Source
from nbmlops.lifecycle.evaluate import read_scored
from nbmlops.lifecycle.logged import Floats, Logged
from nbmlops.lifecycle.rescoring import score_again
from nbmlops.registry.place import Place
from nbmlops.registry.records import OWN_EVALUATION, ModelVersion
from nbmlops.skew.judge import check
from nbmlops.skew.log_columns import WEIGHT
from nbmlops.skew.mismatch import share_interval
from nbmlops.skew.predictions import ClassShare, Predictions, ScoreShift
from nbmlops.skew.report import VERDICTS, ColumnSkew, SkewReport

MOST_CLASSES = 20  # whose probabilities are judged one by one
ANSWER = "prediction"


def judge_predictions(
    place: Place,
    version: ModelVersion,
    served: Source,
    logged: Logged,
    given: SkewReport,
) -> Predictions | None:
    """Judge logged answers; None where the log has none.

    Parameters
    ----------
    place, version
        The registry, and whose answers.
    served, logged
        The log, and its own columns.
    given
        The report, for its tolerance and level.

    Returns
    -------
    Predictions or None
        The section.
    """
    answered = logged.take(logged.answered)
    if not answered.rows:
        return None
    found, notes = score_again(place, version, served, answered)
    scored = own_evaluation(place, version)
    shifts: tuple[ScoreShift, ...] = ()
    shares: tuple[ClassShare, ...] = ()
    if scored is None:
        notes = (f"{version.ref} has no evaluation to compare answers with", *notes)
    else:
        test, log = _vectors(scored, answered, version)
        shifts = _shifts(test, log, (scored.weight, answered.weight), given)
        shares = _shares(test, log, (scored.weight, answered.weight))
    parts = [*(shift.verdict for shift in shifts), *([found.verdict] if found else [])]
    return Predictions(
        verdict=max(parts, key=VERDICTS.index, default="no evidence"),
        rows=answered.rows,
        test_rows=0 if scored is None else scored.rows,
        alpha=given.alpha,
        tolerance=given.tolerance,
        scores=shifts,
        shares=shares,
        mismatch=found,
        notes=(*notes, *logged.notes),
    )


def own_evaluation(place: Place, version: ModelVersion) -> Scored | None:
    """Read a version's evaluation on test, else its newest one, if it has any."""
    records = version.evaluations
    record = version.evaluation(OWN_EVALUATION) or (records[0] if records else None)
    return None if record is None else read_scored(place, record)


Vectors = Mapping[str, Array]


def _vectors(
    scored: Scored, logged: Logged, version: ModelVersion
) -> tuple[Vectors, Vectors]:
    """Give the answers that both sides have, by name."""
    test: dict[str, Array] = {}
    log: dict[str, Array] = {}
    names = [str(label) for label in version.classes]
    before, after = scored.probability, logged.probability
    if before is not None and after is not None and len(names) <= MOST_CLASSES:
        for at in [1] if len(names) == 2 else range(len(names)):
            name = f"probability of {names[at]}"
            test[name], log[name] = before[:, at], after[:, at]
    if logged.prediction is not None and version.classes:
        known = np.array([*names, None], dtype=object)
        test[ANSWER] = known[encode(scored.prediction, version.classes)]
        log[ANSWER] = known[logged.prediction]
    elif logged.prediction is not None:
        test[ANSWER] = np.asarray(scored.prediction, dtype=np.float64)
        log[ANSWER] = logged.prediction
    return test, log


def _shifts(
    test: Vectors,
    log: Vectors,
    weights: tuple[Floats | None, Floats | None],
    given: SkewReport,
) -> tuple[ScoreShift, ...]:
    """Judge the answers like columns, together, the worst first."""
    if not test:
        return ()
    frames = [pd.DataFrame(dict(side)) for side in (test, log)]
    is_weighted = any(weight is not None for weight in weights)
    if is_weighted:
        for frame, weight in zip(frames, weights, strict=True):
            frame[WEIGHT] = 1.0 if weight is None else weight
    report, _ = check(
        frames[0],
        frames[1],
        weight=WEIGHT if is_weighted else None,
        tolerance=given.tolerance,
        alpha=given.alpha,
        reference_label="test",
        serving_label="log",
    )
    return tuple(_shift(column) for column in report.columns.values())


def _shift(column: ColumnSkew) -> ScoreShift:
    return ScoreShift(
        name=column.name,
        verdict=column.verdict,
        distance=column.distance,
        interval=column.interval,
        p_value=column.p_value,
        p_tolerance=column.p_tolerance,
        detectable=column.detectable,
        summary=column.summary,
        cause=column.cause.detail if column.cause else "",
        bars=column.bars,
    )


def _shares(
    test: Vectors, log: Vectors, weights: tuple[Floats | None, Floats | None]
) -> tuple[ClassShare, ...]:
    """Count how often each class is answered, the most frequent on test first."""
    if ANSWER not in test or test[ANSWER].dtype != object:
        return ()
    sides = []
    for answers, weight in zip((test[ANSWER], log[ANSWER]), weights, strict=True):
        load = np.ones(len(answers)) if weight is None else weight
        rows = float(load.sum() ** 2 / (load**2).sum())
        held = pd.Series(load).groupby(pd.Series(answers)).sum() / load.sum()
        sides.append((held, rows))
    (before, rows_before), (after, rows_after) = sides
    labels = before.sort_values(ascending=False, kind="stable").index
    new = [label for label in after.index if label not in before.index]
    return tuple(
        ClassShare(
            label=label,
            test=float(before.get(label, 0.0)),
            test_interval=_interval(before.get(label, 0.0), rows_before),
            logged=float(after.get(label, 0.0)),
            logged_interval=_interval(after.get(label, 0.0), rows_after),
        )
        for label in [*labels, *new]
    )


def _interval(share: float, rows: float) -> tuple[float, float]:
    return share_interval(share * rows, rows)
