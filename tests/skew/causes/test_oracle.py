"""The oracle of the benchmarks: a bound that no check can pass."""

import numpy as np
import pandas as pd
import pytest
from benchmarks import oracle
from scipy import stats


@pytest.mark.parametrize("shift", [0.05, 0.1, 0.15])
def test_a_shift_is_told_as_often_as_theory_has_it(shift: float) -> None:
    r = np.random.default_rng(1)
    plain, moved = (pd.Series(r.normal(d, 1, 200_000)) for d in (0.0, shift))
    # The difference of two means of 2,000 rows, at the oracle's level.
    power = stats.norm.cdf(shift * np.sqrt(1000) - stats.norm.ppf(1 - oracle.LEVEL))
    assert oracle.power(plain, moved, 2_000) == pytest.approx(power, abs=0.07)


def test_nothing_is_told_where_nothing_changed() -> None:
    r = np.random.default_rng(2)
    first, second = (pd.Series(r.lognormal(3, 1, 200_000).round(2)) for _ in range(2))
    assert oracle.power(first, second, 2_000) < 0.02
    first, second = (pd.Series(r.choice(list("abc"), 200_000)) for _ in range(2))
    assert oracle.power(first, second, 2_000) < 0.02


def test_other_values_nulls_and_infinities_are_told_for_sure() -> None:
    plain = np.random.default_rng(3).gamma(2, 3, 100_000)
    logged = np.where(plain > 2, np.log(plain), -np.inf)
    for changed in (plain * 1024, np.where(plain > 5, np.nan, plain), logged):
        assert oracle.power(pd.Series(plain), pd.Series(changed), 500) > 0.999
    nearly = pd.Series(plain * (1 + 1e-15))  # the last bit of a float is no sign
    assert oracle.power(pd.Series(plain), nearly, 2_000) < 0.02
