"""A lineage as OpenLineage run events (openlineage.io, spec 2-0-2)."""

import json
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nbmlops.display.saving import save_text
from nbmlops.registry.lineage.datasets import SHORT
from nbmlops.registry.lineage.values import Lineage, Node

PRODUCER = "https://pypi.org/project/nbmlops"
_SPEC = "https://openlineage.io/spec"
_SCHEMA = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACETS = {
    "schema": "1-2-0/SchemaDatasetFacet",
    "dataSource": "1-0-1/DatasourceDatasetFacet",
    "version": "1-0-1/DatasetVersionDatasetFacet",
    "documentation": "1-1-0/DocumentationDatasetFacet",
    "datasetType": "1-0-1/DatasetTypeDatasetFacet",
    "dataQualityMetrics": "1-0-3/DataQualityMetricsInputDatasetFacet",
    "sourceCode": "1-0-1/SourceCodeJobFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
    "ownership": "1-0-1/OwnershipJobFacet",
}
_VERBS = {
    "run": "register",
    "evaluation": "evaluate",
    "check": "check",
    "baseline": "rebaseline",
    "promotion": "promote",
}


def run_events(lineage: Lineage, *, namespace: str) -> list[dict[str, Any]]:
    """Write what was done as run events, oldest first.

    Parameters
    ----------
    lineage
        What is exported.
    namespace
        Of the jobs and datasets.

    Returns
    -------
    list of dict
        One COMPLETE event per run, evaluation, check, new reference and move of an
        alias; versions and what they gave are datasets of their own there.
    """
    done = [node for node in lineage.nodes if node.kind in _VERBS]
    done.sort(key=lambda node: node.facts["seq"])
    return [_event(lineage, node, namespace) for node in done]


def write_events(events: Iterable[Mapping[str, Any]], path: str | Path) -> Path:
    """Write events into a file, one JSON object per line, and give its path."""
    lines = (json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    return save_text(path, "".join(lines))


def _event(lineage: Lineage, node: Node, namespace: str) -> dict[str, Any]:
    inputs = lineage.causes(node.key, "dataset", "version")
    outputs = lineage.effects(node.key, "version", "deployment")
    if node.kind != "run" and not outputs:
        outputs = (node,)  # its report or metrics
    name = node.ref.partition("/")[0]
    run = uuid.uuid5(uuid.NAMESPACE_URL, f"{node.key} {node.facts['hash']}")
    return {
        "eventType": "COMPLETE",
        "eventTime": node.happened_at.isoformat(),
        "producer": PRODUCER,
        "schemaURL": _SCHEMA,
        "run": {"runId": str(run)},
        "job": {
            "namespace": namespace,
            "name": f"{name}.{_VERBS[node.kind]}",
            "facets": _job_facets(node),
        },
        "inputs": [_dataset(cause, namespace, is_input=True) for cause in inputs],
        "outputs": [_dataset(effect, namespace) for effect in outputs],
    }


def _job_facets(node: Node) -> dict[str, Any]:
    facets = {
        "jobType": _facet(
            "jobType",
            processingType="BATCH",
            integration="NBMLOPS",
            jobType=_VERBS[node.kind].upper(),
        ),
        "ownership": _facet("ownership", owners=[{"name": node.facts["actor"]}]),
    }
    cell = node.facts.get("source", {}).get("cell")
    if cell:
        facets["sourceCode"] = _facet("sourceCode", language="PYTHON", sourceCode=cell)
    return facets


def _dataset(node: Node, namespace: str, *, is_input: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {
        "namespace": namespace,
        "name": _name(node),
        "facets": {"datasetType": _facet("datasetType", datasetType=_type(node))},
    }
    facts = node.facts
    if "digest" in facts:
        found["facets"]["version"] = _facet("version", datasetVersion=facts["digest"])
    if facts.get("description"):
        said = _facet("documentation", description=facts["description"])
        found["facets"]["documentation"] = said
    if node.kind == "dataset":
        found["facets"] |= _data_facets(node)
        if is_input:
            rows = _facet(
                "dataQualityMetrics", rowCount=facts["rows"], columnMetrics={}
            )
            found["inputFacets"] = {"dataQualityMetrics": rows}
    return found


def _data_facets(node: Node) -> dict[str, Any]:
    fields = [
        {key: value for key, value in column.items() if value}
        for column in node.facts["columns"]
    ]
    facets = {"schema": _facet("schema", fields=fields)}
    files = node.facts["source"].get("files", ())
    if files:
        path = files[0]["path"]
        facets["dataSource"] = _facet(
            "dataSource", name=path.rpartition("/")[2], uri=f"file://{quote(path)}"
        )
    return facets


def _name(node: Node) -> str:
    """Name a dataset: one of ours by its name or digest, a version by its ref."""
    if node.kind == "dataset":
        names = node.facts["names"]
        return str(names[0]) if names else f"dataset-{node.facts['digest'][:SHORT]}"
    if node.kind in ("version", "deployment"):
        return node.ref if node.kind == "version" else node.label
    return f"{node.ref}/{node.kind}/{node.label}"


def _type(node: Node) -> str:
    if node.kind == "dataset":
        return "FILE" if node.facts["source"].get("files") else "TABLE"
    return "MODEL" if node.kind in ("version", "deployment") else "JOB_OUTPUT"


def _facet(facet: str, **content: Any) -> dict[str, Any]:
    release, name = _FACETS[facet].split("/")
    return {
        "_producer": PRODUCER,
        "_schemaURL": f"{_SPEC}/facets/{release}/{name}.json#/$defs/{name}",
        **content,
    }
