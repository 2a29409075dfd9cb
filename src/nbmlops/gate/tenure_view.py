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
# What an actor did, by the verb of the event that began a tenure, and of its end.
_BEGAN = {
    "promote": "promoted it",
    "rollback": "rolled back to it",
    "alias": "pointed the alias to it",
}
_ENDED = {
    "promote": "promoted {follower} in its place",
    "rollback": "rolled back to {follower}",
    "alias": "pointed the alias to {follower}",
    "retire": "retired it",
    "unalias": "took the alias away",
}


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
    began = _BEGAN[tenure.event.verb]
    said = [_said(tenure.event, f"{began} by force" if tenure.forced else began)]
    if tenure.ended is None:
        return said
    name, _, _ = tenure.ref.partition("/")
    ended = _ENDED[tenure.ended.verb]
    follower = f"{name}/{tenure.ended.detail['number']}"
    return [*said, _said(tenure.ended, ended.format(follower=follower))]


def _said(event: Event, did: str) -> str:
    reason = event.detail.get("reason")
    why = f": {reason}" if reason else ""
    return f"{event.actor} {did} (event {event.seq}){why}"
