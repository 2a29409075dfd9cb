"""What stands where training has nulls, and which values became nulls."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbmlops.skew.parity.relations import (
    ALWAYS,
    LEAST_EVIDENCE,
    RIGHT,
    Sampled,
    sentence,
)
from nbmlops.skew.parity.result import Relation
from nbmlops.skew.repair.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How a kind of column speaks of values that stand for null.

    Attributes
    ----------
    kind
        The cause: "sentinel", "null-token".
    is_token
        Whether a value often stands for null.
    write
        Writes a value in a sentence.
    mend
        Turns a value to null.
    """

    kind: str
    is_token: Callable[[Any], bool]
    write: Callable[[Any], str]
    mend: Callable[[Any], tuple[Step, ...]]


def null_relations(sampled: Sampled, filling: Filling) -> Iterator[Relation]:
    """Find one value in the place of nulls, and values that became nulls.

    Parameters
    ----------
    sampled
        The pairs.
    filling
        How to speak of them.

    Yields
    ------
    Relation
        At most one of each.
    """
    if (sampled.lost & ~sampled.gone).any():
        filled = _filled(sampled, filling)
        if filled is not None:
            yield filled
    became = sampled.gone & ~sampled.lost
    if became.any():
        reference, serving = sampled.words
        values, count = np.unique(sampled.before[became]), int(became.sum())
        one = len(values) == 1 and count > 1
        told = filling.write(values[0]) if one else "a value"
        is_empty = bool(sampled.gone.all())
        yield Relation(
            kind="empty-column" if is_empty else "nulls",
            part="emptied",
            detail=f"{serving} is null where {reference} has {told}",
            right=count,
            pairs=count,
            always=is_empty,
        )


def _filled(sampled: Sampled, filling: Filling) -> Relation | None:
    """Find the one value that stands where the reference is null."""
    reference, serving = sampled.words
    given = sampled.after[sampled.lost & ~sampled.gone]
    values, counts = np.unique(given, return_counts=True)
    value, right = values[counts.argmax()], int(counts.max())
    known = sampled.before[~sampled.lost]
    q = max(
        float((known == value).mean()) if len(known) else 0.0,
        1 / (len(sampled.before) + 1),
    )
    figures = 0 if filling.is_token(value) else 1
    if right < RIGHT * len(given) or (right - figures) * -math.log(q) < LEAST_EVIDENCE:
        return None
    nulls = int(sampled.lost.sum())
    always = right >= ALWAYS * nulls
    is_own = bool((known == value).any())
    return Relation(
        kind=filling.kind,
        part="filled",
        detail=sentence(
            f"{serving} has {filling.write(value)} where {reference} is null",
            "",
            right,
            nulls,
            all_differ=True,
        ),
        right=right,
        pairs=len(given),
        always=always,
        mend=() if is_own else filling.mend(value),
    )
