"""From a line of words to a verb and what was written for each of its arguments."""

import argparse
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from nbmlops.display.text import counted
from nbmlops.errors import NbmlopsError, UsageError
from nbmlops.host import PROGRAM, Host
from nbmlops.verbs.help import ALL, catalogue, help_text, overview, prefix
from nbmlops.verbs.table import DEFAULT, verb_named
from nbmlops.verbs.verb import COMMON, Argument, Verb

_UNKNOWN = "unrecognized arguments: "
_NO_VALUE = re.compile(r"argument (--\S+): expected one argument")
ONLY_IN_TERMINALS = {a.word for a in COMMON["cli"]} - {
    a.word for a in COMMON["notebook"]
}
HELP_WORDS = frozenset({"-h", "--help", "help", "?"})


class HelpAsked(Exception):
    """Not an error: the words ask for help, whose text this carries."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A verb with what was written for it.

    Attributes
    ----------
    verb
        The table's entry.
    written
        By `Argument.key`; only what was given. Text, a list of texts, or True.
    """

    verb: Verb
    written: dict[str, Any]


class VerbParser(argparse.ArgumentParser):
    """An argparse parser that raises where argparse would print and exit."""

    def __init__(self, verb: Verb, host: Host) -> None:
        super().__init__(
            prog=f"{PROGRAM[host]} {verb.name}",
            allow_abbrev=False,
            add_help=False,
            argument_default=argparse.SUPPRESS,
        )
        self.verb = verb
        self.host: Host = host
        common = COMMON[host] if verb.method else ()
        self._arguments = (*verb.arguments, *common)
        for argument in self._arguments:
            self._take(argument)

    @property
    def _example(self) -> str:
        """Show how the verb is written: a line that works says more than a grammar."""
        verb = self.verb
        shown = verb.examples if self.host == "notebook" else verb.shell_examples
        line = (shown or verb.examples or (verb.name,))[0]
        words = [word for word in line.split() if word != "\\"]
        return " ".join([prefix(verb, self.host), *words])

    def _take(self, argument: Argument) -> None:
        if argument.kind == "flag":
            self.add_argument(argument.word, action="store_true")
        elif argument.is_option:
            self.add_argument(
                argument.word,
                metavar=argument.shown,
                action="append" if argument.is_many else "store",
            )
        else:
            count = "*" if argument.is_many else "?"
            self.add_argument(argument.key, metavar=argument.shown, nargs=count)

    def format_help(self) -> str:
        """Return the generated help, not argparse's."""
        return help_text(self.verb, self.host)

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing usage and exiting."""
        if message.startswith(_UNKNOWN):
            raise self._unknown(message.removeprefix(_UNKNOWN))
        bare = _NO_VALUE.match(message)
        if bare:
            value = next(a.shown for a in self._arguments if a.word == bare[1])
            raise UsageError(
                f"{self.verb.name}: {bare[1]} needs a value", hint=f"{bare[1]} {value}"
            )
        raise UsageError(f"{self.verb.name}: {message}", hint=self._example)

    def check_complete(self, written: Mapping[str, Any]) -> None:
        """Refuse a line in which something is missing, naming all that is.

        Parameters
        ----------
        written
            What was given, by `Argument.key`.

        Raises
        ------
        UsageError
            If anything required is not there.
        """
        missing = [
            argument.word if argument.is_option else argument.shown
            for argument in self.verb.arguments
            if argument.is_required and not written.get(argument.key)
        ]
        if missing:
            raise UsageError(
                f"{self.verb.name} needs {counted(missing)}", hint=self._example
            )

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Raise: a notebook's kernel must not end."""
        raise UsageError(message or f"{self.prog}: stopped ({status})")

    def _unknown(self, words: str) -> NbmlopsError:
        first = words.split()[0].partition("=")[0]
        if not first.startswith("-"):
            return UsageError(
                f"{self.verb.name}: {words!r} is one too many", hint=self._example
            )
        message = f"{self.verb.name} has no option {first}"
        if self.host == "notebook" and first in ONLY_IN_TERMINALS:
            return UsageError(message, hint=f"{first} is for terminals only")
        named = {a.word.lstrip("-"): a.word for a in self._arguments if a.is_option}
        begun = first.lstrip("-")
        close = [key for key in named if key.startswith(begun)] or get_close_matches(
            begun, named, n=1
        )
        if close:
            return UsageError(message, hint=f"did you mean {named[close[0]]!r}?")
        listed = ", ".join(named.values())
        return UsageError(
            message, hint=f"there is: {listed}" if listed else self._example
        )


def split(line: str) -> list[str]:
    """Split a line into words as a shell does, but substitute nothing.

    Parameters
    ----------
    line
        What follows `%mlops`.

    Returns
    -------
    list of str
        Quotes are taken off.

    Raises
    ------
    UsageError
        If a quote is not closed.
    """
    try:
        return shlex.split(line)
    except ValueError as error:
        if "escaped" in str(error):
            raise UsageError(f"nothing follows the last \\ in: {line}") from None
        raise UsageError(
            f"a quote is not closed in: {line}",
            hint='put the whole text in double quotes: --reason "it\'s better"',
        ) from None


def parse(words: Sequence[str], host: Host) -> Parsed:
    """Read a verb and its arguments.

    Parameters
    ----------
    words
        The verb first; none at all means `status`.
    host
        Where they were written.

    Returns
    -------
    Parsed
        The verb, and what was written.

    Raises
    ------
    HelpAsked
        If the words ask for help.
    """
    first, *rest = words or [DEFAULT]
    if first in HELP_WORDS:
        if rest[:1] == [ALL]:
            raise HelpAsked(catalogue(host))
        if rest and rest[0] not in HELP_WORDS:
            raise HelpAsked(help_text(verb_named(rest[0], host), host))
        raise HelpAsked(overview(host))
    if first.startswith("-"):
        first, rest = DEFAULT, list(words)
    verb = verb_named(first, host)
    before_dashes = rest[: rest.index("--")] if "--" in rest else rest
    if any(word in ("-h", "--help") for word in before_dashes):
        raise HelpAsked(help_text(verb, host))
    parser = VerbParser(verb, host)
    written = vars(parser.parse_intermixed_args(rest))
    parser.check_complete(written)
    return Parsed(verb=verb, written=written)
