"""From what was written to the call of one method of `Registry`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nbmlops.errors import UsageError, suggestion
from nbmlops.verbs.names import Given, Names
from nbmlops.verbs.parsing import Parsed
from nbmlops.verbs.spelling import call_code, quoted, spelled_dict, spelled_list
from nbmlops.verbs.verb import Argument


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A method of `Registry` and its arguments, which are read when it is made.

    Attributes
    ----------
    method
        "promote".
    positional, keywords
        The arguments.
    pick
        A key to look up in the result, or "".
    """

    method: str
    positional: tuple[Given, ...]
    keywords: Mapping[str, Given]
    pick: str = ""

    def python(self) -> str:
        """Write the call as Python."""
        code = call_code(
            f"registry.{self.method}",
            [given.code for given in self.positional],
            {key: given.code for key, given in self.keywords.items()},
        )
        return f"{code}[{quoted(self.pick)}]" if self.pick else code

    @property
    def imports(self) -> set[str]:
        """The imports that the Python needs beside `registry` and the variables."""
        given = (*self.positional, *self.keywords.values())
        return {f"import {one.needs}" for one in given if one.needs}

    def make(self, registry: Any) -> Any:
        """Make the call.

        Parameters
        ----------
        registry
            A `Registry`.

        Returns
        -------
        object
            What the method returns, or what was picked from it.

        Raises
        ------
        UsageError
            If what is to be picked is not there.
        """
        result = getattr(registry, self.method)(
            *(given.read() for given in self.positional),
            **{key: given.read() for key, given in self.keywords.items()},
        )
        if not self.pick:
            return result
        if self.pick not in result:
            hint = suggestion(self.pick, result)
            raise UsageError(f"there is no table {self.pick!r}", hint=hint)
        return result[self.pick]


def call_of(parsed: Parsed, names: Names) -> Call:
    """Turn what was written into a call.

    Parameters
    ----------
    parsed
        The verb, and what was written.
    names
        What words mean.

    Returns
    -------
    Call
        Nothing is read yet, but every name is known to exist.
    """
    positional: list[Given] = []
    keywords: dict[str, Given] = {}
    for argument in parsed.verb.arguments:
        if argument.key not in parsed.written or argument.key == parsed.verb.pick:
            continue
        written = parsed.written[argument.key]
        if argument.to == "**":
            keywords |= _tags(written)
        elif argument.is_many and argument.kind == "ref" and not argument.to:
            positional += [_text(ref) for ref in written]
        elif argument.to:
            keywords[argument.to] = _given(argument, written, names)
        elif argument.kind == "model":
            trust = parsed.written.get("trust", [])
            positional.append(names.model(written, trust))
        else:
            positional.append(_given(argument, written, names))
    return Call(
        method=parsed.verb.method,
        positional=tuple(positional),
        keywords=keywords,
        pick=parsed.written.get(parsed.verb.pick, "") or "",
    )


def _given(argument: Argument, written: Any, names: Names) -> Given:
    if argument.kind == "data":
        return names.data(written)
    if argument.kind == "dataset":
        return names.dataset(written)
    if argument.kind == "metric":
        return _metrics(written, names)
    reader = _READERS.get(argument.kind)
    if reader is not None:
        return reader(argument, written)
    return _texts(written) if argument.is_many else _text(written)


def _number(argument: Argument, written: str) -> Given:
    try:
        value = float(written)
    except ValueError:
        raise UsageError(
            f"{argument.word} takes a number, not {written!r}",
            hint=f"{argument.word} 0.1",
        ) from None
    return Given(repr(value), lambda: value)


def _count(argument: Argument, written: str) -> Given:
    if not written.isdecimal() or not int(written):
        raise UsageError(
            f"{argument.word} takes a whole number from 1, not {written!r}",
            hint=f"{argument.word} 20",
        )
    return Given(str(int(written)), lambda: int(written))


def _event(argument: Argument, written: str) -> Given:
    if not written.isdecimal():
        raise UsageError(
            f"{written!r} is not the number of an event", hint="history shows them"
        )
    return Given(written, lambda: int(written))


def _columns(argument: Argument, written: str) -> Given:
    return _texts(_comma_separated(argument, written))


def _target(argument: Argument, written: str) -> Given:
    parts = _comma_separated(argument, written)
    return _text(parts[0]) if len(parts) == 1 else _texts(parts)


def _pairs(argument: Argument, written: list[str]) -> Given:
    pairs = dict(_split_pair(argument.word, word) for word in written)
    code = spelled_dict({key: quoted(value) for key, value in pairs.items()})
    return Given(code, lambda: pairs)


def _words(argument: Argument, written: list[str]) -> Given:
    return _text(" ".join(written))


def _flag(argument: Argument, written: bool) -> Given:
    value = not argument.is_off
    return Given(repr(value), lambda: value)


_READERS: dict[str, Callable[[Argument, Any], Given]] = {
    "number": _number,
    "count": _count,
    "event": _event,
    "columns": _columns,
    "target": _target,
    "pair": _pairs,
    "words": _words,
    "flag": _flag,
}


def _metrics(written: list[str], names: Names) -> Given:
    found: dict[str, Given] = {}
    for word in written:
        name, equals, value = word.partition("=")
        text = value if equals else name
        if not name or not text:
            raise UsageError(
                f"--metric takes a name and a value, not {word!r}",
                hint="--metric auc=0.9",
            )
        try:
            number = float(text)
        except ValueError:
            found[name] = names.scorer(text)
        else:
            if not equals:
                raise UsageError(
                    f"--metric {word}: which metric is it?", hint=f"--metric auc={word}"
                )
            found[name] = Given(repr(number), lambda number=number: number)  # type: ignore[misc]
    code = spelled_dict({name: given.code for name, given in found.items()})
    return Given(code, lambda: {name: given.read() for name, given in found.items()})


def _tags(written: list[str]) -> dict[str, Given]:
    tags = dict(_split_pair("a tag", word) for word in written)
    for key in ("self", "ref"):
        if key in tags:
            raise UsageError(f"{key!r} cannot be a tag", hint="choose another name")
    return {
        key: _text(value) if value else Given("None", lambda: None)
        for key, value in tags.items()
    }


def _split_pair(what: str, word: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not equals or not key:
        raise UsageError(
            f"{what} is written key=value, not {word!r}",
            hint="team=ops, without blanks around the =",
        )
    return key, value


def _comma_separated(argument: Argument, written: str) -> list[str]:
    parts = [part.strip() for part in written.split(",")]
    if not all(parts):
        raise UsageError(
            f"{argument.word} {written!r} has an empty name in it",
            hint="write a,b without blanks, or quote it",
        )
    return parts


def _text(written: str) -> Given:
    return Given(quoted(written), lambda: written)


def _texts(written: list[str]) -> Given:
    return Given(spelled_list(written), lambda: list(written))
