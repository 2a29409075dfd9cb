"""What moved in a column of vectors, in one sentence with its figures."""

import numpy as np

from nbmlops.profiles.columns import NumberColumn
from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew.causes.words import number, share
from nbmlops.skew.vectors import rungs_of

CHANCE = 0.05  # of what is told of the features
SHARE_MOVED = 0.002  # difference of shares worth a word
LENGTH_MOVED = 0.02  # relative change of the median length worth a word


def summarise_vectors(
    reference: VectorColumn, serving: VectorColumn, scales: tuple[float, float]
) -> str:
    """Say what moved.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    scales
        Effective rows per unit of mass.

    Returns
    -------
    str
        Clauses with the figures of both sides, reference first; maybe none.
    """
    parts = [_of_features(reference, serving, scales), _of_lengths(reference, serving)]
    for what, before, after in (
        ("all zeros", _zeros(reference), _zeros(serving)),
        ("not finite", reference.broken, serving.broken),
        ("nulls", reference.nulls, serving.nulls),
    ):
        old, new = before / reference.mass, after / serving.mass
        if abs(new - old) >= SHARE_MOVED:
            parts.append(f"{what} {share(old)} -> {share(new)}")
    said = "; ".join(part for part in parts if part)
    return said[:1].upper() + said[1:]


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
    before, after = middle_length(reference), middle_length(serving)
    if before is None or after is None:
        return ""
    if abs(after - before) <= LENGTH_MOVED * max(before, after):
        return ""
    return f"median length {number(before)} -> {number(after)}"


def middle_length(column: VectorColumn) -> float | None:
    """Give the median length; None where no vector is whole."""
    return column.lengths.quantile(0.5)


def _zeros(column: VectorColumn) -> float:
    """Give the mass of vectors that are all zeros."""
    return mass_at(column.lengths, 0.0)


def mass_at(column: NumberColumn, value: float) -> float:
    """Give the mass of a value that repeats, else 0."""
    return float(column.atoms_mass[np.isclose(column.atoms_value, value)].sum())
