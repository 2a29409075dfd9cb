"""Values that occur again and again in a column of numbers, and how often."""

import numpy as np
from numpy.typing import NDArray

from nbmlops.profiles.cells import CODES, massed
from nbmlops.profiles.columns import MOST_ATOMS

MOST_EXACT = 1_024  # up to so many different values all are counted
MOST_TRACKED = 256  # of more, these
LOOKED_AT = 4_096  # rows per batch in which candidates are looked for

Counts = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]


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

    @property
    def is_exact(self) -> bool:
        """Whether all the values so far have been counted."""
        return self._is_exact

    def add(
        self,
        values: NDArray[np.float64],
        codes: NDArray[np.uint16],
        weights: NDArray[np.float64] | None,
    ) -> NDArray[np.float64] | None:
        """Count a batch.

        Parameters
        ----------
        values
            Finite values, no minus zero.
        codes
            Their halves: values that are equal have equal ones.
        weights
            One per value, or None for 1.

        Returns
        -------
        ndarray or None
            The batch's different values when all were counted, else None.
        """
        head = np.sort(values[:LOOKED_AT])
        if self._is_exact:
            if _different(head) <= MOST_EXACT:
                counts = _counts(values, weights)
                self._include(counts)
                if len(self._values) > MOST_EXACT:
                    self._stop_exact()
                return counts[0]
            self._stop_exact()
        candidates = np.union1d(self._values, _repeated(head))
        if len(candidates):
            self._count_candidates(candidates, values, codes, weights)
        return None

    def heaviest(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give at most 32 values that occurred more than once, ascending, and mass."""
        again = np.flatnonzero(self._rows > 1)
        order = np.lexsort((self._values[again], -self._mass[again]))
        kept = np.sort(again[order[:MOST_ATOMS]])
        return self._values[kept], self._mass[kept]

    def _count_candidates(
        self,
        candidates: NDArray[np.float64],
        values: NDArray[np.float64],
        codes: NDArray[np.uint16],
        weights: NDArray[np.float64] | None,
    ) -> None:
        is_near = np.zeros(CODES, dtype=np.bool_)
        with np.errstate(over="ignore"):
            narrow = candidates.astype(np.float32).view(np.uint32) >> np.uint32(16)
        is_near[narrow] = True
        near = np.flatnonzero(is_near[codes])
        close = values[near]
        at = np.searchsorted(candidates, close)
        at[at == len(candidates)] = 0
        same = candidates[at] == close
        at = at[same]
        rows = np.bincount(at, minlength=len(candidates))
        shares = None if weights is None else weights[near[same]]
        mass = massed(at, shares, len(candidates))
        self._include((candidates, rows, mass))
        self._keep_heaviest()

    def _include(self, counts: Counts) -> None:
        if not len(self._values):
            self._values, self._rows, self._mass = counts
            return
        values, at = np.unique(
            np.concatenate([self._values, counts[0]]), return_inverse=True
        )
        rows = np.concatenate([self._rows, counts[1]])
        mass = np.concatenate([self._mass, counts[2]])
        self._rows = np.bincount(at, rows, len(values)).astype(np.int64)
        self._mass = massed(at, mass, len(values))
        self._values = values

    def _stop_exact(self) -> None:
        self._is_exact = False
        self._keep_heaviest()

    def _keep_heaviest(self) -> None:
        again = np.flatnonzero(self._rows > 1)
        order = np.lexsort((self._values[again], -self._mass[again]))
        kept = np.sort(again[order[:MOST_TRACKED]])
        self._values = self._values[kept]
        self._rows = self._rows[kept]
        self._mass = self._mass[kept]


def _counts(values: NDArray[np.float64], weights: NDArray[np.float64] | None) -> Counts:
    if weights is None:
        different, rows = np.unique(values, return_counts=True)
        return different, rows, rows.astype(np.float64)
    different, at, rows = np.unique(values, return_inverse=True, return_counts=True)
    return different, rows, massed(at, weights, len(different))


def _different(ordered: NDArray[np.float64]) -> int:
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1


def _repeated(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the values that follow an equal one, the most frequent if too many."""
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(again):
        return again
    different, rows = np.unique(again, return_counts=True)
    return np.asarray(different[np.argsort(-rows, kind="stable")[:MOST_TRACKED]])
