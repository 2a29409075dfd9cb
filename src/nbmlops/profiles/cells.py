"""Cells: a histogram on fixed cells, the top 16 bits of a float32, in value order.

The cells are log-linear around the centre (0.8% of the distance from it wide), the
same for all data, so that histograms are added cell by cell and tests on them need no
assumption about how values lie inside a bin (the DDSketch and HDR family; Masson,
Rim, Lee, "DDSketch", VLDB 2019).
"""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

CODES = 65_536
ZERO_CODE = 0x8000
_INFINITE = 0x7F80  # the top 16 bits of float32 infinity; above it are the NaNs
_PAST_FLOAT32 = 2.0**128
MOST_WAITING = 16_384  # values of a column that are kept before they are counted
MANY = 8_192  # values from which adding up outside the interpreter's lock pays
EXACT_INTEGERS = 255  # so far from the centre integers have a cell each
NEAR_ZERO = 8.0
_SCALE_EXPONENTS = 1000
_CENTRE_STEPS = 64
_ROUNDED = 2.0**50

Places: TypeAlias = NDArray[np.uint16]


def _edges() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the edges of each code's cell, for centre 0 and scale 1."""
    sizes = np.arange(_INFINITE + 1, dtype=np.uint32) << np.uint32(16)
    edges = sizes.view(np.float32).astype(np.float64)
    edges[-1] = _PAST_FLOAT32
    low = np.full(CODES, np.nan)
    high = np.full(CODES, np.nan)
    low[ZERO_CODE : ZERO_CODE + _INFINITE] = edges[:-1]
    high[ZERO_CODE : ZERO_CODE + _INFINITE] = edges[1:]
    low[ZERO_CODE - _INFINITE : ZERO_CODE] = -edges[:0:-1]
    high[ZERO_CODE - _INFINITE : ZERO_CODE] = -edges[-2::-1]
    low[POSITIVE_OVERFLOW], high[POSITIVE_OVERFLOW] = _PAST_FLOAT32, np.inf
    low[NEGATIVE_OVERFLOW], high[NEGATIVE_OVERFLOW] = -np.inf, -_PAST_FLOAT32
    low[ZERO_CODE], high[ZERO_CODE] = -edges[1], edges[1]
    return low, high


def _middles() -> NDArray[np.float64]:
    """Give the middle of each code's cell, the finite edge where one is infinite."""
    inner = np.where(np.isinf(_HIGH), _LOW, np.where(np.isinf(_LOW), _HIGH, 0.0))
    both = np.isfinite(_LOW) & np.isfinite(_HIGH)
    inner[both] = (_LOW[both] + _HIGH[both]) / 2
    return inner


def _codes_of_places() -> NDArray[np.int64]:
    """Give the code of each place, which is a half with its sign moved to the end."""
    places = np.arange(CODES)
    sizes = places >> 1
    return np.where(places & 1, ZERO_CODE - 1 - sizes, ZERO_CODE + sizes)


POSITIVE_OVERFLOW = ZERO_CODE + _INFINITE
NEGATIVE_OVERFLOW = CODES - 1 - POSITIVE_OVERFLOW
_LOW, _HIGH = _edges()
_MIDDLE = _middles()
_CODE_OF_PLACE = _codes_of_places()
_NAN_PLACE = 2 * _INFINITE + 2  # plus and minus infinity are the two before


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """A histogram of finite values on the fixed cells.

    Attributes
    ----------
    centre, scale
        What the values were centred on and divided by; the scale is a power of two.
    codes
        uint16, ascending, one per cell with mass: the order-preserving code of the top
        16 bits of float32((x - centre) / scale).
    mass
        float64, one per code, above 0: the sum of the weights in the cell.
    """

    centre: float
    scale: float
    codes: NDArray[np.uint16]
    mass: NDArray[np.float64]

    @property
    def low(self) -> NDArray[np.float64]:
        """The lower edge of each cell, in the units of the values.

        Exact up to float32 rounding: a value closer to an edge than 6e-8 of its
        distance from the centre may be counted on the other side.
        """
        return self.centre + self.scale * _LOW[self.codes]

    @property
    def high(self) -> NDArray[np.float64]:
        """The upper edge of each cell; infinite where float32 overflows."""
        return self.centre + self.scale * _HIGH[self.codes]

    @property
    def middle(self) -> NDArray[np.float64]:
        """The middle of each cell; the finite edge where the other is infinite."""
        return self.centre + self.scale * _MIDDLE[self.codes]

    @property
    def total(self) -> float:
        """The mass of all cells."""
        return float(self.mass.sum())

    def has_grid_of(self, other: "Cells") -> bool:
        """Say whether the cells of both are the same, so that they can be added."""
        return self.centre == other.centre and self.scale == other.scale


