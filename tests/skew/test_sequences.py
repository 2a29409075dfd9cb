"""Confidence sequences: their level holds at all looks together, weights included."""

from collections.abc import Callable

import numpy as np
import pytest

from nbmlops.skew import sequences
from nbmlops.skew.statistics import Floats

LOOKS = (50, 100, 200, 400, 800)
STREAMS = 200
SEED = 20130101
Draw = Callable[[np.random.Generator, int], Floats]


def coin(rng: np.random.Generator, rows: int) -> Floats:
    return (rng.random(rows) < 0.2).astype(np.float64)


def rare(rng: np.random.Generator, rows: int) -> Floats:
    return (rng.random(rows) < 0.02).astype(np.float64)


def waiting(rng: np.random.Generator, rows: int) -> Floats:
    return rng.exponential(1.0, rows)


def wandering(rng: np.random.Generator, rows: int) -> Floats:
    """Draw rows whose chance swings between 0.1 and 0.2."""
    chance = 0.15 + 0.05 * np.sin(np.arange(rows) / 30)
    return (rng.random(rows) < chance).astype(np.float64)


def ever_missed(draw: Draw, mean: float, *, bounded: bool) -> float:
    rng = np.random.default_rng(SEED)
    missed = 0
    for _ in range(STREAMS):
        values = draw(rng, LOOKS[-1])
        found = [sequences.interval(values[:n], bounded=bounded) for n in LOOKS]
        missed += any(not low <= mean <= high for low, high in found)
    return missed / STREAMS


@pytest.mark.parametrize(
    ("draw", "mean", "bounded"),
    [(coin, 0.2, True), (rare, 0.02, True), (waiting, 1.0, False)],
)
def test_the_mean_is_inside_at_every_look(
    draw: Draw, mean: float, bounded: bool
) -> None:
    assert ever_missed(draw, mean, bounded=bounded) <= 0.05


def test_a_mean_that_is_not_theirs_is_soon_outside() -> None:
    assert ever_missed(coin, 0.3, bounded=True) >= 0.95


@pytest.mark.parametrize(
    ("draw", "largest"), [(coin, 0.2), (rare, 0.02), (wandering, 0.2)]
)
def test_a_lower_bound_is_hardly_ever_above_the_largest_mean(
    draw: Draw, largest: float
) -> None:
    rng = np.random.default_rng(SEED)
    wrong = 0
    for _ in range(STREAMS):
        values = draw(rng, LOOKS[-1])
        looks = (10, 20, *LOOKS)
        wrong += any(sequences.lower(values[:n], miss=0.1) > largest for n in looks)
    assert wrong / STREAMS <= 0.1


def test_a_lower_bound_comes_near_the_mean() -> None:
    values = coin(np.random.default_rng(SEED), 5_000)
    low = sequences.lower(values, miss=0.025)
    high = sequences.upper(values, miss=0.025)
    assert values.mean() - 0.026 < low < values.mean() < high < values.mean() + 0.026


def test_rows_sampled_by_their_outcome_need_their_weights() -> None:
    rng = np.random.default_rng(SEED)
    missed = wrong = bare = 0
    least = 0.0
    for _ in range(STREAMS):
        values = coin(rng, 3_000)
        kept = np.where(values > 0, 0.9, 0.2)
        drawn = rng.random(len(values)) < kept
        values, weight = values[drawn], 1 / kept[drawn]
        low, high = sequences.interval(values, weight)
        missed += not low <= 0.2 <= high
        least = sequences.lower(values, weight, miss=0.1)
        wrong += least > 0.2
        bare += sequences.lower(values, miss=0.1) > 0.2
    assert missed / STREAMS <= 0.05
    assert wrong / STREAMS <= 0.1
    assert least == pytest.approx(0.2, abs=0.05)
    assert bare == STREAMS


def test_the_interval_is_less_than_twice_that_of_one_look() -> None:
    values = coin(np.random.default_rng(1), 5_000)
    low, high = sequences.interval(values)
    once = 2 * 1.96 * np.sqrt(0.16 / 5_000)
    assert once < high - low < 2 * once
    assert low < values.mean() - once / 2 < values.mean() + once / 2 < high


def test_means_of_neighbours_are_bet_on_when_there_are_many() -> None:
    rows = 4 * sequences.MOST_BETS
    values = coin(np.random.default_rng(2), rows)
    error = np.sqrt(0.16 / rows)
    assert 0.2 - 6 * error < sequences.lower(values, miss=0.025) < 0.2


@pytest.mark.parametrize("bounded", [True, False])
def test_without_rows_nothing_is_known(bounded: bool) -> None:
    everything = (0.0, 1.0) if bounded else (-np.inf, np.inf)
    empty = np.zeros(0)
    assert sequences.interval(empty, bounded=bounded) == everything
    assert sequences.lower(empty, miss=0.05, bounded=bounded) == everything[0]
    assert sequences.upper(empty, miss=0.05, bounded=bounded) == everything[1]
