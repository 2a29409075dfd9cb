"""One byte sequence for one model: what skops writes, made independent of the process.

skops names members and nodes after object ids, keeps the order and times of writing,
and lists sets in hash order. Here ids are numbered by first appearance, immutable
scalars share none (whether equal ones are one object is chance), sets and attributes
are sorted, members are named and ordered by number and have a fixed time, and the
padding bytes of structured arrays, which are whatever was in memory, are zero.
"""

import io
import json
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, TypeAlias
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from numpy.lib.format import (
    read_array_header_1_0,
    read_array_header_2_0,
    read_magic,
)

Data: TypeAlias = bytes | bytearray | memoryview

SCHEMA = "schema.json"
_ID = "__id__"
_FILE = "file"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LONGEST_HEADER = 12_000  # numpy itself reads no header of more than 10,000 bytes


def canonical(schema: Any, members: Mapping[str, Data]) -> bytes:
    """Write a skops file so that the same model gives the same bytes.

    Parameters
    ----------
    schema
        The tree that skops makes of an object; it is renumbered in place.
    members
        The files that its nodes name.

    Returns
    -------
    bytes
        A skops file that loads to the same object.
    """
    names = _Renumbering()
    names.visit(schema)
    text = json.dumps(schema, separators=(",", ":"), ensure_ascii=False)
    # One member after the other: a large model is copied once, not held twice.
    renamed = (
        (new, _member(old, memoryview(members[old])))
        for old, new in names.files.items()
    )
    return _zip(chain([(SCHEMA, text.encode())], renamed))


class _Renumbering:
    """Walks the nodes in order, and gives each id and member its number."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self._ids: dict[int, int] = {}
        self._count = 0

    def visit(self, node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                self.visit(item)
            return
        if not isinstance(node, dict):
            return
        is_node = "__loader__" in node
        if is_node and node["__loader__"] == "SetNode":
            node["content"].sort(key=_without_ids)
        if is_node and node["__loader__"] == "ObjectNode":
            _sort_attributes(node)
        for key, value in node.items():
            if is_node and key == _FILE and isinstance(value, str):
                node[key] = self._file(value)
            elif not (is_node and key == _ID):
                self.visit(value)
        if is_node and _ID in node:
            node[_ID] = self._number(node)

    def _file(self, old: str) -> str:
        suffix = old.rpartition(".")[2]
        return self.files.setdefault(old, f"{len(self.files):06d}.{suffix}")

    def _number(self, node: dict[str, Any]) -> int:
        is_scalar = node["__loader__"] == "JsonNode"
        old = node[_ID]
        if is_scalar or old not in self._ids:
            self._count += 1
            if is_scalar:
                return self._count
            self._ids[old] = self._count
        return self._ids[old]


def _sort_attributes(node: dict[str, Any]) -> None:
    """Order attributes by name: fitting again leaves them in another order."""
    state = node.get("content")
    if isinstance(state, dict) and state.get("__loader__") == "DictNode":
        state["content"] = dict(sorted(state["content"].items()))


def _without_ids(node: Any) -> str:
    if isinstance(node, dict):
        node = {key: _without_ids(value) for key, value in node.items() if key != _ID}
    elif isinstance(node, list):
        node = [_without_ids(item) for item in node]
    return json.dumps(node, sort_keys=True)


def _member(name: str, data: memoryview) -> Data:
    if name.endswith(".npz"):
        with ZipFile(io.BytesIO(data)) as archive:
            return _zip((n, archive.read(n)) for n in sorted(archive.namelist()))
    # A header of a padded record names its gaps: '|V7'.
    if name.endswith(".npy") and b"'|V" in bytes(data[:1024]):
        return _without_padding(data)
    return data


def _without_padding(data: memoryview) -> Data:
    header = io.BytesIO(data[:_LONGEST_HEADER])
    major, _ = read_magic(header)
    read_header = read_array_header_1_0 if major == 1 else read_array_header_2_0
    _, _, dtype = read_header(header)
    if dtype.fields is None:
        return data
    is_padding = np.ones(dtype.itemsize, np.bool_)
    for kind, offset, *_ in dtype.fields.values():
        is_padding[offset : offset + kind.itemsize] = False
    clean = bytearray(data)
    records = np.frombuffer(clean, np.uint8)[header.tell() :]
    records.reshape(-1, dtype.itemsize)[:, is_padding] = 0
    return clean


def _zip(members: Iterable[tuple[str, Data]]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", compression=ZIP_STORED) as archive:
        for name, data in members:
            archive.writestr(ZipInfo(name, date_time=_EPOCH), data)
    return buffer.getvalue()
