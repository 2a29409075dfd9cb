"""The head file: number and hash of the newest event, where watchers look."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from nbmlops.errors import Tampered, UsageError

HEAD = "head"
_NOTED = re.compile(
    r"(?:(?P<seq>[0-9]+)\s+)?(?P<hash>[0-9a-f]{64})"
    r"(?:\s+(?P<key>ed25519:\S+)\s+(?P<signature>\S+))?"
)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head "SEQ HASH" with the signature of it by a key."""

    head: str
    key: str
    signature: str


@dataclass(frozen=True, slots=True)
class NotedHead:
    """A head that was kept elsewhere; with number and signature, or without."""

    seq: int | None
    hash: str
    signed: SignedHead | None = None


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


def head_text(folder: Path) -> str:
    """Read the head file as it is, to tell whether anybody wrote; "" without one."""
    try:
        return (folder / HEAD).read_text(encoding="utf-8")
    except OSError:
        return ""


def noted_head(text: str) -> NotedHead:
    """Read a head that somebody noted.

    Parameters
    ----------
    text
        "SEQ HASH" as `verify` shows it, the hash alone, or what `sign_head` gave.

    Returns
    -------
    NotedHead
        To look for in the chain.

    Raises
    ------
    UsageError
        If it is neither.
    """
    found = _NOTED.fullmatch(str(text).strip())
    if found is None:
        raise UsageError(
            f"{str(text)[:80]!r} is not a head",
            hint="give what verify showed as head: a number and 64 hex digits",
        )
    seq, digest, key, signature = found.groups()
    signed = SignedHead(f"{seq} {digest}", key, signature) if key else None
    return NotedHead(int(seq) if seq else None, digest, signed)
