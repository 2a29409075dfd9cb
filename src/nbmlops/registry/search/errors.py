"""What is wrong with a query, and where."""

import unicodedata

from nbmlops.errors import UsageError

_BEFORE, _SHOWN = 60, 100


class QueryError(UsageError):
    """A query that cannot be read: what is wrong, the query's line, and a caret.

    Parameters
    ----------
    message
        One line.
    query
        As it was written; of a long one the part around the character is shown.
    at
        The character's index; the query's length means its end.
    """

    def __init__(self, message: str, query: str, at: int) -> None:
        start = max(0, at - _BEFORE)
        shown = "".join(map(_printable, query[start : start + _SHOWN]))
        indent = sum(map(_columns, query[start:at]))
        super().__init__(f"{message}\n  {shown}\n  {' ' * indent}^")


def _printable(character: str) -> str:
    return character if character.isprintable() else " "


def _columns(character: str) -> int:
    """Count the columns that a character takes in a terminal."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
