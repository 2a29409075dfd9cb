"""Serving logs with and without a feedback loop."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from nbmlops.frames.opening import open_frame
from nbmlops.skew.feedback.judge import judge_feedback
from nbmlops.skew.feedback.section import Feedback
from nbmlops.skew.log_columns import LOG_COLUMNS
from nbmlops.skew.report import SkewReport
from tests.skew.samples import quiet_columns, report_of

FEATURES = 8
WEEK = 7 * 86_400


def log_of(
    seed: int | tuple[int, ...],
    entities: int,
    *,
    loop: float = 0.0,
    explored: float = 0.0,
    trend: float = 0.0,
    is_curved: bool = False,
    is_heavy: bool = False,
    is_mixed: bool = False,
    noise: float = 0.6,
    periods: int = 2,
) -> pd.DataFrame:
    """Log requests of entities, once a week, in random order.

    `loop` is what the answer 1 adds to the next f0, whose sd is about 1; `explored` the
    share of answers drawn by a coin; `trend` what each week adds to all features
    whatever is answered; `noise` the sd of what is new in the next value. Curved
    features bend; mixed ones depend on each other, f3 with a kink at the threshold.
    """
    r = np.random.default_rng(seed)
    x = r.normal(size=(entities, FEATURES))
    if is_heavy:
        x = np.sign(x) * np.expm1(1.2 * np.abs(x))
    first, parts = x.copy(), []
    for period in range(periods):
        odds = x[:, 0] + 0.6 * x[:, 1] - 0.4 * x[:, 2] - 0.8
        score = expit(odds + 0.3 * r.normal(size=entities))
        drawn = r.random(entities) < explored
        answer = np.where(drawn, r.random(entities) < 0.5, score >= 0.5)
        part = pd.DataFrame(x, columns=[f"f{k}" for k in range(FEATURES)])
        served = period * WEEK + r.integers(0, WEEK // 2, entities)
        parts.append(
            part.assign(
                entity=np.arange(entities),
                requested_at=pd.to_datetime(served, unit="s", utc=True),
                probability=score,
                prediction=np.where(answer, "yes", "no"),
                explored=drawn,
            )
        )
        kept = np.tanh(2 * x) if is_curved else 0.7 * x
        if is_mixed:
            kept[:, 1] += 0.5 * x[:, 0] * x[:, 2]
            kept[:, 3] += 0.5 * np.maximum(odds, 0.0)
        x = kept + 0.3 * first + noise * r.normal(size=x.shape) + trend * (period + 1)
        x[:, 0] += loop * answer
    whole = pd.concat(parts, ignore_index=True)
    whole = whole if explored else whole.drop(columns="explored")
    return whole.sample(frac=1, random_state=1, ignore_index=True)


def judged(log: pd.DataFrame, **options: Any) -> Feedback | None:
    """Look for a loop as a check does."""
    report: SkewReport = report_of(quiet_columns())
    beside = [name for name in log.columns if name in LOG_COLUMNS]
    return judge_feedback(open_frame(log), report, beside=beside, **options)
