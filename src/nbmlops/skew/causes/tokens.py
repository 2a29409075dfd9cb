"""Hypothesis "null-token": a word stands where there was a null."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.label_scores import natural, null_change, price, vectors
from nbmlops.skew.causes.labels import surprise
from nbmlops.skew.causes.natural import POPULATION_OWN
from nbmlops.skew.causes.words import share
from nbmlops.skew.questions import Labels
from nbmlops.skew.repair.steps import ToNull

# What software writes for a null, and never means as a label.
WRITTEN = frozenset(
    {
        "",
        "nan",
        "NaN",
        "NAN",
        "None",
        "null",
        "NULL",
        "Null",
        "<NA>",
        "<null>",
        "(null)",
    }
    | {"NaT", "#N/A", "undefined", "\\N", "nil"}
)
# What people write for it; it may be a label, so that the nulls must be gone.
MEANT = frozenset(
    {"na", "n/a", "n.a.", "none", "unknown", "missing", "not available", "-", "--"}
    | {"?", ".", "n.v.", "k.a.", "unbekannt"}
)
CERTAIN = 20.0  # what a word of software speaks for it
LIKELY = 6.0  # what a word of people does, where it has the nulls' share


def is_token(label: str) -> bool:
    """Say whether a label is what software writes for a null."""
    return label.strip() in WRITTEN


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that a word stands for nulls, on either side.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one of each side.
    """
    labels = evidence.labels
    if labels is None:
        return
    for new in (True, False):
        found = surprise(labels, new=new)
        for words in (WRITTEN, MEANT):
            at = [
                k for k in (() if found is None else found.at) if _is(labels, k, words)
            ]
            score = (
                _score(labels, at, certain=words is WRITTEN, new=new) if at else None
            )
            if score is not None:
                yield _candidate(evidence, labels, at, score, new=new)
                break


def _is(labels: Labels, at: int, words: frozenset[str]) -> bool:
    name = labels.names[at].strip()
    return name in words or (words is MEANT and name.casefold() in words)


def _without(labels: Labels, at: list[int]) -> Labels:
    """Count these labels as nulls."""
    kept = np.ones(len(labels.names), dtype=bool)
    kept[at] = False
    more = float(labels.reference[at].sum()), float(labels.serving[at].sum())
    return replace(
        labels,
        names=tuple(n for n, k in zip(labels.names, kept, strict=True) if k),
        reference=labels.reference[kept],
        serving=labels.serving[kept],
        nulls=(labels.nulls[0] + more[0], labels.nulls[1] + more[1]),
    )


def _score(labels: Labels, at: list[int], *, certain: bool, new: bool) -> float | None:
    """Score a word as a null; None where nothing but the word speaks for it."""
    rest = _without(labels, at)
    pair = vectors(rest)
    moved, before, after = null_change(labels)
    merged = null_change(rest)[0]
    went = (before > after) if new else (after > before)
    same = went and moved > price(pair) and merged <= price(pair) + 4
    if not same and not (certain and new):
        return None
    fits = min(fitting.fit(*pair).soft, natural(pair) + POPULATION_OWN)
    fits += min(merged, price(pair) + 4)
    return fits - (CERTAIN if certain else LIKELY)


def _candidate(
    evidence: Evidence, labels: Labels, at: list[int], score: float, *, new: bool
) -> Candidate:
    """Say it in words."""
    reference, serving = evidence.words
    names = [labels.names[k] for k in at]
    words = ", ".join(repr(name) for name in names[:3])
    _, before, after = null_change(labels)
    side = labels.serving if new else labels.reference
    rows = float(side.sum()) + labels.nulls[new] + labels.others[new]
    held = share(float(side[at].sum()) / max(rows, 1e-300))
    if new:
        detail = f"the text {words} stands for null in {held} of {serving} rows; "
        detail += f"{share(before)} of {reference} rows are null, "
        detail += f"{share(after)} of {serving}"
    else:
        detail = f"{reference} has the text {words} in {held} of rows where {serving} "
        detail += f"has nulls ({share(after)} of rows); write it for them"
    return Candidate(
        kind="null-token",
        score=score,
        detail=detail,
        mend=(ToNull(values=tuple(names)),) if new else (),
    )
