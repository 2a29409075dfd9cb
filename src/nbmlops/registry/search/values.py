"""What a query compares a field with: is it of the field's type, and what it means."""

import re
from datetime import date, datetime, time

from nbmlops.registry.lookup import as_utc
from nbmlops.registry.search.errors import QueryError
from nbmlops.registry.search.fields import Field, Kind
from nbmlops.registry.search.language import Comparison, Value
from nbmlops.registry.search.releases import is_release
from nbmlops.registry.search.words import asked_words

_TYPES: dict[type, str] = {str: "text", float: "a number", bool: "true or false"}
_WANTED: dict[Kind, tuple[str, tuple[type, ...]]] = {
    "text": ("text", (str,)),
    "number": ("a number", (float,)),
    "moment": ("a day or a moment, in quotes", (str,)),
    "yes or no": ("true or false", (bool,)),
    "digest": ("text", (str,)),
    "release": ("a release", (str, float)),
    "loose": ("text or a number", (str, float, bool)),
    "dataset": ("text", (str,)),
    "words": ("text", (str,)),
}
_SIGNS: dict[Kind, str] = {
    "number": "= != < <= > >= in",
    "moment": "= != < <= > >= in",
    "yes or no": "= != in",
    "digest": "= != ~ in",
    "dataset": "= != ~ in",
    "words": "~",
}
_ANY = "= != < <= > >= ~ in"
_DIGEST = re.compile(r"[0-9a-fA-F]{4,}")


def check(comparison: Comparison, field: Field, query: str) -> None:
    """Refuse a comparison that the field's type does not have.

    Parameters
    ----------
    comparison, field
        What was written, and the field that it names.
    query
        The whole text.

    Raises
    ------
    QueryError
        If the operator or a value is of another type.
    """
    name = comparison.name
    signs = _SIGNS.get(field.kind, _ANY)
    sign = comparison.operator.removeprefix("not ")
    if sign in ("present", "missing"):
        is_fine = field.kind != "words"
    else:
        is_fine = sign in signs.split()
    if not is_fine:
        message = f"{name} cannot be asked by {comparison.operator}, but by {signs}"
        raise QueryError(message, query, name.at)
    for value in comparison.values:
        problem = _problem(comparison, field, value)
        if problem:
            raise QueryError(problem, query, value.at)


def _problem(comparison: Comparison, field: Field, value: Value) -> str:
    """Say what is wrong with a value; "" if nothing is."""
    wanted, types = _WANTED[field.kind]
    is_contained = comparison.operator == "~"
    if is_contained and field.kind != "words":
        wanted, types = "text where it is asked by ~", (str,)
    if type(value.content) not in types:
        is_text = types == (str,) and field.kind != "moment"
        hint = f": write '{value.written}'" if is_text else ""
        kind = _TYPES[type(value.content)]
        return f"{comparison.name} is {wanted}, and {value.written} is {kind}{hint}"
    if field.kind == "words" and not asked_words(value.text):
        return f"there is no word in {value.written}"
    if is_contained:
        return ""
    if field.kind == "moment" and not _is_moment(value.text):
        return f"{value.written} is no moment: write '2026-11-24', '2026-11-24 09:30'"
    if field.kind == "digest" and not _DIGEST.fullmatch(value.text):
        return f"{value.written} is no digest: write its first 4 digits or more"
    if field.kind == "release" and not is_release(value.text):
        return f"{value.written} is no release: write '2.1'"
    return ""


def moments(text: str) -> tuple[datetime, datetime]:
    """Read the first and the last moment of a day, or a moment as both.

    Parameters
    ----------
    text
        ISO 8601; without a zone it is UTC.

    Returns
    -------
    tuple of datetime
        Naive, in UTC.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment = as_utc(datetime.fromisoformat(text)).replace(tzinfo=None)
        return moment, moment
    return datetime.combine(day, time.min), datetime.combine(day, time.max)


def _is_moment(text: str) -> bool:
    try:
        moments(text)
    except (ValueError, OverflowError):
        return False
    return True
