"""False alarms without any drift: the stated error rate holds (a fixed seed)."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from nbmlops.skew.judge import check
from tests.skew import shapes

SEED = 7


@pytest.mark.parametrize(
    ("n", "m", "repeats"),
    [(100, 100, 60), (1000, 1000, 40), (10_000, 10_000, 12), (10_000, 300, 30)],
)
def test_checks_without_drift_find_a_column_in_five_percent(
    n: int, m: int, repeats: int
) -> None:
    found = 0
    for k in range(repeats):
        both = shapes.frame((SEED, n, m, k), n + m)
        report, _ = check(both.iloc[:n], both.iloc[n:])
        p_values = [c.p_value for c in report.columns.values()]
        found += any(p is not None and p <= 0.05 for p in p_values)
        if min(n, m) >= 300:
            assert report.ok
    assert found / repeats <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)


def test_a_log_sampled_by_value_finds_nothing_in_that_column() -> None:
    found, repeats = 0, 40
    for k in range(repeats):
        r = np.random.default_rng((SEED, 11, k))
        before, after = r.lognormal(0, 1, 300), r.lognormal(0, 1, 1500)
        share = np.where(after > np.quantile(after, 0.8), 1, 0.05)
        log = pd.DataFrame({"amount": after, "weight": 1 / share})
        kept = log[r.random(len(log)) < share]
        report, _ = check(pd.DataFrame({"amount": before}), kept, weight="weight")
        p_value = report.columns["amount"].p_value
        assert p_value is not None
        found += p_value <= 0.05
    assert found / repeats <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)


@pytest.mark.parametrize("shift", ["location", "spread", "nulls", "label"])
def test_shifts_of_a_column_among_twenty_are_found(shift: str) -> None:
    n, hits, repeats = 1000, 0, 10
    for k in range(repeats):
        both = shapes.frame((SEED, 5, k), 2 * n).drop(columns="normal")
        r = np.random.default_rng((SEED, 6, k))
        before: NDArray[Any]
        after: NDArray[Any]
        if shift == "label":
            before = shapes.zipf(r, n, 10)
            after = np.where(r.random(n) < 0.03, "new", shapes.zipf(r, n, 10))
        else:
            before = r.normal(size=n)
            after = r.normal(0.25 * (shift == "location"), 1, n)
            after *= 1.3 if shift == "spread" else 1
            if shift == "nulls":
                after = shapes.with_nulls(r, after, 0.05)
        first = both.iloc[:n].assign(shifted=before)
        second = both.iloc[n:].assign(shifted=after)
        p_value = check(first, second)[0].columns["shifted"].p_value
        assert p_value is not None
        hits += p_value <= 0.05
    assert hits >= 9
