"""What is recorded of a frame: its role, where it came from, and a digest of it."""

from typing import Any

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
