"""What an export or a backup wrote, as a value that shows itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbmlops.display import numbers
from nbmlops.display.markup import tag
from nbmlops.display.table import code, definitions
from nbmlops.display.text import clean
from nbmlops.display.theme import scoped


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was written, and where.

    Attributes
    ----------
    what
        In words: "delays/2".
    path, size
        The file or folder, and its bytes.
    events, artifacts
        How many are in it.
    head
        "SEQ HASH" of the newest event of the registry at that moment.
    """

    what: str
    path: Path
    size: int
    events: int
    artifacts: int
    head: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "what": self.what,
            "path": str(self.path),
            "size": self.size,
            "events": self.events,
            "artifacts": self.artifacts,
            "head": self.head,
        }

    def __repr__(self) -> str:
        return f"{clean(self._headline)}: {self._held}\n  head: {self.head}"

    def _repr_html_(self) -> str:
        facts = [("holds", self._held), ("head", code(self.head))]
        return scoped(tag("h2", self._headline), definitions(facts))

    @property
    def _headline(self) -> str:
        return f"{self.what} is in {self.path}"

    @property
    def _held(self) -> str:
        events = numbers.amount(self.events, "event")
        artifacts = numbers.amount(self.artifacts, "artifact")
        return f"{events}, {artifacts}, {numbers.size(self.size)}"
