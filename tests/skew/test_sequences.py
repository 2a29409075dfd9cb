"""Confidence sequences: their level holds at all looks together, weights included."""

from collections.abc import Callable

import numpy as np
import pytest

from nbmlops.skew import sequences
from nbmlops.skew.statistics import Floats

LOOKS = (20, 50, 100, 200, 400, 800)
STREAMS = 200
Draw = Callable[[np.random.Generator, int], Floats]


def coin(rng: np.random.Generator, rows: int) -> Floats:
    return (rng.random(rows) < 0.2).astype(np.float64)


def rare(rng: np.random.Generator, rows: int) -> Floats:
    return (rng.random(rows) < 0.02).astype(np.float64)


def waiting(rng: np.random.Generator, rows: int) -> Floats:
    return rng.exponential(1.0, rows)


def ever_missed(draw: Draw, mean: float, *, bounded: bool, first: int = 0) -> float:
    rng = np.random.default_rng(20130101)
    missed = 0
    for _ in range(STREAMS):
        values = draw(rng, LOOKS[-1])
        found = [
            sequences.interval(values[:rows], bounded=bounded)
            for rows in LOOKS
            if rows >= first
        ]
        missed += any(not low <= mean <= high for low, high in found)
    return missed / STREAMS


@pytest.mark.parametrize(
    ("draw", "mean", "bounded"),
    [(coin, 0.2, True), (rare, 0.02, True), (waiting, 1.0, False)],
)
def test_the_mean_is_inside_at_every_look(
    draw: Draw, mean: float, bounded: bool
) -> None:
    first = 0 if bounded else sequences.FEWEST
    assert ever_missed(draw, mean, bounded=bounded, first=first) <= 0.05


def test_a_mean_that_is_not_theirs_is_soon_outside() -> None:
    assert ever_missed(coin, 0.3, bounded=True) >= 0.95


def test_rows_sampled_by_their_outcome_need_their_weights() -> None:
    rng = np.random.default_rng(20130101)
    missed = missed_bare = 0
    for _ in range(STREAMS):
        values = coin(rng, 3_000)
        kept = np.where(values > 0, 0.9, 0.2)
        drawn = rng.random(len(values)) < kept
        weight = 1 / kept[drawn]
        low, high = sequences.interval(values[drawn], weight)
        missed += not low <= 0.2 <= high
        low, high = sequences.interval(values[drawn])
        missed_bare += not low <= 0.2 <= high
    assert missed / STREAMS <= 0.05
    assert missed_bare == STREAMS


def test_the_interval_is_less_than_twice_that_of_one_look() -> None:
    rng = np.random.default_rng(1)
    low, high = sequences.interval(coin(rng, 5_000))
    once = 2 * 1.96 * np.sqrt(0.16 / 5_000)
    assert once < high - low < 2 * once


def test_means_of_neighbours_are_bet_on_when_there_are_many() -> None:
    values = coin(np.random.default_rng(2), 4 * sequences.MOST_BETS)
    low, high = sequences.interval(values)
    once = 2 * 1.96 * np.sqrt(0.16 / len(values))
    assert low < 0.2 < high
    assert high - low < 2.5 * once


@pytest.mark.parametrize("bounded", [True, False])
def test_without_rows_nothing_is_known(bounded: bool) -> None:
    low, high = sequences.interval(np.zeros(0), bounded=bounded)
    assert (low, high) == ((0.0, 1.0) if bounded else (-np.inf, np.inf))
