"""The environment of a version as a requirements file that pip installs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from nbmlops.display import numbers
from nbmlops.display.markup import tag
from nbmlops.display.saving import save_text
from nbmlops.display.theme import scoped
from nbmlops.errors import NotFound
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
# Where conda's own packages were built: their versions are those of the index.
_BUILT_BY_CONDA = ("/croot/", "/feedstock_root/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What a version was made with, as pip reads it.

    Attributes
    ----------
    ref
        The version.
    text
        The requirements file.
    packages
        How many packages it asks pip for.
    left_out
        Those that it names in a comment only, with the reason.
    path
        Where it was written; None if it was not.
    """

    ref: str
    text: str
    packages: int
    left_out: Mapping[str, str]
    path: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "ref": self.ref,
            "text": self.text,
            "packages": self.packages,
            "left_out": dict(self.left_out),
            "path": None if self.path is None else str(self.path),
        }

    def __repr__(self) -> str:
        return self.text.rstrip() if self.path is None else self._headline()

    def _repr_html_(self) -> str:
        return scoped(tag("p", self._headline()), tag("pre", self.text))

    def _headline(self) -> str:
        count = numbers.amount(self.packages, "package")
        place = "" if self.path is None else f"{self.path}: "
        left = f", {len(self.left_out)} named only" if self.left_out else ""
        return f"{place}{count} of {self.ref}{left}"


def restore_env(place: Place, ref: str, path: str | Path | None = None) -> Requirements:
    """Write the environment in which a version was made, for `pip install -r`.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version.
    path
        The file to write; None writes none.

    Returns
    -------
    Requirements
        It prints as the file. UsageError if the file cannot be written.

    Raises
    ------
    NotFound
        If no environment was recorded.
    """
    version = place.version(ref)
    if not version.environment["packages"]:
        raise NotFound(
            "environment of", version.ref, hint="it was registered without one"
        )
    target = None if path is None else Path(path).expanduser()
    found = requirements(version, path=target)
    if target is not None:
        save_text(target, found.text)
    return found


def requirements(version: ModelVersion, *, path: Path | None = None) -> Requirements:
    """Spell a version's recorded environment as requirements."""
    environment = version.environment
    sources = environment.get("sources", {})
    lines: list[str] = []
    left_out: dict[str, str] = {}
    for name, number in environment["packages"].items():
        line, reason = _line(name, number, sources.get(name, {}), version)
        if line:
            lines += [f"# {name}: {reason}"] if reason else []
            lines.append(line)
        else:
            left_out[name] = reason
            lines.append(f"# {_plain(name)}=={_plain(number)}: {reason}")
    text = "\n".join([*_head(version), *lines])
    return Requirements(
        ref=version.ref,
        text=f"{text}\n",
        packages=len(environment["packages"]) - len(left_out),
        left_out=left_out,
        path=path,
    )


def _head(version: ModelVersion) -> Iterator[str]:
    environment = version.environment
    made = numbers.moment(version.created_at)
    yield f"# What {version.ref} was made with, {made} UTC"
    yield f"# Python {_plain(environment.get('python', 'of an unknown version'))}"
    yield f"# {_plain(environment.get('platform', 'an unknown platform'))}"
    yield "# Install it into an empty environment of that Python:"
    yield "# pip install --no-deps -r FILE"


def _line(
    name: str, number: str, source: Mapping[str, Any], version: ModelVersion
) -> tuple[str, str]:
    """Spell one package: its line, or "", and what there is to say of it."""
    url = _plain(source.get("url", ""))
    if not _NAME.fullmatch(name):
        return "", "its name is not one that pip understands"
    if source and version.imported:
        place = url or "elsewhere"
        return "", f"installed from {place}, says the import: look at it first"
    if source.get("editable"):
        return "", f"edited in place at {url}: install it from there"
    if source.get("commit"):
        return f"{name} @ {_plain(source['vcs'])}+{url}@{_plain(source['commit'])}", ""
    if url.startswith("file:") and not any(mark in url for mark in _BUILT_BY_CONDA):
        return "", f"installed from {url}, which is on that machine only"
    if url and not url.startswith("file:"):
        return f"{name} @ {url}", ""
    try:
        release = Version(number)
    except InvalidVersion:
        return "", "its version is not one that pip understands"
    if release.local:
        reason = f"{number} was a build of its own: name its index to have that one"
        return f"{name}=={release.public}", reason
    return f"{name}=={number}", ""


def _plain(text: str) -> str:
    """Keep a text on one line: a recorded one shall write no line of its own."""
    return " ".join(str(text).split())
