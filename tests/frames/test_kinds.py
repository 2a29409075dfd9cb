"""Columns become plain numbers and seconds, whatever their Arrow type."""

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from nbmlops.frames.kinds import kind_of, numbers, texts, whole_seconds


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, None], type=pa.int8()), [1.0, np.nan]),
        (pa.array([1.5, None], type=pa.float32()), [1.5, np.nan]),
        (pa.array([1.5], type=pa.float16()), [1.5]),
        (pa.array([Decimal("1.25"), None]), [1.25, np.nan]),
        (pa.array([1500, None], type=pa.duration("ms")), [1.5, np.nan]),
        (pa.array([90], type=pa.time32("s")), [90.0]),
        (pa.array([1_500_000], type=pa.time64("us")), [1.5]),
        (pa.array([2, None, 2]).dictionary_encode(), [2.0, np.nan, 2.0]),
    ],
)
def test_numbers_are_float64_with_nan_for_null(
    array: Any, expected: list[float]
) -> None:
    assert kind_of(array.type) == "number"
    found = numbers(array)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("array", "whole", "fraction"),
    [
        (pa.array([1, None], type=pa.date32()), [86_400], [0.0]),
        (pa.array([86_400_000], type=pa.date64()), [86_400], [0.0]),
        (pa.array([-500, None], type=pa.timestamp("ms")), [-1], [0.5]),
        (pa.array([1_500_000_000], type=pa.timestamp("ns", "UTC")), [1], [0.5]),
        (pa.array([7], type=pa.timestamp("s")), [7], [0.0]),
    ],
)
def test_times_are_whole_seconds_and_a_fraction(
    array: Any, whole: list[int], fraction: list[float]
) -> None:
    assert kind_of(array.type) == "time"
    seconds, rest, present = whole_seconds(array)
    assert seconds.tolist() == whole
    assert rest.tolist() == fraction
    assert present.tolist() == [value is not None for value in array.to_pylist()]


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string(), pa.string_view()])
def test_texts_are_one_type(type_: Any) -> None:
    array = pa.array(["a", None], type=type_)
    assert kind_of(type_) == "text"
    assert texts(array).type == pa.large_string()
    assert texts(array).to_pylist() == ["a", None]


@pytest.mark.parametrize(
    "type_",
    [pa.binary(), pa.list_(pa.int64()), pa.struct([("a", pa.int8())]), pa.null()],
)
def test_what_is_none_of_these_is_other(type_: Any) -> None:
    assert kind_of(type_) == "other"
