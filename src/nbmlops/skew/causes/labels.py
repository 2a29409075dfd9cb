"""Why labels differ: new ones, lost ones, nulls, a constant, a new population."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nbmlops.profiles.columns import TimeColumn
from nbmlops.skew import statistics
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.natural import null_sentence, population_sentence
from nbmlops.skew.causes.words import listed, share
from nbmlops.skew.questions import Labels, loses_time_of_day
from nbmlops.skew.rare import unseen_excess
from nbmlops.skew.statistics import Floats

SURELY = 7.0  # added to ln(labels): log odds from which a label is new, or lost
TOGETHER = 5.0  # standard errors of rows in unknown labels, all such labels together
SPREADS = (0.1, 0.2, 0.4, 0.8, 1.5, 2.5)  # of natural log ratios between labels


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


def _vectors(labels: Labels) -> tuple[Floats, Floats]:
    """Return counts with the others, without nulls, rare labels together."""
    a = np.append(labels.reference, labels.others[0])
    b = np.append(labels.serving, labels.others[1])
    total = a + b
    n, m = max(float(a.sum()), 1e-300), max(float(b.sum()), 1e-300)
    rare = total * min(n, m) / (n + m) < 5
    if rare.any():
        a = np.append(a[~rare], a[rare].sum())
        b = np.append(b[~rare], b[rare].sum())
    return a, b


def _null(labels: Labels) -> tuple[float, float, float]:
    """Return the score of the change of nulls, and both null shares."""
    rows = [
        float(side.sum()) + others + nulls
        for side, others, nulls in zip(
            (labels.reference, labels.serving), labels.others, labels.nulls, strict=True
        )
    ]
    a = np.array([labels.nulls[0], rows[0] - labels.nulls[0]])
    b = np.array([labels.nulls[1], rows[1] - labels.nulls[1]])
    shares = [n / r if r else 0.0 for n, r in zip(labels.nulls, rows, strict=True)]
    return fitting.two_way(a, b), shares[0], shares[1]


def _price(a: Floats, b: Floats) -> float:
    size = statistics.harmonic_size(float(a.sum()), float(b.sum()))
    return float(np.log(np.clip(size, 2, fitting.LARGEST_SIZE)))


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
    a, b = _vectors(rest)
    null = min(_null(labels)[0], _price(a, b) + 4)
    return fitting.fit(a, b).soft + null + _price(a, b) - 6, found


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
    a, b = _vectors(labels)
    null, before, after = _null(labels)
    if null > _price(a, b) + 4:
        yield Candidate(
            kind="nulls",
            score=fitting.fit(a, b).soft + _price(a, b) + 4,
            detail=null_sentence(evidence, before, after),
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
    a, b = _vectors(labels)
    null = min(_null(labels)[0], _price(a, b) + 4)
    yield Candidate(
        kind="population",
        score=_natural(a, b) + null + 3,
        detail=population_sentence(evidence),
    )


def _natural(a: Floats, b: Floats) -> float:
    """Score log ratios of the labels' shares as normal about their mean."""
    n, m = float(a.sum()), float(b.sum())
    plain = fitting.fit(a, b)
    if n <= 0 or m <= 0 or len(a) < 2:
        return plain.soft
    true = statistics.harmonic_size(n, m)
    error = (1 / (a + 0.5) + 1 / (b + 0.5)) * true / max(plain.size, 1e-300)
    ratio = np.log((b + 0.5) / m) - np.log((a + 0.5) / n)
    best = plain.anything
    for spread in SPREADS:
        variance = spread**2 + error
        mean = float((ratio / variance).sum() / (1 / variance).sum())
        fits = (ratio - mean) ** 2 / variance + np.log(variance / error)
        best = min(best, float(fits.sum()))
    return best


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
