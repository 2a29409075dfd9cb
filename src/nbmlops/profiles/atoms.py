"""Values that occur again and again in a column of numbers, and how often."""

import numpy as np
from numpy.typing import NDArray

from nbmlops.profiles.cells import massed
from nbmlops.profiles.columns import MOST_ATOMS
from nbmlops.profiles.distinct import hashed_numbers

MOST_EXACT = 1_024  # up to so many different values all are counted
MOST_TRACKED = 256  # of more, these
LOOKED_AT = 4_096  # rows per batch in which candidates are looked for
_SLOTS = 1 << 16
_NARROW_RANGE = 1 << 16  # integers in so small a range are counted without sorting

Floats = NDArray[np.float64]
Counts = tuple[Floats, NDArray[np.int64], Floats]


class AtomCounter:
    """Count repeated values, batch by batch.

    While the column has at most 1,024 different values all are counted. From then on
    those are followed that occurred more than once, and in each batch those that occur
    more than once in its first rows: their masses are lower bounds.
    """

    def __init__(self) -> None:
        self._values = np.empty(0)
        self._rows = np.empty(0, dtype=np.int64)
        self._mass = np.empty(0)
        self._is_exact = True

    def add(self, values: Floats, weights: Floats | None) -> NDArray[np.uint32]:
        """Count a batch.

        Parameters
        ----------
        values
            Finite values, no minus zero.
        weights
            One per value, or None for 1.

        Returns
        -------
        ndarray
            The hashes of the batch's values, each different value at least once.
        """
        head = np.sort(values[:LOOKED_AT])
        if self._is_exact and _different(head) <= MOST_EXACT:
            counts = _counts(values, weights)
            self._include(counts)
            if len(self._values) > MOST_EXACT:
                self._stop_exact()
            return hashed_numbers(counts[0])
        if self._is_exact:
            self._stop_exact()
        hashes = hashed_numbers(values)
        repeated = _repeated(head)
        if len(repeated) or len(self._values):
            candidates = np.union1d(self._values, repeated)
            self._include(_counts_of(candidates, values, hashes, weights))
            self._keep_heaviest()
        return hashes

    def heaviest(self) -> tuple[Floats, Floats]:
        """Give at most 32 values that occurred more than once, ascending, and mass."""
        kept = self._most(MOST_ATOMS)
        return self._values[kept], self._mass[kept]

    def _include(self, counts: Counts) -> None:
        if not len(self._values):
            self._values, self._rows, self._mass = counts
            return
        values, at = np.unique(
            np.concatenate([self._values, counts[0]]), return_inverse=True
        )
        rows = np.concatenate([self._rows, counts[1]])
        mass = np.concatenate([self._mass, counts[2]])
        self._rows = massed(at, rows.astype(np.float64), len(values)).astype(np.int64)
        self._mass = massed(at, mass, len(values))
        self._values = values

    def _stop_exact(self) -> None:
        self._is_exact = False
        self._keep_heaviest()

    def _keep_heaviest(self) -> None:
        kept = self._most(MOST_TRACKED)
        self._values = self._values[kept]
        self._rows = self._rows[kept]
        self._mass = self._mass[kept]

    def _most(self, most: int) -> NDArray[np.int64]:
        """Find the heaviest values that occurred again, in the order of values."""
        again = np.flatnonzero(self._rows > 1)
        if len(again) <= most:
            return again
        order = np.lexsort((self._values[again], -self._mass[again]))
        return np.sort(again[order[:most]])


def _counts(values: Floats, weights: Floats | None) -> Counts:
    """Count each different value."""
    low, high = values.min(), values.max()
    if high - low < _NARROW_RANGE:
        places = (values - low).astype(np.int32)
        if np.array_equal(places + low, values):
            every = massed(places, None, int(high - low) + 1)
            mass = every if weights is None else massed(places, weights, len(every))
            there = np.flatnonzero(every)
            return there + low, every[there].astype(np.int64), mass[there]
    if weights is None:
        different, rows = np.unique(values, return_counts=True)
        return different, rows, rows.astype(np.float64)
    different, at, rows = np.unique(values, return_inverse=True, return_counts=True)
    return different, rows, massed(at, weights, len(different))


def _counts_of(
    candidates: Floats,
    values: Floats,
    hashes: NDArray[np.uint32],
    weights: Floats | None,
) -> Counts:
    """Count these values only: found by 16 bits of their hash, then compared."""
    slots = hashed_numbers(candidates) >> np.uint32(16)
    numbered = np.arange(len(candidates), dtype=np.int16)
    place_of = np.full(_SLOTS, -1, dtype=np.int16)
    place_of[slots] = numbered
    places = place_of.take(hashes >> np.uint32(16))
    near = np.flatnonzero(places >= 0)
    places = places.take(near)
    same = np.flatnonzero(candidates.take(places) == values.take(near))
    places = places.take(same)
    rows = np.bincount(places, minlength=len(candidates))
    mass = rows.astype(np.float64)
    if weights is not None:
        mass = massed(places, weights.take(near.take(same)), len(candidates))
    for lost in np.flatnonzero(place_of.take(slots) != numbered):  # shared a slot
        at = np.flatnonzero(values == candidates[lost])
        rows[lost] = len(at)
        mass[lost] = len(at) if weights is None else weights.take(at).sum()
    return candidates, rows, mass


def _different(ordered: Floats) -> int:
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1


def _repeated(ordered: Floats) -> Floats:
    """Give the values that are there more than once, the most frequent if too many."""
    is_new = ordered[1:] != ordered[:-1]
    if is_new.all():
        return ordered[:0]
    first = np.flatnonzero(np.concatenate([[True], is_new]))
    rows = np.diff(first, append=len(ordered))
    again = np.flatnonzero(rows > 1)
    if len(again) > MOST_TRACKED:
        again = again.take(np.argsort(-rows.take(again), kind="stable")[:MOST_TRACKED])
    return ordered.take(first.take(again))
