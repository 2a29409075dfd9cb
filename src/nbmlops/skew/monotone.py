"""A smooth curve through points that never turns where they do not.

The piecewise cubic of Fritsch and Butland (1984), as scipy.interpolate has it: to load
that takes a tenth of a second, a fifth of what a whole check needs to start.
"""

from dataclasses import dataclass

import numpy as np

from nbmlops.skew.statistics import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A smooth curve through points.

    Attributes
    ----------
    x, y
        The points, shape (n,), x ascending, at least two.
    slopes
        The curve's slope at each point.
    """

    x: Floats
    y: Floats
    slopes: Floats

    @classmethod
    def through(cls, x: Floats, y: Floats) -> "Curve":
        """Draw the curve through points: x ascending, each once."""
        steps = np.diff(x)
        rises = np.diff(y) / steps
        if len(x) == 2:
            return cls(x, y, np.repeat(rises, 2))
        before, after = rises[:-1], rises[1:]
        long, short = steps[1:] + 2 * steps[:-1], 2 * steps[1:] + steps[:-1]
        inner = np.zeros(len(before))
        on = np.sign(before) * np.sign(after) > 0  # else they turn here, or lie level
        with np.errstate(over="ignore"):  # beside a rise next to none the slope is 0
            both = short[on] / before[on] + long[on] / after[on]
        inner[on] = (long + short)[on] / both
        ends = _end(*steps[:2], *rises[:2]), _end(*steps[:-3:-1], *rises[:-3:-1])
        return cls(x, y, np.concatenate([[ends[0]], inner, [ends[1]]]))

    def __call__(self, at: Floats) -> Floats:
        """Give the curve's height at some places between the first and the last x."""
        k = np.clip(np.searchsorted(self.x, at, side="right") - 1, 0, len(self.x) - 2)
        step = self.x[k + 1] - self.x[k]
        t = (at - self.x[k]) / step
        low, high = self.y[k], self.y[k + 1]
        first, last = step * self.slopes[k], step * self.slopes[k + 1]
        turn = first + last - 2 * (high - low)
        height: Floats = low + t * (first + t * (high - low - first - turn + t * turn))
        return height


def _end(step: float, next_: float, rise: float, rise_next: float) -> float:
    """Choose the slope at an end from the two steps beside it, without a turn."""
    slope = ((2 * step + next_) * rise - step * rise_next) / (step + next_)
    if np.sign(slope) != np.sign(rise):
        return 0.0
    if np.sign(rise) != np.sign(rise_next) and abs(slope) > 3 * abs(rise):
        return 3 * rise
    return slope
