"""How much the mean losses of two groups of rows differ, and how surely.

A difference is a sum of one influence per row, added up by unit where rows come in
units (an entity's requests). Two tests must agree, an interval holds both of theirs:

- with each side's own spread: Student's t after Hall's transformation, which takes out
  the skewness (Hall 1992, "On the removal of skewness by transformation"; for two
  samples Zhou and Dinh 2005, Biostatistics 6). Right where spreads differ.
- with the spread of both sides together, which a group without a single error has too,
  against the Pearson type III distribution of that skewness. Right where both sides
  have one distribution, also far out in its tails, as many groups need.

Both fail where a few rare large losses make the mean: a group takes 100 effective rows
and 10 times the squared skewness of the losses (Cochran 1977, "Sampling Techniques",
2.15, has 25 times for the normal distribution alone).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from nbmlops.skew.slices import LEAST_ROWS
from nbmlops.skew.statistics import Floats

CONFIDENCE = 0.975  # of each end of an interval
EVEN = 1e-4  # a skewness that makes no difference
BY_SKEWNESS = 10  # rows per squared skewness

Codes: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Losses of rows.

    Attributes
    ----------
    values
        Shape (n,), finite.
    weight
        Shape (n,), above 0.
    units
        Shape (n,): from 0, equal for rows that belong together.
    """

    values: Floats
    weight: Floats
    units: Codes

    @property
    def size(self) -> float:
        """How many units of equal weight tell as much; 0 without rows."""
        if not len(self.values):
            return 0.0
        load = np.bincount(self.units, self.weight)
        return float(load.sum() ** 2 / (load**2).sum())

    @property
    def mean(self) -> float:
        """The weighted mean."""
        return float((self.weight * self.values).sum() / self.weight.sum())

    def part(self, which: Codes) -> "Rows":
        """Give some of the rows, by their numbers."""
        return Rows(
            values=self.values[which],
            weight=self.weight[which],
            units=self.units[which],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a difference varies: its standard error and its skewness."""

    error: float
    skewness: float

    @classmethod
    def of(cls, square: float, cube: float) -> "Spread":
        """Take the second and the third cumulant."""
        skewness = cube / square**1.5 if square > 0 else 0.0
        is_even = abs(skewness) < EVEN
        return cls(error=square**0.5, skewness=0.0 if is_even else skewness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference of two means, and how it varies.

    Attributes
    ----------
    other
        The second mean.
    value
        The difference.
    apart, together
        Its spread, with each side's own variance and with that of both.
    freedom
        Degrees of freedom.
    """

    other: float
    value: float
    apart: Spread
    together: Spread
    freedom: float

    def p_value(self, beyond: float | None = None) -> float:
        """Give the p-value of no difference, or of none above a margin (doubled)."""
        if not self.together.error > 0:
            return 1.0  # all losses are equal
        away = self.value - (beyond or 0.0)
        above = [_above(away / self.together.error, self.together.skewness)]
        if self.apart.error > 0:
            bent = _bent(away / self.apart.error, self.apart.skewness)
            above.append(float(special.stdtr(self.freedom, -bent)))
        if beyond is not None:
            return min(1.0, 2 * max(above))
        return max(2 * min(p, 1 - p) for p in above)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the difference."""
        reach = float(special.stdtrit(self.freedom, CONFIDENCE))
        low, high = (
            (
                self.apart.error * _unbent(sign * reach, self.apart.skewness),
                self.together.error * _quantile(share, self.together.skewness),
            )
            for sign, share in ((1, CONFIDENCE), (-1, 1 - CONFIDENCE))
        )
        return self.value - max(low), self.value - min(high)


def _bent(t: float, skewness: float) -> float:
    """Take the skewness out of a studentised statistic."""
    if not skewness:
        return t
    return ((1 + skewness * t / 3) ** 3 - 1) / skewness + skewness / 6


def _unbent(bent: float, skewness: float) -> float:
    if not skewness:
        return bent
    inner = 1 + skewness * (bent - skewness / 6)
    return float(np.cbrt(inner) - 1) * 3 / skewness


def _above(z: float, skewness: float) -> float:
    """Give the chance of more than z, of Pearson's type III."""
    if not skewness:
        return float(special.ndtr(-z))
    shape = 4 / skewness**2
    at = max(0.0, shape + z * np.copysign(shape**0.5, skewness))
    tail = special.gammaincc if skewness > 0 else special.gammainc
    return float(tail(shape, at))


def _quantile(share: float, skewness: float) -> float:
    if not skewness:
        return float(special.ndtri(share))
    shape = 4 / skewness**2
    at = special.gammaincinv(shape, share if skewness > 0 else 1 - share)
    return float((at - shape) / np.copysign(shape**0.5, skewness))


def least_rows(rows: Rows) -> int:
    """Say how many effective rows a group of such losses takes.

    Parameters
    ----------
    rows
        All losses of the log.

    Returns
    -------
    int
        100, or more where few large losses make the mean.
    """
    skewness = Spread.of(*moments(rows.values, rows.weight)).skewness
    return max(LEAST_ROWS, int(np.ceil(BY_SKEWNESS * skewness**2)))


def moments(values: Floats, weight: Floats) -> tuple[float, float]:
    """Give the weighted second and third central moment of losses."""
    share = weight / weight.sum()
    off = values - (share * values).sum()
    square = share * off**2
    return float(square.sum()), float((square * off).sum())  # off**3 is slow


def difference(own: Rows, other: Rows) -> Difference:
    """Compare the mean losses of two groups of rows.

    Parameters
    ----------
    own, other
        The groups, neither empty. A unit with rows on both sides counts once.

    Returns
    -------
    Difference
        Of the first to the second.
    """
    share = np.concatenate(
        [own.weight / own.weight.sum(), -other.weight / other.weight.sum()]
    )
    values = np.concatenate([own.values, other.values])
    units = np.concatenate([own.units, other.units])
    means = np.repeat([own.mean, other.mean], [len(own.values), len(other.values)])
    square, cube = moments(values, np.concatenate([own.weight, other.weight]))
    parts = np.bincount(units, share * (values - means))
    squares = parts**2
    return Difference(
        other=other.mean,
        value=own.mean - other.mean,
        apart=Spread.of(float(squares.sum()), float((squares * parts).sum())),
        together=Spread.of(
            square * float((share**2).sum()), cube * float((share**3).sum())
        ),
        freedom=min(own.size, other.size) - 1,
    )
