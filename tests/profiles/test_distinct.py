"""The number of distinct values is exact when small, and close when large."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.profiles.distinct import (
    MOST_HASHES,
    DistinctCounter,
    Sketch,
    estimate,
    hashed_numbers,
    hashed_texts,
    united,
)


def sketch(values: np.ndarray, parts: int = 1) -> Sketch:
    counter = DistinctCounter()
    for part in np.array_split(np.asarray(values, dtype=np.float64), parts):
        counter.add(hashed_numbers(part))
    return counter.sketch()


@given(st.lists(st.integers(-1000, 1000), max_size=600))
def test_few_values_are_counted_exactly(values: list[int]) -> None:
    if len(set(values)) <= MOST_HASHES:
        assert estimate(sketch(np.array(values, dtype=float))) == len(set(values))


STRUCTURED = {
    "integers": np.arange(200_000.0),
    "cents": np.arange(100_000) / 100,
    "multiples of 1024": np.arange(30_000.0) * 1024,
    "minutes since 1970": 1.7e9 + np.arange(100_000.0) * 60,
    "inverses": 1 / np.arange(1.0, 50_001),
    "powers of two": 2.0 ** np.arange(-500, 500),
    "normal": np.random.default_rng(1).normal(size=100_000),
    "repeated": np.random.default_rng(2).integers(0, 20_000, 300_000).astype(float),
}


@pytest.mark.parametrize("name", STRUCTURED)
def test_many_values_are_estimated_within_four_standard_errors(name: str) -> None:
    values = STRUCTURED[name]
    expected = len(np.unique(values))
    assert abs(estimate(sketch(values)) / expected - 1) < 4 * 0.023


@pytest.mark.parametrize("size", [600, 5_000, 20_000])
def test_the_estimate_is_not_biased(size: int) -> None:
    random = np.random.default_rng(size)
    errors = [estimate(sketch(random.normal(size=size))) / size - 1 for _ in range(60)]
    assert abs(np.mean(errors)) < 4 * 0.023 / np.sqrt(60)


@pytest.mark.parametrize("size", [10, 500, 600, 5_000, 100_000])
def test_parts_give_the_same_sketch_as_the_whole(size: int) -> None:
    values = np.random.default_rng(size).integers(0, size, size).astype(float)
    whole = sketch(values)
    assert sketch(values, 7).tolist() == whole.tolist()
    left, right = sketch(values[: size // 3]), sketch(values[size // 3 :])
    assert united(left, right).tolist() == whole.tolist()
    assert united(right, left).tolist() == whole.tolist()


def test_texts_are_counted_too() -> None:
    texts = np.array([f"label {at}" for at in range(5_000)], dtype=object)
    counter = DistinctCounter()
    counter.add(hashed_texts(texts))
    counter.add(hashed_texts(texts[:0]))
    assert abs(estimate(counter.sketch()) / 5_000 - 1) < 4 * 0.023


def test_nothing_seen_is_nothing_found() -> None:
    assert estimate(DistinctCounter().sketch()) == 0
    assert estimate(np.zeros(2048, dtype=np.uint8)) == 0


def test_few_and_many_values_unite() -> None:
    few, many = sketch(np.arange(10.0) + 0.5), sketch(np.arange(5_000.0))
    both = sketch(np.concatenate([np.arange(10.0) + 0.5, np.arange(5_000.0)]))
    assert united(few, many).tolist() == both.tolist()
    assert united(many, few).tolist() == both.tolist()
    halves = sketch(np.arange(400.0)), sketch(np.arange(400.0) + 400)
    assert united(*halves).tolist() == sketch(np.arange(800.0)).tolist()


def test_a_full_sketch_is_a_large_number() -> None:
    assert 1e9 < estimate(np.full(2048, 22, dtype=np.uint8)) < 1e12
    assert 1e8 < estimate(np.full(2048, 18, dtype=np.uint8)) < 1e10
