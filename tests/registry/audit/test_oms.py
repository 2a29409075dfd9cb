"""An exported folder that the OMS tools verify, and that shows every change."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nbmlops.errors import AlreadyExists, NotFound, UsageError
from nbmlops.registry.audit.oms import HISTORY, MANIFEST, SIGNATURE, export_oms
from nbmlops.registry.place import Place
from tests.registry.conftest import ARTIFACT


@pytest.fixture
def verifying() -> Any:
    pytest.importorskip("OpenSSL", reason="pip install 'nbmlops[oms]'")
    return pytest.importorskip("model_signing.verifying")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """An elliptic key; its public half lies beside it as key.pub."""
    private = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "key.pem"
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.with_suffix(".pub").write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return path


def test_a_bundle_verifies_and_shows_a_changed_file(
    filled: Place, key: Path, tmp_path: Path, verifying: Any
) -> None:
    folder = export_oms(filled, "delays/1", tmp_path / "bundle", key=key)
    names = {path.name for path in folder.iterdir()}
    assert names == {HISTORY, MANIFEST, SIGNATURE, "model.skops"}
    assert (folder / "model.skops").read_bytes() == ARTIFACT
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["ref"] == "delays/1"
    config = verifying.Config().use_elliptic_key_verifier(
        public_key=key.with_suffix(".pub")
    )
    config.verify(folder, folder / SIGNATURE)
    (folder / "model.skops").write_bytes(b"another model")
    with pytest.raises(ValueError, match=r"model\.skops"):
        config.verify(folder, folder / SIGNATURE)


def test_what_cannot_be_signed_leaves_nothing(
    filled: Place, key: Path, tmp_path: Path, verifying: Any
) -> None:
    folder = tmp_path / "bundle"
    with pytest.raises(NotFound, match="no key"):
        export_oms(filled, "delays/1", folder, key=tmp_path / "none.pem")
    key.write_text("no key at all")
    with pytest.raises(UsageError, match="cannot sign"):
        export_oms(filled, "delays/1", folder, key=key)
    assert not folder.exists()


def test_a_folder_that_is_there_stays_as_it_is(
    filled: Place, key: Path, tmp_path: Path, verifying: Any
) -> None:
    with pytest.raises(AlreadyExists, match="is there already"):
        export_oms(filled, "delays/1", tmp_path, key=key)


def test_without_the_packages_it_is_said_what_is_needed(
    filled: Place, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "model_signing", None)
    with pytest.raises(UsageError, match="needs the packages model-signing") as said:
        export_oms(filled, "delays/1", tmp_path / "bundle", key=key)
    assert "nbmlops[oms]" in said.value.hint