class HalfCounter:
    """Counts values by the top half of their float32, batch by batch.

    Values of one size lie side by side here, whatever their sign, so that a batch
    touches a small part of the counts only. The first few values wait until they are
    asked for: a frame may have more columns than there is memory for counts.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Places, NDArray[np.float64] | None]] = []
        self._rows = 0
        self._counted: NDArray[np.int64] | None = None
        self._weighed: NDArray[np.float64] | None = None

    def add(
        self, values: NDArray[np.float64], weights: NDArray[np.float64] | None
    ) -> None:
        """Count a batch.

        Parameters
        ----------
        values
            Shape (n,); NaN is not counted.
        weights
            One per value, or None for 1.
        """
        if not len(values):
            return
        places = _places(values)
        self._rows += len(values)
        if self._rows <= MOST_WAITING:
            self._waiting.append((places, weights))
            return
        for waiting, their_weights in self._waiting:
            self._count(waiting, their_weights)
        self._waiting = []
        self._count(places, weights)

    def _count(self, places: Places, weights: NDArray[np.float64] | None) -> None:
        first, last = int(places.min()), int(places.max())
        at = places.astype(np.int32)
        at -= first
        counted = _added_up(at, weights, last - first + 1)
        if weights is None:
            if self._counted is None:
                self._counted = np.zeros(CODES, dtype=np.int64)
            self._counted[first : last + 1] += counted
        else:
            if self._weighed is None:
                self._weighed = np.zeros(CODES)
            self._weighed[first : last + 1] += counted

    def cells(self, centre: float, scale: float) -> Cells:
        """Give what was counted as cells.

        Parameters
        ----------
        centre, scale
            Of the values before they were counted.

        Returns
        -------
        Cells
            The cells that have mass; values beyond float32 share the outermost.
        """
        places, mass = self._total()
        there = places < _NAN_PLACE
        codes, mass = _CODE_OF_PLACE[places[there]], mass[there]
        codes[codes == ZERO_CODE - 1] = ZERO_CODE  # minus zero is zero
        return _summed(codes, mass, centre, scale)

    def _total(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give the places that have mass, and how much."""
        if self._waiting:
            return _waiting_total(self._waiting)
        counted: NDArray[Any] = np.empty(0) if self._counted is None else self._counted
        if self._weighed is not None:
            counted = self._weighed + (0 if self._counted is None else self._counted)
        places = np.flatnonzero(counted)
        return places, counted[places].astype(np.float64)


