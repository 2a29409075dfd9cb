"""Keeping a folder from code that is run again: what would remove it is stopped.

A notebook often begins by removing what its last run left, its registry included. Run
again by `reproduce` that would remove what is being reproduced. It is a net under
mistakes: native code and other programs are not seen.
"""

import os
import sys
from pathlib import Path
from typing import Any

from nbmlops.errors import NotAllowed

_REMOVING = {"shutil.rmtree", "shutil.move", "os.remove", "os.rmdir", "os.rename"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def keep(folder: Path) -> None:
    """Stop this process from removing, moving or writing to a folder, until it ends.

    Parameters
    ----------
    folder
        What stands; a folder that holds it stands too.
    """
    kept = Path(os.path.realpath(folder))
    here = Path.cwd()
    named = folder.relative_to(here) if folder.is_relative_to(here) else folder

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _REMOVING and any(_reaches(kept, path) for path in arguments[:2]):
            raise NotAllowed(f"this would remove or move the registry {named}")
        if event == "open" and _is_write(arguments) and _is_in(kept, arguments[0]):
            raise NotAllowed(f"this would write to the registry {named}")

    sys.addaudithook(look)


def _reaches(kept: Path, path: object) -> bool:
    """Tell whether removing a path would take away something of the folder."""
    found = _real(path)
    return found is not None and (kept.is_relative_to(found) or _is_in(kept, path))


def _is_in(kept: Path, path: object) -> bool:
    found = _real(path)
    return found is not None and found.is_relative_to(kept)


def _is_write(arguments: tuple[Any, ...]) -> bool:
    return isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)


def _real(path: object) -> Path | None:
    """Resolve a path; numbers of open files and folders are not paths."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        return None
    return Path(os.path.realpath(os.fsdecode(path)))
