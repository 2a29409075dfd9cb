"""Lists of what the registry hands out, which show themselves as one small table."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nbmlops.display.markup import Markup, tag
from nbmlops.display.numbers import moment, number
from nbmlops.display.table import table
from nbmlops.display.text import text_table
from nbmlops.display.theme import scoped

MOST = 20
_LEADING_METRICS = ("roc_auc", "log_loss", "accuracy", "rmse", "r2")
_WORDS = {True: "pass", False: "fails", None: "not applicable"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How one kind of list is laid out.

    Attributes
    ----------
    title
        "versions".
    headers
        One per column.
    cells
        From an item to its cells.
    empty
        What to say, and to type, when there is nothing.
    """

    title: str
    headers: tuple[str, ...]
    cells: Callable[[Any], tuple[str, ...]]
    empty: str


class Listing(list[Any]):
    """A list that prints as a table, and is an ordinary list otherwise."""

    def __init__(self, items: Iterable[Any], layout: Layout) -> None:
        super().__init__(items)
        self.layout = layout

    def to_dict(self) -> dict[str, Any]:
        """Return the items as plain values."""
        return {self.layout.title: [item.to_dict() for item in self]}

    def __repr__(self) -> str:
        if not self:
            return self.layout.empty
        rows = [self.layout.cells(item) for item in self[:MOST]]
        text = text_table(self.layout.headers, rows)
        return f"{text}\n{self._rest}" if self._rest else text

    def _repr_html_(self) -> str:
        if not self:
            return scoped(tag("p", self.layout.empty))
        rows = [self.layout.cells(item) for item in self[:MOST]]
        rest = tag("p", self._rest) if self._rest else None
        caption = f"{len(self):,} {self.layout.title}"
        return scoped(table(self.layout.headers, rows, caption=caption), rest)

    @property
    def _rest(self) -> str:
        rest = len(self) - MOST
        return f"and {rest:,} more: assign the list to see them" if rest > 0 else ""


class Tables(dict[str, Any]):
    """The registry's tables by name: prints their sizes, not their rows."""

    def to_dict(self) -> dict[str, Any]:
        """Return the rows of each table as plain values."""
        return {name: frame.to_dict("records") for name, frame in self.items()}

    def __repr__(self) -> str:
        return text_table(("table", "rows", "columns"), self._rows())

    def _repr_html_(self) -> Markup:
        return scoped(table(("table", "rows", "columns"), self._rows(), numeric=(1,)))

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (name, f"{len(frame):,}", ", ".join(map(str, frame.columns)))
            for name, frame in self.items()
        ]


def _model_cells(model: Any) -> tuple[str, ...]:
    aliases = _aliases(f"{alias} {n}" for alias, n in model.aliases.items())
    newest = "" if model.newest is None else str(model.newest)
    return model.name, str(model.versions), newest, aliases, moment(model.created_at)


def _version_cells(version: Any) -> tuple[str, ...]:
    leading = [name for name in _LEADING_METRICS if name in version.metrics]
    name = next(iter([*leading, *version.metrics]), "")
    metric = f"{name} {number(version.metrics[name])}" if name else ""
    return (
        version.ref,
        _aliases(version.aliases),
        metric,
        version.estimator,
        version.author,
        moment(version.created_at),
        version.description,
    )


def _check_cells(check: Any) -> tuple[str, ...]:
    return moment(check.happened_at), check.ref, check.verdict, check.serving


def _gate_cells(gate: Any) -> tuple[str, ...]:
    return _WORDS[gate.passed], gate.name, gate.detail


def _aliases(names: Iterable[str]) -> str:
    return ", ".join(names)


LAYOUTS: Mapping[str, Layout] = {
    "models": Layout(
        "models",
        ("model", "versions", "newest", "aliases", "created"),
        _model_cells,
        "no model is registered yet: register MODEL --name NAME makes the first",
    ),
    "versions": Layout(
        "versions",
        ("version", "aliases", "metric", "estimator", "author", "created", "what"),
        _version_cells,
        "no version is left: restore NAME/N brings a deleted one back",
    ),
    "checks": Layout(
        "checks",
        ("when", "version", "verdict", "serving"),
        _check_cells,
        "no skew check was made yet: skew REF FRAME makes the first",
    ),
    "gates": Layout(
        "gates",
        ("now", "gate", "figures"),
        _gate_cells,
        "no gate is set for this alias",
    ),
}


def showable(method: str, result: Any) -> Any:
    """Give plain lists and mappings of results a way to show themselves.

    Parameters
    ----------
    method
        The method of `Registry` that returned it.
    result
        What it returned.

    Returns
    -------
    object
        The same, or an equal list or dictionary that prints as a table.
    """
    if method in LAYOUTS and isinstance(result, (list, tuple)):
        return Listing(result, LAYOUTS[method])
    if method == "catalog" and isinstance(result, dict):
        return Tables(result)
    return result
