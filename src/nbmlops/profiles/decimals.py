"""How many decimals a column's numbers have: the lattice that they lie on."""

import numpy as np
from numpy.typing import NDArray

LEAST, MOST = -6, 9
NO_LATTICE = 16
WAYS = 17
SAMPLED = 2_048  # values looked at per batch: a fraction of a millisecond
_LARGEST = {False: 1e12, True: 5e5}
_RELATIVE = {False: 1e-11, True: 1e-7}
_ABSOLUTE = {False: 1e-3, True: 5e-2}


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
