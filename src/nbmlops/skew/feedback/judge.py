"""Looking for feedback loops in a serving log."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nbmlops.frames.source import Source
from nbmlops.skew import statistics
from nbmlops.skew.feedback.estimates import (
    Estimate,
    at_threshold,
    density_jump,
    placed,
    randomised,
    together,
)
from nbmlops.skew.feedback.log import Floats, Requests, has_log, read_requests
from nbmlops.skew.feedback.outcomes import Outcome, outcomes
from nbmlops.skew.feedback.section import Effect, Feedback, Method
from nbmlops.skew.feedback.suspicion import indicators
from nbmlops.skew.report import SkewReport, Verdict

NO_NEXT = "no entity has two requests"
NO_TIMES = "`requested_at`, which says which request comes next"
NO_ANSWER = "a `prediction` of two values: what was done"
TO_DRAW = "10 answers of each kind drawn at random (`explored`, `propensity`)"
TO_JUMP = "one threshold of `probability` at which the prediction switches"


def judge_feedback(
    source: Source,
    report: SkewReport,
    *,
    beside: Sequence[str],
    time: str | None = None,
) -> Feedback | None:
    """Look whether answers change what their entities bring next.

    Parameters
    ----------
    source
        The serving frame.
    report
        Its tolerance and level are used.
    beside
        The columns of the frame that the model does not read.
    time
        The column of times; None: `requested_at`.

    Returns
    -------
    Feedback or None
        None where the frame has no `entity` and no score.
    """
    if not has_log(source, beside):
        return None
    requests = read_requests(source, beside=beside, time=time)
    missing, action = _missing(requests), requests.action
    if missing or action is None:
        return Feedback(missing=(missing,), alpha=report.alpha)
    found = list(outcomes(requests))
    drawn = _by_exploration(requests, action, found)
    threshold = _threshold(requests, action)
    jumps, density = [], None
    if threshold is not None:
        jumps = _by_threshold(requests, found, threshold)
        plain = ~requests.explored & ~np.isnan(requests.score)
        density = density_jump(requests.score[plain] - threshold)
    is_steered = density is not None and density <= report.alpha
    if drawn and (is_steered or not jumps):
        return _section("exploration", drawn, report)
    if jumps:
        return _section(
            "both" if drawn else "discontinuity",
            _joined(drawn, jumps),
            report,
            threshold=threshold,
            density=density,
        )
    return Feedback(
        method="suspicion",
        indicators=indicators(requests),
        missing=(TO_DRAW, TO_JUMP if threshold is None else _more_near(threshold)),
        alpha=report.alpha,
    )


def _more_near(threshold: float) -> str:
    return f"more scores near the threshold {threshold:.3g}"


def _missing(requests: Requests) -> str:
    """Say what no method can do without, "" if it is there."""
    if not requests.has_times:
        return f"the log lacks {NO_TIMES}"
    if requests.action is None:
        return f"the log lacks {NO_ANSWER}"
    if not requests.has_next.any() and requests.label is None:
        return NO_NEXT
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    outcome: Outcome
    estimate: Estimate


def _by_exploration(
    requests: Requests, action: Floats, found: Sequence[Outcome]
) -> list[_Found]:
    """Compare the answers that were drawn at random."""
    drawn = requests.explored & ~np.isnan(action)
    given, chance = action[drawn], requests.chance[drawn]
    made = [
        (outcome, randomised(outcome.residual[drawn], given, chance))
        for outcome in found
    ]
    return [_Found(outcome=o, estimate=e) for o, e in made if e is not None]


def _threshold(requests: Requests, action: Floats) -> float | None:
    """Find the score at which the prediction switches, if it is one."""
    score = requests.score
    plain = ~requests.explored & ~np.isnan(score) & ~np.isnan(action)
    below, above = score[plain & (action == 0)], score[plain & (action == 1)]
    if not len(below) or not len(above) or below.max() >= above.min():
        return None
    return float(below.max() + above.min()) / 2


def _by_threshold(
    requests: Requests, found: Sequence[Outcome], threshold: float
) -> list[_Found]:
    """Look for jumps of what followed where the prediction switches."""
    plain = ~requests.explored & ~np.isnan(requests.score)
    distance = placed(requests.score[plain], threshold)
    entity = requests.entity[plain]
    made = [
        (outcome, at_threshold(distance, outcome.residual[plain], entity))
        for outcome in found
    ]
    return [_Found(outcome=o, estimate=e) for o, e in made if e is not None]


def _joined(drawn: Sequence[_Found], jumps: Sequence[_Found]) -> list[_Found]:
    """Put estimates of one outcome together: they are of different requests."""
    at = {found.outcome.name: found for found in jumps}
    both = []
    for found in drawn:
        jump = at.pop(found.outcome.name, None)
        estimate = found.estimate
        if jump is not None:
            estimate = together(estimate, jump.estimate)
        both.append(_Found(outcome=found.outcome, estimate=estimate))
    return [*both, *at.values()]


def _section(
    method: Method,
    found: Sequence[_Found],
    report: SkewReport,
    *,
    threshold: float | None = None,
    density: float | None = None,
) -> Feedback:
    """Adjust over columns, and decide."""
    # A shift of d standard deviations is a Jensen-Shannon distance of d / sqrt(8 ln 2).
    within = report.tolerance * float(np.sqrt(statistics.PER_DISTANCE))
    p_values = np.array([f.estimate.p_value() for f in found])
    beyond = np.array([f.estimate.p_value(within) for f in found])
    real = statistics.false_discovery(p_values)
    over = statistics.false_discovery(beyond)
    effects = [
        Effect(
            name=f.outcome.name,
            is_label=f.outcome.is_label,
            difference=f.estimate.difference,
            interval=f.estimate.interval(),
            p_value=float(p),
            p_tolerance=float(q),
            rows=f.estimate.rows,
        )
        for f, p, q in zip(found, real, over, strict=True)
    ]
    order = np.argsort(p_values, kind="stable")
    level = report.alpha / len(found)
    return Feedback(
        verdict=_verdict(effects, report.alpha),
        method=method,
        effects=tuple(effects[int(at)] for at in order),
        detectable=float(np.median([f.estimate.detectable(level) for f in found])),
        threshold=threshold,
        density_p=density,
        alpha=report.alpha,
    )


def _verdict(effects: Sequence[Effect], alpha: float) -> Verdict:
    real = [effect for effect in effects if effect.p_value <= alpha]
    if any(effect.p_tolerance <= alpha for effect in real):
        return "over tolerance"
    return "within tolerance" if real else "no evidence"
