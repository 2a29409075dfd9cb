"""How a model and a stored check are shown: a line each, and the same as a list."""

from nbmlops.display import numbers
from nbmlops.display.markup import Markup, tag
from nbmlops.display.table import definitions
from nbmlops.display.text import clean
from nbmlops.display.theme import scoped
from nbmlops.registry.records import CheckRecord, Model


def model_text(model: Model) -> str:
    """Show a model in a terminal."""
    return _line(model.name, _model_facts(model))


def model_html(model: Model) -> Markup:
    """Show a model in a notebook."""
    return scoped(tag("h2", model.name), definitions(_model_facts(model)))


def check_text(check: CheckRecord) -> str:
    """Show a stored check in a terminal."""
    return _line(f"{check.ref}: {check.outcome}", _check_facts(check))


def check_html(check: CheckRecord) -> Markup:
    """Show a stored check in a notebook."""
    return scoped(
        tag("h2", f"{check.ref}: {check.outcome}"), definitions(_check_facts(check))
    )


def _model_facts(model: Model) -> list[tuple[str, str]]:
    aliases = ", ".join(f"{alias} → {n}" for alias, n in model.aliases.items())
    facts = [
        ("versions", f"{model.versions:,}"),
        ("newest", "" if model.newest is None else str(model.newest)),
        ("aliases", aliases),
        ("created", f"{numbers.moment(model.created_at)} UTC"),
    ]
    return [(name, value) for name, value in facts if value]


def _check_facts(check: CheckRecord) -> list[tuple[str, str]]:
    return [
        ("served", check.serving),
        ("checked", f"{numbers.moment(check.happened_at)} UTC"),
        ("event", str(check.seq)),
    ]


def _line(headline: str, facts: list[tuple[str, str]]) -> str:
    return clean(f"{headline} ({', '.join(f'{n} {value}' for n, value in facts)})")
