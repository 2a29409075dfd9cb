"""Running verbs: which registry is in use, and one line of words after another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmlops.config import registry_location
from nbmlops.errors import UsageError
from nbmlops.host import Host, on_a_line
from nbmlops.verbs.calls import Call, call_of
from nbmlops.verbs.names import Names
from nbmlops.verbs.parsing import HelpAsked, Parsed, parse
from nbmlops.verbs.spelling import call_code, quoted
from nbmlops.verbs.verb import Verb

if TYPE_CHECKING:
    from nbmlops.api import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one line.

    Attributes
    ----------
    text
        To be printed: help, or the Python call; "" otherwise.
    result
        What the method returned; None where there is only text.
    verb
        None for help.
    written
        What was given for the verb's arguments and the common options.
    call, registry
        The call that was made, and on which registry.
    made
        The folder of the registry that the call made; "" if there was one before.
    saved
        The file or folder that was written, which `--out` may have named; else "".
    """

    text: str = ""
    result: Any = None
    verb: Verb | None = None
    written: Mapping[str, Any]
    call: Call | None = None
    registry: "Registry | None" = None
    made: str = ""
    saved: str = ""

    @property
    def has_failed(self) -> bool:
        """True if a check or gate did not hold: exit status 1 in a terminal."""
        verb = self.verb
        if verb is None or verb.has_failed is None or self.text:
            return False
        return verb.has_failed(self.result)


class Session:
    """Verbs, one after another, on the registry in use.

    Parameters
    ----------
    names
        What words in arguments mean.
    host
        Where the words are written.
    own
        Verbs that the host does itself, by name.

    Attributes
    ----------
    location
        The registry that `use` named, else the one that a verb used first: from then on
        the current folder has no say. None before that.
    """

    def __init__(
        self,
        names: Names,
        host: Host,
        *,
        own: Mapping[str, Callable[[Parsed], Any]] | None = None,
    ) -> None:
        self.names = names
        self.host: Host = host
        self.location: str | None = None
        self._own = {"use": self._use, **(own or {})}
        self._opened: dict[tuple[str, bool], Registry] = {}

    def run(self, words: Sequence[str]) -> Outcome:
        """Run one line.

        Parameters
        ----------
        words
            The verb and its arguments.

        Returns
        -------
        Outcome
            What to print, or what the call returned; UsageError if the verb is for
            another host.
        """
        with on_a_line():
            return self._run(words)

    def _run(self, words: Sequence[str]) -> Outcome:
        try:
            parsed = parse(words, self.host)
        except HelpAsked as asked:
            return Outcome(text=asked.text, written={})
        verb, written = parsed.verb, parsed.written
        if not verb.method:
            if verb.name not in self._own:
                raise UsageError(f"{verb.name!r} cannot be used here")
            result = self._own[verb.name](parsed)
            return Outcome(result=result, verb=verb, written=written)
        call = call_of(parsed, self.names)
        location, read_only = written.get("registry"), "read_only" in written
        if "python" in written:
            opening = self._opening(call, location, read_only=read_only)
            lines = [*opening, call.python()]
            return Outcome(text="\n".join(lines), verb=verb, written=written)
        registry = self.registry(location, read_only=read_only)
        was_there = self._keep(registry, location)
        result = call.make(registry)
        is_made = not was_there and self._keep(registry, location)
        if not call.pick:
            from nbmlops.verbs.listing import showable  # it draws: not needed to load

            result = showable(verb.method, result)
        return Outcome(
            result=result,
            verb=verb,
            written=written,
            call=call,
            registry=registry,
            made=_near(registry.location) if is_made else "",
            saved=_near(result) if isinstance(result, Path) else written.get("out", ""),
        )

    def registry(
        self, location: str | None = None, *, read_only: bool = False
    ) -> "Registry":
        """Return the registry in use, opened on the first call.

        Parameters
        ----------
        location
            Another one, this once.
        read_only
            True refuses every change.

        Returns
        -------
        Registry
            The same object as long as the location means the same place.
        """
        from nbmlops.api import open_registry

        found = str(self.place(location)), read_only
        if found not in self._opened:
            self._opened[found] = open_registry(found[0], read_only=read_only)
        return self._opened[found]

    def place(self, location: str | None = None) -> str | Path:
        """Tell where the registry in use is; nothing is opened."""
        return registry_location(location or self.location, start=Path.cwd())

    def _keep(self, registry: "Registry", location: str | None) -> bool:
        """Stay with the registry in use once it exists; tell whether it does."""
        from nbmlops.registry.database import database_at

        exists = database_at(registry.location).exists
        if exists and location is None and self.location is None:
            self.location = str(registry.location)
        return exists

    def _opening(
        self, call: Call, location: str | None, *, read_only: bool
    ) -> list[str]:
        """Write the lines without which the call's Python would not run."""
        place = self.place(location)
        imports = sorted(call.imports)
        if not read_only and _is_open(self.names.value("registry"), place):
            return imports
        opened = call_code(
            "nbmlops.open_registry",
            [quoted(location or _near(place))],
            {"read_only": "True"} if read_only else {},
        )
        return [*sorted({*imports, "import nbmlops"}), f"registry = {opened}"]

    def _use(self, parsed: Parsed) -> Any:
        location = str(parsed.written["location"])
        registry = self.registry(location)
        self.location = str(self.place(location))
        return registry.status()


def _is_open(value: Any, place: str | Path) -> bool:
    """Tell whether a variable holds the registry at a place."""
    if value is None:
        return False
    from nbmlops.api import Registry

    return isinstance(value, Registry) and value.location == place


def _near(place: str | Path) -> str:
    """Write a place from the current folder if it lies below it."""
    here = Path.cwd()
    if isinstance(place, Path) and place.is_relative_to(here):
        return place.relative_to(here).as_posix()
    return str(place)
