"""Hypothesis "clipped": values beyond a bound were set to it."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from nbmlops.profiles.columns import NumberColumn
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes import lattice
from nbmlops.skew.causes.evidence import Candidate, Evidence, NumberCase
from nbmlops.skew.causes.signs import heap_chance
from nbmlops.skew.causes.words import number, share

CONTINUOUS, DECIMALS, WHOLE = 0.0, 6.0, 10.0
HEAP = 10.0  # the most that one heap is worth
MOST_RATIO = 3.0  # times the heap at training's own end, from which a heap is new
MOVED = 12.0  # what it costs where training has about the same heap at its own end
FEWEST_ROWS, FEWEST_SHARE = 3.0, 0.002  # at the bound
GREW = 1.5  # standard errors by which the bound must hold more than in training


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Try the serving minimum, the maximum, and both as bounds.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each that the serving side does not refute.
    """
    case = evidence.numbers
    if case is None or case.serving.maximum == case.serving.minimum:
        return
    lows = [-np.inf, *([case.serving.minimum] if _is_bound(case, low=True) else [])]
    highs = [np.inf, *([case.serving.maximum] if _is_bound(case, low=False) else [])]
    for low, high in product(lows, highs):
        sides = int(np.isfinite(low)) + int(np.isfinite(high))
        if not sides:
            continue
        counted = case.frame.count(np.clip(case.values, low, high), case.weights)
        fit = fitting.fit(counted, case.frame.serving)
        if fit.passes:
            own = _prior(case, low, high) + sides * case.price + case.null_score
            own -= _heaps(evidence, low, high)
            yield _candidate(evidence, case, low, high, fit.soft + own)


def _is_bound(case: NumberCase, *, low: bool) -> bool:
    """Say whether values are heaped at an end of serving that training goes beyond."""
    a, b = case.reference, case.serving
    end, held = (b.minimum, b.at_minimum) if low else (b.maximum, b.at_maximum)
    if held < max(FEWEST_ROWS, FEWEST_SHARE * b.finite):
        return False
    beyond = case.values < end if low else case.values > end
    expected = float(case.weights[beyond].sum()) * b.finite / a.finite
    before = a.share_of(end) * a.rows * b.finite / a.finite
    grew = held - before > GREW * float(np.sqrt(held + before))
    return expected > 0 and not beyond.all() and grew


def _prior(case: NumberCase, low: float, high: float) -> float:
    """Score how easily values meet at one number by themselves."""
    digits = case.reference.digits
    if digits >= lattice.CONTINUOUS:
        return case.off_lattice + CONTINUOUS
    bounds = np.array([end for end in (low, high) if np.isfinite(end)])
    if lattice.share_on(bounds, digits, narrow=case.serving.is_narrow) == 0:
        return CONTINUOUS  # no value of its own; it may well change the decimals
    return case.off_lattice + (DECIMALS if digits > 0 else WHOLE)


def _heaps(evidence: Evidence, low: float, high: float) -> float:
    """Score the values that meet exactly at the bounds, which cells hardly show."""
    before, after = evidence.reference, evidence.serving
    assert isinstance(before, NumberColumn)
    assert isinstance(after, NumberColumn)
    ends = (
        (True, low, before.at_minimum, after.at_minimum),
        (False, high, before.at_maximum, after.at_maximum),
    )
    score = 0.0
    for is_low, end, held, holds in ends:
        # A heap that training has at its own end may only have moved.
        is_new = holds / after.finite > MOST_RATIO * held / before.finite
        if np.isfinite(end) and is_new:
            chance = heap_chance(before, after, evidence.scales, low=is_low)
            score += min(HEAP, -2 * chance)
        elif np.isfinite(end):
            score -= MOVED
    return score


def _candidate(
    evidence: Evidence, case: NumberCase, low: float, high: float, score: float
) -> Candidate:
    """Say it in words."""
    reference, serving = evidence.words
    beyond = (case.values < low) | (case.values > high)
    lost = float(case.weights[beyond].sum()) / case.reference.finite
    if not np.isfinite(low):
        bounds = f"at {number(high)} from above"
    elif not np.isfinite(high):
        bounds = f"at {number(low)} from below"
    else:
        bounds = f"to {number(low)} .. {number(high)}"
    return Candidate(
        kind="clipped",
        score=score,
        stuck=tuple(end for end in (low, high) if np.isfinite(end)),
        variant=bounds,
        detail=f"{serving} is clipped {bounds}: {share(lost)} of {reference} values "
        "lie beyond; send them as they are",
    )
