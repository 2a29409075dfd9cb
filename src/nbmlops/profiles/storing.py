"""Profiles as bytes: compact, versioned, the same for the same profile.

The layout: eight bytes of magic, two of version, then, deflated, the length of a JSON
header (four bytes), the header, and the arrays one after another. Numbers are little
endian; masses that are whole are stored as the smallest integers that hold them.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nbmlops.errors import Tampered, UsageError
from nbmlops.profiles.cells import Cells
from nbmlops.profiles.columns import (
    BooleanColumn,
    ColumnProfile,
    NumberColumn,
    OtherColumn,
    TextColumn,
    TimeColumn,
    frozen,
)
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.profiles.vector_column import VectorColumn

if TYPE_CHECKING:
    from nbmlops.profiles.profile import Profile

MAGIC = b"NBMLPROF"
VERSION = 2
_FIRST_VERSION_OF = {"vector": 2, "free text": 2}  # the other kinds are in the first
MOST_BYTES = 1 << 30
_DEFLATED = b"\x78\x9c"  # level 6: some other levels would read as well
_KINDS: dict[str, type[ColumnProfile]] = {
    "number": NumberColumn,
    "text": TextColumn,
    "boolean": BooleanColumn,
    "time": TimeColumn,
    "vector": VectorColumn,
    "free text": FreeTextColumn,
    "other": OtherColumn,
}
_STORED_TYPES = ("<u1", "<u2", "<u4", "<f8")


def written(profile: "Profile") -> bytes:
    """Write a profile as bytes."""
    blobs: list[bytes] = []
    header = {
        "rows": profile.rows,
        "mass": profile.mass,
        "mass_squares": profile.mass_squares,
        "weight": profile.weight,
        "time": profile.time,
        "columns": [
            [name, _plain(column, blobs)] for name, column in profile.columns.items()
        ],
    }
    text = json.dumps(
        header, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()
    body = struct.pack("<I", len(text)) + text + b"".join(blobs)
    version = _version(profile.columns)
    return MAGIC + struct.pack("<H", version) + zlib.compress(body, 6)


def _version(columns: Mapping[str, ColumnProfile]) -> int:
    """Give the first version that holds such columns, so that older readers do."""
    kinds = {str(column.kind) for column in columns.values()}
    return max((_FIRST_VERSION_OF.get(kind, 1) for kind in kinds), default=1)


def read(data: bytes) -> dict[str, Any]:
    """Read a profile from bytes.

    Parameters
    ----------
    data
        What `written` gave.

    Returns
    -------
    dict
        The fields of the Profile that was written.

    Raises
    ------
    UsageError
        When a newer version of nbmlops wrote it.
    Tampered
        When it is not a profile, or not a whole one.
    """
    start = len(MAGIC) + 2
    version = int.from_bytes(data[len(MAGIC) : start], "little")
    if data[: len(MAGIC)] != MAGIC or version < 1:
        raise Tampered("these bytes are not a profile", hint="look where they are from")
    if version > VERSION:
        raise UsageError(
            f"the profile is of format {version}, this nbmlops reads up to {VERSION}",
            hint="upgrade: pip install --upgrade nbmlops",
        )
    try:
        return _fields(_unpacked(data[start:]), version)
    except (
        zlib.error,
        struct.error,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        RecursionError,
    ) as error:
        raise Tampered(
            "the profile's bytes are damaged", hint="profile the frame again"
        ) from error


def _unpacked(data: bytes) -> bytes:
    if data[:2] != _DEFLATED:
        raise ValueError("not what was written")
    unpacker = zlib.decompressobj()
    body = unpacker.decompress(data, MOST_BYTES)
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("cut off, or followed by something")
    return body


def _fields(body: bytes, version: int) -> dict[str, Any]:
    length = struct.unpack_from("<I", body)[0]
    header = json.loads(body[4 : 4 + length].decode())
    arrays = _Reader(body, 4 + length)
    columns = {name: _column(plain, arrays) for name, plain in header["columns"]}
    if arrays.at != len(body) or version != _version(columns):
        raise ValueError("bytes left over, or not the version that holds these")
    return {
        "rows": int(header["rows"]),
        "mass": float(header["mass"]),
        "mass_squares": float(header["mass_squares"]),
        "columns": MappingProxyType(columns),
        "weight": header["weight"],
        "time": header["time"],
    }


def _plain(column: Any, blobs: list[bytes]) -> dict[str, Any]:
    """Give the fields as JSON, arrays moved to the blobs in the order of fields."""
    plain: dict[str, Any] = {}
    for field in fields(column):
        value = getattr(column, field.name)
        if field.name == "cells" and value.has_grid_of(column.raw):
            plain[field.name] = {"cells": None}  # a copy of the raw ones
        elif isinstance(value, Cells):
            plain[field.name] = {"cells": _plain(value, blobs)}
        elif isinstance(value, NumberColumn):
            plain[field.name] = {"column": _plain(value, blobs)}
        elif isinstance(value, np.ndarray):
            plain[field.name] = _stored(field.name, value, blobs)
        elif isinstance(value, Mapping):
            masses = np.array(list(value.values()), dtype=np.float64)
            plain[field.name] = {
                "labels": list(value),
                "mass": _stored("mass", masses, blobs),
            }
        else:
            plain[field.name] = value
    return plain


def _stored(name: str, array: NDArray[Any], blobs: list[bytes]) -> dict[str, Any]:
    shown = array
    if name == "codes" or array.dtype == np.uint32:  # ascending: small steps
        shown = np.diff(array.astype(np.int64), prepend=0)
    type_ = _stored_type(shown)
    blobs.append(np.ascontiguousarray(shown, dtype=type_).tobytes())
    return {"array": type_, "length": len(array), "of": array.dtype.str}


def _stored_type(array: NDArray[Any]) -> str:
    if array.dtype.kind == "f" and not np.array_equal(array, np.rint(array)):
        return "<f8"
    if len(array) and (array.min() < 0 or array.max() >= 2**32):
        return "<f8"
    most = array.max() if len(array) else 0
    return "<u1" if most < 2**8 else "<u2" if most < 2**16 else "<u4"


class _Reader:
    """Takes the arrays from the body, in the order in which they were written."""

    def __init__(self, body: bytes, at: int) -> None:
        self._body = body
        self.at = at

    def array(self, plain: dict[str, Any], name: str) -> NDArray[Any]:
        """Take the next array."""
        if plain["array"] not in _STORED_TYPES or plain["of"] not in _ARRAY_TYPES:
            raise ValueError("unknown type")
        type_ = np.dtype(plain["array"])
        end = self.at + int(plain["length"]) * type_.itemsize
        if not self.at <= end <= len(self._body):
            raise ValueError("cut off")
        stored = np.frombuffer(self._body[self.at : end], dtype=type_)
        self.at = end
        if name == "codes" or plain["of"] == "<u4":
            stored = np.cumsum(stored, dtype=np.int64)
            if len(stored) and stored[-1] > np.iinfo(plain["of"]).max:
                raise ValueError("out of range")
        return stored.astype(plain["of"])


_ARRAY_TYPES = ("<f8", "<u2", "<u4", "|u1")


def _column(plain: dict[str, Any], arrays: _Reader) -> ColumnProfile:
    return _KINDS[plain["kind"]](**_values(plain, arrays))


def _values(plain: dict[str, Any], arrays: _Reader) -> dict[str, Any]:
    values: dict[str, Any] = {}
    copies: list[str] = []
    for name, value in plain.items():
        if not isinstance(value, dict):
            values[name] = value
        elif value.get("cells", value) is None:
            copies.append(name)
        elif "cells" in value:
            values[name] = Cells(**_values(value["cells"], arrays))
        elif "column" in value:
            values[name] = _column(value["column"], arrays)
        elif "labels" in value:
            masses = arrays.array(value["mass"], "mass")
            values[name] = frozen(
                dict(zip(value["labels"], masses.tolist(), strict=True))
            )
        else:
            values[name] = arrays.array(value, name)
    return values | {name: values["raw"] for name in copies}
