"""Causes in columns of vectors: lengths tell of normalising and of units."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nbmlops.profiles.columns import NumberColumn
from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew.causes import natural, units
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.natural import MOVED, SURE
from nbmlops.skew.causes.words import number, share
from nbmlops.skew.vectors import ROUNDING, rungs_of

UNIT_LENGTH = 0.002  # how far from 1 a normalised vector may be, in 16-bit floats too
NEARLY_ALL = 0.99  # of the vectors
SHARE_MOVED = 0.002
QUIET = 0.01  # p-value of the features from which only absent vectors are told


def propose_normalised(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that one side only divides its vectors by their length.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    sides = evidence.both(VectorColumn)
    if sides is None:
        return
    before, after = (column.lengths for column in sides)
    reference, serving = evidence.words
    if _is_normalised(before) and not _is_normalised(after):
        yield Candidate(
            kind="not-preprocessed",
            score=SURE,
            detail=f"{serving}'s vectors are {_range(after)} long, {reference}'s all "
            "have length 1: divide them by their length",
        )
    elif _is_normalised(after) and not _is_normalised(before):
        yield Candidate(
            kind="preprocessed-twice",
            score=SURE,
            detail=f"{serving}'s vectors all have length 1, {reference}'s are "
            f"{_range(before)} long: {serving} divides them by their length",
        )


def propose_unit(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that all numbers of the vectors are in another unit.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        Those of the lengths.
    """
    sides = evidence.both(VectorColumn)
    if sides is None:
        return
    first, second = (column.lengths for column in sides)
    if _is_normalised(first) or _is_normalised(second):
        return
    lengths = replace(
        evidence, kind="number", reference=first, serving=second, others={}
    )
    nothing = natural.none(lengths)
    if nothing is None:
        return
    bound = min(nothing, *(c.score for c in natural.propose_population(lengths)))
    for found in units.propose(lengths):
        if found.backed and found.score < bound:
            yield replace(found, score=found.score - bound + MOVED, mend=(), variant="")


def propose_constant(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that the same vector arrives again and again.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    sides = evidence.both(VectorColumn)
    if sides is None or min(column.whole for column in sides) <= 0:
        return
    if not sides[0].has_features_of(sides[1]):
        return
    spreads = [float(column.moments()[1].diagonal().max()) for column in sides]
    if spreads[1] < ROUNDING <= spreads[0]:
        yield Candidate(
            kind="constant",
            score=SURE,
            detail=f"every {evidence.words[1]} row has the same vector; does the "
            "source still deliver it?",
        )


def propose_nulls(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that only the share of rows without a whole vector changed.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    sides = evidence.both(VectorColumn)
    if sides is None:
        return
    before, after = ((c.nulls + c.broken) / c.mass for c in sides)
    if abs(after - before) < SHARE_MOVED or not sides[0].has_features_of(sides[1]):
        return
    rungs = list(rungs_of(*sides, evidence.scales))
    if rungs and len(rungs) * min(rung.p_value for rung in rungs) < QUIET:
        return
    reference, serving = evidence.words
    yield Candidate(
        kind="nulls",
        score=MOVED - 1,
        detail=f"{share(after)} of {serving} rows have no vector of finite numbers, "
        f"{share(before)} of {reference} rows",
    )


def _is_normalised(lengths: NumberColumn) -> bool:
    """Say whether nearly all lengths are 1 (rounded to four digits they repeat)."""
    if not lengths.finite:
        return False
    at = np.abs(lengths.atoms_value - 1) <= UNIT_LENGTH
    return float(lengths.atoms_mass[at].sum()) >= NEARLY_ALL * lengths.finite


def _range(lengths: NumberColumn) -> str:
    ends = [lengths.quantile(part) or 0.0 for part in (0.05, 0.95)]
    return " to ".join(dict.fromkeys(number(float(f"{end:.3g}")) for end in ends))
