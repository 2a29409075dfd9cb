"""How a lineage is shown in a notebook: a sentence, a drawing, and tables of it."""

from collections.abc import Iterable

from nbmlops.display import numbers
from nbmlops.display.graph import graph
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.table import code, fold, folds, table
from nbmlops.display.theme import scoped
from nbmlops.registry.lineage.datasets import SHORT
from nbmlops.registry.lineage.layout import Layout, lay_out
from nbmlops.registry.lineage.text import headline, run_words, some
from nbmlops.registry.lineage.values import Kind, Lineage, Node

_MOST_ROWS = 100


def lineage_html(lineage: Lineage) -> Markup:
    """Show a lineage: what it comes to, the drawing, and the same as tables."""
    layout = lay_out(lineage)
    said = headline(lineage)
    versions, data = lineage.of_kind("version"), lineage.of_kind("dataset")
    return scoped(
        tag(
            "div",
            tag("p", "lineage", class_=classes("eyebrow")),
            tag("h2", lineage.subject),
            tag("p", said, class_=classes("lead")),
            class_=classes("head"),
        ),
        graph(
            layout.headers,
            layout.boxes,
            layout.links,
            label=f"Lineage of {lineage.subject}: {said}",
        )
        if layout.boxes
        else None,
        _left_out(layout),
        folds(
            fold(
                "Versions",
                numbers.amount(len(versions), "version"),
                _versions(lineage, versions),
            ),
            fold("Data", numbers.amount(len(data), "dataset"), _data(lineage, data)),
        ),
    )


def _left_out(layout: Layout) -> Markup | None:
    versions, signs = layout.left_out
    parts = [
        f"{numbers.amount(versions, 'older version')} not drawn" if versions else "",
        f"{numbers.amount(signs, 'earlier result')} not drawn" if signs else "",
    ]
    words = "; ".join(part for part in parts if part)
    return tag("p", words, class_=classes("note")) if words else None


def _versions(lineage: Lineage, versions: Iterable[Node]) -> Markup:
    headers = [
        "Version",
        "Trained on",
        "Made in",
        "From",
        "Evaluated",
        "Checked",
        "Moves",
        "Alias now",
    ]
    rows: list[list[Child]] = []
    for node in versions:
        run = f"run:{node.ref}"
        rows.append(
            [
                node.ref,
                some([n.label for n in lineage.causes(run, "dataset")]),
                run_words(lineage.by_key[run]),
                some([n.ref for n in lineage.causes(run, "version")]),
                _signs(lineage, node.ref, "evaluation"),
                _signs(lineage, node.ref, "check", "baseline"),
                _signs(lineage, node.ref, "promotion"),
                some([n.label for n in lineage.of_version(node.ref, "deployment")]),
            ]
        )
    return table(headers, reversed(rows), most=_MOST_ROWS)


def _signs(lineage: Lineage, ref: str, *kinds: Kind) -> Child:
    parts = []
    for node in lineage.of_version(ref, *kinds):
        data = [cause.label for cause in lineage.causes(node.key, "dataset")]
        on = f" on {some(data)}" if data else ""
        parts.append(f"{node.label}{on}: {node.note}")
    return join(reversed(parts[-4:]), between=Markup("<br>"))


def _data(lineage: Lineage, data: Iterable[Node]) -> Markup:
    headers = ["Dataset", "Rows", "Digest", "Trained", "Judged", "First seen (UTC)"]
    rows: list[list[Child]] = [
        [
            node.label,
            f"{node.facts['rows']:,}",
            code(node.facts["digest"][:SHORT]),
            some([n.ref for n in lineage.effects(node.key, "run")]),
            some(_judged(lineage, node)),
            numbers.moment(node.happened_at),
        ]
        for node in data
    ]
    return table(headers, reversed(rows), numeric=(1,), most=_MOST_ROWS)


def _judged(lineage: Lineage, node: Node) -> list[str]:
    found = lineage.effects(node.key, "evaluation", "check", "baseline")
    return [f"{n.ref} ({n.label})" for n in found]
