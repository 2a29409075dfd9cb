"""How the status of a registry is shown: attention first, then the models."""

from collections.abc import Sequence
from pathlib import Path

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, classes, tag
from nbmlops.display.table import command, judged, more, pills, shape, table
from nbmlops.display.text import text_table
from nbmlops.display.theme import scoped
from nbmlops.host import typed
from nbmlops.lifecycle.status import Attention, Status
from nbmlops.registry.records import Model

MOST_MODELS = 20
MOST_ATTENTION = 5
FIRST_STEP = "register MODEL --name NAME --train FRAME --target COLUMN"


def status_text(found: Status) -> str:
    """Show a status in a terminal, within a screen."""
    lines = [_sentence(found)]
    for item in found.attention[:MOST_ATTENTION]:
        lines += [f"  ! {item.model}: {item.why}", f"    {item.hint}"]
    rest = len(found.attention) - MOST_ATTENTION
    if rest > 0:
        lines.append(f"  ! {more(rest)}")
    if not found.models:
        return "\n".join([*lines, f"  {typed(FIRST_STEP)}"])
    rows = [
        [m.name, str(m.versions), _aliases(m), _check(found, m)]
        for m in found.models[:MOST_MODELS]
    ]
    headers = ["model", "versions", "aliases", "newest skew check"]
    lines.append(text_table(headers, rows, indent=2))
    rest = len(found.models) - MOST_MODELS
    return "\n".join(
        [*lines, *([f"  {more(rest, typed('models'))}"] if rest > 0 else [])]
    )


def status_html(found: Status) -> Markup:
    """Show a status in a notebook."""
    if not found.models:
        first = tag("p", "Start with ", command(typed(FIRST_STEP)))
        return scoped(tag("h2", _sentence(found)), first)
    rows: list[list[Child]] = [
        [
            m.name,
            m.versions,
            pills(
                f"{alias} \N{RIGHTWARDS ARROW} {n}" for alias, n in m.aliases.items()
            ),
            _check_html(found, m),
        ]
        for m in found.models
    ]
    headers = ["Model", "Versions", "Aliases", "Newest skew check"]
    return scoped(
        tag("h2", _sentence(found)),
        _attention_html(found.attention),
        table(headers, rows, numeric=(1,), most=MOST_MODELS, how=typed("models")),
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


def _aliases(model: Model) -> str:
    return ", ".join(f"{alias} -> {n}" for alias, n in model.aliases.items())


def _attention_html(items: Sequence[Attention]) -> Markup | None:
    if not items:
        return None
    rest = len(items) - MOST_ATTENTION
    return tag(
        "ul",
        [
            tag(
                "li",
                shape("over"),
                tag("b", item.model),
                f": {item.why} ",
                command(item.hint),
            )
            for item in items[:MOST_ATTENTION]
        ],
        tag("li", more(rest)) if rest > 0 else None,
        class_=classes("attention"),
    )


def _check_html(found: Status, model: Model) -> Child:
    check = found.checks.get(model.name)
    if check is None:
        return "none"
    verdict = check.outcome if check.muted_until else judged(check.verdict)
    return [verdict, f" ({check.ref})"]


def _check(found: Status, model: Model) -> str:
    check = found.checks.get(model.name)
    return f"{check.outcome} ({check.ref})" if check else "none"
