"""Refs: the way a model, a version or an alias is written, parsed and printed."""

import re
from dataclasses import dataclass

from nbmlops.errors import UsageError

MODEL_NAME = re.compile(r"(?=.{1,128}\Z)[A-Za-z0-9][A-Za-z0-9._-]*(?<!\.)\Z")
ALIAS_NAME = re.compile(r"(?=.{1,64}\Z)[a-z][a-z0-9_-]*\Z")
CHAMPION = "champion"
NEWEST = "newest"

_MLFLOW_PREFIX = "models:/"
_REF_HINT = "write a ref as name, name/2 or name@champion"


@dataclass(frozen=True, slots=True)
class Ref:
    """A model's name with a version's number, an alias, or neither."""

    name: str
    number: int | None = None
    alias: str | None = None

    def __post_init__(self) -> None:
        check_model_name(self.name)
        if self.alias is not None and self.alias != NEWEST:
            check_alias(self.alias)

    def __str__(self) -> str:
        if self.number is not None:
            return f"{self.name}/{self.number}"
        return f"{self.name}@{self.alias}" if self.alias else self.name

    @property
    def is_bare(self) -> bool:
        """True for a name alone, which names no version."""
        return self.number is None and self.alias is None


def parse_ref(text: object) -> Ref:
    """Read `name`, `name/N` or `name@alias`; a `models:/` prefix is accepted.

    Parameters
    ----------
    text
        The ref as the user wrote it, or an object that has one.

    Returns
    -------
    Ref
        With at most one of `number` and `alias`.

    Raises
    ------
    UsageError
        If the text is no ref.
    """
    text = getattr(text, "ref", text)  # a version stands for its own ref
    if not isinstance(text, str):
        raise UsageError(f"a ref is text, not {type(text).__name__}", hint=_REF_HINT)
    body = text.strip().removeprefix(_MLFLOW_PREFIX)
    name, at, alias = body.partition("@")
    if at:
        return Ref(name, alias=alias)
    name, slash, number = body.partition("/")
    if not slash:
        return Ref(name)
    if not (number.isascii() and number.isdecimal() and int(number) >= 1):
        raise UsageError(
            f"{text!r}: a version is a whole number from 1, not {number!r}",
            hint=_REF_HINT,
        )
    return Ref(name, number=int(number))


def check_model_name(name: object, *, what: str = "model") -> str:
    """Return the name if it may name a model.

    Parameters
    ----------
    name
        The name to check.
    what
        What it shall name instead: a dataset's name has the same form.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    UsageError
        If it is not a letter or digit and then `[A-Za-z0-9._-]`, 128 at most.
    """
    if not isinstance(name, str) or not MODEL_NAME.match(name):
        raise UsageError(
            f"{name!r} cannot name a {what}",
            hint="a letter or digit first, then letters, digits, '.', '_' or '-'; "
            "at most 128, not ending in '.'",
        )
    return name


def check_alias(alias: str) -> str:
    """Return the alias if it may be given to a version.

    Parameters
    ----------
    alias
        The alias to check.

    Returns
    -------
    str
        The same alias.

    Raises
    ------
    UsageError
        If it is reserved, or not `[a-z][a-z0-9_-]*` of 64 at most.
    """
    if alias == NEWEST:
        raise UsageError(
            f"the alias {NEWEST!r} is reserved: it always means the newest version",
            hint="choose another name",
        )
    if not ALIAS_NAME.match(alias):
        raise UsageError(
            f"{alias!r} cannot be an alias",
            hint="a small letter first, then small letters, digits, '_' or '-'",
        )
    return alias
