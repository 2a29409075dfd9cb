"""Lists of what the registry hands out, which show themselves as one small table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nbmlops.display.markup import Child, Markup, tag
from nbmlops.display.numbers import amount, moment, number
from nbmlops.display.table import code, command, judged, more, pills, table, unbroken
from nbmlops.display.text import text_table
from nbmlops.display.theme import scoped
from nbmlops.host import typed
from nbmlops.registry.leading import leading_first

if TYPE_CHECKING:
    import pandas as pd

MOST = 20
_SHOWN_REFS = 4
_WORDS = {True: "pass", False: "fails", None: "does not apply"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How one kind of list is laid out.

    Attributes
    ----------
    title, one
        "versions", "version".
    headers
        One per column.
    cells
        From an item to its cells.
    empty, first
        What to say when there is nothing, and the verb that makes the first.
    drawn
        How a notebook draws the cells of some columns.
    numeric
        The columns set to the right.
    running
        The column whose text may take several lines.
    left_out
        Columns that a terminal has no room for.
    """

    title: str
    one: str
    headers: tuple[str, ...]
    cells: Callable[[Any], tuple[str, ...]]
    empty: str
    first: str = ""
    drawn: Mapping[int, Callable[[str], Child]] = field(default_factory=dict)
    numeric: tuple[int, ...] = ()
    running: int | None = None
    left_out: frozenset[int] = frozenset()


