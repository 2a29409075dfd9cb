"""What moved in a column of vectors, in clauses with their figures."""

from collections.abc import Iterator

import numpy as np

from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew.causes.words import number, share
from nbmlops.skew.vectors import rungs_of

CHANCE = 0.05  # of what is told of the features
SHARE_MOVED = 0.002  # difference of shares worth a word
LENGTH_MOVED = 0.02  # relative change of the median length worth a word


def vector_clauses(
    reference: VectorColumn, serving: VectorColumn, scales: tuple[float, float]
) -> Iterator[str]:
    """Say what moved, apart from nulls.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    scales
        Effective rows per unit of mass.

    Yields
    ------
    str
        With the figures of both sides, reference first.
    """
    yield _of_features(reference, serving, scales)
    yield _of_lengths(reference, serving)
    for what, before, after in (
        ("all zeros", _zeros(reference), _zeros(serving)),
        ("not finite", reference.broken, serving.broken),
    ):
        old, new = before / reference.mass, after / serving.mass
        if abs(new - old) >= SHARE_MOVED:
            yield f"{what} {share(old)} -> {share(new)}"


def _of_features(
    reference: VectorColumn, serving: VectorColumn, scales: tuple[float, float]
) -> str:
    if not reference.has_features_of(serving):
        return "only lengths compared: the profiles took different features"
    rungs = list(rungs_of(reference, serving, scales))
    if not rungs:
        return ""
    best = min(rungs, key=lambda rung: rung.p_value)
    if best.p_value * len(rungs) > CHANCE or not best.square:
        return ""
    apart = best.square**0.5
    places = 1 if apart >= 1 else 2
    return f"{apart:.{places}f} standard deviations apart where the sides differ most"


def _of_lengths(reference: VectorColumn, serving: VectorColumn) -> str:
    before, after = (c.lengths.quantile(0.5) for c in (reference, serving))
    if before is None or after is None:
        return ""
    if abs(after - before) <= LENGTH_MOVED * max(before, after):
        return ""
    return f"median length {number(before)} -> {number(after)}"


def _zeros(column: VectorColumn) -> float:
    """Give the mass of vectors that are all zeros."""
    lengths = column.lengths
    return float(lengths.atoms_mass[np.isclose(lengths.atoms_value, 0.0)].sum())
