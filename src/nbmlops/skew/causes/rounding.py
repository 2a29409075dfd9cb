"""Hypothesis "rounding": decimals, or the last digits, were cut off or rounded."""

from collections.abc import Iterator

import numpy as np

from nbmlops.profiles.columns import NumberColumn
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes import lattice
from nbmlops.skew.causes.evidence import Candidate, Evidence, NumberCase
from nbmlops.skew.causes.maps import Function
from nbmlops.skew.causes.points import Numbers, points_of
from nbmlops.skew.causes.signs import lost_decimals
from nbmlops.skew.statistics import Floats

PRIOR = 8.0
MOST_MOVED = 0.5  # gap beyond which fewer decimals are but a part of something else
WAYS: tuple[tuple[str, str, Function], ...] = (
    ("round", "rounded", np.rint),
    ("floor", "rounded down", np.floor),
    ("ceil", "rounded up", np.ceil),
    ("trunc", "cut off", np.trunc),
)


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that serving was rounded; or that training was, and serving is not.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each way of rounding that is not refuted.
    """
    case = evidence.numbers
    sides = evidence.both(NumberColumn)
    if case is None or sides is None:
        return
    if not (case.reference.deviation and case.serving.deviation):
        return
    before, after = sides
    if lost_decimals(before, after, evidence.scales):
        yield from _in_serving(evidence, case)
    elif lost_decimals(after, before, evidence.scales[::-1]):
        yield from _in_training(evidence, case)


def _in_serving(evidence: Evidence, case: NumberCase) -> Iterator[Candidate]:
    """Round the reference to the decimals that serving has."""
    reference, serving = evidence.words
    to, had = places(case.serving.digits), _decimals(case.reference.digits)
    for name, done, function in _ways(case.reference):
        rounded = _rounded(function, case.values, case.serving.digits)
        counted = case.frame.count(rounded, case.weights)
        fit = fitting.fit(counted, case.frame.serving)
        # The decimals are surely gone, whatever else the world did to the column.
        score = fit.soft
        if not fit.passes:
            if fit.gap > MOST_MOVED:
                continue
            score = case.natural(counted, case.frame.serving)
        yield Candidate(
            kind="rounding",
            score=score + PRIOR + case.null_score,
            variant=name,
            detail=f"{serving} is {done} to {to}, {reference} has {had}; send them",
        )


def _in_training(evidence: Evidence, case: NumberCase) -> Iterator[Candidate]:
    """Round serving to the decimals that the reference has."""
    reference, serving = evidence.words
    to, had = places(case.reference.digits), _decimals(case.serving.digits)
    frame = fitting.frame_of(case.reference)
    values, weights = points_of(case.serving)
    for name, done, function in _ways(case.serving):
        rounded = _rounded(function, values, case.reference.digits)
        fit = fitting.fit(frame.count(rounded, weights), frame.serving)
        if fit.passes:  # else other units may have brought the decimals
            yield Candidate(
                kind="rounding",
                score=fit.soft + PRIOR + case.null_score,
                variant=name,
                detail=f"{reference} is {done} to {to}, {serving} has {had}; round "
                "it alike",
            )


def _ways(side: Numbers) -> Iterator[tuple[str, str, Function]]:
    """Give the ways of rounding; where nothing is negative trunc is floor."""
    return (way for way in WAYS if way[0] != "trunc" or side.minimum < 0)


def _rounded(function: Function, values: Floats, digits: int) -> Floats:
    """Round to so many decimals; what is meant to be exact stays so."""
    scaled = lattice.tidy(values * 10.0**digits)
    return np.asarray(function(scaled) / 10.0**digits, dtype=np.float64)


def places(digits: int) -> str:
    """Say in words to what is rounded: whole numbers, 2 decimals."""
    if digits > 0:
        return _decimals(digits)
    return "whole numbers" if digits == 0 else f"whole {10**-digits:,}s"


def _decimals(digits: int) -> str:
    if digits >= lattice.CONTINUOUS:
        return "more decimals"
    if digits <= 0:
        return "finer steps"
    return f"{digits} decimal" + ("s" if digits > 1 else "")
