"""How a verification is shown: the verdict, what is wrong, the head to note."""

from collections.abc import Iterable

from nbmlops.display import numbers
from nbmlops.display.markup import Markup, tag
from nbmlops.display.table import code, status
from nbmlops.display.text import clean
from nbmlops.display.theme import scoped
from nbmlops.registry.audit.verification import Verification

SHOWN_PROBLEMS = 20


def verification_text(found: Verification) -> str:
    """Show a verification in a terminal."""
    lines = [verdict(found), *(f"  {clean(line)}" for line in _lines(found))]
    if found.head:
        lines.append(f"  head: {found.head}")
    return "\n".join(lines)


def verification_html(found: Verification) -> Markup:
    """Show a verification in a notebook."""
    listed = [tag("li", line) for line in _lines(found)]
    return scoped(
        tag("h2", status("pass" if found.ok else "fail", verdict(found))),
        tag("ul", listed) if listed else None,
        tag("p", "Head: ", code(found.head)) if found.head else None,
    )


def verdict(found: Verification) -> str:
    """Say in a sentence what was verified, and whether it is what was recorded."""
    events = numbers.amount(found.events, "event")
    looked = f"{events} and {numbers.amount(found.artifacts, 'artifact')}"
    if found.ok:
        return f"{looked} are what was recorded"
    return f"{numbers.amount(len(found.problems), 'problem')} in {looked}"


def _lines(found: Verification) -> Iterable[str]:
    yield from found.problems[:SHOWN_PROBLEMS]
    more = len(found.problems) - SHOWN_PROBLEMS
    if more > 0:
        yield f"and {more:,} more"
    if found.orphans:
        count = numbers.amount(len(found.orphans), "artifact")
        yield f"{count} named by no event (left by an interrupted change; harmless)"
    yield from found.notes
    yield from found.repaired
