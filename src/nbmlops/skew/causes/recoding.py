"""Hypothesis "recoded": all labels were replaced, and keep their shares."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.frequencies import (
    by_rank,
    curve_score,
    ranked,
    sorted_gap,
    unevenness,
)
from nbmlops.skew.causes.label_scores import null_score, pooled, vectors
from nbmlops.skew.causes.labels import ALL_NEW, new_share
from nbmlops.skew.causes.words import arriving
from nbmlops.skew.questions import Labels
from nbmlops.skew.repair.steps import Relabel

GATE = 4.0  # deviations of the sorted curves' own noise
OWN, CODES_OWN = 12.0, 6.0
FEWEST = 3  # labels on each side
EVEN = 3.0  # deviations from even shares below which sorted curves always agree


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that all labels were replaced, one by one.

    Parameters
    ----------
    evidence
        The column; its hints may hold the order of the model's own encoder.

    Yields
    ------
    Candidate
        At most two: codes of a known order, and any others of the same frequencies.
    """
    labels = evidence.labels
    if labels is None or new_share(labels) <= ALL_NEW:
        return
    old = np.flatnonzero(labels.reference > 0)
    new = np.flatnonzero((labels.reference <= 0) & (labels.serving > 0))
    if min(len(old), len(new)) < FEWEST:
        return
    null = null_score(labels, vectors(labels))
    yield from _coded(evidence, labels, new, null)
    a, b = labels.reference[old], labels.serving[new]
    off = sorted_gap(a, b)
    if off >= GATE:
        return
    ranks = ranked(labels, old, new)
    names = [(labels.names[i], labels.names[j]) for i, j in ranks]
    yield Candidate(
        kind="recoded",
        score=curve_score(off, len(old)) + OWN + null,
        detail=f"all labels are others in the same shares: {arriving(names)}, "
        "by their frequency",
        mend=by_rank(labels, ranks),
        backed=unevenness(a, b) > EVEN,
    )


def _coded(
    evidence: Evidence, labels: Labels, new: np.ndarray, null: float
) -> Iterator[Candidate]:
    """Propose that serving sends the codes of an encoder: places in an order."""
    codes = {_code(labels.names[j]): int(j) for j in new}
    codes.pop(-1, None)
    if len(codes) < ALL_NEW * len(new):
        return
    known = [str(name) for name in evidence.hints.get("categories", ())]
    pairs = zip(labels.names, labels.reference, strict=True)
    alphabet = sorted(name for name, rows in pairs if rows > 0)
    for order, said in (
        (known, "in the order of the model's encoder"),
        (alphabet, "in alphabetical order"),
    ):
        for first in (0, 1):
            fits, names = _as_places(labels, codes, order, first)
            if names and fits.passes:
                yield Candidate(
                    kind="recoded",
                    score=fits.soft + CODES_OWN + null,
                    detail=f"{arriving(names)}: labels arrive as their places {said}, "
                    f"from {first}",
                    mend=(Relabel(labels={code: name for name, code in names}),),
                )
                return


def _as_places(
    labels: Labels, codes: Mapping[int, int], order: Sequence[str], first: int
) -> tuple[fitting.Fit, list[tuple[str, str]]]:
    """Read codes as places in an order; no names where one is beyond its end."""
    at = {name: k for k, name in enumerate(labels.names)}
    a, b = labels.reference.copy(), np.zeros(len(labels.names))
    meant: dict[int, int] = {}
    for code, j in codes.items():
        place = code - first
        if 0 <= place < len(order) and order[place] in at:
            meant[j] = at[order[place]]
            b[meant[j]] = labels.serving[j]
    heavy = sorted(meant, key=lambda j: -labels.serving[j])
    names = [(labels.names[meant[j]], labels.names[j]) for j in heavy]
    fits = fitting.fit(*pooled(a, b))
    return fits, names if len(meant) == len(codes) else []


def _code(name: str) -> int:
    """Read a label as a code; -1 where it is none."""
    digits = name.removesuffix(".0")
    return int(digits) if digits.isdecimal() and len(digits) < 7 else -1
