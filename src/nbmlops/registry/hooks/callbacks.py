"""Functions of this process that are called when an event stands."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from nbmlops.errors import UsageError, suggestion, warn
from nbmlops.registry.audit.events import Event
from nbmlops.registry.tables.projection import VERBS

Callback: TypeAlias = Callable[[Event], object]

EVERY = "*"
# By folder, so that what a cell asks for also hears of what the magics do.
_callbacks: dict[Path, dict[str, list[Callback]]] = defaultdict(
    lambda: defaultdict(list)
)


def check_verb(verb: str) -> str:
    """Return the verb if events have it.

    Parameters
    ----------
    verb
        "promote", or "*" for every one.

    Returns
    -------
    str
        The same verb.

    Raises
    ------
    UsageError
        If no event has that verb.
    """
    if verb != EVERY and verb not in VERBS:
        raise UsageError(
            f"no event has the verb {verb!r}",
            hint=suggestion(str(verb), VERBS) or f"known: {', '.join(VERBS)}",
        )
    return verb


def on(folder: Path, verb: str, callback: Callback) -> Callable[[], None]:
    """Call a function with each event of a verb, after it was committed.

    Parameters
    ----------
    folder
        The registry's folder.
    verb
        "promote", or "*" for every one.
    callback
        Takes the event. What it raises is a warning: the change stands by then.

    Returns
    -------
    callable
        Without arguments: ends it. Ending it twice does nothing.

    Raises
    ------
    UsageError
        If there is no such verb, or the function cannot be called.
    """
    if not callable(callback):
        raise UsageError(
            f"{callback!r} cannot be called", hint='registry.on("promote", print)'
        )
    heard = _callbacks[folder.resolve()][check_verb(verb)]
    heard.append(callback)

    def off() -> None:
        if callback in heard:
            heard.remove(callback)

    return off


def call(folder: Path, events: Sequence[Event]) -> None:
    """Call what listens to these events, in the order in which it was asked for."""
    listening = _callbacks.get(folder.resolve())
    if not listening:
        return
    for event in events:
        for callback in (*listening[event.verb], *listening[EVERY]):
            try:
                callback(event)
            except Exception as error:
                warn(
                    f"the callback for {event.verb} {event.subject} raised "
                    f"{type(error).__name__}: {error}; the change stands"
                )
