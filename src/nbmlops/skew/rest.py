"""Each group of a column against all other rows: as `difference`, for all at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nbmlops.skew.differences import Codes, Difference, Rows, Spread, moments
from nbmlops.skew.statistics import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A group and all other rows.

    Attributes
    ----------
    size, rest
        The effective rows of the group and of the others.
    difference
        Of their mean losses; None where there are no others.
    """

    size: float
    rest: float
    difference: Difference | None


def against_rest(log: Rows, groups: Sequence[Codes]) -> list[Against]:
    """Compare the mean loss of each group with that of all other rows.

    Parameters
    ----------
    log
        All rows.
    groups
        The numbers of the rows of each group; every row is in one.

    Returns
    -------
    list of Against
        One per group; the differences are those of `difference`, which passes over all
        rows for each.
    """
    if len(groups) == 1:
        return [Against(size=log.size, rest=0.0, difference=None)]
    sides = _sides(log, groups)
    spread, tail = moments(log.values, log.weight)
    return [
        Against(
            size=float(size),
            rest=float(rest),
            difference=Difference(
                other=float(other) + log.mean,
                value=float(own - other),
                apart=Spread.of(float(square), float(cube)),
                together=Spread.of(spread * float(squares), tail * float(cubes)),
                freedom=float(min(size, rest)) - 1,
            ),
        )
        for size, rest, own, other, square, cube, squares, cubes in zip(
            *sides, strict=True
        )
    ]


def _sides(log: Rows, groups: Sequence[Codes]) -> tuple[Floats, ...]:
    # Per group, of it and of the others: effective rows, and the mean from the mean of
    # all. Then the difference's second and third cumulant, and the sums of all shares
    # squared and cubed.
    count = len(groups)
    rows = log.part(np.concatenate(groups))
    group = np.repeat(np.arange(count), [len(numbers) for numbers in groups])
    shares = [np.bincount(group, rows.weight**power, count) for power in (2, 3)]
    unit, group, load, sums = _by_unit(rows, group, log.mean, count)
    all_load, all_sums = np.bincount(unit, load), np.bincount(unit, sums)
    own = np.bincount(group, load, count)
    rest = all_load.sum() - own
    mean = np.bincount(group, sums, count) / own
    other = (all_sums.sum() - own * mean) / rest
    size = own**2 / np.bincount(group, load**2, count)
    without = (all_load[unit] - load) ** 2 - all_load[unit] ** 2
    size_of_rest = rest**2 / ((all_load**2).sum() + np.bincount(group, without, count))
    # What a unit adds to the difference: by its rows in the group, less by all others.
    outer = (all_sums[unit] - other[group] * all_load[unit]) / rest[group]
    inner = sums * (1 / own + 1 / rest)[group]
    inner -= load * (mean / own + other / rest)[group]
    parts = inner - outer
    # Units without a row in the group add -outer: sums over all of them, in powers of
    # `other`, need no pass for each group.
    a, b, m = all_sums, all_load, other
    square = ((a * a).sum() - 2 * m * (a * b).sum() + m**2 * (b * b).sum()) / rest**2
    cube = (
        (a * a * a).sum()
        - 3 * m * (a * a * b).sum()
        + 3 * m**2 * (a * b * b).sum()
        - m**3 * (b * b * b).sum()
    ) / rest**3
    square += np.bincount(group, parts * parts - outer * outer, count)
    more = parts * parts * parts + outer * outer * outer
    cube = np.bincount(group, more, count) - cube
    squares = shares[0] / own**2 + (shares[0].sum() - shares[0]) / rest**2
    cubes = shares[1] / own**3 - (shares[1].sum() - shares[1]) / rest**3
    return size, size_of_rest, mean, other, square, cube, squares, cubes


def _by_unit(
    rows: Rows, group: Codes, mean: float, count: int
) -> tuple[Codes, Codes, Floats, Floats]:
    """Add up a unit's rows in a group: give unit, group, weight, weighted loss."""
    # Losses are taken from the mean of all, so that their powers keep their digits.
    sums = rows.weight * (rows.values - mean)
    if len(rows.units) == int(rows.units.max()) + 1:  # a row each
        return rows.units, group, rows.weight, sums
    pairs, at = np.unique(rows.units * count + group, return_inverse=True)
    added = [np.bincount(at, each).astype(np.float64) for each in (rows.weight, sums)]
    return pairs // count, pairs % count, added[0], added[1]
