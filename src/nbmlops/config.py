"""Where the registry is, and where the policy file lies."""

import os
import tomllib
from pathlib import Path
from typing import Any

from nbmlops.errors import UsageError

FOLDER = ".nbmlops"
POLICY_FILE = "nbmlops.toml"
REGISTRY_VARIABLE = "NBMLOPS_REGISTRY"
# Whatever location is named, it means this one: so a re-run of recorded code, and all
# that it starts, cannot write to the registry that it was recorded in.
INSTEAD_VARIABLE = "NBMLOPS_REGISTRY_INSTEAD"


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
    instead = os.environ.get(INSTEAD_VARIABLE)
    if instead:
        return Path(instead)
    named: str | Path | None = location or os.environ.get(REGISTRY_VARIABLE)
    if named:
        return _absolute(named, start)
    for folder in (start, *start.parents):
        project = folder / "pyproject.toml"
        if project.is_file():
            configured = _configured(project)
            if configured:
                return _absolute(configured, folder)
            break
    for folder in (start, *start.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    return start / FOLDER


def policy_path(registry: Path, *, start: Path) -> Path:
    """Find the policy file.

    Parameters
    ----------
    registry
        The registry's folder.
    start
        Where the user is.

    Returns
    -------
    Path
        The one beside the registry's folder, wherever the user is; only where there is
        none, the nearest upward from `start`. It need not exist.
    """
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
        Its tables; a UsageError if it cannot be read or is not TOML.
    """
    return parse_toml(read_bytes(path), path)


def read_bytes(path: Path) -> bytes:
    """Read a file of settings; a UsageError says why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="look at its permissions"
        ) from None


def parse_toml(data: bytes, path: Path) -> dict[str, Any]:
    """Read the bytes of a TOML file; `path` and the line are named where it is none."""
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not valid TOML: {error}", hint="mend the file, then try again"
        ) from None


def _configured(project: Path) -> str:
    """Read `[tool.nbmlops] registry` of a pyproject.toml; "" if it is not there."""
    tools = read_toml(project).get("tool", {})
    settings = tools.get("nbmlops", {}) if isinstance(tools, dict) else {}
    registry = settings.get("registry", "") if isinstance(settings, dict) else None
    if not isinstance(registry, str):
        raise UsageError(
            f"{project}: tool.nbmlops cannot be {settings!r}",
            hint='write registry = "models/.nbmlops" under [tool.nbmlops]',
        )
    return registry


def _absolute(location: str | Path, base: Path) -> str | Path:
    text = str(location)
    if "://" in text:
        return text
    return (base / Path(text).expanduser()).resolve()
