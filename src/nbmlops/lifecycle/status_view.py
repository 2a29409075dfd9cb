"""How the status of a registry is shown: attention first, then the models."""

from pathlib import Path

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, tag
from nbmlops.display.table import code, pill, status, table
from nbmlops.display.text import text_table
from nbmlops.display.theme import scoped
from nbmlops.host import typed
from nbmlops.lifecycle.status import Status
from nbmlops.registry.records import Model

MOST_MODELS = 20
FIRST_STEP = "register MODEL --name NAME --train FRAME --target COLUMN"


def status_text(found: Status) -> str:
    """Show a status in a terminal, within a screen."""
    lines = [_sentence(found)]
    lines += [f"  ! {a.model}: {a.why}\n    {a.hint}" for a in found.attention[:5]]
    rest = len(found.attention) - 5
    if rest > 0:
        lines.append(f"  ! and {rest} more to look at")
    if found.models:
        rows = [
            [m.name, str(m.versions), _aliases(m), _check(found, m)]
            for m in found.models[:MOST_MODELS]
        ]
        headers = ["model", "versions", "aliases", "newest skew check"]
        lines.append(text_table(headers, rows, indent=2))
    return "\n".join([*lines, *_more(found)])


def status_html(found: Status) -> Markup:
    """Show a status in a notebook."""
    rows: list[list[Child]] = [
        [
            m.name,
            m.versions,
            [pill(f"{alias} → {n}") for alias, n in m.aliases.items()],
            _check(found, m),
        ]
        for m in found.models[:MOST_MODELS]
    ]
    headers = ["Model", "Versions", "Aliases", "Newest skew check"]
    return scoped(
        tag("h2", _sentence(found)),
        [
            tag("p", status("over", a.model), f": {a.why}. ", code(a.hint))
            for a in found.attention
        ],
        table(headers, rows, numeric=(1,)) if rows else None,
        [tag("p", line) for line in _more(found)],
    )


def _sentence(found: Status) -> str:
    if not found.exists:
        return f"No registry yet: the first register makes {_place(found)}"
    models = numbers.amount(len(found.models), "model")
    versions = numbers.amount(sum(m.versions for m in found.models), "version")
    look = numbers.amount(len(found.attention), "thing")
    needs = f"{look} to look at" if found.attention else "nothing to look at"
    return f"{models}, {versions}, {needs} in {_place(found)}"


def _place(found: Status) -> str:
    """Name the folder from here where it lies below, as people say it."""
    here = Path.cwd()
    if found.location.is_relative_to(here):
        return str(found.location.relative_to(here))
    return str(found.location)


def _more(found: Status) -> list[str]:
    if not found.models:
        return [typed(FIRST_STEP)]
    rest = len(found.models) - MOST_MODELS
    return [f"and {rest} more: {typed('models')}"] if rest > 0 else []


def _aliases(model: Model) -> str:
    return ", ".join(f"{alias} -> {n}" for alias, n in model.aliases.items())


def _check(found: Status, model: Model) -> str:
    check = found.checks.get(model.name)
    return f"{check.verdict} ({check.ref})" if check else "none"
