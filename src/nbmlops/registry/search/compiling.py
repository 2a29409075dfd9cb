"""From a parsed query to one SQL condition; every value in it is bound, none written.

A comparison is true or false, never unknown: with what a version lacks it is false.
`a != b` is `not a = b`, and so true where a is missing.
"""

from collections.abc import Iterable
from typing import Any

from nbmlops.errors import suggestion
from nbmlops.registry.installed import package_name
from nbmlops.registry.search.errors import QueryError
from nbmlops.registry.search.fields import FIELDS, Field, has_key, keys_of, releases_of
from nbmlops.registry.search.language import (
    Comparison,
    Joined,
    Name,
    Negation,
    Query,
    Value,
)
from nbmlops.registry.search.releases import fitting
from nbmlops.registry.search.values import check, moments
from nbmlops.registry.search.words import asked_words
from nbmlops.registry.unit import Unit


class Compiler:
    """Compiles one query; looks its names up in the registry.

    Parameters
    ----------
    unit
        The open transaction.
    text
        The query as it was written, for errors.

    Attributes
    ----------
    parameters
        What the condition's `$p0`, `$p1` ... stand for.
    """

    def __init__(self, unit: Unit, text: str) -> None:
        self.parameters: dict[str, Any] = {}
        self._unit = unit
        self._text = text

    def condition(self, query: Query) -> str:
        """Compile a query to a condition on the version `v`."""
        if isinstance(query, Negation):
            return _not(self.condition(query.part))
        if isinstance(query, Joined):
            parts = (f"({self.condition(part)})" for part in query.parts)
            return f" {query.word} ".join(parts)
        return self._comparison(query)

    def _comparison(self, query: Comparison) -> str:
        field = self._field(query.name)
        check(query, field, self._text)
        if query.operator == "present":
            return self._having(query.name, field, f"{field.value} is not null")
        if query.operator == "missing":
            return _not(self._having(query.name, field, f"{field.value} is not null"))
        if query.operator in ("!=", "not in"):
            return _not(self._any(query, field, "="))
        sign = "=" if query.operator == "in" else query.operator
        return self._any(query, field, sign)

    def _any(self, query: Comparison, field: Field, sign: str) -> str:
        """Compile a comparison that is true if it is for one of the values."""
        if field.kind == "words":
            return self._words(query.name, field, asked_words(query.values[0].text))
        tests = (f"({self._test(query.name, field, sign, v)})" for v in query.values)
        return self._having(query.name, field, " or ".join(tests))

    def _words(self, name: Name, field: Field, words: Iterable[str]) -> str:
        """Compile that each word occurs somewhere in a version's texts."""
        tests = (f"contains({field.value}, {self._bind(word)})" for word in words)
        return " and ".join(self._having(name, field, test) for test in tests)

    def _having(self, name: Name, field: Field, test: str) -> str:
        """Compile that a version, or one of the rows it has in a field, passes."""
        if not field.rows:
            return test
        keyed = f"{field.key} = {self._bind(_key(name))} and " if field.key else ""
        rows = f"select name, number from {field.rows} where {keyed}({test})"
        return f"(v.name, v.number) in ({rows})"

    def _test(self, name: Name, field: Field, sign: str, value: Value) -> str:
        """Compile the comparison of a field's value with one that was written."""
        found = "title" if field.kind == "dataset" else field.value
        if sign == "~":
            return f"contains(lower({found}), lower({self._bind(value.text)}))"
        if field.kind == "moment":
            return self._moment(found, sign, value)
        if field.kind == "digest":
            return f"starts_with({found}, {self._bind(value.text.lower())})"
        if field.kind == "dataset":
            named, digest = self._bind(value.text), self._bind(value.text.lower())
            return f"{found} = {named} or starts_with({field.value}, {digest})"
        if field.kind == "release":
            recorded = releases_of(self._unit, field, _key(name))
            releases = fitting(recorded, sign, value.text)
            return f"list_contains({self._bind(releases)}, {found})"
        if field.kind == "loose" and not isinstance(value.content, str):
            return self._loose(found, sign, value.content)
        return f"{found} {sign} {self._bind(value.content)}"

    def _moment(self, found: str, sign: str, value: Value) -> str:
        first, last = moments(value.text)
        if sign == "=":
            return f"{found} between {self._bind(first)} and {self._bind(last)}"
        return f"{found} {sign} {self._bind(last if sign in ('>', '<=') else first)}"

    def _loose(self, found: str, sign: str, content: float | bool) -> str:
        """Compare text that may hold a number, or True or False."""
        if isinstance(content, bool):
            return f"lower({found}) {sign} {self._bind(str(content).lower())}"
        number = f"try_cast({found} as double)"
        return f"{number} {sign} {self._bind(content)} and not isnan({number})"

    def _field(self, name: Name) -> Field:
        """Look a field up, and its key where one that nothing has is a mistake."""
        field = FIELDS.get(name.field)
        if field is None:
            message = f"there is no field {name.field!r}: {self._meant(name.field)}"
        elif field.key and name.key is None:
            message = f"{name} takes a name: {name}.NAME"
            if known := keys_of(self._unit, field):
                message = f"{name} takes a name: {name}.{known[0]}"
        elif name.key is not None and not field.key:
            message = f"{name.field} takes no name after it"
        elif field.is_known and not has_key(self._unit, field, str(name.key)):
            known = keys_of(self._unit, field)
            if not known:
                return field  # where there are none yet, none is wrong
            message = f"no version has {name}: {suggestion(str(name.key), known)}"
            raise QueryError(message, self._text, name.key_at)
        else:
            return field
        raise QueryError(message, self._text, name.at)

    def _meant(self, written: str) -> str:
        """Suggest a field: one with the word as a key before one spelled like it."""
        for name, field in FIELDS.items():
            if field.key and has_key(self._unit, field, written):
                return f"did you mean '{name}.{written}'?"
        return suggestion(written, FIELDS, most=len(FIELDS))

    def _bind(self, value: Any) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"


def _key(name: Name) -> str:
    """Give the key as the tables spell it."""
    key = name.key or ""
    return package_name(key) if name.field == "packages" else key


def _not(condition: str) -> str:
    """Negate; what is unknown to SQL counts as false."""
    return f"not coalesce({condition}, false)"
