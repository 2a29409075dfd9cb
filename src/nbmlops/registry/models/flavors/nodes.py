"""How a skops file may make what it names: as skops writes it, and in no other way.

That a type is on a list says that it is harmless with attributes of its own. skops
asks no more than the name: any listed class or function passes in any node, and several
kinds of node call what they name with what the file gives. So each kind may make only
what skops makes with it, and nothing made may have attributes that other code goes by.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np

from nbmlops.registry.models.reviewed import OWN_TYPES

_SKLEARN = "sklearn."
# The nodes that call what they name, and what skops writes them for.
_CALLED = {
    "DictNode": ("builtins.dict", "collections.OrderedDict"),
    "ListNode": ("builtins.list",),
    "RandomGeneratorNode": ("numpy.random._generator.Generator",),
    "RandomStateNode": ("numpy.random.mtrand.RandomState",),
    "SetNode": ("builtins.set",),
}
_BUNCH = "sklearn.utils._bunch.Bunch"
_LOSSES = ("sklearn._loss._loss.", "sklearn.linear_model._sgd_fast.")
_KEY_TYPES = ("builtins", "numpy")


def nodes_in(schema: Any) -> Iterator[dict[str, Any]]:
    """List all nodes of a file, by our own reading of it."""
    left = [schema]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if "__class__" in value or "__loader__" in value:
                yield value
            left += value.values()
        elif isinstance(value, list):
            left += value


def name_of(node: dict[str, Any]) -> str:
    """Return what a node names, with its module."""
    return f"{node.get('__module__')}.{node.get('__class__')}"


def check_nodes(schema: Any, *, vouched: frozenset[str]) -> None:
    """Refuse nodes that skops would not have written.

    Parameters
    ----------
    schema
        What the file's `schema.json` holds; all that it names was looked up already.
    vouched
        What the reader trusts, however it is made.

    Raises
    ------
    ValueError
        If there is such a node.
    """
    kinds: dict[Any, tuple[Any, ...]] = {}
    keys: set[int] = set()
    nodes = list(nodes_in(schema))
    for node in nodes:
        _check_content(node, vouched)
        if node["__loader__"] == "DictNode":
            keys.add(id(node["key_types"]))
    for node in nodes:
        # skops takes the first node of an id for all others.
        kind = (node["__loader__"], name_of(node), id(node) in keys)
        if kinds.setdefault(node.get("__id__", id(node)), kind) != kind:
            raise ValueError(f"two nodes are number {node['__id__']}")


def _check_content(node: dict[str, Any], vouched: frozenset[str]) -> None:
    loader, name = node["__loader__"], name_of(node)
    if loader == "JsonNode":
        if isinstance(json.loads(node["content"]), (dict, list)):
            raise ValueError("a JSON value that is no single one")
    elif loader == "DictNode":
        _check_keys(node)
    elif loader == "SparseMatrixNode" and not str(node["file"]).endswith(".npz"):
        raise ValueError(f"a sparse matrix in {node['file']}")
    if name in vouched:
        return
    if not _may_make(loader, name):
        raise ValueError(f"a {loader} that calls {name}")
    if loader == "ObjectNode":
        _check_attributes(node, name)


def _may_make(loader: str, name: str) -> bool:
    if loader == "ObjectNode":
        return name.startswith(_SKLEARN) or name in OWN_TYPES
    if loader == "LossNode":
        return name.startswith(_LOSSES)
    if loader == "NdArrayNode":
        module, _, attribute = name.rpartition(".")
        kind = getattr(np, attribute, None) if module == "numpy" else None
        return isinstance(kind, type) and issubclass(kind, (np.ndarray, np.generic))
    if loader == "ConstructorFromReduceNode":  # of no reviewed type
        return False
    if loader == "DictNode" and name == _BUNCH:
        return True
    return loader not in _CALLED or name in _CALLED[loader]


def _check_keys(node: dict[str, Any]) -> None:
    """Refuse keys that others go by: `__array_interface__` holds an address."""
    for key in node["content"]:
        if key.startswith("__") and key.endswith("__"):
            raise ValueError(f"an attribute {key}")
    types = node["key_types"]
    if types["__loader__"] != "ListNode" or any(
        kind["__loader__"] != "TypeNode" or kind["__module__"] not in _KEY_TYPES
        for kind in types["content"]
    ):
        raise ValueError("keys of a type that no key has")


def _check_attributes(node: dict[str, Any], name: str) -> None:
    """Refuse attributes that take the place of a class's own methods."""
    content = node.get("content")
    if content is None or content["__loader__"] == "JsonNode":
        return
    if content["__loader__"] != "DictNode":
        raise ValueError(f"attributes of {name} that are no dictionary")
    module, _, attribute = name.rpartition(".")
    made = getattr(import_module(module), attribute)
    for key in content["content"]:
        if callable(getattr(made, key, None)):
            raise ValueError(f"an attribute in the place of {name}.{key}")
