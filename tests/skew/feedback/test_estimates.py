"""Effects of answers, from those drawn at random and from the threshold."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from nbmlops.skew.feedback.estimates import (
    Estimate,
    at_threshold,
    density_jump,
    jump_bandwidth,
    placed,
    randomised,
    together,
)


def test_without_weights_it_is_welchs_t_test() -> None:
    r = np.random.default_rng(0)
    values, action = r.normal(size=60), np.repeat([0.0, 1.0], [45, 15])
    values[action == 1] *= 3
    found = randomised(values, action, np.ones(60))
    assert found is not None
    expected = ttest_ind(values[action == 1], values[action == 0], equal_var=False)
    assert np.isclose(found.p_value(), expected.pvalue)
    assert np.allclose(found.interval(), expected.confidence_interval())


def test_the_chance_of_an_answer_undoes_whom_it_was_given_to() -> None:
    r = np.random.default_rng(1)
    known = r.normal(size=20_000)
    likely = 1 / (1 + np.exp(-known))
    action = (r.random(20_000) < likely).astype(float)
    chance = np.where(action == 1, likely, 1 - likely)
    plain = randomised(known, action, np.ones(20_000))
    weighed = randomised(known, action, chance)
    assert plain is not None
    assert weighed is not None
    assert plain.p_value() < 1e-6
    assert weighed.p_value() > 0.05


def test_few_answers_of_one_kind_give_no_estimate() -> None:
    values, action = np.arange(100.0), np.repeat([0.0, 1.0], [91, 9])
    assert randomised(values, action, np.ones(100)) is None
    assert randomised(np.ones(100), np.arange(100.0) % 2, np.ones(100)) is None


def test_a_jump_is_measured_and_a_slope_is_none() -> None:
    r = np.random.default_rng(2)
    distance = r.normal(size=8_000)
    values = distance + 0.5 * (distance >= 0) + r.normal(size=8_000)
    found = at_threshold(distance, values, np.arange(8_000))
    assert found is not None
    low, high = found.interval()
    assert low < 0.5 < high
    assert high - low < 0.4
    slope = at_threshold(distance, values - 0.5 * (distance >= 0), np.arange(8_000))
    assert slope is not None
    assert slope.p_value() > 0.05


def test_near_is_wide_where_nothing_bends_and_narrow_at_a_bend() -> None:
    r = np.random.default_rng(4)
    x, noise = r.normal(size=20_000), r.normal(size=20_000)
    flat = jump_bandwidth(x, noise)
    bent = jump_bandwidth(x, noise + 2 * x**2 * (x > 0))
    assert flat > 2 * 2.576 * 20_000**-0.2
    assert bent < flat / 1.3


def test_a_bend_is_no_jump() -> None:
    found = 0
    for seed in range(60):
        r = np.random.default_rng((5, seed))
        x = r.normal(size=3_000)
        values = np.maximum(x, 0) ** 2 + r.normal(size=3_000)
        jump = at_threshold(x, values, np.arange(3_000))
        assert jump is not None
        found += jump.p_value() < 0.05
    assert found <= 8  # 3 expected


def test_the_scale_of_scores_makes_no_difference() -> None:
    score = np.random.default_rng(6).random(501)
    place = placed(score, 0.3)
    assert np.array_equal(place < 0, score < 0.3)
    assert np.allclose(place, placed(np.log(score), float(np.log(0.3))))


def test_two_estimates_weigh_as_sure_as_they_are() -> None:
    first = Estimate(difference=0.2, error=0.1, df=30, rows=(20, 20))
    second = Estimate(difference=0.5, error=0.2, df=400, rows=(90, 60))
    found = together(first, second)
    assert found.rows == (110, 80)
    assert np.isclose(found.difference, 0.26)
    assert np.sqrt(0.8) * 0.1 < found.error < 0.1
    assert 30 < found.df < 60


def test_many_requests_of_one_entity_are_not_many_entities() -> None:
    r = np.random.default_rng(3)
    entity = np.repeat(np.arange(300), 20)
    distance = r.normal(size=300)[entity] + 0.05 * r.normal(size=6_000)
    values = r.normal(size=300)[entity] + 0.1 * r.normal(size=6_000)
    together = at_threshold(distance, values, entity)
    apart = at_threshold(distance, values, np.arange(6_000))
    assert together is not None
    assert apart is not None
    assert together.error > 2 * apart.error


@pytest.mark.parametrize("count", [60, 5_000])
def test_scores_of_few_values_give_no_jump(count: int) -> None:
    distance = np.resize([-0.3, -0.1, 0.1, 0.3], count)
    assert at_threshold(distance, distance, np.arange(count)) is None
    assert density_jump(distance) is None


def test_crowding_at_the_threshold_shows_and_a_smooth_density_does_not() -> None:
    found = 0
    for seed in range(60):
        distance = np.random.default_rng(seed).normal(0.3, 1, 3_000)
        p = density_jump(distance)
        assert p is not None
        found += p <= 0.05
        steered = np.where((distance < 0) & (distance > -0.15), -distance, distance)
        assert (density_jump(steered) or 0) < 0.01
    assert found <= 9  # of 60: 3 expected
