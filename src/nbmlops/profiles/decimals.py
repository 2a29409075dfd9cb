"""How many decimals a column's numbers have: the lattice that they lie on."""

import numpy as np
from numpy.typing import NDArray

from nbmlops.profiles.cells import massed

LEAST, MOST = -6, 9
NO_LATTICE = 16
WAYS = 17
SAMPLED = 2_048  # values looked at per batch
_WAITING = 8  # samples looked at together, which costs hardly more than one
_LARGEST = {False: 1e12, True: 5e5}
_RELATIVE = {False: 1e-11, True: 1e-7}
_ABSOLUTE = {False: 1e-3, True: 5e-2}


class DecimalCounter:
    """Counts how many decimals the first numbers of each batch have.

    Parameters
    ----------
    narrow
        Whether the values come as float32.
    """

    def __init__(self, *, narrow: bool) -> None:
        self._narrow = narrow
        self._counted = np.zeros(WAYS)
        self._values: list[NDArray[np.float64]] = []
        self._weights: list[NDArray[np.float64]] = []

    def add(
        self, values: NDArray[np.float64], weights: NDArray[np.float64] | None
    ) -> None:
        """Count a batch of finite values, with one weight per value, or None for 1."""
        self._values.append(values[:SAMPLED].copy())
        if weights is not None:
            self._weights.append(weights[:SAMPLED].copy())
        if len(self._values) == _WAITING:
            self._look()

    def counts(self) -> NDArray[np.float64]:
        """Give the mass of each way to write a number; zeros are left out."""
        if self._values:
            self._look()
        return self._counted

    def _look(self) -> None:
        values = np.concatenate(self._values)
        there = np.flatnonzero(values)
        weights = np.concatenate(self._weights)[there] if self._weights else None
        ways = decimal_ways(values[there], narrow=self._narrow)
        self._counted += massed(ways, weights, WAYS)
        self._values, self._weights = [], []


def decimal_ways(values: NDArray[np.float64], *, narrow: bool) -> NDArray[np.int64]:
    """Find for each number the fewest decimals it can be written with.

    Parameters
    ----------
    values
        Finite and not zero.
    narrow
        Whether they came as float32, where 0.1 is 0.10000000149.

    Returns
    -------
    ndarray
        Shape (n,), 0 to 16. Way w means that x * 10**(w - 6) is whole, so 6 is an
        integer, 8 has two decimals, 4 ends in two zeros; 16 is none of these. A
        number is whole up to 1e-11 of itself and at most 0.001 (float32: 1e-7, 0.05),
        and none where it is so large that floats cannot tell.
    """
    ways = np.full(len(values), NO_LATTICE)
    left = np.arange(len(values))
    for decimals in range(MOST, 0, -1):
        with np.errstate(over="ignore"):  # infinite: too large to tell
            scaled = values[left] * 10.0**decimals
        size = np.abs(scaled)
        tolerance = np.minimum(_RELATIVE[narrow] * size, _ABSOLUTE[narrow])
        can_tell = size < _LARGEST[narrow]
        scaled[~can_tell] = 0.0
        whole = can_tell & (np.abs(scaled - np.rint(scaled)) <= tolerance)
        ways[left[whole]] = decimals - LEAST
        left = left[whole | ~can_tell]
        if not len(left):
            return ways
    left = left[values[left] == np.rint(values[left])]
    ways[left] = -LEAST
    for zeros in range(1, -LEAST + 1):
        left = left[np.fmod(values[left], 10.0**zeros) == 0]
        ways[left] = -LEAST - zeros
    return ways
