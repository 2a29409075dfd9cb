"""Findings without a fault: nulls, a population that changed, a constant."""

from collections.abc import Iterator

import numpy as np

from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.structure import is_empty
from nbmlops.skew.causes.words import number, share

POPULATION_OWN = 3.0
MOST_OFF_LATTICE = 30.0
# Of vectors and free text, where each cause but this last one has a sign of its own.
SURE, MOVED = 0.0, 100.0


def none(evidence: Evidence) -> float | None:
    """Score "nothing but noise" for a number column; None for other kinds."""
    case = evidence.numbers
    if case is None:
        return None
    return case.identity.soft + case.null + case.off_lattice


def propose_nulls(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that only the share of nulls changed, in a number column.

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
    if case is None or case.null <= case.price + 4:
        return
    yield Candidate(
        kind="nulls",
        score=case.identity.soft + case.price + 4 + case.off_lattice,
        detail=null_sentence(evidence),
    )


def propose_presence(evidence: Evidence) -> Iterator[Candidate]:
    """Propose nulls where a side holds nothing else.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    sides = evidence.reference, evidence.serving
    if any(is_empty(side) for side in sides):
        yield Candidate(kind="nulls", score=-np.inf, detail=null_sentence(evidence))


def null_sentence(evidence: Evidence) -> str:
    """Say how the share of nulls changed and what to look for."""
    reference, serving = evidence.words
    before, after = evidence.null_shares
    what = "more" if after > before else "fewer"
    text = f"{what} nulls: {share(before)} of {reference} rows, "
    text += f"{share(after)} of {serving}"
    if after == 0 and before > 0:
        return text + "; were rows with nulls dropped, or filled?"
    return text + ("; does the source still deliver it?" if after > before else "")


def propose_population(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that the world changed, in a number column.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One.
    """
    case = evidence.numbers
    if case is None:
        return
    score = case.natural(case.counted, case.frame.serving)
    score += case.null_score + POPULATION_OWN
    score += min(case.off_lattice, MOST_OFF_LATTICE)
    yield Candidate(
        kind="population", score=score, detail=population_sentence(evidence)
    )


def propose_moved(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that the world changed, in a column of vectors or free text.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One.
    """
    yield Candidate(
        kind="population", score=MOVED, detail=population_sentence(evidence)
    )


def population_sentence(evidence: Evidence) -> str:
    """Say that no known handling explains the change."""
    moved = f"{evidence.summary}; " if evidence.summary else ""
    if "infinity in " in moved.lower() and evidence.kind == "number":
        return f"{moved}was there a division by zero, or an overflow?"
    return f"{moved}no known handling of the data explains it: the population changed"


def propose_constant(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that a number column arrives with one value only.

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
    if case.serving.minimum != case.serving.maximum:
        return
    if case.reference.minimum == case.reference.maximum:
        return
    reference, serving = evidence.words
    yield Candidate(
        kind="constant",
        score=-np.inf,
        detail=(
            f"every value of {serving} is {number(case.serving.minimum)}; {reference} "
            f"ranges from {number(case.reference.minimum)} to "
            f"{number(case.reference.maximum)}"
        ),
    )
