"""Where nbmlops is used: how a line of its verbs is typed there, and how wide text is.

What tells the user to type something asks here, so that no finished text, which may
hold words of the user's own, is ever searched and rewritten. While a line of verbs runs
(`%mlops ...`, `nbmlops ...`) options are spelt as there, otherwise as Python.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

Host: TypeAlias = Literal["notebook", "cli"]

PROGRAM: dict[Host, str] = {"notebook": "%mlops", "cli": "nbmlops"}
WIDTH = 100
_BARE = re.compile(r"[\w@/.,=-]*\w[\w@/.,=-]*")  # needs no quotes in a line
_OTHER_REGISTRY: dict[Host, str] = {
    "notebook": "%mlops use LOCATION",
    "cli": "--registry LOCATION",
}

_WHOLE: dict[Host, str] = {
    "notebook": "assign it, and call its to_dict() or to_frame()",
    "cli": "--json writes all of it",
}


@dataclass(slots=True)
class _Here:
    host: Host = "notebook"
    width: int = WIDTH
    is_line: bool = False


_here = _Here()


@contextmanager
def used_from(host: Host, *, width: int = WIDTH) -> Iterator[None]:
    """Say where what follows is used.

    Parameters
    ----------
    host
        A notebook if nobody says anything, a script included.
    width
        In terminal cells.

    Yields
    ------
    None
        Afterwards it is as before.
    """
    before = _here.host, _here.width
    _here.host, _here.width = host, width
    try:
        yield
    finally:
        _here.host, _here.width = before


@contextmanager
def on_a_line() -> Iterator[None]:
    """Say that what follows was asked for by a line of verbs, not by a Python call."""
    before, _here.is_line = _here.is_line, True
    try:
        yield
    finally:
        _here.is_line = before


def option(
    name: str,
    value: str | int | bool | Sequence[str] | None = None,
    word: str = "",
) -> str:
    """Write an option as it is given here: "--reason 'a test'", "reason='a test'".

    Parameters
    ----------
    name
        The parameter's, in Python.
    value
        True is a flag, a list is what may be given several times, None leaves the value
        to the reader: "--slices", "slices=".
    word
        What it is called on a line, where that is another name.

    Returns
    -------
    str
        On a line of verbs as there, else as Python.
    """
    if not _here.is_line:
        return f"{name}=" if value is None else f"{name}={value!r}"
    word = word or f"--{name.replace('_', '-')}"
    if value is None or value is True:
        return word
    values = [value] if isinstance(value, str | int) else value
    return " ".join(f"{word} {_quoted(str(one))}" for one in values)


def call(
    verb: str, *arguments: str, **options: str | int | bool | Sequence[str]
) -> str:
    """Write a call as it is made here: "%mlops models", "registry.models()"."""
    given = [option(name, value) for name, value in options.items()]
    if _here.is_line:
        return typed(" ".join([verb, *map(_quoted, arguments), *given]))
    inside = ", ".join([*map(repr, arguments), *given])
    return f"registry.{verb.replace('-', '_')}({inside})"


def _quoted(text: str) -> str:
    """Quote a word of a line, "..." too, which shlex would take for harmless."""
    return text if _BARE.fullmatch(text) else "'" + text.replace("'", "'\\''") + "'"


def typed(words: str) -> str:
    """Write a verb and its arguments as they are typed here: "%mlops history"."""
    return f"{PROGRAM[_here.host]} {words}"


def other_registry() -> str:
    """Write how another registry is taken here: "%mlops use LOCATION"."""
    return _OTHER_REGISTRY[_here.host]


def whole() -> str:
    """Say how all of a result is seen here where a view shows only its beginning."""
    return _WHOLE[_here.host]


def width() -> int:
    """Return how many terminal cells a line may take."""
    return _here.width
