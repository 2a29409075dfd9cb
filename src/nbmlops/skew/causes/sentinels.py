"""Hypothesis "sentinel": a number stands where there was a null, or for "unknown"."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.evidence import Candidate, Evidence, NumberCase
from nbmlops.skew.causes.words import exact, share
from nbmlops.skew.repair.steps import ToNull
from nbmlops.skew.statistics import Floats, harmonic_size

SMALL_TOKENS = (0, -1, -2, -9, -99, -999, -9999, -99999, 9, 99, 999, 9999, 99999)
LARGE_TOKENS = (-(2.0**31), -(2.0**63), 2.0**31 - 1, 2.0**63, 1e20, -1e20, 999999)
TOKENS = frozenset({*SMALL_TOKENS, *LARGE_TOKENS})
STANDARD_ERRORS = 3.2  # by which an atom's share of rows must have grown
STANDARD_ERRORS_OF_VALUES = 2.5  # and its share of the values that are there
NULLS_LEFT = 0.1  # of the reference's null share: below it the nulls are gone
ALONE = 0.5  # standard deviations of the reference to the nearest other value
OWN, NOT_USUAL = 6.0, 4.0
UNNATURAL = 20.0  # a usual token beyond all of the reference: the world makes none
MOST_RATIO, MOST_RATIO_OUTSIDE = 3.0, 5.0  # of what the value gained to lost nulls


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Try each repeated value whose share grew.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each value that may stand for a null.
    """
    case = evidence.numbers
    if case is None:
        return
    for value in case.serving.atoms:
        before = case.reference.share_of(float(value))
        after = case.serving.share_of(float(value))
        a, b = case.reference, case.serving
        growth = _growth(before, after, a.rows, b.rows)
        if growth <= STANDARD_ERRORS_OF_VALUES:
            continue
        fill = evidence.hints.get("fill")
        score = _score(case, float(value), before, after, fill)
        if score is not None:
            found = _candidate(evidence, case, float(value), before, after, score)
            sure = growth > STANDARD_ERRORS and _grew_among_values(case, before, after)
            next_to = not _nulls_went(case) and _is_next(case, float(value))
            yield replace(found, backed=sure and not next_to)


def _nulls_went(case: NumberCase) -> bool:
    """Say whether serving has surely fewer nulls, for which a value may stand."""
    lost = case.reference.null_share - case.serving.null_share
    return lost > 0 and case.null > case.price


def _is_next(case: NumberCase, value: float) -> bool:
    """Say whether the reference holds a whole number beside it: -1 where 0 was."""
    beside = case.reference.shares_of(np.array([value - 1, value + 1]))
    return bool(beside.any())


def _grew_among_values(case: NumberCase, before: float, after: float) -> bool:
    """Say whether a value's share of the values that are there grew."""
    # Dropping rows with nulls makes every share of rows grow, but none of values.
    a, b = case.reference, case.serving
    first, second = before * a.rows / a.finite, after * b.rows / b.finite
    return _growth(first, second, a.finite, b.finite) > STANDARD_ERRORS_OF_VALUES


def _growth(before: float, after: float, n: float, m: float) -> float:
    """Return by how many standard errors a share grew."""
    size = harmonic_size(n, m)
    pooled = (before * n + after * m) / (n + m)
    noise = float(np.sqrt(pooled * (1 - pooled) / size)) if size else np.inf
    return (after - before) / noise if noise > 0 else 0.0


