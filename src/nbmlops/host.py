"""Where nbmlops is used: how a line of its verbs is typed there, and how wide text is.

What tells the user to type something asks here, so that no finished text, which may
hold words of the user's own, is ever searched and rewritten.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

Host: TypeAlias = Literal["notebook", "cli"]

PROGRAM: dict[Host, str] = {"notebook": "%mlops", "cli": "nbmlops"}
WIDTH = 100
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
