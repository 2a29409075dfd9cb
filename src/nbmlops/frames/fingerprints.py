"""Fingerprints of rows and digests of frames: the same data, the same number."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nbmlops.frames.kinds import decoded, kind_of, numbers, texts, whole_seconds
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source

EXACT_INTEGERS = 2**53  # beyond it a float64 does not hold every integer
_NULL = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def fingerprint_rows(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """Give each row a number that depends on its values and their columns' names.

    Parameters
    ----------
    frame
        Its index is not read, nor the order of its columns. 1 and 1.0 are the same,
        as are the ways to write null. The other rows make no difference.

    Returns
    -------
    ndarray
        Shape (n,), uint64, the same in every process.
    """
    source = open_frame(frame)
    total = np.zeros(len(frame), dtype=np.uint64)
    table = pa.Table.from_batches(source.batches(), schema=source.schema)
    for name in source.columns:
        column = table.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks)
        salt = np.uint64(int.from_bytes(_digest(name.encode())[:8], "little"))
        total += _mixed(_column_hashes(column, source.kinds[name]) ^ salt)
    return total


def content_digest(frame: Any, *, what: str = "frame") -> str:
    """Give the SHA-256 of a frame's column names, kinds and rows, in order.

    Parameters
    ----------
    frame
        Any frame that `open_frame` takes: the same rows give the same digest in
        pandas, Arrow, or files of any number and row groups. Read in batches.
    what
        What the frame is called in messages.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    source = open_frame(frame, what=what)
    columns = {name: _ColumnDigest() for name in source.columns}
    rows = 0
    for batch in source.batches():
        rows += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            columns[name].update(column, source.kinds[name])
    whole = hashlib.sha256(f"{rows} rows".encode())
    for name, digest in columns.items():
        whole.update(_digest(name.encode()))
        whole.update(_digest(_shown_kind(source, name).encode()))
        whole.update(digest.digest())
    return whole.hexdigest()


class _ColumnDigest:
    """The digest of one column, the same however its rows are cut into batches."""

    def __init__(self) -> None:
        self._nulls = hashlib.sha256()
        self._values = hashlib.sha256()
        self._lengths = hashlib.sha256()
        self._rows = 0

    def update(self, array: pa.Array, kind: str) -> None:
        """Add the next rows."""
        if kind == "number":
            values = numbers(array)
            self._nulls.update(np.isnan(values).tobytes())
            self._values.update(_one_zero(values).tobytes())
            lost = _lost_in_float(array)
            at = np.flatnonzero(lost)
            self._lengths.update(np.column_stack([at + self._rows, lost[at]]).tobytes())
            self._rows += len(array)
        elif kind == "time":
            whole, fraction, present = whole_seconds(array)
            self._nulls.update((~present).tobytes())
            self._values.update(whole.tobytes())
            self._lengths.update(fraction.tobytes())
        elif kind == "boolean":
            filled = pc.fill_null(pc.cast(array, pa.int8()), 2)
            self._values.update(filled.to_numpy(zero_copy_only=False).tobytes())
        else:
            self._update_text(_as_text(array))

    def _update_text(self, array: pa.Array) -> None:
        self._nulls.update(
            array.is_null().to_numpy(zero_copy_only=False).astype(bool).tobytes()
        )
        array = pc.fill_null(array, "")
        lengths = pc.binary_length(array).to_numpy(zero_copy_only=False)
        self._lengths.update(lengths.astype(np.int64).tobytes())
        data = array.buffers()[2]
        if data is not None and len(array):
            offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)
            first = offsets[array.offset]
            last = offsets[array.offset + len(array)]
            self._values.update(memoryview(data)[first:last])

    def digest(self) -> bytes:
        """Give the digest of all rows so far."""
        return _digest(
            self._nulls.digest() + self._values.digest() + self._lengths.digest()
        )


def _column_hashes(array: pa.Array, kind: str) -> NDArray[np.uint64]:
    if kind == "number":
        values = _one_zero(numbers(array))
        lost = _mixed(_lost_in_float(array).view(np.uint64))  # 0 stays 0
        hashes = values.view(np.uint64) ^ lost
        hashes[np.isnan(values)] = _NULL
        return _mixed(hashes)
    if kind == "time":
        whole, fraction, present = whole_seconds(array)
        hashes = np.full(len(present), _NULL)
        hashes[present] = _mixed(whole.view(np.uint64)) ^ fraction.view(np.uint64)
        return _mixed(hashes)
    if kind == "boolean":
        filled = pc.fill_null(pc.cast(array, pa.uint8()), 2)
        values = filled.to_numpy(zero_copy_only=False)
        return _mixed(values.astype(np.uint64) + np.uint64(1))
    encoded = _as_text(array).dictionary_encode()
    words = encoded.dictionary.to_numpy(zero_copy_only=False).astype(object)
    table = np.append(pd.util.hash_array(words, categorize=False), _NULL)
    indices = pc.fill_null(encoded.indices, len(words))
    return np.asarray(table[indices.to_numpy(zero_copy_only=False)])


def _as_text(array: pa.Array) -> pa.Array:
    """Give text as it is, anything else as its values are written."""
    if kind_of(array.type) == "text":
        return texts(array)
    if pa.types.is_null(array.type):
        return array.cast(pa.large_string())
    written = [None if value is None else str(value) for value in array.to_pylist()]
    return pa.array(written, type=pa.large_string())


def _lost_in_float(array: pa.Array) -> NDArray[np.int64]:
    """Give what each integer exceeds its nearest float64 by: 0 up to 2**53."""
    array = decoded(array)
    lost = np.zeros(len(array), dtype=np.int64)
    if array.type not in (pa.int64(), pa.uint64()):
        return lost
    integers = pc.fill_null(array, 0).to_numpy(zero_copy_only=False)
    floats = integers.astype(np.float64)
    large = np.flatnonzero(np.abs(floats) >= EXACT_INTEGERS)
    # So large a float is even; the nearest one may itself be no 64-bit integer.
    half = (floats[large] / 2).astype(integers.dtype)
    lost[large] = (integers[large] - half - half).astype(np.int64)
    return lost


def _one_zero(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make minus zero zero, and every NaN the same NaN."""
    values = values + 0.0
    values[np.isnan(values)] = np.nan
    return values


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits (the finaliser of SplitMix64; Steele, Lea, Flood 2014)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * _FIRST
    hashes = (hashes ^ (hashes >> np.uint64(27))) * _SECOND
    return np.asarray(hashes ^ (hashes >> np.uint64(31)))


def _shown_kind(source: Source, name: str) -> str:
    return source.mixed.get(name, source.kinds[name])


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
