"""What is recorded of a frame: what it holds, where it came from, a digest of it."""

import hashlib
import json
from typing import Any

import numpy as np

from nbmlops.frames.fingerprints import content_digest
from nbmlops.frames.labelled import Labelled
from nbmlops.frames.opening import open_frame
from nbmlops.frames.origin import Origin
from nbmlops.frames.source import Source
from nbmlops.registry.secrets import without_secrets


def dataset(role: str, data: Labelled, *, variable: str = "") -> dict[str, Any]:
    """Describe a frame for the record.

    Parameters
    ----------
    role
        "train" or "test".
    data
        The frame.
    variable
        What the notebook calls it.

    Returns
    -------
    dict
        role and description, and what `described` gives.
    """
    source = open_frame(data.frame)
    shown = _described(source, data.rows, content_digest(data.frame))
    shown["source"] = _source(data.description, data.origin, variable)
    return {"role": role, "description": data.description, **shown}


def described(source: Source, *, variable: str = "") -> dict[str, Any] | None:
    """Describe a frame that no model was trained on.

    Parameters
    ----------
    source
        The frame, opened.
    variable
        What the notebook calls it.

    Returns
    -------
    dict or None
        digest, rows, columns, their types, and the source: files, query, variable.
        None for a stream, whose rows can be read once only, and are for who asked.
    """
    if source.is_stream:
        return None
    rows = source.rows
    if rows is None:
        rows = sum(batch.num_rows for batch in source.batches(source.columns[:1]))
    shown = _described(source, rows, content_digest(source))
    shown["source"] = _source(source.description, source.origin, variable)
    return shown


def rows_digest(data: Labelled, content: str) -> str:
    """Give the SHA-256 of what an evaluation is made on.

    Parameters
    ----------
    data
        Rows with their target and weights; another target in the same frame, or other
        weights, are another question.
    content
        The content digest of their frame.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    parts = [content, json.dumps(data.target_names)]
    if data.weight is not None:
        weights = np.ascontiguousarray(data.weight, dtype=np.float64)
        parts.append(hashlib.sha256(weights.tobytes()).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _described(source: Source, rows: int, digest: str) -> dict[str, Any]:
    return {
        "digest": digest,
        "rows": rows,
        "columns": list(source.columns),
        "types": {column.name: str(column.type) for column in source.schema},
    }


def _source(description: str, origin: Origin, variable: str) -> dict[str, Any]:
    named = {"variable": variable} if variable else {}
    found = origin.to_dict()
    if "query" in found:  # a scan of another database has its password
        found["query"] = without_secrets(found["query"])
    return {"frame": description, **named, **found}
