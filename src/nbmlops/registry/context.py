"""Who made a version, from which code, and in which environment."""

import getpass
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nbmlops.config import FOLDER

ACTOR_VARIABLE = "NBMLOPS_ACTOR"
_GIT_SECONDS = 5.0

_notebook: Callable[[], Mapping[str, Any]] | None = None
_variables: Callable[[], Mapping[str, Any]] | None = None
_packages: dict[str, str] | None = None


def set_notebook(provider: Callable[[], Mapping[str, Any]] | None) -> None:
    """Let the notebook layer say which notebook and cell is running."""
    global _notebook
    _notebook = provider


def set_variables(provider: Callable[[], Mapping[str, Any]] | None) -> None:
    """Let the notebook layer show the user's variables."""
    global _variables
    _variables = provider


def variable_of(value: object) -> str:
    """Say what the notebook calls a value, or each part of a tuple.

    Parameters
    ----------
    value
        A frame, or `(X, y)`.

    Returns
    -------
    str
        "train", or "X, y"; "" where no variable holds it.
    """
    if _variables is None or value is None or isinstance(value, str):
        return ""
    own = [(n, v) for n, v in _variables().items() if not n.startswith("_")]
    found = next((name for name, held in own if held is value), "")
    if found or not isinstance(value, tuple):
        return found
    parts = [variable_of(part) for part in value if part is not None]
    return ", ".join(parts) if all(parts) else ""


def actor() -> str:
    """Name who acts: `NBMLOPS_ACTOR`, else git's user.email, else the login name."""
    return os.environ.get(ACTOR_VARIABLE) or _git("config", "user.email") or _login()


def source() -> dict[str, Any]:
    """Describe the code that is running: its commit, and its cell or script.

    Returns
    -------
    dict
        `git_commit`, `git_branch`, `git_dirty` where there is a repository; `notebook`
        and `cell` in a notebook, else `script` and `line`.
    """
    found: dict[str, Any] = {}
    commit = _git("rev-parse", "HEAD")
    if commit:
        found["git_commit"] = commit
        found["git_branch"] = _git("rev-parse", "--abbrev-ref", "HEAD")
        found["git_dirty"] = _is_dirty()
    found.update(_notebook() if _notebook is not None else _script())
    return found


def environment() -> dict[str, Any]:
    """Describe Python, the platform, and every installed package's version."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": dict(_installed()),
    }


def _installed() -> dict[str, str]:
    """List the distributions, once per process."""
    # From their folders' names: reading each one's metadata takes half a second.
    global _packages
    if _packages is None:
        names = (
            folder.name.removesuffix(".dist-info").partition("-")
            for entry in reversed(sys.path)
            for folder in Path(entry or ".").glob("*.dist-info")
        )
        _packages = dict(sorted((name, version) for name, _, version in names))
    return _packages


def _script() -> dict[str, Any]:
    """Find the first frame outside this package and the interpreter's own."""
    package = str(Path(__file__).parents[1])
    frame = sys._getframe()
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith((package, "<")):
            return {"script": file, "line": frame.f_lineno}
        if frame.f_back is None:
            break
        frame = frame.f_back
    return {}


def _git(*arguments: str) -> str:
    """Ask git about the current folder; "" where there is no git or no answer."""
    return _ask_git(*arguments) or ""


def _ask_git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            check=False,
            text=True,
            timeout=_GIT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _is_dirty() -> bool | None:
    """Tell whether git sees changes; None where it gives no answer."""
    # But for the registry's own folder: registering writes to it.
    others = f":(exclude,glob)**/{FOLDER}/**"
    status = _ask_git("status", "--porcelain", "--", ":/", others)
    return None if status is None else bool(status)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
