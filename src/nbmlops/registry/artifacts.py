"""Content-addressed bytes: written once under their SHA-256, never changed."""

import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from nbmlops.errors import Tampered
from nbmlops.registry.faults import OpenedReadOnly, as_errors

if sys.platform != "win32":
    import fcntl

_WORTH_A_THREAD = 1_000_000  # bytes; hashing fewer takes less than to start one
_PART = 1 << 23  # bytes that are compared at a time
_FROM_A_COPY = "bring it back from a copy of the folder"


class Artifacts:
    """The folder `artifacts/sha256/ab/abcd...` of a registry."""

    def __init__(self, registry: Path, *, is_read_only: bool = False) -> None:
        self._registry = registry
        self._is_read_only = is_read_only
        self._folder = registry / "artifacts" / "sha256"

    def path(self, digest: str) -> Path:
        """Return where the bytes of a digest lie."""
        return self._folder / digest[:2] / digest

    def put(self, data: bytes) -> str:
        """Keep bytes; they are on the disk when this returns.

        Parameters
        ----------
        data
            The bytes.

        Returns
        -------
        str
            Their SHA-256 in hex, the key to `get`.
        """
        self._must_be_writable()
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if not self._holds(path, data):
            with as_errors(self._registry), self._written(path, data) as temporary:
                temporary.replace(path)
        return digest

    @contextmanager
    def putting(self, data: bytes) -> Iterator[Callable[[], str]]:
        """Hash and write bytes in the background, while keeping them is still open.

        Parameters
        ----------
        data
            The bytes.

        Yields
        ------
        callable
            Keeps them, as `put` does. Without that call nothing stays.
        """
        self._must_be_writable()
        if len(data) < _WORTH_A_THREAD:
            yield lambda: self.put(data)
            return
        # The pool ends first: what is still being written then is cleared away after.
        with ExitStack() as stack, ThreadPoolExecutor(1) as pool:

            def write() -> tuple[str, Path | None]:
                digest = hashlib.sha256(data).hexdigest()
                path = self.path(digest)
                if self._holds(path, data):
                    return digest, None
                return digest, stack.enter_context(self._written(path, data))

            writing = pool.submit(write)

            def keep() -> str:
                with as_errors(self._registry):
                    digest, temporary = writing.result()
                    if temporary is not None:
                        temporary.replace(self.path(digest))
                # What was there when this began may have been removed since.
                return digest if _made_young(self.path(digest)) else self.put(data)

            yield keep

    def _must_be_writable(self) -> None:
        if self._is_read_only:
            raise OpenedReadOnly(self._registry)

    def _holds(self, path: Path, data: bytes) -> bool:
        """Tell whether the bytes are there already, still those; make them young."""
        try:
            with path.open("rb") as file:
                is_same = path.stat().st_size == len(data) and all(
                    file.read(_PART) == data[at : at + _PART]
                    for at in range(0, len(data), _PART)
                )
        except OSError:
            return False
        return is_same and _made_young(path)

    @contextmanager
    def _written(self, path: Path, data: bytes) -> Iterator[Path]:
        """Write a temporary file beside its place; it is gone afterwards."""
        made = [p for p in (path.parent, *path.parents) if not p.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f".{path.name[:8]}.{secrets.token_hex(6)}"
        try:
            with temporary.open("xb") as file:
                _claim(file)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                if sys.platform == "win32":
                    file.close()  # an open file cannot be renamed there
                yield temporary
        finally:
            temporary.unlink(missing_ok=True)
            for folder in made:
                with suppress(OSError):
                    folder.rmdir()  # only if nothing was kept in it

    def get(self, digest: str) -> bytes:
        """Return the bytes of a digest.

        Parameters
        ----------
        digest
            SHA-256 in hex.

        Returns
        -------
        bytes
            The very bytes that were hashed.

        Raises
        ------
        Tampered
            If they are gone or are not those that were put.
        """
        path = self.path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise Tampered(_gone(path), hint=_FROM_A_COPY) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise Tampered(_changed(path), hint=_FROM_A_COPY)
        return data

    def check(self, digest: str) -> None:
        """Re-hash the bytes of a digest, however many, and keep none of them.

        Parameters
        ----------
        digest
            SHA-256 in hex.

        Raises
        ------
        Tampered
            If they are gone, cannot be read, or are not those that were put.
        """
        path = self.path(digest)
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise Tampered(_gone(path), hint=_FROM_A_COPY) from None
        except OSError as error:
            said = f"the artifact {path} cannot be read: {error.strerror}"
            raise Tampered(said, hint=_FROM_A_COPY) from None
        if found != digest:
            raise Tampered(_changed(path), hint=_FROM_A_COPY)

    def digests(self) -> set[str]:
        """List the digests of all that is kept."""
        return {p.name for p in self._folder.glob("??/*") if len(p.name) == 64}

    def leftovers(self) -> list[Path]:
        """List temporary files that a crash left behind."""
        return [p for p in self._folder.glob("??/.*") if p.is_file()]

    def abandoned(self) -> list[Path]:
        """List the temporary files whose writers are gone."""
        found: list[Path] = []
        for path in self.leftovers():
            with suppress(OSError), path.open("rb") as file:
                _claim(file)
                found.append(path)
        return found

    def discard(self, digest: str) -> None:
        """Remove the bytes of a digest, if they are there."""
        path = self.path(digest)
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()  # only if nothing else is kept in it


def text_of(data: bytes) -> str | None:
    """Read bytes as text; None where they are none (UTF-8, and no NUL in it)."""
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None


def _claim(file: IO[bytes]) -> None:
    """Lock a temporary file for as long as it is open: a killed writer lets go."""
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _made_young(path: Path) -> bool:
    """Let a clean-up leave what is about to be named; tell whether it is there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    except OSError:  # of another user's file
        return path.exists()
    return True


def _gone(path: Path) -> str:
    return f"the artifact {path.name[:12]} is gone from {path.parent.parent}"


def _changed(path: Path) -> str:
    return f"the artifact {path} was changed: its digest is not {path.name[:12]}"
