"""Mean and spread of numbers, in a form that adds up."""

import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of some finite values.

    Attributes
    ----------
    mass
        The sum of their weights, above 0.
    mean
        Their weighted mean.
    m2
        The weighted sum of their squared deviations from it. What overflows is held at
        the largest float.
    """

    mass: float
    mean: float
    m2: float

    def __add__(self, other: "Moments") -> "Moments":
        """Add those of other values (Chan, Golub, LeVeque 1983)."""
        mass = self.mass + other.mass
        share = other.mass / mass
        step = other.mean - self.mean
        return Moments(
            mass=mass,
            mean=_bounded((1 - share) * self.mean + share * other.mean),
            m2=_bounded(self.m2 + other.m2 + step * step * self.mass * share),
        )


def moments_of(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> Moments:
    """Find the moments of values, in two passes over them.

    Parameters
    ----------
    values
        Finite, at least one.
    weights
        One per value, or None for 1.

    Returns
    -------
    Moments
        Exact up to rounding, wherever the values lie.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if weights is None:
            mass = float(len(values))
            mean = _bounded(float(values.sum()) / mass)
            away = values - mean
            m2 = float(np.square(away, out=away).sum())
        else:
            mass = float(weights.sum())
            mean = _bounded(float((values * weights).sum()) / mass)
            away = values - mean
            m2 = float((np.square(away, out=away) * weights).sum())
    return Moments(mass=mass, mean=mean, m2=_bounded(m2))


def _bounded(value: float) -> float:
    if math.isnan(value):
        return _MOST
    return max(-_MOST, min(_MOST, value))
