"""Tab completion after `%mlops`: verbs, options, names, and variables that fit."""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from nbmlops.config import FOLDER
from nbmlops.notebook.known_names import KnownNames
from nbmlops.verbs.names import DATA_SUFFIXES
from nbmlops.verbs.session import Session
from nbmlops.verbs.table import verbs_of
from nbmlops.verbs.verb import COMMON, Argument, Verb

_LINE = re.compile(r"^\s*(?:[\w\s,.\[\]'\"]+=\s*)?%{1,2}mlops(?:\s+(.*))?$", re.DOTALL)
_ALIASES = ("champion", "challenger")
_FRAMES_OF = ("serving", "data", "frame", "train", "test")
_LAZY = "LazyFrame"
HELP = "help"
MOST_FILES = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cursor is: in the verb, an option's word, or an argument's value."""

    verb: Verb | None
    argument: Argument | None
    written: dict[str, str]
    fragment: str
    listed: tuple[str, ...] = ()


class Completion:
    """The matcher of one shell.

    Parameters
    ----------
    shell
        The IPython shell.
    session
        Whose names and registry count.
    """

    def __init__(self, shell: Any, session: Session) -> None:
        self._shell = shell
        self._session = session
        self._known = KnownNames(session.place, session.registry)
        self._matcher = self._make_matcher()

    def add(self) -> None:
        """Ask this matcher too from now on."""
        if getattr(self._shell, "Completer", None) is not None:
            self._shell.Completer.custom_matchers.append(self._matcher)

    def remove(self) -> None:
        """Ask it no more."""
        if getattr(self._shell, "Completer", None) is not None:
            matchers = self._shell.Completer.custom_matchers
            matchers[:] = [m for m in matchers if m is not self._matcher]

    def _make_matcher(self) -> Any:
        @context_matcher(identifier="nbmlops")  # type: ignore[untyped-decorator]
        def matcher(context: CompletionContext) -> SimpleMatcherResult:
            try:
                return self._matches(context.text_until_cursor)
            except Exception:
                # A key press must never end in an error: offer nothing instead.
                return SimpleMatcherResult(completions=[])

        return matcher

    def _matches(self, line: str) -> SimpleMatcherResult:
        found = _LINE.match(line)
        if found is None or found[1] is None:
            return SimpleMatcherResult(completions=[])
        place = locate(found[1])
        offered = sorted(self._offers(place), key=lambda pair: pair[1] == "option")
        fitting = [
            SimpleCompletion(text, type=kind)
            for text, kind in offered
            if text.startswith(place.fragment) and text not in place.listed
        ]
        return SimpleMatcherResult(
            completions=fitting or cast(Any, _Nothing()),
            suppress=True,
            ordered=True,
            matched_fragment=place.fragment,
        )

    def _offers(self, place: Place) -> Iterable[tuple[str, str]]:
        if place.verb is None:
            return [(name, "verb") for name in verbs_of("notebook")]
        if place.fragment.startswith("-"):
            return [(a.word, "option") for a in _options_left(place)]
        if place.argument is None:
            return [(a.word, "option") for a in _options_left(place)]
        offers: list[tuple[str, str]] = [
            (text, place.argument.kind) for text in self._values(place)
        ]
        if not place.argument.is_option and not place.fragment:
            offers += [(a.word, "option") for a in _options_left(place)]
        return offers

    def _values(self, place: Place) -> Iterable[str]:
        """List what could be meant for the argument's kind."""
        assert place.argument is not None
        kind = place.argument.kind
        names = self._session.names
        if kind == "data":
            return [*names.of_kind("frame"), *_files(place.fragment)]
        if kind == "model":
            return names.of_kind("model")
        if kind in ("column", "columns", "target"):
            return self._columns(place)
        if kind == "dataset":
            frames = [*names.of_kind("frame"), *_files(place.fragment)]
            return dict.fromkeys([*frames, *self._known.now().datasets])
        if kind == "subject":
            known = self._known.now()
            return dict.fromkeys([*known.refs, *known.datasets])
        if kind == "query":
            return self._known.now().fields
        if kind in ("ref", "name", "alias"):
            return self._registered(kind)
        if kind == "metric":
            return dict.fromkeys([*names.of_kind("scorer"), *_scorers()])
        if kind == "location":
            return _folders(place.fragment)
        if kind == "attachment":
            return self._known.attachments(place.written.get("ref", ""))
        if kind == "file":
            return _files(place.fragment, suffixes=())
        return _listed(kind)

    def _registered(self, kind: str) -> Iterable[str]:
        known = self._known.now()
        if kind == "alias":
            return dict.fromkeys([*_ALIASES, *known.aliases])
        return known.models if kind == "name" else known.refs

    def _columns(self, place: Place) -> Iterable[str]:
        """List the columns of the frame on the line, else of every frame there is."""
        variables = self._shell.user_ns
        for word in _FRAMES_OF:
            frame = variables.get(place.written.get(word, ""))
            if frame is not None:
                return _columns_of(frame)
        frames = self._session.names.of_kind("frame")
        return dict.fromkeys(c for name in frames for c in _columns_of(variables[name]))


