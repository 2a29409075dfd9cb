"""How what nothing needs is shown, as text and as HTML."""

from nbmlops.display.markup import Child, Markup, tag
from nbmlops.display.numbers import amount, duration, size
from nbmlops.display.table import code, command, more, table
from nbmlops.display.text import text_table
from nbmlops.display.theme import scoped
from nbmlops.host import typed
from nbmlops.lifecycle.gc import Garbage, Unneeded

MOST = 20
REMOVES = "gc --run"
_UNDER_WAY = "a register under way may need them"


def garbage_text(found: Garbage) -> str:
    """Show it in a terminal."""
    lines = [_sentence(found)]
    rows = [[_whose(a), size(a.size), a.digest[:12]] for a in found.artifacts[:MOST]]
    if rows:
        lines.append(text_table(["of", "size", "digest"], rows, indent=2))
    rest = len(found.artifacts) - MOST
    lines += [f"  {more(rest)}"] if rest > 0 else []
    lines += [f"  {_young(found)}"] if found.young else []
    if found.artifacts and found.event is None:
        lines.append(f"  {typed(REMOVES)} removes them for good")
    return "\n".join(lines)


def garbage_html(found: Garbage) -> Markup:
    """Show it in a notebook."""
    rows: list[list[Child]] = [
        [_whose(a), size(a.size), code(a.digest[:12])] for a in found.artifacts
    ]
    is_listed = found.artifacts and found.event is None
    return scoped(
        tag("h2", _sentence(found)),
        table(["Of", "Size", "Digest"], rows, numeric=(1,), most=MOST, fit=True)
        if rows
        else None,
        tag("p", _young(found)) if found.young else None,
        tag("p", command(typed(REMOVES)), " removes them for good")
        if is_listed
        else None,
    )


def _sentence(found: Garbage) -> str:
    if not found.artifacts:
        return "Nothing to remove"
    count = f"{amount(len(found.artifacts), 'artifact')}, {size(found.size)}"
    if found.event is None:
        return f"{count}, needed by no version that is there"
    return f"Removed {count} (event {found.event.seq})"


def _young(found: Garbage) -> str:
    age = duration(found.older_than.total_seconds())
    return f"{amount(found.young, 'artifact')} younger than {age} stay: {_UNDER_WAY}"


def _whose(artifact: Unneeded) -> str:
    return ", ".join(artifact.refs) or "an interrupted change"
