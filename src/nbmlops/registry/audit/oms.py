"""A version as a signed folder that tools of the OpenSSF Model Signing spec verify."""

import json
import shutil
from pathlib import Path
from typing import Any

from nbmlops.errors import AlreadyExists, NotFound, UsageError
from nbmlops.registry.audit import events
from nbmlops.registry.audit.signing import manifest
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion

SIGNATURE = "model.sig"
MANIFEST = "manifest.json"
HISTORY = "history.jsonl"


def export_oms(place: Place, ref: str, path: str | Path, *, key: str | Path) -> Path:
    """Write a version as a folder, signed as the OMS specification says.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version.
    path
        The folder; it must not be there yet.
    key
        A PEM file with an elliptic private key (P-256, P-384 or P-521): the
        specification's keys, which `nbmlops key` does not make.

    Returns
    -------
    Path
        The folder, absolute: the model's bytes, its manifest, its history, and
        `model.sig` over these.

    Raises
    ------
    AlreadyExists
        If there is something at `path`.
    NotFound
        If there is no such key.
    UsageError
        If it is no elliptic private key.
    """
    hashing, signing = _model_signing()
    folder, key_file = (Path(p).expanduser().resolve() for p in (path, key))
    if folder.exists():
        raise AlreadyExists(f"{folder} is there already", hint="name a new folder")
    if not key_file.is_file():
        made = "openssl ecparam -name prime256v1 -genkey -noout -out key.pem"
        raise NotFound("key", str(key_file), hint=f"{made} makes one")
    try:
        signer = signing.Config().use_elliptic_key_signer(private_key=key_file)
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"{key_file} cannot sign: {error}",
            hint="give an elliptic private key as PEM, without a passphrase",
        ) from None
    try:
        _write(place, ref, folder)
        unsigned = hashing.Config().set_ignored_paths(paths=[folder / SIGNATURE])
        signer.set_hashing_config(unsigned).sign(folder, folder / SIGNATURE)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _write(place: Place, ref: str, folder: Path) -> None:
    with place.catalog.reading() as unit:
        version = place.version_in(unit, ref)
        signed = manifest(unit, version)
        trail = [e for e in events.read_all(unit) if e.subject == version.ref]
    data = place.artifacts.get(version.digest)
    folder.mkdir(parents=True)
    (folder / _file_name(version)).write_bytes(data)
    text = json.dumps(signed, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
    lines = "".join(f"{event.to_json()}\n" for event in trail)
    (folder / HISTORY).write_text(lines, encoding="utf-8")


def _file_name(version: ModelVersion) -> str:
    return f"model.{version.flavor}"


def _model_signing() -> tuple[Any, Any]:
    try:
        from model_signing import hashing, signing
    except ImportError as error:
        raise UsageError(
            f"an OMS bundle needs the packages model-signing and pyOpenSSL ({error})",
            hint="pip install 'nbmlops[oms]'",
        ) from None
    return hashing, signing
