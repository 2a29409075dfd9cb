"""Reading a lineage from the catalog: which versions, then all that they touch."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from nbmlops.display import numbers
from nbmlops.registry.leading import leading_first
from nbmlops.registry.lineage.datasets import Dataset, read_datasets
from nbmlops.registry.lineage.values import Edge, Kind, Lineage, Node
from nbmlops.registry.unit import Unit

_PARENTS = """
select parent
from model_version
where list_contains($refs, name || '/' || number) and parent is not null
"""
_CHILDREN = """
select name || '/' || number
from model_version
where list_contains($refs, parent)
order by seq
"""
_VERSIONS = """
select seq, name || '/' || number, created_at, author, digest, document, parent,
  deleted_at is not null
from model_version
where list_contains($refs, name || '/' || number)
order by seq
"""
_USES = """
select seq, name || '/' || number, role, digest
from dataset_use
where list_contains($refs, name || '/' || number)
order by seq
"""
_EVALUATIONS = """
select seq, name || '/' || number, document
from evaluation
where list_contains($refs, name || '/' || number)
order by seq
"""
_CHECKS = """
select seq, name || '/' || number, verdict, is_ok, serving
from skew_check
where list_contains($refs, name || '/' || number)
order by seq
"""
_BASELINES = """
select seq, name || '/' || number, reason
from baseline
where list_contains($refs, name || '/' || number)
order by seq
"""
_MOVES = """
select seq, name || '/' || coalesce(number, previous), alias, number, verb
from alias_move
where list_contains($refs, name || '/' || coalesce(number, previous))
order by seq
"""
_HOLDERS = """
select seq, name, alias, name || '/' || number
from alias
where list_contains($refs, name || '/' || number)
order by name, alias
"""
_EVENTS = """
select seq, happened_at, actor, hash
from event
where list_contains($seqs, seq)
"""
_MOVED = {
    "promote": "promoted to {}",
    "rollback": "rolled back to {}",
    "alias": "named {}",
    "retire": "retired from {}",
    "unalias": "no longer {}",
}

_Evidence = tuple[int, str, Kind, str, str, dict[str, Any]]


def follow(
    unit: Unit,
    subject: str,
    *,
    refs: Sequence[str] = (),
    digests: Sequence[str] = (),
) -> Lineage:
    """Read what versions or datasets came from, and what came of them.

    Parameters
    ----------
    unit
        The open transaction.
    subject
        What was asked about, in the user's words.
    refs
        Versions to start from: with their parents, and theirs.
    digests
        Datasets to start from: with the versions that used them.

    Returns
    -------
    Lineage
        With every child of a version in it, and its children.
    """
    users = [use.ref for data in read_datasets(unit, digests) for use in data.uses]
    older = _closure(unit, _PARENTS, refs)
    found = _closure(unit, _CHILDREN, [*older, *users])
    graph = _Graph(unit, found, digests)
    starts = [f"version:{ref}" for ref in refs] + [f"dataset:{d}" for d in digests]
    return Lineage(
        subject=subject,
        starts=tuple(starts),
        nodes=tuple(graph.nodes),
        edges=tuple(graph.edges),
    )


def _closure(unit: Unit, sql: str, refs: Iterable[str]) -> list[str]:
    found: dict[str, None] = dict.fromkeys(refs)
    newest = list(found)
    while newest:
        near = [row[0] for row in unit.rows(sql, refs=newest)]
        newest = [ref for ref in dict.fromkeys(near) if ref not in found]
        found |= dict.fromkeys(newest)
    return list(found)


class _Graph:
    """Nodes and edges as they are read, causes first."""

    def __init__(self, unit: Unit, refs: Sequence[str], digests: Sequence[str]) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        uses = unit.rows(_USES, refs=refs)
        used = dict.fromkeys([*digests, *(digest for *_, digest in uses)])
        evidence = [
            *_evaluations(unit, refs),
            *_checks(unit, refs),
            *_baselines(unit, refs),
            *_moves(unit, refs),
        ]
        holders = unit.rows(_HOLDERS, refs=refs)
        versions = unit.rows(_VERSIONS, refs=refs)
        seqs = [entry[0] for entry in (*evidence, *holders, *versions)]
        self._events = {
            seq: (happened_at.replace(tzinfo=UTC), actor, hash_)
            for seq, happened_at, actor, hash_ in unit.rows(_EVENTS, seqs=seqs)
        }
        for data in reversed(read_datasets(unit, used)):
            self._add_dataset(data)
        self._add_versions(versions)
        self._add_evidence(evidence)
        self._add_uses(uses, {entry[0]: entry for entry in evidence})
        self._add_deployments(holders)

    def _add(
        self,
        key: str,
        kind: Kind,
        label: str,
        note: str,
        happened_at: datetime,
        ref: str,
        **facts: Any,
    ) -> None:
        self.nodes.append(
            Node(
                key=key,
                kind=kind,
                label=label,
                note=note,
                happened_at=happened_at,
                ref=ref,
                facts=facts,
            )
        )

    def _join(self, source: str, target: str, relation: str) -> None:
        self.edges.append(Edge(source=source, target=target, relation=relation))

    def _add_dataset(self, data: Dataset) -> None:
        self._add(
            f"dataset:{data.digest}",
            "dataset",
            data.shown,
            f"{numbers.amount(data.rows, 'row')}, {data.digest[:8]}",
            data.first_seen,
            "",
            digest=data.digest,
            names=list(data.names),
            rows=data.rows,
            columns=[{"name": name, "type": type_} for name, type_ in data.columns],
            description=data.description,
            source=dict(data.source),
        )

    def _add_versions(self, rows: Sequence[tuple[Any, ...]]) -> None:
        there = {row[1] for row in rows}
        for seq, ref, created_at, author, digest, document, parent, is_deleted in rows:
            detail = json.loads(document)
            moment = created_at.replace(tzinfo=UTC)
            label, note = _run_words(detail["source"])
            self._add(
                f"run:{ref}",
                "run",
                label,
                note,
                moment,
                ref,
                actor=author,
                seq=seq,
                hash=self._events[seq][2],
                source=dict(detail["source"]),
            )
            self._add(
                f"version:{ref}",
                "version",
                ref,
                "deleted" if is_deleted else detail["estimator"],
                moment,
                ref,
                digest=digest,
                flavor=detail["flavor"],
                description=detail["description"],
                is_deleted=is_deleted,
            )
            self._join(f"run:{ref}", f"version:{ref}", "produced")
            if parent in there:
                self._join(f"version:{parent}", f"run:{ref}", "parent")

    def _add_evidence(self, evidence: Iterable[_Evidence]) -> None:
        for seq, ref, kind, label, note, facts in evidence:
            happened_at, actor, hash_ = self._events[seq]
            said = note or f"{numbers.moment(happened_at)}, {actor}"
            key = f"{kind}:{ref}:{seq}"
            about = {"actor": actor, "seq": seq, "hash": hash_}
            self._add(key, kind, label, said, happened_at, ref, **facts, **about)
            self._join(f"version:{ref}", key, kind)

    def _add_uses(
        self, uses: Iterable[tuple[Any, ...]], evidence: dict[int, _Evidence]
    ) -> None:
        """Join data to what was done with it: by the event, else to the run."""
        there = {node.key for node in self.nodes}
        judged = {(ref, digest) for seq, ref, _, digest in uses if seq in evidence}
        for seq, ref, role, digest in uses:
            target = f"run:{ref}"
            if seq in evidence:
                target = f"{evidence[seq][2]}:{ref}:{seq}"
            elif role != "train" and (ref, digest) in judged:
                continue  # what it was tested on is its evaluation's
            if target in there:
                self._join(f"dataset:{digest}", target, role)

    def _add_deployments(self, holders: Iterable[tuple[Any, ...]]) -> None:
        there = {node.facts.get("seq"): node.key for node in self.nodes}
        for seq, name, alias, ref in holders:
            happened_at, actor, hash_ = self._events[seq]
            key = f"deployment:{name}@{alias}"
            self._add(
                key,
                "deployment",
                f"{name}@{alias}",
                f"since {numbers.moment(happened_at)}",
                happened_at,
                ref,
                actor=actor,
                hash=hash_,
            )
            self._join(there.get(seq, f"version:{ref}"), key, "holds")


def _evaluations(unit: Unit, refs: Sequence[str]) -> list[_Evidence]:
    """Read the newest evaluation of each name: what it gained it did not replace."""
    newest: dict[tuple[str, str], _Evidence] = {}
    for seq, ref, document in unit.rows(_EVALUATIONS, refs=refs):
        detail = json.loads(document)
        metrics = detail["metrics"]
        leading = next(iter(leading_first(metrics).items()), None)
        note = f"{leading[0]} {numbers.number(leading[1])}" if leading else ""
        facts = {"metrics": metrics, "rows": detail["rows"]}
        name = detail["evaluation"]
        newest[ref, name] = (seq, ref, "evaluation", name, note, facts)
    return list(newest.values())


def _checks(unit: Unit, refs: Sequence[str]) -> list[_Evidence]:
    return [
        (seq, ref, "check", verdict, "", {"ok": is_ok, "serving": serving})
        for seq, ref, verdict, is_ok, serving in unit.rows(_CHECKS, refs=refs)
    ]


def _baselines(unit: Unit, refs: Sequence[str]) -> list[_Evidence]:
    return [
        (seq, ref, "baseline", "new reference", reason, {"reason": reason})
        for seq, ref, reason in unit.rows(_BASELINES, refs=refs)
    ]


def _moves(unit: Unit, refs: Sequence[str]) -> list[_Evidence]:
    return [
        (seq, ref, "promotion", _MOVED[verb].format(alias), "",
         {"alias": alias, "verb": verb, "number": number})
        for seq, ref, alias, number, verb in unit.rows(_MOVES, refs=refs)
    ]  # fmt: skip


def _run_words(source: dict[str, Any]) -> tuple[str, str]:
    """Say in which cell or script, and at which commit, a version was made."""
    place = str(source.get("notebook") or source.get("script") or "").rpartition("/")[2]
    at = f"line {source['line']}" if "line" in source else ""
    if source.get("execution_count"):
        at = f"cell {source['execution_count']}"
    label = str(
        source.get("run") or place or source.get("command") or at or "a session"
    )
    commit = str(source.get("git_commit") or "")[:8]
    dirty = " +" if commit and source.get("git_dirty") else ""
    parts = (at if at != label else "", f"{commit}{dirty}")
    return label, ", ".join(part for part in parts if part)
