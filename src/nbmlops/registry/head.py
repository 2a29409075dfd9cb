"""The head file: number and hash of the newest event, where watchers look."""

import os
from pathlib import Path

from nbmlops.errors import Tampered

HEAD = "head"


def write_head(folder: Path, seq: int, digest: str) -> None:
    """Put the newest event's number and hash into the file, atomically."""
    temporary = folder / f".{HEAD}.{os.getpid()}"
    temporary.write_text(f"{seq} {digest}\n", encoding="utf-8")
    temporary.replace(folder / HEAD)


def read_head(folder: Path) -> tuple[int, str] | None:
    """Read the head file.

    Parameters
    ----------
    folder
        The registry's folder.

    Returns
    -------
    tuple or None
        Sequence and hash; None if there is no such file.

    Raises
    ------
    Tampered
        If the file says something else.
    """
    try:
        text = (folder / HEAD).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    seq, _, digest = text.strip().partition(" ")
    if not seq.isdecimal() or len(digest) != 64:
        raise Tampered(
            f"{folder / HEAD} is not a head: {text[:80]!r}",
            hint="bring back the folder from a copy",
        )
    return int(seq), digest