class _Nothing:
    """No completions, and none of Python's: an empty list would let those through.

    IPython asks whether there is any, by the length, before it keeps others silent.
    """

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[SimpleCompletion]:
        return iter(())


def locate(text: str) -> Place:
    """Find out what is being written at the end of a line.

    Parameters
    ----------
    text
        What follows `%mlops` up to the cursor.

    Returns
    -------
    Place
        The fragment to be completed is what follows the last blank, comma or "="; what
        is listed before it is not offered again.
    """
    words = text.split()
    ends_open = bool(text) and not text[-1].isspace()
    fragment = words.pop() if ends_open and words else ""
    if not words or words == [HELP]:
        return Place(None, None, {}, fragment)
    verb = verbs_of("notebook").get(words[0])
    if verb is None:
        return Place(verbs_of("notebook")["status"], None, {}, fragment)
    argument, written = _walk(verb, words[1:])
    option, equals, value = fragment.partition("=")
    if fragment.startswith("--") and equals:
        argument, fragment = _options(verb).get(option), value
    listed: list[str] = []
    if argument is not None and argument.kind in ("columns", "target", "metric"):
        *listed, fragment = re.split(r"[,=]", fragment)
    if argument is not None and argument.kind == "query":
        fragment = fragment.lstrip("\"'(")
    return Place(verb, argument, written, fragment, tuple(listed))


def _walk(verb: Verb, words: Sequence[str]) -> tuple[Argument | None, dict[str, str]]:
    """Read the words before the cursor: what is due next, and what was given."""
    options = _options(verb)
    due = [a for a in verb.arguments if not a.is_option]
    written: dict[str, str] = {}
    waiting: Argument | None = None
    for word in words:
        if waiting is not None:
            written[waiting.key] = word
            waiting = None
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            option = options.get(name)
            if option is not None and equals:
                written[option.key] = value
            elif option is not None and option.kind != "flag":
                waiting = option
        elif due:
            written[due[0].key] = word
            if not due[0].is_many and due[0].kind != "query":
                due.pop(0)
    return waiting or (due[0] if due else None), written


def _options(verb: Verb) -> dict[str, Argument]:
    common = COMMON["notebook"] if verb.method else ()
    return {a.word: a for a in (*verb.arguments, *common) if a.is_option}


def _options_left(place: Place) -> list[Argument]:
    assert place.verb is not None
    return [
        option
        for option in _options(place.verb).values()
        if option.is_many or option.key not in place.written
    ]


def _listed(kind: str) -> Iterable[str]:
    """List fixed words, if the module that knows them is loaded already."""
    if kind == "task":
        module, constant = "nbmlops.evaluate.tasks", "TASKS"
    elif kind == "table":
        module, constant = "nbmlops.registry.tables.schema", "TABLES"
    else:
        return ()
    return tuple(getattr(sys.modules.get(module), constant, ()))


def _columns_of(frame: Any) -> list[str]:
    """List a frame's columns if that costs nothing."""
    if type(frame).__name__ == _LAZY:
        return []
    named = "column_names" if hasattr(frame, "column_names") else "columns"
    return [str(column) for column in getattr(frame, named, ())]


def _scorers() -> Iterable[str]:
    """List scikit-learn's scorers, if it is loaded already."""
    metrics = sys.modules.get("sklearn.metrics")
    return metrics.get_scorer_names() if metrics is not None else ()


def _files(fragment: str, suffixes: Sequence[str] = DATA_SUFFIXES) -> list[str]:
    """List files and folders that go on from what was written."""
    found = []
    for written, entry in _entries(fragment):
        if entry.is_dir():
            found.append(f"{written}/")
        elif not suffixes or entry.name.endswith(tuple(suffixes)):
            found.append(written)
        if len(found) == MOST_FILES:
            break
    return sorted(found)


def _folders(fragment: str) -> list[str]:
    """List folders that go on from what was written: a registry is one."""
    found = (
        f"{written}/"
        for written, entry in _entries(fragment, shown=FOLDER)
        if entry.is_dir()
    )
    return sorted(islice(found, MOST_FILES))


def _entries(fragment: str, *, shown: str = "") -> Iterator[tuple[str, Path]]:
    """Find what is in the folder, with how it is written; hidden ones if asked for."""
    start, slash, last = fragment.rpartition("/")
    for entry in Path(start + slash or ".").iterdir():
        is_hidden = entry.name.startswith(".") and entry.name != shown
        if last.startswith(".") or not is_hidden:
            yield f"{start}{slash}{entry.name}", entry
