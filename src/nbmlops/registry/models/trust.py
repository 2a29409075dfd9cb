"""Whom a reader trusts: what the reader's own files name, and nothing else.

Both files lie in the user's configuration directory, outside every registry, so that
no artifact and no colleague can write itself into them. `trusted-digests` is kept by
`register`, which adds what it wrote. `trust.toml` is written by hand:

    [trust]
    types = ["sklearn.tree._tree.Tree"]     # may be made, whoever wrote the artifact
    digests = ["9f86d081..."]               # artifacts that load whatever they hold
    keys = ["ed25519:..."]                  # signed by one of these: as the digests
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from nbmlops.config import read_toml
from nbmlops.errors import UsageError, suggestion

TRUST_VARIABLE = "NBMLOPS_TRUST_FILE"
TRUST_TOML = "trust.toml"
_OWN = "trusted-digests"
_LISTS = ("types", "digests", "keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What one reader vouches for.

    Attributes
    ----------
    types
        Names with their modules that may be made, whoever wrote the artifact.
    digests
        SHA-256 of artifacts that load whatever they hold.
    keys
        Public keys: what one of them signed loads whatever it holds.
    """

    types: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()


def trust_file() -> Path:
    """Return where the digests of what this user registered are listed."""
    named = os.environ.get(TRUST_VARIABLE)
    if not named:
        return user_config_path("nbmlops", appauthor=False) / _OWN
    path = Path(named)
    if path.name == TRUST_TOML:
        raise UsageError(
            f"{TRUST_VARIABLE} is {named}: that name is of the file you write by hand",
            hint=f"let it name the list that register keeps, {path.with_name(_OWN)}: "
            f"the {TRUST_TOML} beside it is read too",
        )
    return path


def trust_toml() -> Path:
    """Return where this user lists by hand what to trust: beside the trust file."""
    return trust_file().with_name(TRUST_TOML)


def reader_trust() -> Trust:
    """Read both files; one that is absent vouches for nothing."""
    lists = _read_lists(trust_toml())
    for digest in lists["digests"]:
        _check_digest(digest, what=f"{trust_toml()}: ")
    return Trust(
        types=frozenset(lists["types"]),
        digests=own_digests() | frozenset(lists["digests"]),
        keys=frozenset(lists["keys"]),
    )


def own_digests() -> frozenset[str]:
    """Read the digests of what this user registered; refuse what is no such list."""
    path = trust_file()
    try:
        words = path.read_text(encoding="utf-8", errors="replace").split()
    except FileNotFoundError:
        return frozenset()
    except IsADirectoryError:
        raise UsageError(
            f"{path} is a folder, not the list of digests that register keeps",
            hint=f"let {TRUST_VARIABLE} name a file in it, such as {path / _OWN}",
        ) from None
    for word in words:
        if not _is_digest(word):
            raise UsageError(
                f"{path} is not the list of digests that register keeps: "
                f"it holds {word[:40]!r}",
                hint=f"let {TRUST_VARIABLE} name another file; what you write by hand "
                f"is the {TRUST_TOML} beside it",
            )
    return frozenset(words)


def trust(digest: str) -> None:
    """Add the digest of what this user wrote to the trust file: `register` does."""
    _check_digest(digest)
    if digest in own_digests():
        return
    path = trust_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{digest}\n")  # a line by hand may lack its end


def _read_lists(path: Path) -> dict[str, list[str]]:
    """Read `[trust]`; what is not understood there is refused, not passed over."""
    if not path.exists():
        return {name: [] for name in _LISTS}
    content = read_toml(path)
    _check_known(content, ("trust",), where=str(path))
    table = content.get("trust", {})
    if not isinstance(table, dict):
        raise UsageError(f"{path}: trust is no table", hint="begin with a line [trust]")
    _check_known(table, _LISTS, where=f"{path}: [trust]")
    return {name: _texts(path, name, table.get(name, [])) for name in _LISTS}


def _check_known(table: dict[str, Any], known: tuple[str, ...], *, where: str) -> None:
    for key in table:
        if key not in known:
            raise UsageError(
                f"{where} has {key!r}, which means nothing there",
                hint=suggestion(key, known),
            )


def _texts(path: Path, name: str, value: Any) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise UsageError(
        f"{path}: {name} is {value!r}, not a list of texts", hint=f'{name} = ["..."]'
    )


def _check_digest(digest: str, *, what: str = "") -> None:
    if not _is_digest(digest):
        raise UsageError(
            f"{what}{digest!r} is not a SHA-256 digest", hint="64 hex digits"
        )


def _is_digest(text: str) -> bool:
    return len(text) == 64 and not set(text) - set("0123456789abcdef")
