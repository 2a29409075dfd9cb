"""Signed manifests: what does not fit is Tampered, whatever the tables say."""

import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed448

from nbmlops.errors import AlreadyExists, NotAllowed, NotFound, Tampered, UsageError
from nbmlops.registry.audit import events, keys
from nbmlops.registry.audit.keys import fits, key_file, make_key, own_key
from nbmlops.registry.audit.signing import bad_signatures, sign, sign_head, signers
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.place import Place
from tests.registry.audit.test_events import edit
from tests.registry.conftest import add_version


@pytest.fixture
def signed(filled: Place) -> Place:
    """A place whose delays/1 is signed by this user."""
    make_key()
    sign(filled, "delays/1")
    return filled


def test_a_key_is_made_once_and_is_its_owners_own() -> None:
    with pytest.raises(NotFound, match="no signing key"):
        own_key()
    key = make_key()
    assert key.public.startswith("ed25519:")
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert own_key() == key
    with pytest.raises(AlreadyExists, match="there is a signing key"):
        make_key()
    assert own_key() == key


def test_a_signature_fits_its_key_and_its_bytes_only() -> None:
    key = make_key()
    signature = key.sign(b"model")
    assert fits(key.public, signature, b"model")
    assert not fits(key.public, signature, b"another")
    assert not fits(key.public, "bm8=", b"model")
    assert not fits("ed25519:bm8=", signature, b"model")
    assert not fits(f"rsa:{key.public[8:]}", signature, b"model")
    assert not fits(key.public.removeprefix("ed25519:"), signature, b"model")
    assert not fits(key.public, f"!{signature}", b"model")
    assert not fits("ed25519:no base64!", "no base64!", b"model")


def test_a_file_that_is_no_key_is_said(tmp_path: Path) -> None:
    key_file().write_text("hello")
    with pytest.raises(UsageError, match="is no signing key"):
        own_key()


def test_a_key_of_another_kind_is_said() -> None:
    pem = ed448.Ed448PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key_file().write_bytes(pem)
    with pytest.raises(UsageError, match="of another kind than Ed25519"):
        own_key()


def test_signing_is_an_event_that_names_what_was_signed(signed: Place) -> None:
    version = signed.version("delays/1")
    assert signers(signed, version) == {own_key().public}
    assert signers(signed, signed.version("delays/2")) == frozenset()
    with signed.catalog.reading() as unit:
        (detail,) = unit.rows("select detail from event where verb = 'sign'")
    assert version.digest in detail[0]
    found = verify(signed)
    assert (found.problems, found.events) == ((), 5)


def test_a_version_is_signed_once_by_one_key(signed: Place) -> None:
    with pytest.raises(NotAllowed, match="is signed by this key already"):
        sign(signed, "delays/1")
    key_file().unlink()
    other = make_key()
    sign(signed, "delays/1")
    assert len(signers(signed, signed.version("delays/1"))) == 2
    assert other.public in signers(signed, signed.version("delays/1"))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update model_version set digest = repeat('0', 64)", "its digest is not what"),
        ("update model_version set size = 11", "its size is not what"),
        (
            "update model_version set document = replace(document, 'skops', 'joblib')",
            "its flavor is not what",
        ),
        (
            "update model_version set document = "
            'replace(document, \'"columns": []\', \'"columns": [{"name": "a", '
            '"kind": "number"}]\')',
            "its signature is not what",
        ),
        (
            "update model_version set document = "
            'replace(document, \'"environment": {}\', \'"environment": {"a": "b"}\')',
            "its environment is not what",
        ),
        (
            "update model_version set document = replace(document, "
            '\'"datasets": []\', \'"datasets": [{"role": "train", "digest": "d"}]\')',
            "its datasets is not what",
        ),
        ("update event set hash = repeat('0', 64) where seq = 2", "event 2 is not the"),
        (
            "update manifest_signature set manifest = replace(manifest, 'skops', 'x')",
            "does not fit",
        ),
        ("update manifest_signature set signature = 'bm8='", "does not fit"),
    ],
)
def test_what_does_not_fit_is_tampered(
    signed: Place, statement: str, words: str
) -> None:
    edit(signed, statement)
    with pytest.raises(Tampered, match=words):
        signers(signed, signed.version("delays/1"))


def test_what_is_signed_is_whole(filled: Place) -> None:
    make_key()
    version = filled.version("delays/1")
    filled.artifacts.path(version.digest).write_bytes(b"another model")
    with pytest.raises(Tampered, match="was changed"):
        sign(filled, "delays/1")


def test_a_signed_manifest_shows_a_chain_computed_anew(signed: Place) -> None:
    """The one who edits cannot sign again: the signed hash stays as it was."""
    edit(
        signed,
        "update event set detail = replace(detail, 'skops', 'joblib') where seq = 2",
    )
    assert not any("signed one: the chain" in p for p in verify(signed).problems)
    edit(signed, "update event set hash = repeat('1', 64) where seq = 2")
    assert any("signed one: the chain" in p for p in verify(signed).problems)


def test_a_signature_that_was_replaced_in_the_trail_shows(signed: Place) -> None:
    with signed.catalog.reading() as unit:
        trail = events.read_all(unit)
    assert list(bad_signatures(trail)) == []
    forged = {**trail[-1].detail, "signature": own_key().sign(b"something else")}
    trail[-1] = replace(trail[-1], detail=forged)
    problem = "event 5 (sign delays/1): the signature does not fit"
    assert list(bad_signatures(trail)) == [problem]


def test_a_signed_head_is_signed_as_a_head_and_nothing_else(signed: Place) -> None:
    seq, digest, key, signature = sign_head(signed).split()
    text = f'{{"format":"nbmlops head 1","head":"{seq} {digest}"}}'
    assert fits(key, signature, text.encode())


def test_a_signed_head_is_looked_for_and_its_signature_checked(signed: Place) -> None:
    head = sign_head(signed)
    add_version(signed.catalog)
    assert verify(signed, head=head).ok
    seq, rest = head.split(maxsplit=1)
    with pytest.raises(UsageError, match="signature of the noted head"):
        verify(signed, head=f"{int(seq) - 1} {rest}")
    edit(signed, "delete from event where seq >= 5")
    assert any("cut off" in p for p in verify(signed, head=head).problems)


def test_without_the_package_it_is_said_that_nothing_was_checked(
    signed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("cryptography")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert not keys.can_check()
    with pytest.raises(UsageError, match="need the package cryptography") as missing:
        own_key()
    assert "nbmlops[signing]" in missing.value.hint
    with pytest.warns(UserWarning, match="is signed, which cannot be checked"):
        assert signers(signed, signed.version("delays/1")) == frozenset()
    assert verify(signed).ok
