"""Where the registry is, and where the policy file lies."""

import os
import tomllib
from pathlib import Path
from typing import Any

from nbmlops.errors import UsageError

FOLDER = ".nbmlops"
POLICY_FILE = "nbmlops.toml"
REGISTRY_VARIABLE = "NBMLOPS_REGISTRY"


def registry_location(location: str | Path | None, *, start: Path) -> str | Path:
    """Find the registry's folder or URL.

    Parameters
    ----------
    location
        What the caller named: the `.nbmlops` folder itself or a `postgresql://` URL.
        None means: `NBMLOPS_REGISTRY`, else `[tool.nbmlops] registry` of the nearest
        `pyproject.toml`, else the nearest `.nbmlops` upward, else `./.nbmlops`.
    start
        The folder from which to look upward.

    Returns
    -------
    str or Path
        A URL as text, or an absolute path. Nothing is made.
    """
    named: str | Path | None = location or os.environ.get(REGISTRY_VARIABLE)
    if named:
        return _absolute(named, start)
    for folder in (start, *start.parents):
        project = folder / "pyproject.toml"
        if project.is_file():
            configured = read_toml(project).get("tool", {}).get("nbmlops", {})
            if "registry" in configured:
                return _absolute(configured["registry"], folder)
            break
    for folder in (start, *start.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    return start / FOLDER


def policy_path(registry: Path, *, start: Path) -> Path:
    """Find the policy file: beside the registry's folder, else upward from `start`."""
    beside = registry.parent / POLICY_FILE
    for candidate in (beside, *(f / POLICY_FILE for f in (start, *start.parents))):
        if candidate.is_file():
            return candidate
    return beside


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path
        A file that exists.

    Returns
    -------
    dict
        Its tables.

    Raises
    ------
    UsageError
        If it is not TOML; the message has the line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not valid TOML: {error}", hint="mend the file, then try again"
        ) from None


def _absolute(location: str | Path, base: Path) -> str | Path:
    text = str(location)
    if "://" in text:
        return text
    return (base / Path(text).expanduser()).resolve()
