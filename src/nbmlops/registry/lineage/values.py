"""Lineage as values: data, runs, versions and what became of them, and the way back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "dataset",
    "run",
    "version",
    "evaluation",
    "check",
    "baseline",
    "promotion",
    "deployment",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing in a lineage.

    Attributes
    ----------
    key
        Unique in the lineage: "version:delays/2".
    kind
        What it is; a "promotion" is any move of an alias, a "deployment" an alias that
        a version holds now.
    label, note
        What to call it, and what else to say in a few words.
    happened_at
        When (UTC): a dataset was first seen, the others were recorded.
    ref
        The version that it belongs to; "" for a dataset.
    facts
        What is known of it, as plain values.
    """

    key: str
    kind: Kind
    label: str
    note: str
    happened_at: datetime
    ref: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A step from a cause to what was made with it.

    Attributes
    ----------
    source, target
        Keys of nodes.
    relation
        The role of the source: "train", "parent", "produced" ...
    """

    source: str
    target: str
    relation: str


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """Where something came from, and what came of it.

    Attributes
    ----------
    subject
        What was asked about: "delays/2", "delays", "flights".
    starts
        The keys of the nodes that it names.
    nodes, edges
        Causes before what they led to.
    """

    subject: str
    starts: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Node]:
        """The nodes by their keys."""
        return {node.key: node for node in self.nodes}

    def of_kind(self, *kinds: Kind) -> tuple[Node, ...]:
        """Select the nodes of some kinds."""
        return tuple(node for node in self.nodes if node.kind in kinds)

    def of_version(self, ref: str, *kinds: Kind) -> tuple[Node, ...]:
        """Select what belongs to a version, of some kinds."""
        return tuple(n for n in self._of_version[ref] if n.kind in kinds)

    def causes(self, key: str, *kinds: Kind) -> tuple[Node, ...]:
        """Select the nodes of some kinds, or of any, that a node came from at once."""
        return self._of_kinds(self._sources[key], kinds)

    def effects(self, key: str, *kinds: Kind) -> tuple[Node, ...]:
        """Select the nodes of some kinds, or of any, that came of a node at once."""
        return self._of_kinds(self._targets[key], kinds)

    def upstream(self, *keys: str) -> tuple[Node, ...]:
        """Select all that some nodes came from; none named: the starts."""
        return self._reached(keys or self.starts, self._sources)

    def downstream(self, *keys: str) -> tuple[Node, ...]:
        """Select all that came of some nodes; none named: of the starts."""
        return self._reached(keys or self.starts, self._targets)

    def to_dict(self) -> dict[str, Any]:
        """Return the lineage as plain values."""
        return {
            "subject": self.subject,
            "starts": list(self.starts),
            "nodes": [
                {
                    "key": node.key,
                    "kind": node.kind,
                    "label": node.label,
                    "note": node.note,
                    "happened_at": node.happened_at.isoformat(),
                    "ref": node.ref,
                    **node.facts,
                }
                for node in self.nodes
            ],
            "edges": [
                {"source": e.source, "target": e.target, "relation": e.relation}
                for e in self.edges
            ],
        }

    def to_openlineage(self, *, namespace: str = "nbmlops") -> list[dict[str, Any]]:
        """Return the lineage as OpenLineage run events (spec 2-0-2), oldest first.

        Parameters
        ----------
        namespace
            Of the jobs and datasets. The same lineage gives the same run ids.

        Returns
        -------
        list of dict
            One COMPLETE event per run, evaluation, check and move of an alias.
        """
        from nbmlops.registry.lineage.openlineage import run_events

        return run_events(self, namespace=namespace)

    def write_openlineage(self, path: str | Path) -> Path:
        """Write the OpenLineage events into a file, one JSON object per line."""
        from nbmlops.registry.lineage.openlineage import write_events

        return write_events(self.to_openlineage(), path)

    def __repr__(self) -> str:
        from nbmlops.registry.lineage.text import lineage_text

        return lineage_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.registry.lineage.view import lineage_html

        return lineage_html(self)

    @cached_property
    def _targets(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {node.key: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.source].append(edge.target)
        return found

    @cached_property
    def _sources(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {node.key: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge.source)
        return found

    @cached_property
    def _of_version(self) -> Mapping[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            found[node.ref].append(node)
        return found

    def _of_kinds(
        self, keys: Iterable[str], kinds: Collection[Kind]
    ) -> tuple[Node, ...]:
        nodes = (self.by_key[key] for key in dict.fromkeys(keys))
        return tuple(node for node in nodes if not kinds or node.kind in kinds)

    def _reached(
        self, keys: Iterable[str], onward: Mapping[str, list[str]]
    ) -> tuple[Node, ...]:
        waiting = list(keys)
        found: set[str] = set()
        while waiting:
            for key in onward[waiting.pop()]:
                if key not in found:
                    found.add(key)
                    waiting.append(key)
        return tuple(node for node in self.nodes if node.key in found)
