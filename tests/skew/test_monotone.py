"""The curve is scipy's, and never turns where the points do not."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from nbmlops.skew.monotone import Curve

STEPS = st.floats(1e-3, 1e3)
RISES = st.floats(-1e3, 1e3) | st.just(0.0)


@given(st.lists(st.tuples(STEPS, RISES), min_size=1, max_size=20), st.integers(0, 9))
def test_it_is_the_curve_of_scipy(pairs: list[tuple[float, float]], seed: int) -> None:
    x = np.concatenate([[0.0], np.cumsum([step for step, _ in pairs])])
    y = np.concatenate([[1.0], 1.0 + np.cumsum([rise for _, rise in pairs])])
    at = np.concatenate([x, np.random.default_rng(seed).uniform(0.0, x[-1], 50)])
    largest = float(np.abs(y).max()) + 1.0
    found = Curve.through(x, y)(at)
    assert found == pytest.approx(PchipInterpolator(x, y)(at), abs=1e-9 * largest)


@example([(1.0, 2.2250738585072014e-308), (2.0, 1.0)])
@given(st.lists(st.tuples(STEPS, st.floats(0.0, 1e3)), min_size=1, max_size=20))
def test_through_rising_points_it_rises(pairs: list[tuple[float, float]]) -> None:
    x = np.concatenate([[0.0], np.cumsum([step for step, _ in pairs])])
    y = np.concatenate([[0.0], np.cumsum([rise for _, rise in pairs])])
    heights = Curve.through(x, y)(np.linspace(0.0, x[-1], 500))
    assert (np.diff(heights) >= -1e-9 * (y[-1] + 1.0)).all()
