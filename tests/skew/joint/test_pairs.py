"""Pairs of columns that differ together."""

import numpy as np

from nbmlops.skew.joint.features import Feature
from nbmlops.skew.joint.pairs import CODES, coded, find_pairs
from tests.skew.joint.frames import exchanged, quiet, sides_of


def test_the_pair_that_differs_together_comes_first() -> None:
    (a, b), features = sides_of(quiet(1, 2_000), exchanged(quiet(2, 2_000)))
    pairs = find_pairs(a.values, b.values, (a.weights, b.weights), features)
    names = {features[at].name for at in pairs.chosen[0]}
    assert names == {"carrier", "hour"}


def test_codes_keep_order_and_null_is_the_last() -> None:
    number, text = Feature(column="x", kind="number"), Feature(column="t", kind="text")
    values = np.array([[np.nan, 9.0], [1.0, 0.0], [2.0, np.nan], [3.0, 1.0]])
    ones = np.ones(4)
    pairs = find_pairs(values, values, (ones, ones), [number, text])
    codes = coded(values, pairs.edges)
    assert list(codes[:, 1]) == [CODES - 2, 0, CODES - 1, 1]
    assert codes[0, 0] == CODES - 1
    assert codes[1, 0] < codes[2, 0] < codes[3, 0] < CODES - 1


def test_too_many_columns_are_not_crossed() -> None:
    values = np.zeros((10, 200))
    features = [Feature(column=f"x{k}", kind="number") for k in range(200)]
    pairs = find_pairs(values, values, (np.ones(10), np.ones(10)), features)
    assert pairs.crossed(values) is values
