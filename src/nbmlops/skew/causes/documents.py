"""Causes in columns of free text: cut off, lower-cased, read in a wrong encoding."""

from collections.abc import Iterator

from nbmlops.profiles.columns import NumberColumn
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.natural import MOVED, SURE, null_sentence
from nbmlops.skew.causes.words import number, share
from nbmlops.skew.free_texts import findings, new_words, share_of_new

HEAPED = 0.05  # of the served texts end at the same length
LONGER = 0.02  # of the reference's are longer
NEVER, OFTEN = 0.005, 0.2  # shares of texts that hold capitals
UNCERTAIN = 0.15  # of the share that is cut, as the population may have changed too
# More new words, from which other texts hold no capitals, or are short; a cut makes
# some words new.
OTHERS, OTHERS_IF_CUT = 0.05, 0.2
UNREADABLE = 0.01  # more texts that hold U+FFFD
QUIET = 0.01  # p-value of every other facet from which only nulls are told
NULLS_MOVED = 0.002


def propose_truncated(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that texts are cut to a length.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    sides = evidence.both(FreeTextColumn)
    if sides is None:
        return
    before, after = (column.lengths for column in sides)
    end = after.maximum
    if end is None or after.minimum == end or not before.finite:
        return
    heaped = after.at_maximum / after.finite
    longer = _beyond(before, end)
    if heaped < HEAPED or longer < LONGER or abs(heaped - longer) > UNCERTAIN:
        return
    if _more_new_words(evidence, sides) > OTHERS_IF_CUT:
        return
    yield Candidate(
        kind="truncated",
        score=SURE,
        detail=f"{share(heaped)} of {evidence.words[1]} texts end at {number(end)} "
        f"characters, {share(longer)} of {evidence.words[0]}'s are longer: they are "
        "cut off",
    )


def propose_case(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that texts were lower-cased, or no longer are.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    sides = evidence.both(FreeTextColumn)
    if sides is None or not sides[1].signs:
        return
    if _more_new_words(evidence, sides) > OTHERS:
        return
    before, after = (column.share_with("capitals") for column in sides)
    reference, serving = evidence.words
    if after <= NEVER and before >= OFTEN:
        detail = f"{share(after)} of {serving} texts hold a capital letter, "
        detail += f"{share(before)} of {reference}'s: {serving} lower-cases them"
    elif before <= NEVER and after >= OFTEN:
        detail = f"{share(after)} of {serving} texts hold a capital letter, "
        detail += f"{share(before)} of {reference}'s: lower-case them"
    else:
        return
    yield Candidate(kind="case", score=SURE + 1, detail=detail)


def propose_unreadable(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that texts were read in a wrong encoding.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    sides = evidence.both(FreeTextColumn)
    if sides is None:
        return
    before, after = (column.share_with("unreadable") for column in sides)
    if after - before < UNREADABLE:
        return
    yield Candidate(
        kind="unicode",
        score=SURE + 2,
        detail=f"{share(after)} of {evidence.words[1]} texts hold U+FFFD, which stands "
        f"for bytes that could not be read, {share(before)} of {evidence.words[0]}'s: "
        "read them in the encoding that they are written in",
    )


def propose_nulls(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that only the share of nulls changed.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    sides = evidence.both(FreeTextColumn)
    if sides is None:
        return
    before, after = evidence.null_shares
    if abs(after - before) < NULLS_MOVED:
        return
    others = [f for f in findings(*sides, evidence.scales, 0.1) if f.part != "length"]
    if len(others) * min(f.p_value for f in others) < QUIET:
        return
    yield Candidate(
        kind="nulls",
        score=MOVED - 1,
        detail=null_sentence(evidence),
    )


def _more_new_words(
    evidence: Evidence, sides: tuple[FreeTextColumn, FreeTextColumn]
) -> float:
    fresh = new_words(*sides, evidence.scales)
    return 0.0 if fresh is None else share_of_new(fresh[1]) - share_of_new(fresh[0])


def _beyond(lengths: NumberColumn, end: float) -> float:
    """Give the share of texts that are longer."""
    return float(lengths.raw.mass[lengths.raw.low > end].sum()) / lengths.finite
