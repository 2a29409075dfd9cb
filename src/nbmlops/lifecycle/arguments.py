"""Arguments that several steps take: names of columns, reasons, ages."""

import re
from collections.abc import Sequence
from datetime import timedelta

from nbmlops.errors import UsageError
from nbmlops.host import option

_AGE = re.compile(r"(\d+)\s*([mhdw])\Z")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def column_names(given: str | Sequence[str] | None, *, what: str) -> tuple[str, ...]:
    """Read a list of columns; a plain string is one column, not its letters.

    Parameters
    ----------
    given
        As the caller wrote it.
    what
        The argument's name.

    Returns
    -------
    tuple of str
        Empty for None.

    Raises
    ------
    UsageError
        If it is neither a name nor a list of names.
    """
    listed: object = (given,) if isinstance(given, str) else given or ()
    if not isinstance(listed, (list, tuple)) or not all(
        isinstance(name, str) for name in listed
    ):
        raise UsageError(
            f"{what} cannot be {given!r}", hint=f"{what}=['carrier'], a list of columns"
        )
    return tuple(listed)


def column_name(given: object, *, what: str) -> str | None:
    """Read the name of one column.

    Parameters
    ----------
    given, what
        As in `column_names`.

    Returns
    -------
    str or None
        As it was given.

    Raises
    ------
    UsageError
        If it is not a name.
    """
    if given is not None and not isinstance(given, str):
        raise UsageError(
            f"{what} cannot be {given!r}",
            hint=f"{option(what, 'day')}, the name of one column",
        )
    return given


def needed_reason(given: object, *, what: str) -> str:
    """Read a reason that is kept for ever.

    Parameters
    ----------
    given
        As the caller wrote it.
    what
        What needs it: "retiring".

    Returns
    -------
    str
        As it was given.

    Raises
    ------
    UsageError
        If it is no text, or an empty one.
    """
    if not isinstance(given, str) or not given.strip():
        hint = f"{option('reason', '...')} is kept for ever"
        raise UsageError(f"{what} needs a reason", hint=hint)
    return given


def given_reason(given: object) -> str:
    """Read a reason that may be empty; a UsageError where it is no text."""
    if not isinstance(given, str):
        hint = f"{option('reason', '...')} in words"
        raise UsageError(f"the reason is {given!r}", hint=hint)
    return given


def read_age(text: object) -> timedelta | None:
    """Read "30m", "12h", "7d" or "2w"; None where it is none of these."""
    match = _AGE.match(text) if isinstance(text, str) else None
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
