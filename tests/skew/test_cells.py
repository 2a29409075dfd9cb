"""Common cells and exact p-values below 100 rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nbmlops.skew.cells import label_sides, number_of_groups, ordered_sides
from nbmlops.skew.decision import find
from nbmlops.skew.permutation import exact_tails
from nbmlops.skew.rare import judge_rare
from nbmlops.skew.statistics import Floats

vectors = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=40
).map(lambda pairs: np.array(pairs, dtype=np.float64).T)


def test_more_rows_bear_more_groups() -> None:
    sizes = [number_of_groups(n) for n in (10, 80, 500, 3000, 1e6)]
    assert sizes == sorted(sizes)
    assert sizes[0] == 5
    assert sizes[-1] == 20


def test_groups_hold_about_equal_mass() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.poisson(20, (2, 1000)).astype(float)
    reference, serving = ordered_sides(a, b, (0, 0), part="values").grouped()
    assert len(reference) == 20
    assert reference.max() / reference.min() < 1.2
    assert serving.max() / serving.min() < 1.2


def test_a_heavy_value_is_a_group_of_its_own() -> None:
    a = np.array([5.0] * 40 + [700] + [5.0] * 40)
    sides = ordered_sides(a, a, (0, 0), part="values")
    assert (sides.groups[:-1] == sides.groups[40]).sum() == 1


@settings(deadline=None)
@given(vectors, st.integers(0, 20), st.integers(0, 20))
def test_groups_lose_no_row_and_expect_five(
    table: Floats, first: int, second: int
) -> None:
    sides = ordered_sides(table[0], table[1], (first, second), part="values")
    a, b = sides.grouped()
    assert a.sum() == table[0].sum() + first
    assert b.sum() == table[1].sum() + second
    n, m = a.sum(), b.sum()
    if n and m and len(a) > 1:
        assert ((a + b) * min(n, m) / (n + m) >= 5 - 1e-9).all()
    starts = np.flatnonzero(np.diff(sides.groups[:-1])) + 1
    assert len(np.unique(sides.groups[:-1])) == len(starts) + 1


def test_rare_labels_share_a_cell() -> None:
    a = np.array([500.0, 400, 3, 2, 4, 1])
    reference, _ = label_sides(a, a[::-1].copy() * 0 + a, part="values").grouped()
    assert sorted(reference) == [10, 400, 500]


def test_a_rare_cell_that_surely_moved_is_measured_apart() -> None:
    a = np.array([1e6, 1e6, 0.0])
    b = np.array([350.0, 350, 300])
    sides = label_sides(a, b, part="values")
    assert len(sides.measured()[0]) == 3
    assert find([sides], 0.1).distance > 0.35


def test_exact_tails_are_those_of_fisher_for_two_by_two() -> None:
    a, b = np.array([12.0, 18]), np.array([22.0, 8])
    p, gap = exact_tails(a, b, np.arange(2), np.zeros(2, dtype=bool))
    assert p == pytest.approx(stats.fisher_exact(np.vstack([a, b])).pvalue, abs=0.003)
    assert gap == 1.0


def test_exact_gap_is_that_of_scipy_without_ties() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=40), rng.normal(0.5, 1, size=30)
    cells = np.sort(np.concatenate([x, y]))
    a, b = np.isin(cells, x).astype(float), np.isin(cells, y).astype(float)
    _, p = exact_tails(a, b, np.arange(70) // 10, np.ones(70, dtype=bool))
    assert p == pytest.approx(stats.ks_2samp(x, y, method="exact").pvalue, abs=0.02)


def test_exact_tails_keep_their_level() -> None:
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(300):
        a, b = rng.multinomial(30, np.full(6, 1 / 6), size=2).astype(float)
        p, _ = exact_tails(a, b, np.arange(6), np.zeros(6, dtype=bool))
        found += p <= 0.05
    assert found / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_exact_tails_count_parts_of_rows() -> None:
    # Of a weighted log some cells hold a part of a row each: together they are many.
    a = np.concatenate([np.ones(100), np.full(4, 25.0)])
    cells, ordered = np.append(np.zeros(100, int), range(1, 5)), np.ones(104, bool)
    assert min(exact_tails(a, 0.4 * a, cells, ordered)) > 0.9


def test_exact_tails_bear_one_huge_side() -> None:
    a, b = np.array([9e8, 1e8]), np.array([10.0, 30])
    p, _ = exact_tails(a, b, np.arange(2), np.zeros(2, dtype=bool))
    assert p < 0.001


def sparse(r: np.random.Generator, rows: int, labels: int) -> Floats:
    return np.bincount(r.integers(0, labels, rows), minlength=labels).astype(float)


def test_rare_labels_together_keep_their_level() -> None:
    r = np.random.default_rng(8)
    p_values = np.array(
        [
            judge_rare(sparse(r, 900, 600), sparse(r, 700, 600), 900, 700).p_value
            for _ in range(400)
        ]
    )
    slack = 3 * np.sqrt(0.05 * 0.95 / 400)
    assert abs((p_values <= 0.05).mean() - 0.05) <= slack
    assert abs((p_values <= 0.5).mean() - 0.5) <= 3 * np.sqrt(0.25 / 400)


def test_other_rare_labels_are_far_away() -> None:
    r = np.random.default_rng(9)
    a, b = sparse(r, 1000, 500), sparse(r, 1000, 500)
    nothing = np.zeros(500)
    same = find([label_sides(a, b, part="values")], 0.1)
    assert same.distance < 0.1
    other = label_sides(
        np.concatenate([a, nothing]), np.concatenate([nothing, b]), part="values"
    )
    assert find([other], 0.1).distance > 0.9
    half = label_sides(
        np.concatenate([a, nothing]),
        np.concatenate([b * (np.arange(500) % 2), b * (np.arange(500) % 2 == 0)]),
        part="values",
    )
    # Half of the mass replaced is a divergence of half a bit.
    assert find([half], 0.1).distance == pytest.approx(np.sqrt(0.5), abs=0.1)