def _waiting_total(
    waiting: list[tuple[Places, NDArray[np.float64] | None]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Add up values that were not worth counting one by one."""
    places = np.concatenate([at for at, _ in waiting]).astype(np.int64)
    weights = None
    if any(weight is not None for _, weight in waiting):
        weights = np.concatenate(
            [np.ones(len(at)) if weight is None else weight for at, weight in waiting]
        )
    first = int(places.min())
    total = np.bincount(places - first, weights)
    there = np.flatnonzero(total)
    return there + first, total[there].astype(np.float64)


def _places(values: NDArray[np.float64]) -> Places:
    """Give the top half of each value's float32, its sign moved to the end."""
    with np.errstate(over="ignore", invalid="ignore"):
        bits = values.astype(np.float32).view(np.uint32)
    halves = (bits >> np.uint32(16)).astype(np.uint16)
    places: Places = halves << np.uint16(1)
    halves >>= np.uint16(15)
    places |= halves
    return places


def by_place(table: NDArray[Any]) -> NDArray[Any]:
    """Rearrange a table with one entry per code so that `looked_up` can use it."""
    return table[_CODE_OF_PLACE]


def looked_up(values: NDArray[np.float64], table: NDArray[Any]) -> NDArray[Any]:
    """Give the entry of each value's cell in a table.

    Parameters
    ----------
    values
        Shape (n,), centred and scaled like the cells; NaN and infinities too.
    table
        One entry per cell, of `by_place`.

    Returns
    -------
    ndarray
        Shape (n,). The codes of NaN are those beyond both overflows.
    """
    return table.take(_places(values))


def massed(
    at: NDArray[Any], weights: NDArray[np.float64] | None, length: int
) -> NDArray[np.float64]:
    """Add up the weights (None: 1 each) of what falls at each of `length` places."""
    return _added_up(at, weights, length).astype(np.float64, copy=False)


def _added_up(
    at: NDArray[Any], weights: NDArray[np.float64] | None, length: int
) -> NDArray[Any]:
    if len(at) < MANY:
        return np.bincount(at, weights, length)
    # The entries of one row of a sparse matrix are added up as np.bincount would, in
    # half the time and without the lock that keeps another thread from counting.
    each = np.ones(len(at), dtype=np.int32) if weights is None else weights
    row = (each, at.astype(np.int32, copy=False), np.array([0, len(at)], np.int32))
    dense: NDArray[Any] = csr_array(row, shape=(1, length)).toarray()[0]
    return dense


def added(*histograms: Cells) -> Cells | None:
    """Add histograms cell by cell; None when the cells of two are not the same."""
    filled = [cells for cells in histograms if len(cells.codes)]
    if len(filled) < 2:
        return filled[0] if filled else histograms[0]
    first = filled[0]
    if not all(first.has_grid_of(cells) for cells in filled):
        return None
    return _summed(
        np.concatenate([cells.codes for cells in filled]).astype(np.int64),
        np.concatenate([cells.mass for cells in filled]),
        first.centre,
        first.scale,
    )


def robust_grid(sample: NDArray[np.float64], *, whole: bool) -> tuple[float, float]:
    """Choose a centre and a scale for cells from a sample of the reference.

    Parameters
    ----------
    sample
        Finite values, at least one.
    whole
        Whether all values are integers: these keep a cell each near the centre.

    Returns
    -------
    tuple of float
        The median, and the interquartile range as the power of two below it. Where the
        median is within eight of these of zero it is 0 and 1: uncentred cells are
        narrow enough then (6% of the interquartile range at most), and one copy does.
    """
    low, centre, high = (
        float(at)
        for at in np.quantile(sample, [0.25, 0.5, 0.75], method="closest_observation")
    )
    if whole:
        is_small = bool(np.max(np.abs(sample)) <= EXACT_INTEGERS)
        return (0.0 if is_small else centre), 1.0
    spread = high - low
    if not (0 < spread < math.inf):
        spread = float(np.max(sample) / 4 - np.min(sample) / 4)
    exponent = math.frexp(spread)[1] - 1 if spread > 0 else 0
    exponent = max(-_SCALE_EXPONENTS, min(_SCALE_EXPONENTS, exponent))
    scale = math.ldexp(1.0, exponent)
    if abs(centre) <= NEAR_ZERO * scale:
        return 0.0, 1.0
    steps = centre / scale * _CENTRE_STEPS
    if abs(steps) < _ROUNDED:  # edges that decimals do not fall on
        centre = round(steps) / _CENTRE_STEPS * scale
    return centre, scale


def _summed(
    codes: NDArray[np.int64], mass: NDArray[np.float64], centre: float, scale: float
) -> Cells:
    """Add up the mass of each code, in their order; those without any are no cells."""
    first = int(codes.min()) if len(codes) else 0
    total = np.bincount(codes - first, mass).astype(np.float64)  # of nothing: int
    there = np.flatnonzero(total > 0)
    return Cells(
        centre=centre,
        scale=scale,
        codes=(there + first).astype(np.uint16),
        mass=total[there],
    )
