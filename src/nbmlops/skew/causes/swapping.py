"""Hypothesis "swapped": a column and another arrive with each other's values."""

from collections.abc import Iterator

import numpy as np

from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.evidence import Candidate, Evidence, NumberCase
from nbmlops.skew.repair.steps import Swap

PRIOR = 8.0


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Compare with the other columns that changed, in both directions.

    Parameters
    ----------
    evidence
        The column, and its siblings.

    Yields
    ------
    Candidate
        One for each column that fits.
    """
    case = evidence.numbers
    if case is None:
        return
    others = evidence.siblings()
    reference, serving = evidence.words
    for other in others:
        theirs = other.numbers
        if theirs is None or not _is_near(case, theirs) or not _is_near(theirs, case):
            continue
        here, there = _taken(case, theirs), _taken(theirs, case)
        if here is None or there is None:
            continue
        yield Candidate(
            kind="swapped",
            score=here + PRIOR + 2 * float(np.log(1 + len(others))),
            variant=other.name,
            detail=f"{serving} has the values of {other.name!r} that {reference} had, "
            "and the other way round: the two are exchanged",
            mend=(Swap(other=other.name),),
        )


def _is_near(case: NumberCase, other: NumberCase) -> bool:
    """Say whether the median of serving can be the other column's."""
    middle = case.serving.quantile(0.5)
    side = other.reference
    return bool(side.quantile(0.2) <= middle <= side.quantile(0.8))


def _taken(case: NumberCase, other: NumberCase) -> float | None:
    """Score that a column's serving values are another's reference values."""
    if case.serving.digits != other.reference.digits:
        return None
    counted = case.frame.count(other.values, other.weights)
    fit = fitting.fit(counted, case.frame.serving)
    if not fit.explains(case.identity):
        return None
    null = fitting.null_change(other.reference, case.serving)
    return fit.soft + min(null, case.price + 4)
