"""Columns that have each other's values."""

import math
from collections.abc import Mapping
from itertools import combinations

import numpy as np

from nbmlops.skew.parity.fitting import Table
from nbmlops.skew.parity.number_relations import near
from nbmlops.skew.parity.relations import (
    LEAST_EVIDENCE,
    RIGHT,
    Bools,
    Sampled,
    sentence,
)
from nbmlops.skew.parity.result import Relation
from nbmlops.skew.repair.steps import Swap

MOST_COLUMNS = 200  # beyond it the pairs of columns are too many to try
FIRST = 20  # pairs of rows that tell most columns apart


def exchanged(
    tables: Mapping[str, Table], words: tuple[str, str]
) -> dict[str, Relation]:
    """Find columns of which each has the other's values.

    Parameters
    ----------
    tables
        The sampled pairs of the columns that differ; the first ones are the same rows
        in all.
    words
        What the sides are called.

    Returns
    -------
    dict
        By column, for both of each two.
    """
    found: dict[str, Relation] = {}
    if len(tables) > MOST_COLUMNS:
        return found
    for one, other in combinations(tables.values(), 2):
        if one.column.kind != other.column.kind or one.column.name in found:
            continue
        right, count = _right(one, other)
        if count and right >= RIGHT * count:
            for table, twin in ((one, other), (other, one)):
                name = twin.column.name
                text = (
                    f"{words[1]} has the values of {name!r}, and the other way round,"
                )
                found[table.column.name] = Relation(
                    kind="swapped",
                    detail=sentence(text, "", right, count, all_differ=False),
                    right=right,
                    pairs=count,
                    always=True,
                    mend=(Swap(other=name),),
                )
    return found


def _right(one: Table, other: Table) -> tuple[int, int]:
    """Count the rows in which both have each other's values, of those that differ."""
    first, second = one.common, other.common
    some = slice(0, FIRST)
    if (_holds(first, second, some)).mean() < RIGHT / 2:
        return 0, 0
    whole = slice(None)
    holds = _holds(first, second, whole)
    tells = first.differs & second.differs
    right, count = int((holds & tells).sum()), int(tells.sum())
    if not count or holds.mean() < RIGHT:
        return 0, 0
    # By chance: another row's value of the other column would do as well.
    moved = np.roll(second.before, 1)
    chance = float(_same(first.after, moved).mean())
    q = max(chance, 1 / (len(moved) + 1))
    return (right, count) if right * -math.log(q) >= LEAST_EVIDENCE else (0, 0)


def _holds(first: Sampled, second: Sampled, rows: slice) -> Bools:
    """Say in which rows each has the other's value; two nulls are equal."""
    return _equal(first, second, rows) & _equal(second, first, rows)


def _equal(serving: Sampled, reference: Sampled, rows: slice) -> Bools:
    null = serving.gone[rows] | reference.lost[rows]
    both = serving.gone[rows] & reference.lost[rows]
    same = _same(serving.after[rows], reference.before[rows])
    return np.where(null, both, same)


def _same(one: np.ndarray, other: np.ndarray) -> Bools:
    if one.dtype == object:
        return np.asarray(one == other, dtype=bool)
    return near(one, other)
