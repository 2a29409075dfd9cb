"""A version's performance in production: realised by labels, or estimated without."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np

from nbmlops.errors import NbmlopsError, UsageError
from nbmlops.evaluate.metrics import metrics_for
from nbmlops.evaluate.tasks import Array, encode
from nbmlops.frames.opening import to_pandas
from nbmlops.frames.source import Source
from nbmlops.host import option
from nbmlops.lifecycle.labels import join_labels
from nbmlops.lifecycle.logged import Floats, Logged, is_known
from nbmlops.lifecycle.predictions import own_evaluation
from nbmlops.lifecycle.rescoring import answers
from nbmlops.lifecycle.sides import (
    Side,
    figures_of,
    side_in_log,
    side_on_test,
    value_of,
)
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.skew import estimation, sequences
from nbmlops.skew.performance import Change, Figure, Performance, Span
from nbmlops.skew.predictions import Predictions
from nbmlops.skew.realised import FEWEST, Judged, judge_losses
from nbmlops.skew.report import FAILING, SkewReport
from nbmlops.skew.spans import Spans, spans_of
from nbmlops.skew.strata import expected_mean, strata_of

SLACK = 1e-6  # by which a probability may be off
BEYOND = 2.326  # normal quantile of 99%: a rise beyond what scores explain
LOSSES = {"brier": "Brier score", "error": "error rate", "absolute": "absolute error"}


def answers_with_labels(
    place: Place,
    version: ModelVersion,
    served: Source,
    logged: Logged,
    *,
    labels: Any = None,
    time: str | None = None,
) -> Logged:
    """Give the answers of a log that can be used, with the labels that came.

    Parameters
    ----------
    place, version
        The registry, and whose answers.
    served, logged
        The log, and its own columns.
    labels
        A frame of labels; None: the log's own, if it has any.
    time
        The column of times.

    Returns
    -------
    Logged
        Without rows where the log has no answers and no labels were given.

    """
    if labels is not None:
        logged = join_labels(version, logged, labels, time=time)
        if not logged.answered.any():
            logged = _answered_now(place, version, served, logged)
    return _sound(logged.take(logged.answered & logged.scored))


def judge_performance(
    place: Place, version: ModelVersion, answered: Logged, given: SkewReport
) -> Performance | None:
    """Judge a version by labels, or estimate it without.

    Parameters
    ----------
    place, version
        The registry, and whose performance.
    answered
        Of `answers_with_labels`.
    given
        The report so far, with the section on predictions.

    Returns
    -------
    Performance or None
        The section; None where the log has no answers and no labels were given.

    """
    if not answered.rows:
        return None
    if not answered.answered.any():
        return _nothing(answered, given, "no logged answer can be used")
    scored = own_evaluation(place, version)
    test = None if scored is None else side_on_test(version, scored)
    if test is None:
        return _nothing(
            answered, given, f"{version.ref} has no evaluation to start from"
        )
    spans = spans_of(answered.at, answered.rows)
    log = side_in_log(version, answered).part(spans.order)
    known = is_known(log.target)
    start = _nothing(answered, given, "")
    if int(known.sum()) < FEWEST:
        start = replace(start, labelled=int(known.sum()))
        if _are_others(given):
            why = "the logged answers are not the model's (see predictions)"
            return replace(start, refused=why)
        return _estimated(start, test, log)
    at = None if answered.at is None else answered.at[spans.order]
    return _realised(start, test, log, spans, at)


def _sound(answered: Logged) -> Logged:
    """Pass over what cannot be probabilities, as a fault may have logged."""
    chances = answered.probability
    if chances is None or not len(chances):
        return answered
    strange = (chances < -SLACK) | (chances > 1 + SLACK)
    if not strange.any() and np.allclose(chances.sum(axis=1), 1, atol=100 * SLACK):
        return replace(answered, probability=np.clip(chances, 0, 1))
    note = (
        "the logged probabilities are not between 0 and 1, or do not add up: not used"
    )
    return replace(answered, probability=None, notes=(*answered.notes, note))


def _are_others(given: SkewReport) -> bool:
    """Say whether the logged answers were found not to be the model's."""
    found = given.sections.get(Predictions.key)
    if not isinstance(found, Predictions) or found.mismatch is None:
        return False
    return found.mismatch.verdict == "handling fault"


def _nothing(answered: Logged, given: SkewReport, refused: str) -> Performance:
    """Give a section of which nothing is known yet."""
    return Performance(
        verdict="no evidence",
        rows=answered.rows,
        labelled=0,
        alpha=given.alpha,
        tolerance=given.tolerance,
        quiet=given.verdict not in FAILING,
        refused=refused,
        notes=answered.notes,
    )


