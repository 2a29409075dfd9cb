"""Reading the folder of a model that MLflow logged: its estimator's file, its columns.

Nothing is loaded. No file outside of the artifacts' folder is read, wherever the store
says that its models lie.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from nbmlops.display.text import shorten
from nbmlops.errors import NotAllowed, UsageError
from nbmlops.registry.moving.mlflow_store import Stored
from nbmlops.registry.signature import Column, Signature

MLMODEL = "MLmodel"

_SKOPS = "skops"
_MOST_MLMODEL = 2**22
_PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.+!_-]+)")
# MLflow's types of columns: their kind here, and the dtype that stands for them.
_TYPES = {
    "boolean": ("boolean", "bool"),
    "integer": ("number", "int32"),
    "long": ("number", "int64"),
    "float": ("number", "float32"),
    "double": ("number", "float64"),
    "string": ("text", "str"),
    "datetime": ("time", "datetime64[ns]"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A logged model's folder: the file of the estimator, and what is said of it.

    Attributes
    ----------
    folder, file
        Where it is, and the estimator's file in it.
    is_skops
        False for a pickle.
    signature
        The columns that it reads; partial where they were not recorded.
    python, packages
        What it was made with.
    """

    folder: Path
    file: Path
    is_skops: bool
    signature: Signature
    python: str
    packages: Mapping[str, str] = field(default_factory=dict)


def logged_model(stored: Stored, root: Path) -> Logged:
    """Find the folder of a version's model, and read what it says.

    Parameters
    ----------
    stored
        The version.
    root
        The artifacts' folder, or one above it; no file outside of it is read.

    Returns
    -------
    Logged
        An estimator of scikit-learn.

    Raises
    ------
    NotAllowed
        If it is not there, or of another flavor.
    """
    folder = _folder(stored.place, root)
    ref = f"{stored.name}/{stored.number}"
    if folder is None:
        raise NotAllowed(
            f"{ref}: its model is not below {root}",
            hint="name the folder that holds the artifacts: --artifacts mlruns",
        )
    said = _mlmodel(folder / MLMODEL)
    flavors = _mapping(said.get("flavors"))
    ours = _mapping(flavors.get("sklearn"))
    if not ours:
        known = ", ".join(map(str, flavors)) or "nothing"
        raise NotAllowed(f"{ref} is no model of scikit-learn, but of {known}")
    name = str(ours.get("pickled_model") or "model.pkl")
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise NotAllowed(f"{ref}: its folder has no file {name!r}")
    python = _mapping(flavors.get("python_function")).get("python_version")
    packages = _packages(folder)
    if ours.get("sklearn_version"):
        packages["scikit-learn"] = str(ours["sklearn_version"])
    return Logged(
        folder=folder,
        file=file,
        is_skops=ours.get("serialization_format") == _SKOPS,
        signature=_signature(said.get("signature")),
        python=str(python or ""),
        packages=packages,
    )


def files_of(logged: Logged) -> dict[str, Path]:
    """List what lies beside the estimator, by name: examples, requirements."""
    found = {}
    for path in sorted(logged.folder.rglob("*")):
        is_inside = path.resolve().is_relative_to(logged.folder.resolve())
        if path.is_file() and is_inside and path.resolve() != logged.file:
            found[path.relative_to(logged.folder).as_posix()] = path
    return found


def _folder(place: str, root: Path) -> Path | None:
    """Find a model's folder below a root, by the longest end of its path."""
    parts = PurePosixPath(unquote(urlsplit(place).path)).parts
    within = root.resolve()
    for first in range(len(parts)):
        folder = within.joinpath(*(part for part in parts[first:] if part != "/"))
        if (folder / MLMODEL).is_file() and folder.resolve().is_relative_to(within):
            return folder
    return None


def _mlmodel(path: Path) -> Mapping[str, Any]:
    try:
        import yaml
    except ImportError:
        raise UsageError(
            "MLflow's models are described in YAML, which nothing here can read",
            hint="pip install 'nbmlops[mlflow]'",
        ) from None
    if path.stat().st_size > _MOST_MLMODEL:
        raise NotAllowed(f"{path} is too large for what it is")
    try:
        found = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        said = shorten(str(error), 200)
        raise NotAllowed(f"{path} is no description of a model: {said}") from None
    if not isinstance(found, dict):
        raise NotAllowed(f"{path} is no description of a model")
    return found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _packages(folder: Path) -> dict[str, str]:
    path = folder / "requirements.txt"
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    pinned = (_PINNED.match(line) for line in lines)
    return {found[1]: found[2] for found in pinned if found}


def _signature(said: object) -> Signature:
    """Read the columns of a signature; none where it tells of tensors, or nothing."""
    inputs = _mapping(said).get("inputs")
    try:
        listed = json.loads(inputs) if isinstance(inputs, str) else []
    except ValueError:
        listed = []
    named = isinstance(listed, list) and all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in listed
    )
    if not listed or not named:
        return Signature(columns=(), is_partial=True)
    return Signature(columns=tuple(map(_column, listed)))


def _column(said: Mapping[str, Any]) -> Column:
    kind, dtype = _TYPES.get(str(said.get("type")), ("other", ""))
    is_needed = said.get("required", True)
    return Column(name=said["name"], kind=kind, dtype=dtype, nullable=not is_needed)
