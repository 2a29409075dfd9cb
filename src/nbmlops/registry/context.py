"""Who made a version, from which code, and in which environment."""

import getpass
import os
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# What it asks is loaded when it is asked: loading the magics needs none of it.

ACTOR_VARIABLE = "NBMLOPS_ACTOR"

_notebook: Callable[[], Mapping[str, Any]] | None = None
_variables: Callable[[], Mapping[str, Any]] | None = None


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
    named = os.environ.get(ACTOR_VARIABLE)
    if named:
        return named
    from nbmlops.registry.git import ask_git

    return ask_git("config", "user.email") or _login()


def place_in_code() -> dict[str, Any]:
    """Say where the code stands: `notebook`, `cell`, `cells`; or `script`, `line`."""
    return dict(_notebook() if _notebook is not None else _script())


def environment() -> dict[str, Any]:
    """Describe Python, the platform, and every installed package's version."""
    from nbmlops.registry.installed import installed

    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        **installed(),
    }


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


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
