"""Adaptive windowing: quiet on stable streams, quick on a change, right about where."""

import numpy as np
import pytest

from nbmlops.skew import change_points as module
from nbmlops.skew.change_points import change_points
from nbmlops.skew.statistics import Floats


def coin(rng: np.random.Generator, rows: int, chance: float) -> Floats:
    return (rng.random(rows) < chance).astype(np.float64)


def test_no_false_alarm_in_200_stable_streams() -> None:
    rng = np.random.default_rng(20130101)
    assert not any(change_points(coin(rng, 10_000, 0.2)) for _ in range(200))


def test_no_false_alarm_where_rows_are_sampled_by_their_outcome() -> None:
    rng = np.random.default_rng(20130101)
    for _ in range(50):
        values = coin(rng, 20_000, 0.2)
        kept = np.where(values > 0, 0.9, 0.05)
        drawn = rng.random(len(values)) < kept
        assert not change_points(values[drawn], 1 / kept[drawn])


def test_a_rise_is_found_soon_and_where_it_was() -> None:
    rng = np.random.default_rng(20130101)
    delays, errors = [], []
    for _ in range(60):
        values = np.concatenate([coin(rng, 3_000, 0.2), coin(rng, 3_000, 0.3)])
        found = change_points(values)
        assert len(found) == 1
        assert found[0].before == pytest.approx(0.2, abs=0.03)
        assert found[0].after == pytest.approx(0.3, abs=0.03)
        delays.append(found[0].found - 3_000)
        errors.append(abs(found[0].row - 3_000))
    assert np.median(delays) < 600
    assert np.median(errors) < 100


def test_two_changes_are_two() -> None:
    rng = np.random.default_rng(3)
    parts = [coin(rng, 4_000, chance) for chance in (0.1, 0.3, 0.1)]
    rows = [change.row for change in change_points(np.concatenate(parts))]
    assert rows == pytest.approx([4_000, 8_000], abs=150)


def test_the_cut_is_that_of_the_paper() -> None:
    """Compare the first alarm with equation 3.1 written out, on every cut."""
    rng = np.random.default_rng(4)
    values = np.concatenate([coin(rng, 320, 0.1), coin(rng, 320, 0.9)])
    expected = next(end for end in range(32, 641, 32) if _falls_apart(values[:end]))
    assert change_points(values)[0].found == expected


def _falls_apart(window: Floats) -> bool:
    rows = len(window)
    log = np.log(2 * np.log(rows) / module.DELTA)
    for cut in range(module.FEWEST, rows - module.FEWEST + 1):
        size = 1 / (1 / cut + 1 / (rows - cut))
        bound = np.sqrt(2 / size * window.var() * log) + 2 / (3 * size) * log
        if abs(window[:cut].mean() - window[cut:].mean()) > bound:
            return True
    return False


@pytest.mark.parametrize("rows", [0, 1, 9, 31])
def test_a_few_rows_are_no_stream(rows: int) -> None:
    assert change_points(np.zeros(rows)) == ()
