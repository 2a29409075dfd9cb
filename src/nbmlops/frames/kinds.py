"""The logical kind of an Arrow column, and its values as plain numpy arrays."""

from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Kind = Literal["number", "boolean", "text", "time", "other"]

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def kind_of(type_: pa.DataType) -> Kind:
    """Say which logical kind an Arrow type is; a dictionary is what it decodes to."""
    types = pa.types
    if types.is_dictionary(type_):
        return kind_of(type_.value_type)
    if types.is_boolean(type_):
        return "boolean"
    if is_text(type_):
        return "text"
    if types.is_timestamp(type_) or types.is_date(type_):
        return "time"
    if (
        types.is_integer(type_)
        or types.is_floating(type_)
        or types.is_decimal(type_)
        or types.is_duration(type_)
        or types.is_time(type_)
    ):
        return "number"
    return "other"


def is_text(type_: pa.DataType) -> bool:
    """Say whether a type holds text that is not dictionary-encoded."""
    types = pa.types
    return bool(
        types.is_string(type_)
        or types.is_large_string(type_)
        or types.is_string_view(type_)
    )


def is_number_list(type_: pa.DataType) -> bool:
    """Say whether a type holds lists of numbers, which may be vectors of one length."""
    types = pa.types
    is_list = types.is_list(type_) or types.is_large_list(type_)
    if not (is_list or types.is_fixed_size_list(type_)):
        return False
    inner = type_.value_type
    return bool(types.is_integer(inner) or types.is_floating(inner))


def decoded(array: pa.Array) -> pa.Array:
    """Give a dictionary-encoded array as its values, any other as it is."""
    if pa.types.is_dictionary(array.type):
        return array.dictionary_decode()
    return array


def numbers(array: pa.Array) -> NDArray[np.float64]:
    """Give a column of kind number as float64.

    Parameters
    ----------
    array
        Of any length. Durations and times of day become seconds.

    Returns
    -------
    ndarray
        Shape (n,), float64, NaN where the column is null. It may be a read-only
        view of the column's memory.
    """
    array = decoded(array)
    unit = 1.0
    if pa.types.is_duration(array.type) or pa.types.is_time(array.type):
        unit = NANOSECONDS[array.type.unit] / 1e9
        width = pa.int32() if pa.types.is_time32(array.type) else pa.int64()
        array = array.view(width)
    elif pa.types.is_decimal(array.type):
        array = pc.cast(array, pa.float64(), safe=False)
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    values = values.astype(np.float64, copy=False)
    return values if unit == 1.0 else values * unit


def whole_seconds(
    array: pa.Array,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Give a column of kind time as seconds since 1970, UTC.

    Parameters
    ----------
    array
        Timestamps or dates; those without a zone are taken as UTC.

    Returns
    -------
    tuple
        Of the values that are not null: whole seconds (rounded down), the fraction of
        a second in [0, 1), and, for all rows, whether the value is there.
    """
    array = decoded(array)
    present = ~np.asarray(array.is_null().to_numpy(zero_copy_only=False), dtype=bool)
    if array.null_count:
        array = array.drop_null()
    if pa.types.is_date32(array.type):
        days = array.view(pa.int32()).to_numpy(zero_copy_only=False).astype(np.int64)
        return days * 86_400, np.zeros(len(days)), present
    unit = "ms" if pa.types.is_date64(array.type) else array.type.unit
    ticks: NDArray[np.int64] = array.view(pa.int64()).to_numpy(zero_copy_only=False)
    per_second = 10**9 // NANOSECONDS[unit]
    whole = np.floor_divide(ticks, per_second)
    return whole, (ticks - whole * per_second) / per_second, present


def texts(array: pa.Array) -> pa.Array:
    """Give a column of kind text as large strings; bytes that are none come escaped."""
    plain = decoded(array).cast(pa.large_string())
    try:
        plain.validate(full=True)
    except pa.ArrowInvalid:
        escaped = [
            None if value is None else value.decode("utf-8", "backslashreplace")
            for value in plain.cast(pa.large_binary()).to_pylist()
        ]
        return pa.array(escaped, type=pa.large_string())
    return plain