def _score(
    case: NumberCase, value: float, before: float, after: float, fill: float | None
) -> float | None:
    """Score one value as a sentinel; None where nothing speaks for it."""
    cell = case.frame.cell_of(value)
    counted, serving = case.counted.copy(), case.frame.serving.copy()
    here = case.frame.count(np.array([value]), np.array([before * case.reference.rows]))
    counted = np.maximum(counted - here, 0.0)
    serving[cell] = max(serving[cell] - after * case.serving.rows, 0.0)
    if counted.sum() <= 0 or serving.sum() <= 0:
        return None
    usual = value in TOKENS
    if _nulls_went(case):
        known = usual or _is_far(case, value) or _is_filled(case, value, fill)
        return _for_null(case, value, counted, serving, (before, after), known)
    rest = fitting.fit(counted, serving)
    fresh = before == 0 and case.counted[cell] < 0.5 * after * case.reference.rows
    lone = _is_far(case, value) and _is_alone(case, value)
    if not fresh or not (lone or (usual and _is_first_negative(case, value))):
        return None
    # The next larger value of a month or a version is new too: only far ones are odd.
    clear = usual and abs(value) > 1
    unusual = 0.0 if clear else 8.0 if usual else 14.0
    own = case.price + unusual + case.null_score
    if rest.passes:
        return rest.soft + own
    return case.natural(counted, serving) + own - UNNATURAL if clear else None


def _is_filled(case: NumberCase, value: float, fill: float | None) -> bool:
    """Say whether a value is training's mean, or what the model's own imputer fills."""
    side = case.reference
    tolerance = 1e-6 * max(abs(side.mean), side.deviation)
    usual = (side.mean,) if fill is None else (side.mean, fill)
    return any(abs(value - one) <= tolerance for one in usual)


def _is_far(case: NumberCase, value: float) -> bool:
    """Say whether a value lies a standard deviation beyond all of the reference."""
    side = case.reference
    off = max(side.minimum - value, value - side.maximum)
    return off >= side.deviation and off > 0


def _is_first_negative(case: NumberCase, value: float) -> bool:
    """Say whether a value is the only one below 0, where the reference has none."""
    a, b = case.reference, case.serving
    if a.minimum < 0 or value >= 0 or value != b.minimum:
        return False
    return not (b.middle[1:] < 0).any()


def _is_alone(case: NumberCase, value: float) -> bool:
    """Say whether no other serving value lies near: else it is part of a shift."""
    side = case.serving
    off = np.maximum(side.low - value, value - side.high)
    others = off[off > 0]
    return not len(others) or float(others.min()) >= ALONE * case.reference.deviation


def _for_null(
    case: NumberCase,
    value: float,
    counted: Floats,
    serving: Floats,
    shares: tuple[float, float],
    known: bool,
) -> float | None:
    """Score a value as what the nulls became."""
    a, b = case.reference, case.serving
    before, after = shares
    merged_a = (before + a.null_share) * a.rows
    merged_b = (after + b.null_share) * b.rows
    merged = fitting.two_way(
        np.array([merged_a, a.rows - merged_a]), np.array([merged_b, b.rows - merged_b])
    )
    outside = value < a.minimum or value > a.maximum
    remain = b.null_share > NULLS_LEFT * a.null_share
    own = OWN + (0.0 if known else NOT_USUAL) + (case.price if remain else 0.0)
    rest = fitting.fit(counted, serving)
    if rest.passes:
        return rest.soft + merged + own
    lost, gained = a.null_share - b.null_share, after - before
    most = MOST_RATIO_OUTSIDE if outside else MOST_RATIO
    if remain or not known or not 1 / most <= gained / lost <= most:
        return None
    if outside and value in TOKENS and not b.nulls:
        own -= UNNATURAL
    return case.natural(counted, serving) + min(merged, case.price + 4) + own


def _candidate(
    evidence: Evidence,
    case: NumberCase,
    value: float,
    before: float,
    after: float,
    score: float,
) -> Candidate:
    """Say it in words."""
    reference, serving = evidence.words
    text = exact(value)
    if _nulls_went(case):
        detail = (
            f"{text} stands where nulls were: {share(after)} of {serving} rows hold "
            f"{text}, {reference} has {share(case.reference.null_share)} null"
        )
        if before > 0:
            detail += f" and {share(before)} of {text}"
    else:
        detail = (
            f"{text} stands for a missing value: {share(after)} of {serving} rows hold "
            f"it, no row of {reference} does"
        )
    return Candidate(
        kind="sentinel", score=score, detail=detail, mend=(ToNull(values=(value,)),)
    )
