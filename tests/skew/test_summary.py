"""What moved in a column, said in one sentence with its figures."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.skew.checking import column_of, report_of


def test_where_the_middle_stays_the_value_that_moved_most_is_told() -> None:
    clear = np.where(np.arange(4_000) % 5 == 0, 4.0, 10.0)
    clearer = np.where(np.arange(4_000) % 20 == 0, 4.0, 10.0)
    report = report_of(pd.DataFrame({"sight": clear}), pd.DataFrame({"sight": clearer}))
    assert report.columns["sight"].summary == "4 in 20.0% -> 5.0% of rows"


def test_a_new_frequent_value_is_named() -> None:
    r = np.random.default_rng(47)
    for before, after in (
        r.integers(0, 1000, (2, 3000)),
        r.normal(100, 15, (2, 3000)),
        r.gamma(2, 2, (2, 3000)),
    ):
        column = column_of(before, np.where(r.random(3000) < 0.3, -1, after))
        assert "-1 in 0% -> " in column.summary


@pytest.mark.parametrize("sign", [1, -1])
def test_infinite_values_are_told_with_their_share(sign: int) -> None:
    r = np.random.default_rng(48)
    before, after = r.normal(100, 15, (2, 3000))
    after[:270] = sign * math.inf
    name = "infinity" if sign > 0 else "-infinity"
    column = column_of(before, after)
    assert f"{name} in 0% -> 9.0% of rows" in column.summary
    assert column.cause is not None
    assert "division by zero" in column.cause.detail
    assert "no known handling" not in column.cause.detail
    everything = column_of(before, np.full(3000, sign * math.inf))
    assert f"{name} in 0% -> 100% of rows".lower() in everything.summary.lower()


def test_figures_that_read_the_same_on_both_sides_are_left_out() -> None:
    r = np.random.default_rng(49)
    flags = column_of(r.random(3000) < 0.55, r.random(3000) < 0.8).summary
    numbers = column_of(r.binomial(1, 0.55, 3000), r.binomial(1, 0.8, 3000)).summary
    narrow = column_of(r.normal(1, 1e-5, 3000), r.normal(1, 2e-5, 3000)).summary
    start = pd.Timestamp("2024-01-01")
    minutes = pd.to_timedelta(np.arange(10 * 1440), unit="min")
    times = column_of(start + minutes, start + minutes).summary
    for text in (flags, numbers, narrow, times):
        for part in text.split("; "):
            sides = part.split(" -> ")
            assert len(sides) == 1 or not sides[0].endswith(sides[1].split(" of ")[0])
    assert numbers.startswith(("0 in ", "1 in "))
    assert narrow.startswith("Width of the middle half ")
    assert times == ""
