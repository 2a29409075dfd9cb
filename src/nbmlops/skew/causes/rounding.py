"""Hypothesis "rounding": decimals, or the last digits, were cut off or rounded."""

from collections.abc import Iterator

import numpy as np

from nbmlops.profiles.columns import NumberColumn
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes import lattice
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.maps import Function
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
    """Try every way of rounding to the decimals that serving has.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each way that the serving side does not refute.
    """
    case = evidence.numbers
    before, after = evidence.reference, evidence.serving
    if case is None or not case.serving.deviation:
        return
    assert isinstance(before, NumberColumn)
    assert isinstance(after, NumberColumn)
    if not lost_decimals(before, after, evidence.scales):
        return
    digits = case.serving.digits
    for name, done, function in WAYS:
        if name == "trunc" and case.reference.minimum >= 0:
            continue  # the same as floor
        rounded = _rounded(function, case.values, digits)
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
            detail=f"{evidence.words[1]} is {done} to {_places(digits)}, "
            f"{evidence.words[0]} has {_decimals(case.reference.digits)}; send them",
        )


def _rounded(function: Function, values: Floats, digits: int) -> Floats:
    """Round to so many decimals; what is meant to be exact stays so."""
    scaled = lattice.tidy(values * 10.0**digits)
    return np.asarray(function(scaled) / 10.0**digits, dtype=np.float64)


def _places(digits: int) -> str:
    if digits > 0:
        return _decimals(digits)
    return "whole numbers" if digits == 0 else f"whole {10**-digits:,}s"


def _decimals(digits: int) -> str:
    if digits >= lattice.CONTINUOUS:
        return "more decimals"
    if digits <= 0:
        return "finer steps"
    return f"{digits} decimal" + ("s" if digits > 1 else "")
