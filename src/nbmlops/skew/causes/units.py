"""Hypothesis "unit": the serving side is the reference times a known factor."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes import lattice
from nbmlops.skew.causes.evidence import (
    Candidate,
    Evidence,
    NumberCase,
    decimals_score,
    mapped_digits,
)
from nbmlops.skew.repair.steps import Scale
from nbmlops.skew.statistics import Floats

USUAL, RARE, NEAR_ONE, IMITABLE = 8.0, 10.0, 20.0, 18.0
GROWTH = 10.0  # a smaller factor is growth unless the decimals changed with it
MOST_LOST = 0.1  # share of values that rounding may turn into 0
OFF_GRID = 15.0  # times the share of values that do not map back, times up to 6
FEWEST_KNOWN = 5  # exact values that must map back where the distribution moved too


@dataclass(frozen=True, slots=True)
class Unit:
    """A factor by which units differ, with what it means in either direction.

    Attributes
    ----------
    factor
        Greater than 1.
    times, divided
        What happened where serving is training times, or divided by, the factor.
    prior
        Score: the less usual the higher.
    """

    factor: float
    times: str
    divided: str
    prior: float = RARE


UNITS: tuple[Unit, ...] = (
    Unit(10.0, "ten times the unit", "a tenth of the unit"),
    Unit(
        100.0,
        "percent or cents instead of the whole",
        "the whole instead of percent or cents",
        USUAL,
    ),
    Unit(
        1e3,
        "thousandths (milli) instead of the unit",
        "thousands (kilo) instead of the unit",
        USUAL,
    ),
    Unit(1e6, "millionths instead of the unit", "millions instead of the unit"),
    Unit(1e9, "billionths instead of the unit", "billions instead of the unit"),
    Unit(
        60.0,
        "seconds instead of minutes, or minutes instead of hours",
        "minutes instead of seconds, or hours instead of minutes",
        USUAL,
    ),
    Unit(3600.0, "seconds instead of hours", "hours instead of seconds", USUAL),
    Unit(24.0, "hours instead of days", "days instead of hours"),
    Unit(86400.0, "seconds instead of days", "days instead of seconds"),
    Unit(1024.0, "a binary unit smaller", "a binary unit larger", RARE + 2),
    Unit(1.609344, "kilometres instead of miles", "miles instead of kilometres"),
    Unit(1 / 0.3048, "feet instead of metres", "metres instead of feet"),
    Unit(2.54, "centimetres instead of inches", "inches instead of centimetres"),
    Unit(1 / 0.45359237, "pounds instead of kilograms", "kilograms instead of pounds"),
)
WRITTEN = {1 / 0.3048: "0.3048", 1 / 0.45359237: "0.45359237"}


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Try every factor in both directions.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each factor that the serving side does not refute.
    """
    case = evidence.numbers
    if case is None or case.serving.maximum == case.serving.minimum:
        return
    for unit in UNITS:
        for times in (True, False):
            score = _score(case, unit, times=times)
            if score is not None:
                yield _candidate(evidence, unit, times=times, score=score)


def _map(values: Floats, unit: Unit, *, times: bool) -> Floats:
    """Convert as serving code would: by the written constant."""
    inverse = WRITTEN.get(unit.factor)
    if inverse is not None:
        return values / float(inverse) if times else values * float(inverse)
    return values * unit.factor if times else values / unit.factor


def _score(case: NumberCase, unit: Unit, *, times: bool) -> float | None:
    """Score one factor; None where it is refuted."""
    middle = _map(np.array([case.reference.quantile(0.5)]), unit, times=times)[0]
    low, high = case.serving.quantile(0.05), case.serving.quantile(0.95)
    if not low <= middle <= high:
        return None
    mapped = _map(case.values, unit, times=times)
    narrow = case.serving.is_narrow
    digits = mapped_digits(mapped, case.weights, case.reference.digits, narrow=narrow)
    rounded = case.serving.digits < digits
    if rounded:
        there = mapped != 0
        mapped = np.round(mapped, case.serving.digits)
        lost = case.weights[there & (mapped == 0)].sum()
        if lost > MOST_LOST * case.weights[there].sum():
            return None
    counted = case.frame.count(mapped, case.weights)
    fit = fitting.fit(counted, case.frame.serving)
    known = case.serving.samples()
    back = _map(known, unit, times=not times)
    missed = 0.0
    if case.reference.digits <= 6 and not rounded:
        missed = 1 - lattice.share_on(back, case.reference.digits, narrow=narrow)
    prior = _prior(case, unit, times=times) + case.null_score
    prior += decimals_score(digits, case.serving.digits)
    prior += OFF_GRID * missed * min(6, len(known))
    if fit.passes:
        return fit.soft + prior
    backed = digits == case.serving.digits != case.reference.digits
    if not backed or missed or len(known) < FEWEST_KNOWN:
        return None
    if fit.gap > 0.5 * case.identity.gap:
        return None
    return case.natural(counted, case.frame.serving) + prior


def _prior(case: NumberCase, unit: Unit, *, times: bool) -> float:
    """Score how unusual a factor is, and whether growth could imitate it."""
    if unit.factor < 5:
        return NEAR_ONE
    factor = unit.factor if times else 1 / unit.factor
    order = np.argsort(case.values, kind="stable")
    values, weights = case.values[order], case.weights[order]
    before = np.cumsum(weights) / weights.sum()
    moved = np.searchsorted(values, values / factor, side="right")
    after = np.concatenate([[0.0], before])[moved]
    gap = float(np.abs(before - after).max())
    return max(unit.prior, IMITABLE) if gap < 0.5 else unit.prior


def _candidate(
    evidence: Evidence, unit: Unit, *, times: bool, score: float
) -> Candidate:
    """Say it in words."""
    reference, serving = evidence.words
    written = WRITTEN.get(unit.factor)
    text = written or format(unit.factor, ".15g")
    grows = times if written is None else not times
    sign = "x" if grows else "/"
    meaning = unit.times if times else unit.divided
    case = evidence.numbers
    changed = case is not None and case.serving.digits != case.reference.digits
    return Candidate(
        kind="unit",
        score=score,
        variant=f"{sign} {text}",
        backed=changed or unit.factor >= GROWTH,
        detail=f"{serving} = {reference} {sign} {text}: {meaning}",
        mend=(Scale(by=float(text), divides=grows),),
    )
