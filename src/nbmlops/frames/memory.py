"""Columns that are in memory as Python or numpy values, converted to Arrow."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from nbmlops.errors import UsageError
from nbmlops.frames.source import Source, refuse_bad_columns, table_source

MIXED_TYPES_NAMED = 4


def pandas_source(frame: pd.DataFrame, what: str) -> Source:
    """Open a pandas frame; its index is not read."""
    names = [str(name) for name in frame.columns]
    refuse_bad_columns(names, what)
    return columns_source(
        {name: frame.iloc[:, at] for at, name in enumerate(names)}, "pandas frame"
    )


def mapping_source(columns: Mapping[Any, Any], what: str) -> Source:
    """Open a mapping of names to arrays of one length.

    Returns
    -------
    Source
        One column per name.

    Raises
    ------
    UsageError
        When the lengths differ, or a value is not one-dimensional.
    """
    names = [str(name) for name in columns]
    refuse_bad_columns(names, what)
    series: dict[str, Any] = {}
    for name, values in zip(names, columns.values(), strict=True):
        if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
            raise UsageError(
                f"column {name!r} of the {what} is one {type(values).__name__}, "
                "not an array",
                hint="pass a list or an array of values for each column",
            )
        series[name] = (
            values
            if isinstance(values, (pa.Array, pa.ChunkedArray))
            else _one_dimensional(values, name, what)
        )
    lengths = {name: len(values) for name, values in series.items()}
    if len(set(lengths.values())) > 1:
        raise UsageError(
            f"the columns of the {what} differ in length: "
            + ", ".join(f"{name} {length}" for name, length in lengths.items()),
            hint="pass arrays of one length",
        )
    return columns_source(series, "mapping of arrays")


def numpy_source(array: np.ndarray[Any, Any], what: str) -> Source:
    """Open a numpy array: structured by its fields, two-dimensional as x0, x1, ...

    Returns
    -------
    Source
        One column per field, or per column of the array.

    Raises
    ------
    UsageError
        When it is neither.
    """
    if array.dtype.names and array.ndim == 1:
        names = array.dtype.names
        refuse_bad_columns(names, what)
        return columns_source(
            {name: pd.Series(array[name]) for name in names}, "numpy array"
        )
    if array.ndim != 2:
        raise UsageError(
            f"the {what} is a numpy array of {array.ndim} dimensions, not 2",
            hint="rows by columns: array.reshape(-1, 1) for a single column",
        )
    return columns_source(dict(numpy_columns(array, what)), "numpy array")


def numpy_columns(
    array: np.ndarray[Any, Any], what: str
) -> dict[str, "pd.Series[Any]"]:
    """Name the columns of a two-dimensional array x0, x1, ..."""
    names = [f"x{at}" for at in range(array.shape[1])]
    refuse_bad_columns(names, what)
    return {name: pd.Series(array[:, at]) for at, name in enumerate(names)}


def columns_source(columns: Mapping[str, Any], description: str) -> Source:
    """Make a source of pandas series and Arrow arrays, converted one by one."""
    arrays: list[pa.Array | pa.ChunkedArray] = []
    mixed: dict[str, str] = {}
    for name, values in columns.items():
        if isinstance(values, (pa.Array, pa.ChunkedArray)):
            arrays.append(values)
            continue
        array, types = arrow_column(values)
        arrays.append(array)
        if types:
            mixed[name] = types
    table = pa.Table.from_arrays(arrays, names=list(columns))
    return table_source(table, description, mixed)


def arrow_column(
    series: "pd.Series[Any]",
) -> tuple[pa.Array | pa.ChunkedArray, str]:
    """Convert one pandas column.

    Parameters
    ----------
    series
        Of any dtype.

    Returns
    -------
    tuple
        The Arrow column, and "" or the Python types of a column that has no one type:
        such a column comes as text, one value at a time.
    """
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _categories(series)
    if isinstance(dtype, pd.PeriodDtype):
        return arrow_column(series.dt.to_timestamp())
    if isinstance(dtype, pd.IntervalDtype):
        return arrow_column(series.astype(str).where(series.notna()))
    if isinstance(dtype, pd.SparseDtype):
        return arrow_column(pd.Series(np.asarray(series)))
    if isinstance(dtype, np.dtype) and dtype.kind in "OcVU":
        return _objects(series.astype(object))
    if isinstance(dtype, np.dtype) and dtype.kind == "f":
        floats = series.to_numpy()
        if dtype.itemsize > 8 or not dtype.isnative:
            floats = floats.astype(np.float64)
        return pa.array(np.ascontiguousarray(floats)), ""
    try:
        return pa.array(series, from_pandas=True), ""
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _objects(series.astype(object))


def _categories(
    series: "pd.Series[Any]",
) -> tuple[pa.Array | pa.ChunkedArray, str]:
    categories, types = arrow_column(pd.Series(series.cat.categories))
    if isinstance(categories, pa.ChunkedArray):
        categories = categories.combine_chunks()
    codes = series.cat.codes.to_numpy()
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, categories), types


def _objects(series: "pd.Series[Any]") -> tuple[pa.Array, str]:
    """Convert a column of Python objects by the types that are really in it."""
    values = series.to_numpy(dtype=object)
    absent = np.asarray(pd.isna(series), dtype=bool)
    present = values[~absent]
    types = set(map(type, present))
    try:
        if not types:
            return pa.nulls(len(values)), ""
        if _all(types, Real, Decimal) and not _any(types, bool, np.bool_):
            return _reals(present, absent, types), ""
        if _all(types, date, np.datetime64) and types != {date}:
            return pa.array(pd.to_datetime(series, utc=True), from_pandas=True), ""
        if len({_family(type_) for type_ in types}) == 1:
            return pa.array(values, mask=absent, from_pandas=True), ""
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        pass
    texts = np.full(len(values), None, dtype=object)
    texts[~absent] = [_text(value) for value in present]
    named = "" if _all(types, str) else _listed(types)
    return pa.array(texts, type=pa.string(), mask=absent), named


def _reals(
    present: np.ndarray[Any, Any], absent: np.ndarray[Any, Any], types: set[type]
) -> pa.Array:
    if _all(types, int, np.integer):
        try:
            whole = np.zeros(len(absent), dtype=np.int64)
            whole[~absent] = present.astype(np.int64)
            return pa.array(whole, mask=absent)
        except OverflowError:
            pass  # beyond 64 bits: as near as a float comes
    reals = np.full(len(absent), np.nan)
    reals[~absent] = present.astype(np.float64)
    return pa.array(reals, mask=absent)


def _text(value: object) -> str:
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def _one_dimensional(values: Any, name: str, what: str) -> "pd.Series[Any]":
    try:
        return pd.Series(values).reset_index(drop=True)
    except (ValueError, TypeError):
        raise UsageError(
            f"column {name!r} of the {what} is not one-dimensional",
            hint="pass one array per column",
        ) from None


def _all(types: set[type], *bases: type) -> bool:
    return all(issubclass(type_, bases) for type_ in types)


def _any(types: set[type], *bases: type) -> bool:
    return any(issubclass(type_, bases) for type_ in types)


def _family(type_: type) -> type:
    """Fold numpy's and Python's type of one thing into one."""
    for base in (bool, str, bytes, list, dict):
        if issubclass(type_, base):
            return base
    return bool if issubclass(type_, np.bool_) else type_


def _listed(types: set[type]) -> str:
    """Name types in words: "int and str", "float, int and str"."""
    names = sorted({type_.__name__ for type_ in types})
    if len(names) > MIXED_TYPES_NAMED:
        more = len(names) - MIXED_TYPES_NAMED
        names = [*names[:MIXED_TYPES_NAMED], f"{more} more"]
    if len(names) == 1:
        return names[0]
    return ", ".join(names[:-1]) + " and " + names[-1]
