"""skops files that name only reviewed types, and put them to another use."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix, save_npz
from sklearn.linear_model import LinearRegression

from nbmlops.errors import Untrusted
from nbmlops.registry.models.flavors.members import pack, unpack
from nbmlops.registry.models.serialise import load, save

X = np.random.default_rng(0).normal(size=(20, 3))
MODEL = save(LinearRegression().fit(X, X[:, 0])).data
ASARRAY = "scipy._lib.array_api_compat.numpy._aliases.asarray"


def node(loader: str, name: str, content: Any = None, **more: Any) -> dict[str, Any]:
    module, _, attribute = name.rpartition(".")
    named = {"__module__": module, "__class__": attribute, "__loader__": loader}
    return {**named, "content": content, **more}


def plain(value: Any) -> dict[str, Any]:
    return node("JsonNode", "builtins.str", json.dumps(value), is_json=True)


def many(*items: Any) -> dict[str, Any]:
    return node("TupleNode", "builtins.tuple", list(items))


def mapping(items: dict[str, Any], name: str = "builtins.dict") -> dict[str, Any]:
    types = [node("TypeNode", "builtins.str")] * len(items)
    keys = node("ListNode", "builtins.list", types)
    return node("DictNode", name, items, key_types=keys)


def scaler(**attributes: Any) -> dict[str, Any]:
    name = "sklearn.preprocessing._data.StandardScaler"
    return node("ObjectNode", name, mapping(attributes))


def with_attribute(key: str, value: dict[str, Any], **members: bytes) -> bytes:
    """A linear regression that has one attribute more."""
    parts = unpack(MODEL)
    schema = json.loads(parts["schema.json"])
    state = schema["content"]
    state["content"][key] = value
    state["key_types"]["content"].append(node("TypeNode", "builtins.str"))
    return pack({**parts, "schema.json": json.dumps(schema).encode(), **members})


def address() -> dict[str, Any]:
    """An array of whatever lies at an address: reading it crashes the process."""
    data = many(plain(16), plain(False))
    described = {"shape": many(plain(3)), "typestr": plain("<f8"), "data": data}
    return scaler(__array_interface__=mapping({**described, "version": plain(3)}))


HOSTILE: dict[str, Callable[[], dict[str, Any]]] = {
    "an attribute __array_interface__": address,
    "a ConstructorFromReduceNode that calls .*asarray": lambda: node(
        "ConstructorFromReduceNode", ASARRAY, many(plain(1))
    ),
    "a ListNode that calls .*LinearRegression": lambda: node(
        "ListNode", "sklearn.linear_model._base.LinearRegression", []
    ),
    "a SetNode that calls numpy.mean": lambda: node("SetNode", "numpy.mean", []),
    "a DictNode that calls .*csr_matrix": lambda: mapping(
        {}, "scipy.sparse._csr.csr_matrix"
    ),
    "a LossNode that calls numpy.dtype": lambda: node(
        "LossNode", "numpy.dtype", mapping({}), __reduce__={"args": many(plain("O"))}
    ),
    "a NdArrayNode that calls numpy.mean": lambda: node(
        "NdArrayNode", "numpy.mean", [], type="json", shape=many(plain(0))
    ),
    # Its indices, which scipy follows blindly, would be checked by nobody.
    "a ObjectNode that calls .*csr_matrix": lambda: node(
        "ObjectNode", "scipy.sparse._csr.csr_matrix", mapping({})
    ),
    "in the place of .*StandardScaler.transform": lambda: scaler(
        transform=node("FunctionNode", "numpy.mean")
    ),
    "that are no dictionary": lambda: node(
        "ObjectNode", "sklearn._loss.link.LogLink", many(plain("__array_interface__"))
    ),
    "a JSON value that is no single one": lambda: plain({"__array_interface__": 1}),
    "keys of a type that no key has": lambda: {
        **mapping({"a": plain(1)}),
        "key_types": node("ListNode", "builtins.list", [scaler()]),
    },
    "two nodes are number 7": lambda: many(
        {**scaler(), "__id__": 7}, {**plain("x"), "__id__": 7}
    ),
}


@pytest.mark.parametrize("reason", HOSTILE)
def test_what_skops_would_not_have_written_is_refused(reason: str) -> None:
    with pytest.raises(Untrusted, match=f"no sound skops file: .*{reason}"):
        load(with_attribute("note", HOSTILE[reason]()), "skops")


def test_keys_cannot_be_exchanged_by_their_number() -> None:
    """skops would take the callables for the types of the keys."""
    callables = node("ListNode", "builtins.list", [scaler()], __id__=7)
    keyed = mapping({"a": plain(1)})
    keyed["key_types"]["__id__"] = 7
    with pytest.raises(Untrusted, match="two nodes are number 7"):
        load(with_attribute("note", many(callables, keyed)), "skops")


def test_a_sparse_matrix_is_checked_whatever_its_member_is_called() -> None:
    matrix = csr_matrix(np.eye(3))
    matrix.indices = np.array([0, 1, 10**9], dtype=np.int32)
    inner = io.BytesIO()
    save_npz(inner, matrix)
    name = "scipy.sparse._csr.csr_matrix"
    sparse = node("SparseMatrixNode", name, type="scipy", file="9.bin")
    data = with_attribute("coef_", sparse, **{"9.bin": inner.getvalue()})
    with pytest.raises(Untrusted, match=r"a sparse matrix in 9\.bin"):
        load(data, "skops")


def test_a_type_that_the_reader_vouches_for_may_be_made_in_any_way() -> None:
    name = "sklearn.gaussian_process.kernels.RBF"
    data = with_attribute(
        "note", node("ConstructorFromReduceNode", name, many(plain(2.0)))
    )
    with pytest.raises(Untrusted, match="ConstructorFromReduceNode"):
        load(data, "skops")
    assert load(data, "skops", types=frozenset({name})).note.length_scale == 2.0


def test_the_file_that_these_are_made_from_loads() -> None:
    loaded = load(with_attribute("note", plain("x")), "skops")
    assert loaded.note == "x"
    assert loaded.predict(X).shape == (20,)
