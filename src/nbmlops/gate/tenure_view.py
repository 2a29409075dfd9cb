"""How a tenure is shown, as text and as HTML."""

from nbmlops.display.markup import Markup, tag
from nbmlops.display.numbers import moment
from nbmlops.display.table import words
from nbmlops.display.text import shorten
from nbmlops.display.theme import scoped
from nbmlops.gate.tenure import Tenure
from nbmlops.gate.view import gates_table, gates_text
from nbmlops.registry.audit.events import Event

_MOST = 240


def tenure_text(tenure: Tenure) -> str:
    """Show a tenure in a terminal."""
    lines = [_sentence(tenure), *(f"  {shorten(said, _MOST)}" for said in _how(tenure))]
    if tenure.results:
        lines.append(gates_text(tenure.results))
    return "\n".join(lines)


def tenure_html(tenure: Tenure) -> Markup:
    """Show a tenure in a notebook."""
    return scoped(
        tag("h2", _sentence(tenure)),
        [tag("p", words(said, most=_MOST)) for said in _how(tenure)],
        gates_table(tenure.results, when="Then") if tenure.results else None,
    )


def _sentence(tenure: Tenure) -> str:
    since = moment(tenure.since)
    if tenure.until is None:
        return f"{tenure.ref} is {tenure.alias}, since {since} UTC"
    until = moment(tenure.until)
    return f"{tenure.ref} was {tenure.alias}, from {since} to {until} UTC"


def _how(tenure: Tenure) -> list[str]:
    forced = ", forced" if tenure.forced else ""
    said = [f"began by {_event(tenure.event, forced)}"]
    return said if tenure.ended is None else [*said, f"ended by {_event(tenure.ended)}"]


def _event(event: Event, forced: str = "") -> str:
    reason = event.detail.get("reason")
    why = f": {reason}" if reason else ""
    return f"{event.verb}{forced} of {event.actor} (event {event.seq}){why}"
