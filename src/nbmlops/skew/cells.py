"""Common cells: what both sides of a column are counted in before they are judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.rare import SURELY_MOVED, judge_rare
from nbmlops.skew.statistics import Floats, harmonic_size, single_cells

Ints: TypeAlias = NDArray[np.int64]

FEWEST_GROUPS, MOST_GROUPS = 5, 20
ROWS_EXPECTED = 5.0  # Cochran's rule: below it the chi-squared limit is not trusted
FEW = FEWEST_GROUPS * ROWS_EXPECTED  # rows below which the groups of the test run dry
MOST_OF_FEW = 8  # cells in which the distance of so few rows is measured unpooled
FEWEST_MOVED = 3  # rows from which a rare cell can be told to have surely moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """One question about a column: the same cells, counted on both sides.

    Attributes
    ----------
    part
        What is asked about: "values", "hour", "weekday", "lag".
    reference, serving
        Counts per fine cell in effective rows, shape (k,).
    ordered
        Shape (k,), bool: whether the cell has a place in the order of values; those
        that have one come in that order.
    groups
        Shape (k,): the coarse cell of each fine cell, on which X2 is computed; every
        coarse cell is expected to hold at least 5 rows of the smaller side.
    far
        Both sides in the cells on which the distance is measured: as the groups, but
        what is rare and surely moved stays apart.
    rare
        What labels too rare for a group of their own say together: a p-value.
    """

    part: str
    reference: Floats
    serving: Floats
    ordered: NDArray[np.bool_]
    groups: Ints
    far: tuple[Floats, Floats]
    rare: float | None = None

    def grouped(self) -> tuple[Floats, Floats]:
        """Count both sides in the coarse cells of the test."""
        return _sum_by(self.groups, self.reference, self.serving)

    def measured(self) -> tuple[Floats, Floats]:
        """Count both sides in the coarse cells of the distance."""
        return self.far


def number_of_groups(size: float) -> int:
    """Choose how many coarse cells N_h rows can bear: 10 at 500, 20 at 3,000."""
    return int(np.clip(round(size**0.37), FEWEST_GROUPS, MOST_GROUPS))


def ordered_sides(
    reference: Floats, serving: Floats, null: tuple[float, float], *, part: str
) -> Sides:
    """Group ordered fine cells into coarse ones of about equal mass.

    The cuts are taken from both sides together, half the weight each, so that they
    carry no information on how the sides differ: the test keeps its level (random
    cells: Moore and Spruill 1975).

    Parameters
    ----------
    reference, serving
        Counts per fine cell in order, shape (k,), effective rows.
    null
        Counts of nulls on both sides.
    part
        What is asked about.

    Returns
    -------
    Sides
        The cells, the null cell last.
    """
    n, m = float(reference.sum()) + null[0], float(serving.sum()) + null[1]
    size = harmonic_size(n, m)
    # A handful of rows weighs less: else the cells would close around each of them.
    own = min(1.0, n / FEW), min(1.0, m / FEW)
    mixture = own[0] * reference / max(n, 1e-300) + own[1] * serving / max(m, 1e-300)
    groups = _equal_mass(mixture, number_of_groups(size))
    reference = np.append(reference, null[0])
    serving = np.append(serving, null[1])
    fine = np.append(groups, (groups[-1] + 1) if len(groups) else 0)
    ordered = np.ones(len(fine), dtype=bool)
    ordered[-1] = False
    groups, kept = _two_groupings(reference, serving, ordered, fine)
    return Sides(
        part=part,
        reference=reference,
        serving=serving,
        ordered=ordered,
        groups=groups,
        far=_sum_by(kept, reference, serving),
    )


def label_sides(
    reference: Floats, serving: Floats, *, part: str, others: int = 0
) -> Sides:
    """Count labels as they are, the rare ones together.

    Parameters
    ----------
    reference, serving
        Counts per label, shape (k,), effective rows.
    part
        What is asked about.
    others
        How many cells at the end are no labels (null, others).

    Returns
    -------
    Sides
        The cells, in the order given.
    """
    reference = np.asarray(reference, dtype=np.float64)
    serving = np.asarray(serving, dtype=np.float64)
    ordered = np.zeros(len(reference), dtype=bool)
    groups, kept = _two_groupings(reference, serving, ordered, np.arange(len(ordered)))
    n, m = float(reference.sum()), float(serving.sum())
    small = np.zeros(len(ordered), dtype=bool)
    if n > 0 and m > 0:
        small = (reference + serving) * min(n, m) / (n + m) < ROWS_EXPECTED
    small[len(small) - others :] = False
    rare = judge_rare(reference[small], serving[small], n, m)
    far = _sum_by(kept, reference, serving)
    if rare.replaced > 0:
        kept = np.where(small, -1, np.arange(len(ordered)))
        far = _replaced(_sum_by(kept, reference, serving), rare.replaced)
    return Sides(
        part=part,
        reference=reference,
        serving=serving,
        ordered=ordered,
        groups=groups,
        far=far,
        rare=rare.p_value if small.any() else None,
    )


def _replaced(sides: tuple[Floats, Floats], share: float) -> tuple[Floats, Floats]:
    """Split the first cell, the rare labels, by what both sides have and have not."""
    a, b = sides
    first = np.array([(1 - share) * a[0], share * a[0], 0.0])
    second = np.array([(1 - share) * b[0], 0.0, share * b[0]])
    return np.concatenate([first, a[1:]]), np.concatenate([second, b[1:]])


def _two_groupings(
    reference: Floats, serving: Floats, ordered: NDArray[np.bool_], fine: Ints
) -> tuple[Ints, Ints]:
    """Pool what is too rare to be tested, once with what surely moved kept apart."""
    strict = _pool_rare(fine, reference, serving, ordered, apart=())
    a, b = _sum_by(fine, reference, serving)
    if min(a.sum(), b.sum()) < FEW and int(((a + b) > 0).sum()) <= MOST_OF_FEW:
        # So few rows pool into one or two cells, which would hide where they are.
        return strict, fine
    p_values = single_cells(a, b) * max(1, len(a))
    sure = (p_values < SURELY_MOVED) & (np.maximum(a, b) >= FEWEST_MOVED)
    moved = np.flatnonzero(sure)
    if not len(moved):
        return strict, strict
    apart = np.unique(fine)[moved]
    return strict, _pool_rare(fine, reference, serving, ordered, apart=apart)


def _sum_by(groups: Ints, reference: Floats, serving: Floats) -> tuple[Floats, Floats]:
    """Add up the fine cells of each group, groups in ascending order."""
    if not len(groups):
        return np.zeros(0), np.zeros(0)
    _, index = np.unique(groups, return_inverse=True)
    a = np.bincount(index, weights=reference).astype(np.float64, copy=False)
    b = np.bincount(index, weights=serving).astype(np.float64, copy=False)
    return a, b


def _equal_mass(shares: Floats, count: int) -> Ints:
    """Give ordered cells the number of their group, each of about equal mass."""
    # A cell that holds a group's mass alone (an atom) is a group of its own.
    total = float(shares.sum())
    groups = np.zeros(len(shares), dtype=np.int64)
    if total <= 0:
        return groups
    target = total / count
    large = np.flatnonzero(shares >= target)
    bounds = np.concatenate([[-1], large, [len(shares)]])
    label = 0
    for left, right in pairwise(bounds.tolist()):
        inside = slice(left + 1, right)
        run = np.cumsum(shares[inside])
        if len(run) and run[-1] > 0:
            pieces = max(1, round(float(run[-1]) / target))
            middle = run - shares[inside] / 2
            step = np.minimum((middle / run[-1] * pieces).astype(np.int64), pieces - 1)
            groups[inside] = label + step
            label += pieces
        elif len(run):
            groups[inside] = label
        if right < len(shares):
            groups[right] = label
            label += 1
    return groups


def _pool_rare(
    fine: Ints,
    reference: Floats,
    serving: Floats,
    ordered: NDArray[np.bool_],
    *,
    apart: Sequence[int] | Ints,
) -> Ints:
    """Join groups that expect fewer than 5 rows of the smaller side."""
    # Ordered groups join their neighbour, the others a common rest; a rest that is
    # still too small joins the smallest group.
    a, b = _sum_by(fine, reference, serving)
    names = np.unique(fine)
    n, m = float(a.sum()), float(b.sum())
    if n <= 0 or m <= 0:
        return fine
    expected = (a + b) * min(n, m) / (n + m)
    in_order = np.isin(names, fine[ordered])
    safe = np.isin(names, np.asarray(apart, dtype=np.int64))
    target = _join_neighbours(expected, in_order, safe)
    target = _join_rest(expected, target, in_order, safe)
    return np.asarray(target[np.searchsorted(names, fine)], dtype=np.int64)


def _join_neighbours(
    expected: Floats, in_order: NDArray[np.bool_], safe: NDArray[np.bool_]
) -> Ints:
    """Walk up the ordered groups and close one whenever it holds enough."""
    target = np.arange(len(expected))
    open_groups: list[int] = []
    held, last = 0.0, -1
    for k in np.flatnonzero(in_order & ~safe):
        open_groups.append(int(k))
        held += float(expected[k])
        if held >= ROWS_EXPECTED:
            target[open_groups] = last = open_groups[0]
            open_groups, held = [], 0.0
    if open_groups:
        target[open_groups] = last if last >= 0 else open_groups[0]
    return target


def _join_rest(
    expected: Floats, target: Ints, in_order: NDArray[np.bool_], safe: NDArray[np.bool_]
) -> Ints:
    """Put rare unordered groups together, and a small rest to the smallest group."""
    target = target.copy()
    rare = np.flatnonzero(~in_order & ~safe & (expected < ROWS_EXPECTED))
    target[rare] = rare[0] if len(rare) else -1
    held_by = np.bincount(target, weights=expected).tolist()
    sums = {int(k): float(held_by[k]) for k in np.unique(target)}
    for k in [k for k, held in sums.items() if held < ROWS_EXPECTED and not safe[k]]:
        others = [j for j in sums if j != k and not safe[j]]
        if others:
            smallest = min(others, key=lambda j: sums[j])
            target[target == k] = smallest
            sums[smallest] += sums.pop(k)
    return target
