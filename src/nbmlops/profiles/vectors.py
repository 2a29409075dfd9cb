"""Counting a column of vectors, batch by batch, by random Fourier features.

The features are cosines and sines of 128 random projections (Rahimi and Recht 2007):
their means are the kernel mean of the column under a Gaussian kernel. The bandwidth is
the median distance of vectors in the first rows of the reference. They are rounded to
whole numbers, so that sums do not depend on the order in which rows come.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nbmlops.frames.kinds import numbers
from nbmlops.profiles.columns import ColumnProfile, OtherColumn
from nbmlops.profiles.merging import empty_like
from nbmlops.profiles.numbers import NumberCounter, Weights
from nbmlops.profiles.rows import RowCounter, present
from nbmlops.profiles.vector_column import (
    AMPLITUDE,
    FEATURES,
    FREQUENCIES,
    Floats,
    VectorColumn,
    lower_triangle,
)

SEED = 20_130_101  # of the frequencies: the same in every profile
PAIR_SEED = 1  # of the pairs whose distance is looked at
PAIRS = 2_000
SCALED_ON = 4_096  # vectors from which centre, scale and bandwidth are taken
MOST_DIMENSIONS = 4_096
LEAST_SCALE = 0.1  # of the typical dimension's: one that hardly varies is not blown up
NORMAL_WIDTH = 1.349  # the middle half of a normal, in standard deviations
DIGITS = 4  # of a length: a 32-bit vector is as long as its 64-bit twin
EXACT_ROWS = 1_024  # sums of products of so many rows are exact in 32-bit floats
ROWS_AT_ONCE = 8_192


class VectorCounter:
    """Count a column of vectors.

    Parameters
    ----------
    like
        The reference's column, whose features are taken; None: scaled by the first
        4,096 vectors.
    types
        The column's type in words, for lists that turn out to differ in length.
    """

    def __init__(self, like: VectorColumn | None, types: str) -> None:
        self._like = like
        self._types = types
        self._counted = RowCounter()
        self._broken = 0.0
        self._sizes: set[int] = set()
        self._waiting: list[tuple[Floats, Weights]] = []
        self._features: _Features | None = None

    def update(self, array: pa.Array, weights: Weights) -> None:
        """Count the next rows.

        Parameters
        ----------
        array
            Lists of numbers.
        weights
            One per row, or None for 1.
        """
        self._counted.add(array, weights)
        array, weights = present(array, weights)
        if not len(array):
            return
        self._sizes.update(_sizes(array))
        if len(self._sizes) == 1 and 0 < min(self._sizes) <= MOST_DIMENSIONS:
            values = numbers(array.flatten()).reshape(len(array), -1)
            self._add_whole(values, weights)
        else:
            self._waiting, self._features = [], None

    def finish(self) -> ColumnProfile:
        """Give what was counted; lists of several lengths are only counted."""
        counts = self._counted.counts
        if not self._sizes and self._like is not None:
            return empty_like(self._like, **counts)
        if len(self._sizes) != 1 or not 0 < min(self._sizes) <= MOST_DIMENSIONS:
            return OtherColumn(**counts, types=self._in_words())
        features = self._features or self._scale()
        return features.finish(
            broken=self._broken, dimensions=min(self._sizes), **counts
        )

    def _in_words(self) -> str:
        if not self._sizes:
            return self._types
        low, high = min(self._sizes), max(self._sizes)
        return f"{self._types} of {low}" + (f" to {high}" if high > low else "")

    def _add_whole(self, values: Floats, weights: Weights) -> None:
        is_whole = np.isfinite(values).all(axis=1)
        if not is_whole.all():
            lost = ~is_whole if weights is None else weights[~is_whole]
            self._broken += float(lost.sum())
            values = values[is_whole]
            weights = None if weights is None else weights[is_whole]
        if not len(values):
            return
        if self._features is not None:
            self._features.add(values, weights)
            return
        # A slice would keep the whole batch, or file, in memory.
        self._waiting.append((values.copy(), weights))
        if sum(len(rows) for rows, _ in self._waiting) >= SCALED_ON:
            self._scale()

    def _scale(self) -> "_Features":
        """Choose the features, and count what waits."""
        self._features = features = self._chosen()
        for rows, weights in self._waiting:
            features.add(rows, weights)
        self._waiting = []
        return features

    def _chosen(self) -> "_Features":
        like = self._like
        if like is not None and like.dimensions == min(self._sizes):
            return _Features(like.centre, like.scale, like)
        if not self._waiting:
            return _Features(np.empty(0), np.empty(0), None)
        first = np.concatenate([rows for rows, _ in self._waiting])[:SCALED_ON]
        return _Features(*scaling(first), None)


class _Features:
    """Adds up the features of whole vectors, their lengths."""

    def __init__(
        self, centre: Floats, scale: Floats, like: VectorColumn | None
    ) -> None:
        self._centre, self._scale = centre, scale
        self._lengths = NumberCounter(
            None if like is None else like.lengths, narrow=False
        )
        self._sums = np.zeros(FEATURES)
        self._products = np.zeros((FEATURES, FEATURES))

    def add(self, values: Floats, weights: Weights) -> None:
        """Count whole vectors, shape (rows, dimensions)."""
        for start in range(0, len(values), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            self._add(values[part], None if weights is None else weights[part])

    def _add(self, values: Floats, weights: Weights) -> None:
        with np.errstate(over="ignore", invalid="ignore"):  # the range of 1e308
            self._lengths.update(rounded(_norms(values)), weights)
            if not len(self._centre):  # the reference has no features
                return
            places = (values - self._centre) / self._scale
            angles = places @ frequencies(len(self._centre))
        np.nan_to_num(angles, copy=False, posinf=0.0, neginf=0.0)
        features = np.empty((len(values), FEATURES))
        np.cos(angles, out=features[:, :FREQUENCIES])
        np.sin(angles, out=features[:, FREQUENCIES:])
        features *= AMPLITUDE
        np.rint(features, out=features)
        if weights is None:
            self._sums += features.sum(axis=0)
            self._products += _products(features.astype(np.float32))
        else:
            weighted = features * weights[:, None]
            self._sums += weighted.sum(axis=0)
            self._products += weighted.T @ features

    def finish(
        self, *, rows: int, mass: float, nulls: float, broken: float, dimensions: int
    ) -> VectorColumn:
        """Give what was counted."""
        return VectorColumn(
            rows=rows,
            mass=mass,
            nulls=nulls,
            broken=broken,
            dimensions=dimensions,
            lengths=replace(
                self._lengths.finish(), rows=rows, mass=mass, nulls=nulls + broken
            ),
            centre=self._centre,
            scale=self._scale,
            sums=self._sums,
            products=lower_triangle(self._products),
        )


def scaling(values: Floats) -> tuple[Floats, Floats]:
    """Choose by what each dimension is centred and divided before features are taken.

    Parameters
    ----------
    values
        Shape (rows, dimensions), finite, at least one row.

    Returns
    -------
    tuple
        The medians, and the spreads (a tenth of the typical one at least) times the
        median distance of two vectors so scaled, shape (dimensions,) each.
    """
    ordered = values[np.lexsort(values.T[:8])]  # the order of rows changes nothing
    with np.errstate(over="ignore", invalid="ignore"):  # the range of 1e308
        return _scaling(ordered)


def _scaling(ordered: Floats) -> tuple[Floats, Floats]:
    low, centre, high = np.quantile(ordered, (0.25, 0.5, 0.75), axis=0)
    spread = (high - low) / NORMAL_WIDTH
    typical = _typical(spread)
    if not 0 < typical < np.inf:  # most vectors are the same
        spread = ordered.std(axis=0)
        typical = _typical(spread)
    if not 0 < typical < np.inf:  # all are
        largest = float(np.abs(centre).max())
        spread, typical = np.zeros(len(centre)), largest if largest > 0 else 1.0
    spread = np.maximum(spread, LEAST_SCALE * typical)
    places = (ordered - centre) / spread
    pairs = np.random.RandomState(PAIR_SEED).randint(0, len(places), (2, PAIRS))
    apart = _norms(places[pairs[0]] - places[pairs[1]])
    apart = apart[apart > 0]
    return centre, spread * (float(np.median(apart)) if len(apart) else 1.0)


@lru_cache(maxsize=4)
def frequencies(dimensions: int) -> Floats:
    """Draw the frequencies for scaled vectors, shape (dimensions, 128)."""
    # RandomState is the generator whose stream NumPy promises not to change.
    random = np.random.RandomState(SEED)
    return random.standard_normal((FREQUENCIES, dimensions)).T


def rounded(values: Floats) -> Floats:
    """Round to four digits; what is below a millionth is 0."""
    values = np.where(values < 1e-6, 0.0, values)
    with np.errstate(divide="ignore"):
        places = DIGITS - 1 - np.floor(np.log10(values))
    unit = 10.0 ** np.clip(places, -300, 300)
    found: Floats = np.where(values > 0, np.rint(values * unit) / unit, 0.0)
    return found


def _typical(spread: Floats) -> float:
    return float(np.sqrt(np.mean(spread**2)))


def _norms(values: Floats) -> Floats:
    found: Floats = np.sqrt(np.einsum("ij,ij->i", values, values))
    return found


def _products(features: NDArray[np.float32]) -> Floats:
    """Add up the products of features; exact, as parts are below 2**24."""
    total = np.zeros((FEATURES, FEATURES))
    for start in range(0, len(features), EXACT_ROWS):
        part = features[start : start + EXACT_ROWS]
        total += part.T @ part
    return total


def _sizes(array: pa.Array) -> list[int]:
    """List the different lengths of lists without nulls."""
    if pa.types.is_fixed_size_list(array.type):
        return [array.type.list_size]
    offsets = array.offsets.to_numpy(zero_copy_only=False)
    return [int(size) for size in np.unique(np.diff(offsets))]
