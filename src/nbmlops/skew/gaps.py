"""Differences of mean losses between groups of rows, judged together.

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

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from nbmlops.skew.report import Verdict
from nbmlops.skew.slices import LEAST_ROWS, Contrast, Group, Said
from nbmlops.skew.statistics import Floats, false_discovery

CONFIDENCE = 0.975  # of each end of an interval
EVEN = 1e-4  # a skewness that makes no difference
BY_SKEWNESS = 10  # rows per squared skewness
Bools = npt.NDArray[np.bool_]
Labels = Mapping[str, npt.NDArray[np.object_]]
Codes = npt.NDArray[np.int64]


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

    def part(self, which: Bools) -> "Rows":
        """Give some of the rows."""
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
    square, cube = _moments(rows.values, rows.weight)
    skewness = cube / square**1.5 if square > 0 else 0.0
    return max(LEAST_ROWS, int(np.ceil(BY_SKEWNESS * skewness**2)))


def _moments(values: Floats, weight: Floats) -> tuple[float, float]:
    """Give the weighted second and third central moment."""
    share = weight / weight.sum()
    off = values - (share * values).sum()
    return float((share * off**2).sum()), float((share * off**3).sum())


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
    square, cube = _moments(values, np.concatenate([own.weight, other.weight]))
    parts = np.bincount(units, share * (values - means))
    return Difference(
        other=other.mean,
        value=own.mean - other.mean,
        apart=Spread.of(float((parts**2).sum()), float((parts**3).sum())),
        together=Spread.of(
            square * float((share**2).sum()), cube * float((share**3).sum())
        ),
        freedom=min(own.size, other.size) - 1,
    )


def judge_groups(
    log: Rows,
    labels: Labels,
    test: Rows | None,
    test_labels: Labels,
    *,
    alpha: float,
    margin: float,
    unlike: Collection[str] = (),
) -> tuple[Group, ...]:
    """Judge every group of every slice column.

    Parameters
    ----------
    log, labels
        The labelled rows of a log; by slice column the label of each row, as text.
    test, test_labels
        The same on test, as far as it is known.
    alpha
        The share of logs without any difference in which some group is found; half of
        it each for gaps and for rises, where there are both.
    margin
        The rise that does not matter.
    unlike
        Labels that stand for other values on test than in the log.

    Returns
    -------
    tuple of Group
        In the order of columns and labels; without a loss where too small.

    """
    least = least_rows(log)
    groups: list[tuple[str, str, Rows, bool]] = []
    gaps: list[Difference | None] = []
    rises: list[Difference | None] = []
    for column, of_rows in labels.items():
        before = dict(_members(test_labels[column])) if column in test_labels else {}
        for value, rows in _members(of_rows):
            own, rest, then = log.part(rows), log.part(~rows), None
            if test is not None and value in before and value not in unlike:
                then = _apart(test.part(before[value]), log)
            enough = own.size >= least
            groups.append((column, value, own, enough))
            gaps.append(_if_judged(own, rest, least))
            rises.append(_if_judged(own, then, least))
    level = alpha / 2 if any(gaps) and any(rises) else alpha
    return tuple(
        Group(
            column=column,
            value=value,
            rows=len(own.values),
            loss=own.mean if enough else None,
            gap=gap,
            rise=rise,
        )
        for (column, value, own, enough), gap, rise in zip(
            groups,
            _judged(gaps, level, np.inf),  # a harder group is no skew
            _judged(rises, level, margin),
            strict=True,
        )
    )


def verdict_of(groups: Iterable[Group], margin: float) -> Verdict:
    """Judge all groups by the worst of their rises against test.

    Parameters
    ----------
    groups
        As judged.
    margin
        The rise that does not matter.

    Returns
    -------
    str
        "not enough data" where a rise is real and may or may not be over the margin.
    """
    rises = [g.rise for g in groups if g.rise is not None and g.is_worse]
    if any(rise.said == "over tolerance" for rise in rises):
        return "over tolerance"
    if any(rise.difference > margin for rise in rises):
        return "not enough data"
    return "within tolerance" if rises else "no evidence"


def _members(labels: npt.NDArray[np.object_]) -> Iterator[tuple[str, Bools]]:
    """Tell which rows each label has, in the order of the labels."""
    codes = {value: code for code, value in enumerate(sorted(set(labels)))}
    numbers = np.fromiter((codes[value] for value in labels), np.int64, len(labels))
    for value, code in codes.items():
        yield value, numbers == code


def _if_judged(own: Rows, other: Rows | None, least: int) -> Difference | None:
    """Compare where both sides have enough rows."""
    if other is None or min(own.size, other.size) < least:
        return None
    return difference(own, other)


def _apart(test: Rows, log: Rows) -> Rows:
    """Give the units of test numbers of their own."""
    return Rows(
        values=test.values,
        weight=test.weight,
        units=test.units + int(log.units.max()) + 1,
    )


def _judged(
    found: Sequence[Difference | None], level: float, margin: float
) -> list[Contrast | None]:
    """Hold false discoveries to the level, over all groups together."""
    known = [one for one in found if one is not None]
    real, over = (
        false_discovery(np.array([one.p_value(beyond) for one in known]))
        for beyond in (None, margin)
    )
    words: list[Said] = ["", "differs", "over tolerance"]
    judged = iter(
        Contrast(
            other=one.other,
            difference=one.value,
            interval=one.interval,
            p_value=float(p_value),
            said=words[int(p_value < level) + int(max(p_value, beyond) < level)],
        )
        for one, p_value, beyond in zip(known, real, over, strict=True)
    )
    return [None if one is None else next(judged) for one in found]
