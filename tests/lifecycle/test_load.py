"""Loading: only what the reader trusts, never what the artifact says."""

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from scipy.sparse import csr_matrix, save_npz
from sklearn.cluster import Birch
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from nbmlops.api import Registry
from nbmlops.errors import NotAllowed, Tampered, Untrusted, UsageError
from nbmlops.registry.models.flavors.joblib import save as pickled
from nbmlops.registry.models.flavors.members import unpack
from nbmlops.registry.models.serialise import save
from nbmlops.registry.models.trust import trust_file, trust_toml
from nbmlops.registry.view import told
from tests.lifecycle.foreign import add_foreign, place_of, relabel
from tests.pickles import touching

X = np.random.default_rng(0).normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)
LINEAR = LogisticRegression().fit(X, Y)
TREE = DecisionTreeClassifier(random_state=0).fit(X, Y)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that exists once hostile code has run."""
    return tmp_path / "pwned"


@pytest.fixture
def nobody() -> None:
    """Forget what this user registered: read as somebody else."""
    trust_file().unlink(missing_ok=True)


def loads(registry: Registry) -> list[dict[str, Any]]:
    return [e.detail for e in registry.history() if e.verb == "load"]


def skops_file(schema: dict[str, Any], **members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", json.dumps({"protocol": 2, **schema}))
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def node(module: str, name: str, loader: str, content: Any = None) -> dict[str, Any]:
    return {
        "__module__": module,
        "__class__": name,
        "__loader__": loader,
        "__id__": abs(hash((module, name, loader))),
        "content": content,
    }


# --- whose word counts


def test_reviewed_types_load_for_anybody_and_leave_no_event(
    registry: Registry, nobody: None
) -> None:
    ref = add_foreign(registry, save(LINEAR).data)
    assert (registry.load(ref, trust=[ref]).predict(X) == LINEAR.predict(X)).all()
    assert loads(registry) == []  # nobody's word was needed


def test_compiled_trees_want_a_word_and_the_event_keeps_it(registry: Registry) -> None:
    ref = add_foreign(registry, save(TREE).data)
    with pytest.raises(Untrusted, match=r"delays/1: .*compiled.*sklearn\.tree\._tree"):
        registry.load(ref)
    assert loads(registry) == []
    assert (registry.load(ref, trust=[ref]).predict(X) == TREE.predict(X)).all()
    digest = hashlib.sha256(save(TREE).data).hexdigest()
    [detail] = loads(registry)
    assert detail["digest"] == digest
    assert detail["trust"] == [ref]
    assert not detail["refused"]
    assert registry.verify().ok


def test_a_digest_or_the_very_ref_asked_for_is_a_word_too(registry: Registry) -> None:
    ref = add_foreign(registry, save(TREE).data)
    digest = registry.get(ref).digest
    registry.alias(ref, "shadow")
    assert registry.load(ref, trust=digest)
    assert registry.load("delays@shadow", trust=["delays@shadow"])
    with pytest.raises(Untrusted):
        registry.load(ref, trust=["delays/2", digest[:12], "delays"])


@pytest.mark.parametrize("given", [True, 1, [True], {"a": 1}])
def test_trust_names_what_is_meant(registry: Registry, given: Any) -> None:
    ref = add_foreign(registry, save(TREE).data)
    with pytest.raises(UsageError, match="names what is meant"):
        registry.load(ref, trust=given)


def test_a_type_in_the_readers_file_loads_from_anybody(registry: Registry) -> None:
    ref = add_foreign(registry, save(TREE).data)
    trust_toml().write_text('[trust]\ntypes = ["sklearn.tree._tree.Tree"]\n')
    assert registry.load(ref)
    assert loads(registry) == []


def test_a_digest_in_the_readers_file_loads_whatever_it_is(registry: Registry) -> None:
    data = save(Birch().fit(X)).data
    ref = add_foreign(registry, data, flavor="joblib")
    digest = hashlib.sha256(data).hexdigest()
    trust_toml().write_text(f'[trust]\ndigests = ["{digest}"]\n')
    assert registry.load(ref)
    assert loads(registry) == []


def test_what_the_registry_holds_is_never_a_word(
    registry: Registry, add: Callable[..., Any], tmp_path: Path, nobody: None
) -> None:
    ref = add_foreign(registry, save(TREE).data)
    inside = registry.location / "trust.toml"
    inside.write_text('[trust]\ntypes = ["sklearn.tree._tree.Tree"]\n')
    (tmp_path / "nbmlops.toml").write_text(inside.read_text())
    with pytest.raises((Untrusted, UsageError)):
        registry.load(ref)


# --- the very bytes


def test_the_digest_is_checked_before_anything_is_read(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = add_foreign(registry, save(LINEAR).data)
    path = place_of(registry).artifacts.path(registry.get(ref).digest)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")

    def read(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("read before it was verified")

    monkeypatch.setattr("nbmlops.lifecycle.load.load_bytes", read)
    monkeypatch.setattr("nbmlops.lifecycle.vouching.check", read)
    with pytest.raises(Tampered, match="changed"):
        registry.load(ref, trust=[ref])


def test_bytes_exchanged_after_the_check_are_not_read(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, marker: Path
) -> None:
    ref = add_foreign(registry, save(LINEAR).data)
    artifacts = place_of(registry).artifacts
    path = artifacts.path(registry.get(ref).digest)
    get = type(artifacts).get

    def exchanged(self: Any, digest: str) -> bytes:
        data: bytes = get(self, digest)
        path.chmod(0o644)
        path.write_bytes(pickled(touching(marker)))
        return data

    monkeypatch.setattr(type(artifacts), "get", exchanged)
    assert (registry.load(ref).predict(X) == LINEAR.predict(X)).all()
    assert not marker.exists()


# --- hostile artifacts


def test_a_pickle_that_runs_a_command_does_not_run(
    registry: Registry, marker: Path
) -> None:
    ref = add_foreign(registry, pickled(touching(marker)), flavor="joblib")
    with pytest.raises(Untrusted, match="it is a pickle"):
        registry.load(ref)
    assert not marker.exists()


def test_a_scanner_rejects_even_what_is_vouched_for(
    registry: Registry, marker: Path
) -> None:
    ref = add_foreign(registry, pickled(touching(marker)), flavor="joblib")
    with pytest.raises(Untrusted, match=r"calls posix\.system: no model needs that"):
        registry.load(ref, trust=[ref])
    assert not marker.exists()
    [detail] = loads(registry)
    assert detail["refused"]
    assert detail["findings"] == ["calls posix.system"]


def test_a_pickle_labelled_as_skops_does_not_run(
    registry: Registry, marker: Path
) -> None:
    ref = add_foreign(registry, pickled(touching(marker)), flavor="skops")
    with pytest.raises(Untrusted, match="no sound zip"):
        registry.load(ref)
    assert not marker.exists()


def test_a_label_changed_in_the_table_does_not_make_it_run(
    registry: Registry, marker: Path
) -> None:
    ref = add_foreign(registry, pickled(touching(marker)), flavor="skops")
    relabel(registry, ref, flavor="joblib")
    with pytest.raises(Untrusted, match="it is a pickle"):
        registry.load(ref)
    assert not marker.exists()
    assert not registry.verify().ok


@pytest.mark.parametrize("flavor", ["cloudpickle", "", "../skops", "xgboost"])
def test_a_label_that_means_nothing_is_refused(registry: Registry, flavor: str) -> None:
    ref = add_foreign(registry, save(LINEAR).data, flavor=flavor)
    with pytest.raises(UsageError, match=r"no flavor|is no xgboost model"):
        registry.load(ref, trust=[ref])


@pytest.mark.parametrize(
    "schema",
    [
        node("os", "system", "FunctionNode"),
        node("builtins", "eval", "TypeNode"),
        node("subprocess", "Popen", "ObjectNode", node("builtins", "dict", "DictNode")),
        node("sklearn.utils._testing", "set_random_state", "FunctionNode"),
        node("sklearn.datasets._base", "load_files", "FunctionNode"),
    ],
)
def test_a_skops_file_with_a_hostile_type_is_refused(
    registry: Registry, schema: dict[str, Any]
) -> None:
    if schema["__loader__"] == "ObjectNode":
        keys = {"content": [], **node("builtins", "list", "ListNode")}
        schema["content"] |= {"content": {}, "key_types": keys}
        schema["content"]["key_types"]["content"] = []
    ref = add_foreign(registry, skops_file(schema))
    with pytest.raises(Untrusted, match=schema["__class__"]):
        registry.load(ref)


def test_an_estimator_that_skops_trusts_and_nobody_has_read_is_refused(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = add_foreign(registry, save(LINEAR).data)
    name = "sklearn.linear_model._logistic.LogisticRegression"
    reviewed = "nbmlops.registry.models.flavors.skops.reviewed_types"
    monkeypatch.setattr(reviewed, lambda: frozenset({"sklearn.dummy.DummyClassifier"}))
    with pytest.raises(Untrusted, match=f"nobody has reviewed: {name}"):
        registry.load(ref)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(registry: Registry) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * 50_000_000)
    ref = add_foreign(registry, buffer.getvalue())
    with pytest.raises(Untrusted, match=r"would unpack to 50,000,000: .*bomb"):
        registry.load(ref)


def test_a_bomb_inside_a_sparse_matrix_is_refused(registry: Registry) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.npy", b"\0" * 50_000_000)
    data = skops_file({}, **{"0.npz": inner.getvalue()})
    with pytest.raises(Untrusted, match="bomb"):
        registry.load(add_foreign(registry, data))


def test_sparse_indices_that_lie_outside_are_refused(registry: Registry) -> None:
    matrix = csr_matrix(np.eye(3))
    matrix.indices = np.array([0, 1, 10**9], dtype=np.int32)  # follows it, and crashes
    inner = io.BytesIO()
    save_npz(inner, matrix)
    schema = node("scipy.sparse._csr", "csr_matrix", "SparseMatrixNode")
    data = skops_file(
        {**schema, "type": "scipy", "file": "0.npz"}, **{"0.npz": inner.getvalue()}
    )
    with pytest.raises(Untrusted, match="indices must be < 3"):
        registry.load(add_foreign(registry, data))


@pytest.mark.parametrize("cut", [0, 10, -30])
def test_a_torn_file_is_refused_in_words(registry: Registry, cut: int) -> None:
    ref = add_foreign(registry, save(LINEAR).data[:cut])
    with pytest.raises(Untrusted, match="no sound"):
        registry.load(ref)


def test_a_file_without_its_parts_is_refused_in_words(registry: Registry) -> None:
    schema = unpack(save(LINEAR).data)["schema.json"]
    ref = add_foreign(registry, skops_file(json.loads(schema)))
    with pytest.raises(Untrusted, match="no sound skops file"):
        registry.load(ref)


# --- another scikit-learn


def environment(version: str) -> dict[str, Any]:
    return {"environment": {"packages": {"scikit_learn": version}}}


def test_another_minor_version_is_an_error_with_an_override(registry: Registry) -> None:
    ref = add_foreign(registry, save(LINEAR).data, **environment("1.5.2"))
    with pytest.raises(NotAllowed, match=r"written by scikit-learn 1\.5\.2, here is"):
        registry.load(ref)
    assert registry.load(ref, allow_version_mismatch=True)


def test_another_patch_is_a_warning(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "nbmlops.lifecycle.sklearn_version.sklearn.__version__", "1.5.2"
    )
    ref = add_foreign(registry, save(LINEAR).data, **environment("1.5.0"))
    with pytest.warns(UserWarning, match=r"scikit-learn 1\.5\.0, here is 1\.5\.2"):
        registry.load(ref)


def test_the_version_that_is_installed_passes_without_a_word(
    registry: Registry, add: Callable[..., Any]
) -> None:
    assert registry.load(add().ref)


# --- only here


def test_a_lambda_is_refused_with_what_to_do(registry: Registry) -> None:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    model = make_pipeline(FunctionTransformer(lambda x: x), LogisticRegression())
    with pytest.raises(UsageError, match=r"(?s)lambda.*Hint: .*into a module"):
        registry.register(model.fit(X, Y), "delays", train=(X, Y))
    assert not registry.location.exists()


def test_a_class_of_main_is_refused_by_name(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mine(LogisticRegression):  # type: ignore[misc]  # scikit-learn is untyped
        pass

    Mine.__module__, Mine.__qualname__ = "__main__", "Mine"
    monkeypatch.setattr(sys.modules["__main__"], "Mine", Mine, raising=False)
    with pytest.raises(UsageError, match=r"(?s)needs Mine.*Hint: move Mine into"):
        registry.register(Mine().fit(X, Y), "delays", train=(X, Y))


def test_old_joblib_files_still_load(registry: Registry) -> None:
    buffer = io.BytesIO()
    joblib.dump(Birch().fit(X), buffer)
    ref = add_foreign(registry, buffer.getvalue(), flavor="joblib")
    said = r"on your word: makes .*Birch.*\n.*do not use it, restart the kernel"
    with pytest.warns(UserWarning, match=said):
        loaded = registry.load(ref, trust=[ref])
    assert loaded.predict(X).shape == (60,)
    assert "loaded on the caller's word: makes" in told(registry.history()[0])
    assert "could not be read to its end" in loads(registry)[0]["findings"][-1]
