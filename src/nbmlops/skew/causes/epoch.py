"""Hypothesis "epoch": times as numbers from 1970, in another unit of time."""

from collections.abc import Iterator

import numpy as np

from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.points import Numbers
from nbmlops.skew.repair.steps import Scale

UNITS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
FIRST, LAST = 6.3e8, 4.2e9  # seconds since 1970: from 1990 to 2103
TAIL = 0.01
MOST_LATER = 0.25  # decades between the medians, in one unit: 1990 to 2006


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Compare the units in which both sides can be times.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    case = evidence.numbers
    if case is None:
        return
    before, after = unit_of(case.reference), unit_of(case.serving)
    if not before or not after or before == after:
        return
    by = UNITS[after] / UNITS[before]
    later = case.serving.quantile(0.5) / case.reference.quantile(0.5) / by
    if abs(np.log10(later)) > MOST_LATER:
        return
    reference, serving = evidence.words
    mend = Scale(by=by, divides=True) if by > 1 else Scale(by=round(1 / by))
    yield Candidate(
        kind="epoch",
        score=-np.inf,
        detail=f"{serving} counts {after} since 1970, {reference} {before}",
        mend=(mend,),
    )


def unit_of(side: Numbers) -> str:
    """Name the unit in which a side's values lie between 1990 and 2103, "" for none."""
    low, high = side.quantile(TAIL), side.quantile(1 - TAIL)
    for name, size in UNITS.items():
        if size * FIRST <= low and high <= size * LAST:
            return name
    return ""
