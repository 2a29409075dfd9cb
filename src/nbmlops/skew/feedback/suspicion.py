"""Hints of a loop in a log that can neither show nor exclude one."""

import numpy as np

from nbmlops.display import numbers
from nbmlops.skew.feedback.log import Bools, Floats, Requests
from nbmlops.skew.feedback.section import Indicator

FEWEST_ROWS = 100  # of each answer, or in each half of the time
RARELY_LABELLED = 0.2  # of the other answer's share of labels
MORE_ON_FEW = 0.1  # rise of the share that falls on a tenth of the entities
MOVED, SURELY = 0.2, 4.0  # standard deviations, and standard errors


def indicators(requests: Requests) -> tuple[Indicator, ...]:
    """Give what the log shows of labels, of who is answered 1, and of drift.

    Parameters
    ----------
    requests
        The log.

    Returns
    -------
    tuple
        Three; one that takes more than the log holds says what that is.
    """
    return (_labels(requests), _concentration(requests), _drift(requests))


def _labels(requests: Requests) -> Indicator:
    """Compare how many requests of each answer have a label (selective labels)."""
    name, action = "Labels", requests.action
    if requests.label is None:
        return Indicator(name=name, said="`label` is not in the log")
    if action is None:
        return Indicator(name=name, said="the prediction has not two values")
    known = ~np.isnan(requests.label)
    arms = [action == answer for answer in (0.0, 1.0)]
    if min(arm.sum() for arm in arms) < FEWEST_ROWS:
        return Indicator(name=name, said=f"under {FEWEST_ROWS} requests of an answer")
    shares = [float(known[arm].mean()) for arm in arms]
    said = f"{_percent(shares[1])} of answers 1 have one, {_percent(shares[0])} of the "
    return Indicator(
        name=name,
        said=f"{said}others",
        is_suspicious=min(shares) < RARELY_LABELLED * max(shares),
    )


def _concentration(requests: Requests) -> Indicator:
    """Compare how much of answer 1 falls on a tenth of the entities, early and late."""
    name, action = "Answers 1 on few", requests.action
    if action is None or not requests.has_times:
        lacks = "times" if action is not None else "a prediction of two values"
        return Indicator(name=name, said=f"takes {lacks}")
    late = _late(requests)
    halves = [requests.entity[(action == 1) & (late == half)] for half in (False, True)]
    if min(map(len, halves)) < FEWEST_ROWS:
        return Indicator(name=name, said=f"under {FEWEST_ROWS} such answers in a half")
    # Of as many answers each: few answers spread over few entities by chance alone.
    count = min(map(len, halves))
    r = np.random.default_rng(0)
    first, second = (
        _on_a_tenth(r.choice(half, count, replace=False)) for half in halves
    )
    return Indicator(
        name=name,
        said=f"{_percent(first)}, later {_percent(second)} fall on a tenth of entities",
        is_suspicious=second - first > MORE_ON_FEW,
    )


def _on_a_tenth(entities: Floats) -> float:
    counts = np.sort(np.unique(entities, return_counts=True)[1])[::-1]
    return float(counts[: max(1, len(counts) // 10)].sum() / counts.sum())


def _drift(requests: Requests) -> Indicator:
    """Compare how far features moved among answers 1 and among the others."""
    name, action = "Drift of answers 1", requests.action
    if action is None or not requests.has_times:
        lacks = "times" if action is not None else "a prediction of two values"
        return Indicator(name=name, said=f"takes {lacks}")
    late = _late(requests)
    groups = [(action == a) & (late == h) for a in (0.0, 1.0) for h in (False, True)]
    worst = (0.0, 0.0, "")
    for feature, values in requests.features.items():
        parts = [values[group & ~np.isnan(values)] for group in groups]
        spread = float(np.nanstd(values)) if len(values) else 0.0
        if min(map(len, parts)) < FEWEST_ROWS or not spread > 0:
            continue
        means = [float(part.mean()) for part in parts]
        error = np.sqrt(sum(float(part.var()) / len(part) for part in parts)) / spread
        gap = abs((means[3] - means[2]) - (means[1] - means[0])) / spread
        worst = max(worst, (gap, gap / max(float(error), 1e-12), feature))
    gap, errors, feature = worst
    if not feature:
        return Indicator(name=name, said=f"under {FEWEST_ROWS} requests in a part")
    return Indicator(
        name=name,
        said=f"{feature} moved {numbers.fixed(gap, 2)} sd more or less than elsewhere",
        is_suspicious=gap > MOVED and errors > SURELY,
    )


def _late(requests: Requests) -> Bools:
    return np.asarray(requests.at > np.nanmedian(requests.at))


def _percent(share: float) -> str:
    return numbers.percent(share, decimals=0)
