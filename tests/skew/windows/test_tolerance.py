"""Over the tolerance by days: not what days carry by chance, and still what is far."""

import numpy as np
import pytest
from scipy.special import ndtr

import nbmlops
from nbmlops.skew import statistics
from nbmlops.skew.statistics import Floats
from nbmlops.skew.windows.tolerance import scaled
from tests.skew.windows.clusters import random_days

CUTS = np.linspace(-2, 2, 9)


def shares(mean: float) -> Floats:
    return np.diff(ndtr(np.concatenate([[-np.inf], CUTS, [np.inf]]) - mean))


def days(
    r: np.random.Generator, count: int, *, differ: float, shift: float = 0.0
) -> Floats:
    """Count 200 rows of each day in ten cells; days lie `differ` sd apart."""
    means = shift + differ * r.normal(size=count)
    return np.array([r.multinomial(200, shares(m)) for m in means], dtype=np.float64)


def shift_of(distance: float, differ: float) -> float:
    """Find the shift of all days that is just so far, rows of many days together."""
    spread = np.sqrt(1 + differ**2)
    edges = np.concatenate([[-np.inf], CUTS, [np.inf]])
    far = np.array(
        [
            np.sqrt(
                statistics.divergence(
                    np.diff(ndtr(edges / spread)), np.diff(ndtr((edges - s) / spread))
                )
            )
            for s in np.linspace(0, 1, 501)
        ]
    )
    return float(np.linspace(0, 1, 501)[np.searchsorted(far, distance)])


@pytest.mark.parametrize("differ", [0.0, 0.15, 0.5])
@pytest.mark.parametrize(("reference", "served"), [(40, 20), (30, 5), (25, 1)])
def test_a_distance_of_the_tolerance_is_not_over_it(
    differ: float, reference: int, served: int
) -> None:
    r = np.random.default_rng((1, reference))
    shift = shift_of(0.1, differ)
    over = by_rows = 0
    for _ in range(150):
        first = days(r, reference, differ=differ)
        second = days(r, served, differ=differ, shift=shift)
        found = scaled(first, second)
        assert found is not None
        over += found.tail(0.1) <= 0.05
        sums = first.sum(axis=0), second.sum(axis=0)
        by_rows += statistics.tolerance_tail(*sums, 0.1) <= 0.05
    assert over / 150 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)
    if differ == 0.5:
        assert by_rows / 150 > 0.3


def test_one_day_far_beyond_the_others_is_over_it() -> None:
    for seed in range(20):
        r = np.random.default_rng((2, seed))
        found = scaled(days(r, 25, differ=0.1), days(r, 1, differ=0.1, shift=1.0))
        assert found is not None
        assert found.tail(0.1) < 0.01


def test_the_interval_holds_the_distance_of_days_that_differ() -> None:
    r = np.random.default_rng(3)
    shift, held = shift_of(0.2, 0.3), 0
    for _ in range(100):
        first = days(r, 30, differ=0.3)
        found = scaled(first, days(r, 10, differ=0.3, shift=shift))
        assert found is not None
        low, high = found.interval()
        held += low <= 0.2 <= high
    assert held >= 90


def test_one_cell_says_nothing() -> None:
    assert scaled(np.full((20, 1), 5.0), np.full((3, 1), 5.0)) is None


def test_days_alone_do_not_carry_a_check_over_the_tolerance() -> None:
    """Without drift at most 1 check in 100; by rows alone it was 1 in 25."""
    over = 0
    for seed in range(60):
        sides = random_days(
            (9, seed), reference=25, served=1, rows=200, strength=(0.5, 0.3)[seed % 2]
        )
        over += not nbmlops.check_skew(*sides, time="at").ok
    assert over <= 1


def test_a_shift_far_beyond_what_days_vary_is_over_the_tolerance() -> None:
    first, second = random_days(4, reference=30, served=5, rows=100, strength=0.1)
    report = nbmlops.check_skew(
        first, second.assign(delay=second["delay"] + 1), time="at"
    )
    column = report.columns["delay"]
    assert column.verdict == "over tolerance"
    assert column.interval is not None
    assert column.interval[0] > 0.1
