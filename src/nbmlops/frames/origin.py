"""Where a frame was read from, so that it can be found, and read again."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MOST_FILES = 100
MOST_HASHED_BYTES = 16 * 2**20
MOST_OF_A_QUERY = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The files or the query behind a frame; neither for what was made in memory.

    Attributes
    ----------
    files
        In the order in which they are read.
    query
        The SQL of a DuckDB relation.
    """

    files: tuple[Path, ...] = ()
    query: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Describe the files as they are now, and the query.

        Returns
        -------
        dict
            `files`, each with path, size in bytes, time of change (UTC), and SHA-256
            where that takes no time; `more_files` counts those after the first 100.
        """
        found: dict[str, Any] = {}
        if self.files:
            found["files"] = [_described(path) for path in self.files[:MOST_FILES]]
        if len(self.files) > MOST_FILES:
            found["more_files"] = len(self.files) - MOST_FILES
        if self.query:
            found["query"] = self.query[:MOST_OF_A_QUERY]
        return found


def _described(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"path": path.absolute().as_posix()}
    try:
        about = path.stat()
        changed = datetime.fromtimestamp(about.st_mtime, UTC)
        found |= {"size": about.st_size, "modified": changed.isoformat()}
        if about.st_size <= MOST_HASHED_BYTES:
            found["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        pass  # it was read, and is gone since: its path is still worth knowing
    return found
