"""What the file system and DuckDB say, as errors that a user can act on."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from nbmlops.errors import NbmlopsError, NotAllowed, RegistryBusy, Tampered
from nbmlops.host import call, option, other_registry

_FILE = "registry.duckdb"


class OpenedReadOnly(NotAllowed):
    """A change to a registry that was opened for reading only."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} was opened for reading only",
            hint=f"leave out {option('read_only', True)} to change it",
        )


@contextmanager
def as_errors(folder: Path) -> Iterator[None]:
    """Turn what the file system and DuckDB say into errors a user can act on."""
    try:
        yield
    except NbmlopsError:
        raise
    except PermissionError as error:
        raise NotAllowed(
            f"no permission to write in {error.filename or folder}",
            hint=f"ask for write permission, or take another: {other_registry()}",
        ) from None
    except OSError as error:
        if error.errno == errno.EROFS:
            raise NotAllowed(
                f"{folder} lies on a read-only disk: it can be read, not changed",
                hint="copy the folder to a disk that can be written",
            ) from None
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise _no_room(folder) from None
        raise
    except RuntimeError as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from None  # how DuckDB passes a stop button on
        raise
    except duckdb.Error as error:
        raise _from_duckdb(error, folder) from error


def _no_room(folder: Path) -> NbmlopsError:
    return NbmlopsError(
        f"no room left on the disk of {folder}; nothing was changed",
        hint="free some space, then run it again",
    )


def _from_duckdb(error: duckdb.Error, folder: Path) -> Exception:
    text = str(error)
    if "Conflicting lock" in text:
        holder = text.partition("held in ")[2].partition(". See")[0]
        return RegistryBusy(
            f"{folder / _FILE} is open in another program: {holder}",
            hint=f"close it there; {call('catalog')} gives the tables as frames",
        )
    if "Unique file handle conflict" in text or "already attached" in text:
        return RegistryBusy(
            f"{folder / _FILE} is open in this kernel through duckdb.connect()",
            hint=f"close that connection; {call('catalog')} gives the tables as frames",
        )
    if "No space left" in text or "File too large" in text or "disk full" in text:
        return _no_room(folder)
    if "not a valid DuckDB" in text or "checksum" in text.lower():
        return Tampered(
            f"{folder / _FILE} is damaged: {text.splitlines()[0]}",
            hint="bring back a copy of the folder from before",
        )
    if "Permission denied" in text or "Read-only file system" in text:
        return NotAllowed(
            f"no permission to write {folder / _FILE}",
            hint=f"ask for write permission, or take another: {other_registry()}",
        )
    if "newer version" in text or "storage version" in text.lower():
        return NotAllowed(
            f"{folder / _FILE} was written by a newer DuckDB",
            hint="pip install --upgrade duckdb",
        )
    return error
