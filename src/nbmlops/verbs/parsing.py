"""From a line of words to a verb and what was written for each of its arguments."""

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from nbmlops.errors import NbmlopsError, UsageError, suggestion
from nbmlops.host import PROGRAM, Host
from nbmlops.verbs.help import help_text, overview
from nbmlops.verbs.table import DEFAULT, verb_named
from nbmlops.verbs.verb import COMMON, Argument, Verb

_UNKNOWN = "unrecognized arguments: "
_MISSING = "the following arguments are required: "
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
        for argument in (*verb.arguments, *common):
            self._take(argument)

    def _take(self, argument: Argument) -> None:
        if argument.kind == "flag":
            self.add_argument(argument.word, action="store_true")
        elif argument.is_option:
            self.add_argument(
                argument.word,
                metavar=argument.shown,
                required=argument.is_required,
                action="append" if argument.is_many else "store",
            )
        else:
            count = "+" if argument.is_many else None if argument.is_required else "?"
            self.add_argument(argument.key, metavar=argument.shown, nargs=count)

    def format_help(self) -> str:
        """Return the generated help, not argparse's."""
        return help_text(self.verb, self.host)

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing usage and exiting."""
        more = f"{self.prog} --help shows how to write it"
        if message.startswith(_UNKNOWN):
            raise self._unknown(message.removeprefix(_UNKNOWN), more)
        if message.startswith(_MISSING):
            missing = message.removeprefix(_MISSING)
            raise UsageError(f"{self.verb.name} needs {missing}", hint=more)
        raise UsageError(f"{self.verb.name}: {message}", hint=more)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Raise: a notebook's kernel must not end."""
        raise UsageError(message or f"{self.prog}: stopped ({status})")

    def _unknown(self, words: str, more: str) -> NbmlopsError:
        first = words.split()[0].partition("=")[0]
        if not first.startswith("-"):
            return UsageError(f"{self.verb.name}: {words!r} is one too many", hint=more)
        common = [a.word for a in COMMON[self.host]] if self.verb.method else []
        close = suggestion(first, [*self.verb.options, *common])
        return UsageError(f"{self.verb.name} has no option {first}", hint=close or more)


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
        raise UsageError(
            f"{str(error).lower()} in: {line}", hint="close it, or write it as \\'"
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
    return Parsed(verb=verb, written=vars(parser.parse_intermixed_args(rest)))