class Listing(list[Any]):
    """A list that prints as a table, and is an ordinary list otherwise."""

    def __init__(self, items: Iterable[Any], layout: Layout) -> None:
        super().__init__(items)
        self.layout = layout

    def to_dict(self) -> dict[str, Any]:
        """Return the items as plain values."""
        return {self.layout.title: [item.to_dict() for item in self]}

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per item."""
        import pandas as pd

        return pd.DataFrame([item.to_dict() for item in self])

    def __repr__(self) -> str:
        layout = self.layout
        if not self:
            first = f": {typed(layout.first)} makes the first" if layout.first else ""
            return f"{layout.empty}{first}"
        kept = [i for i in range(len(layout.headers)) if i not in layout.left_out]
        rows = [[layout.cells(item)[index] for index in kept] for item in self[:MOST]]
        running = None if layout.running is None else kept.index(layout.running)
        headers = [layout.headers[index] for index in kept]
        text = text_table(headers, rows, running=running)
        rest = len(self) - MOST
        return f"{text}\n{more(rest)}" if rest > 0 else text

    def _repr_html_(self) -> str:
        layout = self.layout
        if not self:
            return scoped(
                tag(
                    "p",
                    layout.empty.capitalize(),
                    [": ", command(typed(layout.first))] if layout.first else None,
                )
            )
        rows = [self._drawn(layout.cells(item)) for item in self]
        headers = [header[:1].upper() + header[1:] for header in layout.headers]
        caption = amount(len(self), layout.one)
        return scoped(
            table(headers, rows, caption=caption, numeric=layout.numeric, most=MOST)
        )

    def _drawn(self, cells: Sequence[str]) -> list[Child]:
        drawn = self.layout.drawn
        return [
            drawn[index](cell) if index in drawn else cell
            for index, cell in enumerate(cells)
        ]


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
    aliases = ", ".join(f"{alias} {n}" for alias, n in model.aliases.items())
    newest = "" if model.newest is None else str(model.newest)
    return model.name, str(model.versions), newest, aliases, moment(model.created_at)


def _version_cells(version: Any) -> tuple[str, ...]:
    name = next(iter(leading_first(version.metrics)), "")
    metric = f"{name} {number(version.metrics[name])}" if name else ""
    return (
        version.ref,
        ", ".join(version.aliases),
        metric,
        version.description,
        version.estimator.rpartition(", ")[2],  # of a pipeline, the step that predicts
        version.author,
        moment(version.created_at),
    )


def _check_cells(check: Any) -> tuple[str, ...]:
    return moment(check.happened_at), check.ref, check.outcome, check.serving


def _webhook_cells(webhook: Any) -> tuple[str, ...]:
    told = "" if webhook.delivered is None else str(webhook.delivered)
    events = ", ".join(webhook.events)
    return webhook.host, told, str(len(webhook.refused)), webhook.error, events


def _gate_cells(gate: Any) -> tuple[str, ...]:
    return _WORDS[gate.passed], gate.name, gate.detail


def _request_cells(request: Any) -> tuple[str, ...]:
    answered = ", ".join(answer.by for answer in request.answers)
    when = moment(request.requested_at)
    return when, request.ref, request.alias, request.detail, request.by, answered


def _dataset_cells(dataset: Any) -> tuple[str, ...]:
    refs = dataset.used_by
    rest = len(refs) - _SHOWN_REFS
    more = [f"{rest:,} more"] if rest > 0 else []
    return (
        ", ".join(dataset.names) or f"({dataset.shown})",
        f"{dataset.rows:,}",
        str(len(dataset.columns)),
        dataset.digest[:12],
        dataset.description,
        ", ".join([*refs[:_SHOWN_REFS], *more]),
        moment(dataset.first_seen),
    )


def _pills(cell: str) -> Child:
    return pills(cell.split(", ")) if cell else None


_VERSIONS = Layout(
    title="versions",
    one="version",
    headers=(
        "version",
        "aliases",
        "metric",
        "what",
        "estimator",
        "author",
        "created (UTC)",
    ),
    cells=_version_cells,
    empty="no version is left; restore NAME/N brings a deleted one back",
    drawn={1: _pills, 2: unbroken, 6: unbroken},
    running=3,
    left_out=frozenset({5}),
)
LAYOUTS: Mapping[str, Layout] = {
    "models": Layout(
        title="models",
        one="model",
        headers=("model", "versions", "newest", "aliases", "created (UTC)"),
        cells=_model_cells,
        empty="no model is registered yet",
        first="register MODEL --name NAME",
        drawn={3: _pills, 4: unbroken},
        numeric=(1, 2),
    ),
    "versions": _VERSIONS,
    "import_": _VERSIONS,
    "import_mlflow": _VERSIONS,
    "search": replace(_VERSIONS, empty="no version fits the query"),
    "checks": Layout(
        title="checks",
        one="skew check",
        headers=("when (UTC)", "version", "verdict", "serving"),
        cells=_check_cells,
        empty="no skew check was made yet",
        first="skew REF FRAME",
        drawn={0: unbroken, 2: judged},
    ),
    "approvals": Layout(
        title="approvals",
        one="approval request",
        headers=(
            "when (UTC)", "version", "for", "state", "requested by", "answered by",
        ),
        cells=_request_cells,
        empty="nothing was requested",
        drawn={0: unbroken},
        running=3,
    ),
    "datasets": Layout(
        title="datasets",
        one="dataset",
        headers=(
            "dataset", "rows", "columns", "digest", "what", "used by",
            "first seen (UTC)",
        ),
        cells=_dataset_cells,
        empty="no dataset was seen yet",
        first="dataset FRAME --name NAME",
        drawn={3: code, 6: unbroken},
        numeric=(1, 2),
        running=4,
        left_out=frozenset({2}),
    ),
    "webhooks": Layout(
        title="webhooks",
        one="webhook",
        headers=("webhook", "told up to event", "refused", "error", "events"),
        cells=_webhook_cells,
        empty="no webhook is set: add a [[webhook]] to nbmlops.toml",
        numeric=(1, 2),
        running=4,
    ),
    "gates": Layout(
        title="gates",
        one="gate",
        headers=("now", "gate", "figures"),
        cells=_gate_cells,
        empty="no gate is set for this alias",
        drawn={0: judged},
        running=2,
    ),
}  # fmt: skip


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
