"""The installed distributions: their names and versions, and where they came from."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbmlops.registry.secrets import without_login

_SUFFIXES = (".dist-info", ".egg-info")
_DIRECT = "direct_url.json"
_seen: dict[tuple[tuple[str, int], ...], dict[str, Any]] = {}


def package_name(name: str) -> str:
    """Spell a package's name in the one way that stands for all, as PEP 503 does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, Any]:
    """List the distributions that this process can import.

    Returns
    -------
    dict
        `packages`: version by name, spelt as PEP 503 does; `sources`: for those that
        were not taken from an index, what PEP 610 says: `url`, and `editable` or
        `commit` where it is so.
    """
    # Looked at again only where a folder of the path has changed since.
    key = tuple(_folders())
    if key not in _seen:
        _seen.clear()
        _seen[key] = _listed(Path(folder) for folder, _ in reversed(key))
    return _seen[key]


def _folders() -> Iterator[tuple[str, int]]:
    for entry in sys.path:
        folder = Path(entry or ".")
        if folder.is_dir():
            yield str(folder), folder.stat().st_mtime_ns


def _listed(folders: Iterator[Path]) -> dict[str, Any]:
    # From their folders' names: reading each one's metadata takes half a second.
    packages: dict[str, str] = {}
    sources: dict[str, dict[str, Any]] = {}
    for folder in folders:
        for entry in folder.glob("*-info"):
            name, _, rest = entry.stem.partition("-")
            if entry.suffix not in _SUFFIXES or not rest:
                continue
            known = package_name(name)
            packages[known] = rest.partition("-")[0]
            sources.pop(known, None)
            direct = _direct(entry / _DIRECT)
            if direct:
                sources[known] = direct
    return {
        "packages": dict(sorted(packages.items())),
        "sources": dict(sorted(sources.items())),
    }


def _direct(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
        direct: dict[str, Any] = {"url": without_login(str(found["url"]))}
        if found.get("dir_info", {}).get("editable"):
            direct["editable"] = True
        if "vcs_info" in found:
            direct["vcs"] = str(found["vcs_info"]["vcs"])
            direct["commit"] = str(found["vcs_info"]["commit_id"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # it came from an index, or does not say
    return direct
