"""The query language: text parsed into comparisons joined by and, or, not.

metrics.roc_auc > 0.7 and (tags.team = 'ops' or alias in ('champion', 'shadow'))
"""

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias, cast

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from nbmlops.registry.search.errors import QueryError

Operator: TypeAlias = Literal[
    "=", "!=", "<", "<=", ">", ">=", "~", "in", "not in", "present", "missing"
]
MOST_CHARACTERS = 10_000
DEEPEST = 50
_EXAMPLE = "metrics.roc_auc > 0.7 and tags.team = 'ops'"

# A word ends where a name could not go on: `order` does not begin with `or`.
_GRAMMAR = r"""
?start: either
?either: both (_OR both)*
?both: factor (_AND factor)*
?factor: _NOT factor -> negation
    | "(" either ")"
    | FIELD OPERATOR value -> comparison
    | FIELD _IN "(" value ("," value)* ")" -> membership
    | FIELD _NOT _IN "(" value ("," value)* ")" -> exclusion
    | FIELD _IS STATE -> state
value: TEXT | NUMBER | BOOLEAN

_OR.2: /or(?![\w.-])/i
_AND.2: /and(?![\w.-])/i
_NOT.2: /not(?![\w.-])/i
_IN.2: /in(?![\w.-])/i
_IS.2: /is(?![\w.-])/i
STATE: /(present|missing)(?![\w.-])/i
BOOLEAN: /(true|false)(?![\w.-])/i
FIELD: /[^\W\d]\w*(\.(\w[\w.-]*|"([^"]|"")+"))?/
OPERATOR: /[<>!=]=|[=<>~]/
NUMBER: /[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[-+]?[0-9]+)?(?![\w.-])/i
TEXT: /'([^']|'')*'|"([^"]|"")*"/
%ignore /\s+/
"""
# The first that fits says what was expected.
_EXPECTED = {
    "FIELD": "a field is expected here, as in metrics.roc_auc or created",
    "OPERATOR": "a comparison is expected here: = != < <= > >= ~, in (...), is missing",
    "TEXT": "a value is expected here: a number, true, false, or text in quotes: 'ops'",
    "STATE": "present or missing is expected here",
    "_AND": "and, or, or the end of the query is expected here",
    "COMMA": "a comma or a closing parenthesis is expected here",
    "_IN": "in (...) is expected here",
    "RPAR": "a closing parenthesis is expected here",
    "LPAR": "a list in parentheses is expected here: ('ops', 'data')",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A field, and the key in it: metrics, roc_auc. At which character it stands."""

    field: str
    key: str | None = None
    at: int = dataclasses.field(default=0, compare=False)

    @property
    def key_at(self) -> int:
        """At which character the key stands."""
        return self.at + len(self.field) + 1

    def __str__(self) -> str:
        return self.field if self.key is None else f"{self.field}.{self.key}"


@dataclass(frozen=True, slots=True)
class Value:
    """What a field is compared with, and how that was written."""

    content: str | float | bool
    written: str = dataclasses.field(default="", compare=False)
    at: int = dataclasses.field(default=0, compare=False)

    @property
    def text(self) -> str:
        """The text, or the number as it was written: 2.10 is a release."""
        return self.content if isinstance(self.content, str) else self.written


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with one value, with several, or with none."""

    name: Name
    operator: Operator
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Negation:
    """True where its part is not."""

    part: "Query"


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts of which every one, or any one, must be true."""

    word: Literal["and", "or"]
    parts: tuple["Query", ...]


Query: TypeAlias = Comparison | Negation | Joined


def parse(text: str) -> Query:
    """Parse a query.

    Parameters
    ----------
    text
        As the user wrote it.

    Returns
    -------
    Query
        Its fields are not looked up yet, nor its values' types.

    Raises
    ------
    QueryError
        If it cannot be read; it points at the character.
    """
    if not text.strip():
        raise QueryError("the query is empty", _EXAMPLE, 0)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError("half a character", text, error.start) from None
    if len(text) > MOST_CHARACTERS:
        message = f"the query is longer than {MOST_CHARACTERS:,} characters"
        raise QueryError(message, text, MOST_CHARACTERS)
    try:
        query: Query = _parser().parse(text)  # type: ignore[assignment]  # transformed
    except UnexpectedInput as error:
        at, expected = _found(error, text)
        raise QueryError(_explained(expected, text[at:]), text, at) from None
    if _depth(query) > DEEPEST:
        raise QueryError(f"the query is nested deeper than {DEEPEST}", text, 0)
    return query


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Building())


@v_args(inline=True)
class _Building(Transformer[Token, Query]):
    def either(self, *parts: Query) -> Query:
        return Joined("or", parts)

    def both(self, *parts: Query) -> Query:
        return Joined("and", parts)

    def negation(self, part: Query) -> Query:
        return Negation(part)

    def comparison(self, name: Token, operator: Token, value: Value) -> Query:
        sign = "=" if operator == "==" else str(operator)
        return Comparison(_name(name), cast(Operator, sign), (value,))

    def membership(self, name: Token, *values: Value) -> Query:
        return Comparison(_name(name), "in", values)

    def exclusion(self, name: Token, *values: Value) -> Query:
        return Comparison(_name(name), "not in", values)

    def state(self, name: Token, word: Token) -> Query:
        return Comparison(_name(name), cast(Operator, word.lower()))

    def value(self, token: Token) -> Value:
        content: str | float | bool
        if token.type == "NUMBER":
            content = float(token)
        elif token.type == "BOOLEAN":
            content = token.lower() == "true"
        else:
            content = _unquoted(token)
        return Value(content, str(token), token.start_pos or 0)


def _name(token: Token) -> Name:
    name, dot, key = str(token).partition(".")
    if key.startswith('"'):
        key = _unquoted(key)
    return Name(name, key if dot else None, token.start_pos or 0)


def _unquoted(text: str) -> str:
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote)


def _found(error: UnexpectedInput, text: str) -> tuple[int, Collection[str]]:
    """Tell where the parser stopped, and which terminals it would have taken."""
    if isinstance(error, UnexpectedToken):
        is_end = error.token.type == "$END"
        at = len(text) if is_end else error.token.start_pos or 0
        return at, error.accepts or error.expected
    assert isinstance(error, UnexpectedCharacters)
    return cast(int, error.pos_in_stream), error.allowed or ()


def _explained(expected: Collection[str], rest: str) -> str:
    if "TEXT" in expected and rest.startswith(("'", '"')):
        return f"the text that begins here has no end: close it with {rest[0]}"
    if "OPERATOR" in expected and rest.startswith("."):
        return 'a name is expected after the dot: metrics.roc_auc, tags."my tag"'
    return next(
        (said for terminal, said in _EXPECTED.items() if terminal in expected),
        "the query should end here",
    )


def _depth(query: Query) -> int:
    """Count the levels without going down by calls, of which Python allows few."""
    deepest, left = 0, [(query, 1)]
    while left:
        part, depth = left.pop()
        deepest = max(deepest, depth)
        if isinstance(part, Negation):
            left.append((part.part, depth + 1))
        elif isinstance(part, Joined):
            left += [(inner, depth + 1) for inner in part.parts]
    return deepest
