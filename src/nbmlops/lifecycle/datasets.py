"""What is recorded of a frame: its role, where it came from, and a digest of it."""

import hashlib
import json
from typing import Any

import numpy as np

from nbmlops.frames.fingerprints import content_digest
from nbmlops.frames.labelled import Labelled


def dataset(role: str, data: Labelled) -> dict[str, Any]:
    """Describe a frame for the record.

    Parameters
    ----------
    role
        "train" or "test".
    data
        The frame.

    Returns
    -------
    dict
        role, description, rows, columns and content digest.
    """
    return {
        "role": role,
        "description": data.description,
        "rows": data.rows,
        "columns": [str(name) for name in data.frame.columns],
        "digest": content_digest(data.frame),
    }


def rows_digest(data: Labelled) -> str:
    """Give the SHA-256 of what an evaluation is made on.

    Parameters
    ----------
    data
        Rows with their target and weights; another target in the same frame, or other
        weights, are another question.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    parts = [content_digest(data.frame), json.dumps(data.target_names)]
    if data.weight is not None:
        weights = np.ascontiguousarray(data.weight, dtype=np.float64)
        parts.append(hashlib.sha256(weights.tobytes()).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
