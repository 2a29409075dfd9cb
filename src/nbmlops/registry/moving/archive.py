"""Zips with a manifest: written with fixed bytes, read as if an enemy had sent them."""

import hashlib
import json
import os
import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from nbmlops.display.text import shorten
from nbmlops.errors import (
    AlreadyExists,
    NbmlopsError,
    NotAllowed,
    Tampered,
    UsageError,
)

FORMAT = 1
MANIFEST = "manifest.json"

_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o644
_UNIX = 3
_DEFLATED = (".json", ".jsonl", ".duckdb")  # models and profiles are compact already
_CHUNK = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")
# What zipfile, zlib and json raise on bytes that nobody wrote so, and we on the others.
_UNSOUND = (
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an archive may hold.

    Attributes
    ----------
    members
        How many.
    bytes
        Of all members together.
    manifest_bytes
        Of the manifest, which is read at once.
    times
        How many times larger than its file: what deflates better was made to.
    """

    members: int = 200_000
    bytes: int = 2**40
    manifest_bytes: int = 2**26
    times: int = 100


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Member:
    """One file to be written: its name, and how it is opened when it is due."""

    name: str
    open: Callable[[], IO[bytes]]


class Archive:
    """A zip of which every member has been measured and hashed."""

    def __init__(self, path: Path, file: ZipFile, manifest: Mapping[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self._file = file

    @property
    def names(self) -> frozenset[str]:
        """The members, without the manifest."""
        return frozenset(self.manifest["members"])

    def digest(self, name: str) -> str:
        """SHA-256 of a member."""
        return str(self.manifest["members"][name]["sha256"])

    def extract(self, name: str, path: Path) -> None:
        """Write a member to a new file; Tampered as in `read`."""
        with sound(self.path), self._file.open(name) as member, path.open("xb") as file:
            digest, _ = _copy(member, file)
            if digest != self.digest(name):
                raise ValueError(f"{name} is not what its manifest says")

    def read(self, name: str) -> bytes:
        """Read a member; Tampered if it is not what was hashed when it was opened."""
        with sound(self.path):
            data = self._file.read(name)
            if hashlib.sha256(data).hexdigest() != self.digest(name):
                raise ValueError(f"{name} is not what its manifest says")
        return data


def write_archive(
    path: Path, kind: str, facts: Mapping[str, Any], members: Iterable[Member]
) -> None:
    """Write a zip: the same members give the same bytes.

    Parameters
    ----------
    path
        A file that does not exist yet; nothing is there before all of it is.
    kind
        What it is, for the reader: "export".
    facts
        What else the manifest says.
    members
        In the order in which they are written.

    Raises
    ------
    AlreadyExists
        If there is such a file.
    UsageError
        If it cannot be written.
    """
    if path.exists():
        raise AlreadyExists(
            f"{path} is there already", hint="name another file, or remove that one"
        )
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("xb") as file:
            _write(file, kind, facts, members)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint="name another file"
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def opened(
    path: Path, kind: str, *, names: re.Pattern[str], limits: Limits | None = None
) -> Iterator[Archive]:
    """Open a zip of any origin, once all of it is known to be what it says.

    Nothing is written: members are measured, then read in pieces and hashed.

    Parameters
    ----------
    path
        The file.
    kind
        What it should be.
    names
        What its members may be called, all of it: so no name leads out of anywhere.
    limits
        Another size than usual is too large.

    Yields
    ------
    Archive
        While the file is open.

    Raises
    ------
    UsageError
        If there is no such file, or it is no zip.
    """
    if not path.is_file():
        raise UsageError(
            f"there is no file {path}", hint=f"name the .zip that {kind} wrote"
        )
    try:
        file = ZipFile(path)
    except _UNSOUND as error:
        hint = f"name the .zip that {kind} wrote"
        raise UsageError(f"{path} is no zip: {error}", hint=hint) from None
    with file:
        with sound(path):
            manifest = _checked(path, file, kind, names, limits or LIMITS)
        yield Archive(path, file, manifest)


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """Turn what reading a file of any origin raises into one error.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    None
        While it is read.

    Raises
    ------
    Tampered
        If it is not what it should be.
    """
    try:
        yield
    except _UNSOUND as error:
        if isinstance(error, NbmlopsError):
            raise  # two of ours are a ValueError and a LookupError too
        raise Tampered(
            f"{path} is refused: {shorten(str(error) or repr(error), 200)}",
            hint="nothing was changed; ask where it comes from for another copy",
        ) from None


class _Foreign(UsageError):
    """A zip that something else wrote."""

    def __init__(self, path: Path, kind: str, why: str) -> None:
        super().__init__(
            f"{path} is no {kind} of nbmlops: {why}",
            hint="import reads what export wrote, recover what backup wrote",
        )


def _write(
    file: IO[bytes], kind: str, facts: Mapping[str, Any], members: Iterable[Member]
) -> None:
    listed: dict[str, dict[str, Any]] = {}
    with ZipFile(file, "w") as archive:
        for member in members:
            with member.open() as source, _added(archive, member.name) as target:
                digest, size = _copy(source, target)
            listed[member.name] = {"sha256": digest, "size": size}
        manifest = {"format": FORMAT, "kind": kind, **facts, "members": listed}
        text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
        with _added(archive, MANIFEST) as target:
            target.write(text.encode())


def _added(archive: ZipFile, name: str) -> IO[bytes]:
    info = ZipInfo(name, date_time=_EPOCH)
    info.create_system = _UNIX
    info.external_attr = (stat.S_IFREG | _PLAIN_FILE) << 16
    info.compress_type = ZIP_DEFLATED if name.endswith(_DEFLATED) else ZIP_STORED
    return archive.open(info, "w", force_zip64=True)


def _copy(source: IO[bytes], target: IO[bytes] | None = None) -> tuple[str, int]:
    """Hash bytes in pieces, and write them if there is where to; digest and count."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest(), size


def _checked(
    path: Path, file: ZipFile, kind: str, names: re.Pattern[str], limits: Limits
) -> Mapping[str, Any]:
    if MANIFEST not in file.namelist():
        raise _Foreign(path, kind, f"it has no {MANIFEST}")
    _measure(path, file, kind, names, limits)
    manifest = _manifest(path, file, kind)
    members = manifest["members"]
    if odd := sorted(set(file.namelist()) ^ {MANIFEST, *members}):
        raise ValueError(f"manifest and members differ in {odd[0]!r}")
    for name, said in members.items():
        with file.open(name) as member:
            if _copy(member) != (said["sha256"], said["size"]):
                raise ValueError(f"{name} is not what its manifest says")
    return manifest


def _measure(
    path: Path, file: ZipFile, kind: str, names: re.Pattern[str], limits: Limits
) -> None:
    """Refuse what is too much, what leads elsewhere and what is no plain file."""
    members = file.infolist()
    if len(members) > limits.members:
        raise ValueError(f"it has {len(members):,} members")
    seen: set[str] = set()
    for info in members:
        name = info.orig_filename
        if name != MANIFEST and not names.fullmatch(name):
            raise ValueError(f"it holds {name!r}, which no {kind} has")
        if name in seen:
            raise ValueError(f"it holds {name!r} twice")
        seen.add(name)
        if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
            raise ValueError(f"{name!r} is a link or no plain file")
        if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise ValueError(f"{name!r} is compressed in an unknown way")
        if name == MANIFEST and info.file_size > limits.manifest_bytes:
            raise ValueError(f"its manifest has {info.file_size:,} bytes")
    size, packed = sum(info.file_size for info in members), path.stat().st_size
    if size > min(limits.bytes, limits.times * packed):
        raise ValueError(f"its {packed:,} bytes would unpack to {size:,}")


def _manifest(path: Path, file: ZipFile, kind: str) -> Mapping[str, Any]:
    found = json.loads(file.read(MANIFEST))
    if not isinstance(found, dict):
        raise ValueError(f"{MANIFEST} is no object")
    if "format" not in found:
        raise _Foreign(path, kind, f"its {MANIFEST} is another program's")
    if found.get("format") != FORMAT:
        raise NotAllowed(
            f"{path} is of format {found.get('format')!r}; this nbmlops knows {FORMAT}",
            hint="pip install --upgrade nbmlops",
        )
    if found.get("kind") != kind:
        raise _Foreign(path, kind, f"it says to be of kind {found.get('kind')!r}")
    members = found.get("members")
    if not isinstance(members, dict) or not all(map(_is_listed, members.values())):
        raise ValueError(f"{MANIFEST} does not list its members")
    return found


def _is_listed(said: object) -> bool:
    return (
        isinstance(said, dict)
        and isinstance(said.get("size"), int)
        and bool(_DIGEST.fullmatch(str(said.get("sha256"))))
    )
