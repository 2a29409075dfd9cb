"""Why labels differ: new ones, lost ones, nulls, a constant, a new population."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nbmlops.profiles.columns import TimeColumn
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.label_scores import (
    natural,
    null_change,
    null_score,
    price,
    vectors,
)
from nbmlops.skew.causes.natural import (
    POPULATION_OWN,
    null_sentence,
    population_sentence,
)
from nbmlops.skew.causes.words import listed, share
from nbmlops.skew.questions import Labels, loses_time_of_day
from nbmlops.skew.rare import unseen_excess

SURELY = 7.0  # added to ln(labels): log odds from which a label is new, or lost
FEWEST_KEPT = 25.0  # rows of a side in the other labels, that say they are as before
# Shares of values in new labels: the old ones are replaced, and all of them.
MOSTLY, ALL_NEW = 0.5, 0.95
REPLACED = 12.0  # what that costs where it is called new labels, and by nature
EACH_MORE = 2.0  # what each label beyond the first costs
TOGETHER = 5.0  # standard errors of rows in unknown labels, all such labels together


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """Labels that only one side holds, more often than chance allows.

    Attributes
    ----------
    names
        The labels, the heaviest first.
    share
        Their share of the rows of the side that holds them.
    at
        Their places among the labels.
    """

    names: tuple[str, ...]
    share: float
    at: np.ndarray


def surprise(labels: Labels, *, new: bool) -> Surprise | None:
    """Find labels that one side lacks although it ought to hold some.

    Parameters
    ----------
    labels
        The counts of both sides.
    new
        Look for labels that the reference lacks; else for those that serving lacks.

    Returns
    -------
    Surprise or None
        Given k rows of a label on both sides together, all fall on one side with
        probability (its share of rows)^k when nothing changed.
    """
    here, there = labels.serving, labels.reference
    if not new:
        here, there = there, here
    n = float(there.sum()) + labels.nulls[0 if new else 1]
    m = float(here.sum()) + labels.nulls[1 if new else 0]
    if n <= 0 or m <= 0:
        return None
    needed = (np.log(max(2, len(here))) + SURELY) / np.log1p(n / m)
    found = np.flatnonzero((there <= 0) & (here > needed))
    if unseen_excess(here, there, n, m) > TOGETHER:
        found = np.flatnonzero((there <= 0) & (here > 0))
    if not len(found):
        return None
    found = found[np.argsort(-here[found], kind="stable")]
    return Surprise(
        names=tuple(labels.names[int(k)] for k in found),
        share=float(here[found].sum()) / m,
        at=found,
    )


def propose_one_sided(evidence: Evidence, *, new: bool) -> Iterator[Candidate]:
    """Propose labels that only one side shows.

    Parameters
    ----------
    evidence
        The column.
    new
        Those that the reference never showed; else those that serving lacks.

    Yields
    ------
    Candidate
        At most one.
    """
    scored = _one_sided(evidence, new=new)
    if scored is None:
        return
    score, found = scored
    reference, serving = evidence.words
    if new:
        told = f"{_count(found.names, 'new label')} in {share(found.share)} of "
        told += f"{serving} rows that {reference} never showed"
    else:
        told = f"{_count(found.names, 'label')} with {share(found.share)} of "
        told += f"{reference} rows never occurs in {serving}"
    yield Candidate(
        kind="new-category" if new else "lost-category",
        score=score,
        detail=f"{told}: {listed(list(found.names))}",
    )


def _count(names: tuple[str, ...], what: str) -> str:
    return f"{len(names)} {what}" + ("s" if len(names) != 1 else "")


def _one_sided(evidence: Evidence, *, new: bool) -> tuple[float, Surprise] | None:
    """Score new or lost labels: the rest must be as it was."""
    labels = evidence.labels
    if labels is None:
        return None
    found = surprise(labels, new=new)
    if found is None:
        return None
    keep = np.ones(len(labels.names), dtype=bool)
    keep[found.at] = False
    rest = Labels(
        names=tuple(n for n, k in zip(labels.names, keep, strict=True) if k),
        reference=labels.reference[keep],
        serving=labels.serving[keep],
        nulls=labels.nulls,
        others=labels.others,
    )
    pair = vectors(rest)
    if min(float(pair[0].sum()), float(pair[1].sum())) < FEWEST_KEPT:
        return None  # all labels are others
    score = fitting.fit(*pair).soft + null_score(labels, pair) + price(pair) - 6
    if new_share(labels) > MOSTLY:
        score += REPLACED
    # Labels that are left out would each add their own noise to any other score.
    return score + EACH_MORE * (len(found.names) - 1), found


def new_share(labels: Labels) -> float:
    """Return the share of serving's counted labels' rows that the reference lacks."""
    new = float(labels.serving[labels.reference <= 0].sum())
    return new / max(float(labels.serving.sum()), 1e-300)


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
    labels = evidence.labels
    if labels is None:
        return
    pair = vectors(labels)
    if null_change(labels)[0] > price(pair) + 4:
        yield Candidate(
            kind="nulls",
            score=fitting.fit(*pair).soft + price(pair) + 4,
            detail=null_sentence(evidence),
        )


def propose_population(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that the shares of labels changed as the world does.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    labels = evidence.labels
    if labels is None:
        return
    pair = vectors(labels)
    score = natural(pair) + null_score(labels, pair) + POPULATION_OWN
    if new_share(labels) > ALL_NEW:
        score += REPLACED
    yield Candidate(
        kind="population",
        score=score,
        detail=population_sentence(evidence),
    )


def propose_constant(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that one label is all that arrives.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    labels = evidence.labels
    if labels is None or labels.others[1] > 0:
        return
    held = np.flatnonzero(labels.serving > 0)
    if len(held) != 1 or int((labels.reference > 0).sum()) < 2:
        return
    if _is_cut_to_dates(evidence):
        return
    reference, serving = evidence.words
    detail = f"every value of {serving} is {listed([labels.names[int(held[0])]])}, "
    detail += f"which {share(_share_before(labels, int(held[0])))} of {reference} is"
    if loses_time_of_day(evidence.reference, evidence.serving):
        detail = _lost_time_sentence(evidence, labels)
    yield Candidate(kind="constant", score=-np.inf, detail=detail)


def propose_truncated(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that times were cut to their dates.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    labels = evidence.labels
    if labels is not None and _is_cut_to_dates(evidence):
        yield Candidate(
            kind="truncated",
            score=-np.inf,
            detail=_lost_time_sentence(evidence, labels),
        )


def _is_cut_to_dates(evidence: Evidence) -> bool:
    """Say whether serving holds several dates, and no time of day as it ought to."""
    serving = evidence.serving
    if not loses_time_of_day(evidence.reference, serving):
        return False
    return isinstance(serving, TimeColumn) and serving.minimum != serving.maximum


def _lost_time_sentence(evidence: Evidence, labels: Labels) -> str:
    reference, serving = evidence.words
    return (
        f"every time of {serving} is 00:00, {share(_share_before(labels, 0))} of "
        f"{reference} is in that hour; was it cut to the date?"
    )


def _share_before(labels: Labels, at: int) -> float:
    """Return a label's share of the reference's values."""
    return float(labels.reference[at]) / max(float(labels.reference.sum()), 1e-300)
