"""One byte sequence for one model: what skops writes, made independent of the process.

skops names members and nodes after object ids, keeps the order and times of writing,
and lists sets in hash order. Here ids are numbered by first appearance, immutable
scalars share none (whether equal ones are one object is chance), sets and attributes
are sorted, members are named and ordered by number and have a fixed time, and the
padding bytes of structured arrays, which are whatever was in memory, are zero.
"""

import io
import json
import struct
from collections.abc import Mapping
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np

_SCHEMA = "schema.json"
_ID = "__id__"
_FILE = "file"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def canonical(data: bytes) -> bytes:
    """Rewrite a skops file so that the same model gives the same bytes.

    Parameters
    ----------
    data
        What `skops.io.dumps` returned.

    Returns
    -------
    bytes
        A skops file that loads to the same object.
    """
    with ZipFile(io.BytesIO(data)) as source:
        schema = json.loads(source.read(_SCHEMA))
        names = _Renumbering()
        names.visit(schema)
        members = {
            new: _member(old, _stored(data, source.getinfo(old)))
            for old, new in names.files.items()
        }
    text = json.dumps(schema, separators=(",", ":"), ensure_ascii=False)
    return _zip({_SCHEMA: text.encode(), **members})


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


def _stored(data: bytes, member: ZipInfo) -> memoryview:
    """Give a member's bytes as they lie: `read` would copy and check all of them."""
    lengths = data[member.header_offset + 26 : member.header_offset + 30]
    start = member.header_offset + 30 + sum(struct.unpack("<HH", lengths))
    return memoryview(data)[start : start + member.file_size]


def _member(name: str, data: memoryview) -> bytes | memoryview:
    if name.endswith(".npz"):
        with ZipFile(io.BytesIO(data)) as archive:
            return _zip({n: archive.read(n) for n in sorted(archive.namelist())})
    # A header of a padded record names its gaps: '|V7'.
    if name.endswith(".npy") and b"'|V" in bytes(data[:1024]):
        return _without_padding(data)
    return data


def _without_padding(data: memoryview) -> bytes | memoryview:
    array = np.load(io.BytesIO(data), allow_pickle=False)
    if array.dtype.names is None:
        return data
    clean = np.zeros(array.shape, array.dtype)
    for field in array.dtype.names:
        clean[field] = array[field]
    buffer = io.BytesIO()
    np.save(buffer, clean, allow_pickle=False)
    return buffer.getvalue()


def _zip(members: Mapping[str, bytes | memoryview]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", compression=ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(ZipInfo(name, date_time=_EPOCH), data)
    return buffer.getvalue()
