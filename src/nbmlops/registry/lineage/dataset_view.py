"""How a dataset is shown, as text and as HTML."""

from collections.abc import Iterable

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, tag
from nbmlops.display.table import code, definitions, fold, folds, pills, table
from nbmlops.display.text import clean, text_table
from nbmlops.display.theme import scoped
from nbmlops.registry.lineage.datasets import SHORT, Dataset

SHOWN_USES = 12


def dataset_text(dataset: Dataset) -> str:
    """Show a dataset in a terminal."""
    pairs = [(key, clean(value)) for key, value in _facts(dataset) if value]
    head = f"{clean(dataset.shown)}  {_size(dataset)}"
    return f"{head}\n{text_table(['', ''], pairs, numeric=(), indent=2)}"


def dataset_html(dataset: Dataset) -> Markup:
    """Show a dataset in a notebook."""
    columns = [[name, type_] for name, type_ in dataset.columns]
    uses = [
        [use.ref, use.role, numbers.moment(use.happened_at)] for use in dataset.uses
    ]
    return scoped(
        tag("p", "dataset", class_="nbmlops-eyebrow"),
        tag("h2", dataset.shown),
        tag("p", _size(dataset)),
        definitions(_marked(dataset)),
        folds(
            fold(
                "Used by",
                numbers.amount(len(dataset.used_by), "version"),
                table(["Version", "As", "When (UTC)"], uses, fit=True),
                is_open=bool(uses),
            ),
            fold(
                "Columns",
                numbers.amount(len(columns), "column"),
                table(["Column", "Type"], columns, fit=True),
            ),
        ),
    )


def _marked(dataset: Dataset) -> Iterable[tuple[str, Child]]:
    """Mark the facts up, without those that have a table or a heading."""
    for key, value in _facts(dataset):
        if key == "names" and value:
            yield key, pills(dataset.names)
        elif value and key != "used by":
            yield key, code(value) if key in ("digest", "query") else value


def _facts(dataset: Dataset) -> list[tuple[str, str]]:
    source = dataset.source
    return [
        ("digest", dataset.digest[:SHORT]),
        ("names", ", ".join(dataset.names) if len(dataset.names) > 1 else ""),
        ("what", dataset.description),
        ("read from", _read_from(dataset)),
        ("query", str(source.get("query", ""))),
        ("variable", str(source.get("variable", ""))),
        ("first seen", f"{numbers.moment(dataset.first_seen)} UTC"),
        ("used by", _used_by(dataset)),
    ]


def _size(dataset: Dataset) -> str:
    columns = numbers.amount(len(dataset.columns), "column")
    return f"{numbers.amount(dataset.rows, 'row')}, {columns}"


def _read_from(dataset: Dataset) -> str:
    files = dataset.source.get("files", ())
    if not files:
        return str(dataset.source.get("frame", ""))
    first = files[0]
    size = f" ({numbers.size(first['size'])})" if "size" in first else ""
    rest = len(files) - 1 + dataset.source.get("more_files", 0)
    return f"{first['path']}{size}" + (f" and {rest:,} more files" if rest else "")


def _used_by(dataset: Dataset) -> str:
    shown = [f"{use.ref} ({use.role})" for use in dataset.uses[:SHOWN_USES]]
    rest = len(dataset.uses) - SHOWN_USES
    return ", ".join(shown) + (f" and {rest:,} more uses" if rest > 0 else "")
