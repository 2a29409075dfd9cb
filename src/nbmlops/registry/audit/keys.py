"""The reader's own signing key: made on demand, kept outside of every registry."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbmlops.errors import AlreadyExists, NotFound, UsageError
from nbmlops.host import typed
from nbmlops.registry.models.trust import trust_file, trust_toml

KEY_FILE = "signing-key.pem"
_SCHEME = "ed25519:"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key to sign with.

    Attributes
    ----------
    public
        What others list in their `trust.toml`: "ed25519:...".
    path
        Where the private half lies, readable by its owner only.
    """

    public: str
    path: Path

    def to_dict(self) -> dict[str, Any]:
        """Return the public half and the path as plain values."""
        return {"public": self.public, "path": str(self.path)}

    def __repr__(self) -> str:
        return (
            f"{self.public}\n"
            f"  the private half is in {self.path}: keep it to yourself\n"
            f'  who trusts you lists it in {trust_toml().name}: keys = ["..."]'
        )

    def sign(self, data: bytes) -> str:
        """Sign bytes; as base64."""
        return base64.b64encode(_private(self.path).sign(data)).decode()


def key_file() -> Path:
    """Return where this user's signing key is, or would be: beside the trust file."""
    return trust_file().with_name(KEY_FILE)


def make_key() -> SigningKey:
    """Make this user's signing key.

    Returns
    -------
    SigningKey
        It is on the disk, without a passphrase: its folder is the user's own.

    Raises
    ------
    AlreadyExists
        If there is one: what it signed would have a stranger's signature.
    """
    serialization, ed25519 = _cryptography()
    path = key_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise AlreadyExists(
            f"there is a signing key in {path}",
            hint="it stays; to begin with another one, move it away first",
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return own_key()


def own_key() -> SigningKey:
    """Read this user's signing key.

    Returns
    -------
    SigningKey
        The one that `make_key` made.

    Raises
    ------
    NotFound
        If there is none.
    """
    path = key_file()
    if not path.exists():
        raise NotFound("signing key", str(path), hint=f"{typed('key --new')} makes one")
    serialization, _ = _cryptography()
    public = _private(path).public_key()
    raw = public.public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    return SigningKey(_SCHEME + base64.b64encode(raw).decode(), path)


def fits(public: str, signature: str, data: bytes) -> bool:
    """Tell whether a signature over bytes was made with a key's private half."""
    from cryptography.exceptions import InvalidSignature

    _, ed25519 = _cryptography()
    try:
        raw = base64.b64decode(public.removeprefix(_SCHEME), validate=True)
        if not public.startswith(_SCHEME):
            return False
        key = ed25519.Ed25519PublicKey.from_public_bytes(raw)
        key.verify(base64.b64decode(signature, validate=True), data)
    except (ValueError, InvalidSignature):
        return False
    return True


def can_check() -> bool:
    """Tell whether the package is here that signatures need."""
    try:
        _cryptography()
    except UsageError:
        return False
    return True


def short(public: str) -> str:
    """Name a key in a sentence."""
    return f"{public[: len(_SCHEME) + 12]}\N{HORIZONTAL ELLIPSIS}"


def _private(path: Path) -> Any:
    """Read an Ed25519PrivateKey."""
    serialization, ed25519 = _cryptography()
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"{path} is no signing key: {error}", hint="bring it back from a copy"
        ) from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise UsageError(
            f"{path} is a key of another kind than Ed25519",
            hint=f"move it away, then {typed('key --new')}",
        )
    return key


def _cryptography() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise UsageError(
            "signatures need the package cryptography",
            hint="pip install 'nbmlops[signing]'",
        ) from None
    return serialization, ed25519
