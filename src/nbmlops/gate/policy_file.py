"""The policy file: its path, its bytes, and the tables that it may hold."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbmlops.config import parse_toml, read_bytes
from nbmlops.errors import UsageError, suggestion

TABLES = ("gate", "access", "webhook")  # the last is read by registry/hooks


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """A policy file as it was read.

    Attributes
    ----------
    path
        From the folder that holds the registry; "" where there is no file.
    digest
        SHA-256 of the very bytes that were read; "" where there are none.
    tables
        What it says.
    """

    path: str = ""
    digest: str = ""
    tables: dict[str, Any] = field(default_factory=dict)


def read_policy_file(path: Path, *, project: Path) -> PolicyFile:
    """Read a policy file; absent means that it asks for nothing.

    Parameters
    ----------
    path
        Where it lies, or would lie.
    project
        The folder from which it is named in results.

    Returns
    -------
    PolicyFile
        With known tables only.

    Raises
    ------
    UsageError
        If it cannot be read, or a table is unknown.
    """
    if not path.is_file():
        return PolicyFile()
    data = read_bytes(path)
    tables = parse_toml(data, path)
    for name, table in tables.items():
        if name not in TABLES:  # a misspelt table would switch its rules off unseen
            raise UsageError(
                f"{path.name}: unknown table {name!r}",
                hint=suggestion(name, TABLES) or "gates stand under [gate.champion]",
            )
        if name != "webhook" and not isinstance(table, dict):
            where = "gate.champion" if name == "gate" else name
            raise UsageError(f"{path.name}: {name} is not a table", hint=f"[{where}]")
    return PolicyFile(
        path=shown_path(path, project=project),
        digest=hashlib.sha256(data).hexdigest(),
        tables=tables,
    )


def shown_path(path: Path, *, project: Path) -> str:
    """Write a file's path from the project: "nbmlops.toml", "../nbmlops.toml"."""
    return Path(os.path.relpath(path, project)).as_posix()