def _answered_now(
    place: Place, version: ModelVersion, served: Source, logged: Logged
) -> Logged:
    """Ask the model itself where the log has labels and no answers."""
    try:
        rows = to_pandas(served, columns=version.signature.names)
        said = answers(place, version, rows.iloc[logged.places])
    except NbmlopsError as error:
        raise UsageError(
            f"{option('labels')} needs answers: the log has no prediction, and "
            f"{error.message}",
            hint="log prediction or probability beside the features",
        ) from error
    is_number = version.task == "regression"
    prediction = said.prediction
    note = "the log has no answers: the model was asked again"
    return replace(
        logged,
        prediction=np.asarray(prediction, dtype=np.float64)
        if is_number
        else encode(prediction, version.classes),
        probability=said.probability,
        notes=(*logged.notes, note),
    )


def _estimated(start: Performance, test: Side, log: Side) -> Performance:
    """Estimate what labels would show."""
    if log.task == "regression":
        why = "no sound way is known to estimate a regression's error without labels"
        return replace(start, refused=why)
    if test.probability is None or log.probability is None:
        return replace(start, refused="there are no probabilities to start from")
    sides = [
        estimation.Scores(
            probability=probability, predicted=side.prediction, weight=side.weight
        )
        for side, probability in ((test, test.probability), (log, log.probability))
    ]
    if why := estimation.why_not(sides[0], test.target):
        return replace(start, refused=why)
    table = metrics_for(log.task)
    return replace(
        start,
        estimates=tuple(
            Figure(
                metric=found.metric,
                label=table[found.metric].label,
                value=found.value,
                interval=found.interval,
                test=value_of(table[found.metric], test),
                greater_is_better=table[found.metric].greater_is_better,
            )
            for found in estimation.estimate(sides[0], test.target, sides[1])
            if np.isfinite(found.value)
        ),
    )


def _realised(
    start: Performance, test: Side, log: Side, spans: Spans, at: Floats | None
) -> Performance:
    """Judge by the rows that have a label."""
    known = is_known(log.target)
    own = log.part(known)
    kind = _kind(test, own)
    losses, before = own.losses(kind), test.losses(kind)
    bounded = kind != "absolute"
    slices = _slices(spans.span[known], len(spans.names))
    judged = judge_losses(
        losses,
        slices,
        before,
        bounded=bounded,
        tolerance=start.tolerance,
        alpha=start.alpha,
    )
    moments = None if at is None else at[known]
    interval = sequences.interval(losses.values, losses.weight, bounded=bounded)
    return replace(
        _explained(start, judged, test, own, kind),
        verdict=judged.verdict,
        loss=LOSSES[kind],
        labelled=int(known.sum()),
        whole=Figure(
            metric=kind,
            label=LOSSES[kind],
            value=losses.mean,
            interval=interval,
            test=before.mean,
            greater_is_better=False,
        ),
        detectable=judged.detectable,
        figures=figures_of(own, test),
        spans=tuple(
            _span(name, spans.span == number, own.part(rows), kind, said, bounded)
            for number, (name, rows, said) in enumerate(
                zip(spans.names, slices, judged.spans, strict=True)
            )
        ),
        changes=tuple(
            Change(since=_moment(c.row, moments), before=c.before, after=c.after)
            for c in judged.changes
        ),
    )


def _kind(test: Side, own: Side) -> str:
    if test.task == "regression":
        return "absolute"
    has_both = test.probability is not None and own.probability is not None
    return "brier" if has_both else "error"


def _slices(span: Array, count: int) -> list[slice]:
    """Say which labelled rows each span has; those without a time are in none."""
    timed = span[span >= 0]
    edges = np.searchsorted(timed, np.arange(count + 1))
    return [slice(int(a), int(b)) for a, b in pairwise(edges)]


def _explained(
    start: Performance, judged: Judged, test: Side, own: Side, kind: str
) -> Performance:
    """Tell concept drift from data drift, where the loss rose."""
    parts = [own.part(slice(judged.since, None)), own]
    now = max(parts, key=lambda part: part.losses(kind).mean)
    coarse = test.probability is None or own.probability is None
    strata = strata_of(test.scores(coarse=coarse), now.scores(coarse=coarse))
    before, losses = test.losses(kind), now.losses(kind)
    expected, error = expected_mean(strata, before.values, before.weight, now.weight)
    drift = ""
    if judged.rose and losses.mean > judged.limit:
        noise = float(np.hypot(error, losses.error))
        drift = "concept" if losses.mean - expected > BEYOND * noise else "data"
    return replace(start, drift=drift, expected=expected, now=losses.mean)


def _span(
    name: str, rows: Array, own: Side, kind: str, said: str, bounded: bool
) -> Span:
    labelled = len(own.target)
    if labelled < FEWEST:
        return Span(name=name, rows=int(rows.sum()), labelled=labelled, said=said)
    losses = own.losses(kind)
    return Span(
        name=name,
        rows=int(rows.sum()),
        labelled=labelled,
        loss=losses.mean,
        interval=sequences.interval(losses.values, losses.weight, bounded=bounded),
        said=said,
        figures=figures_of(own, None),
    )


def _moment(row: int, at: Floats | None) -> str:
    if at is None or np.isnan(at[row]):
        return f"labelled row {row + 1:,}"
    return f"{datetime.fromtimestamp(float(at[row]), UTC):%Y-%m-%d %H:%M}"
