"""What came of making a version again, as it is handed out and shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nbmlops.display import numbers
from nbmlops.display.markup import Child, tag
from nbmlops.display.table import Status, definitions, status, table
from nbmlops.display.text import clean, text_table
from nbmlops.display.theme import scoped

Agreement = Literal[
    "same bytes",
    "bytes differ, predictions equal",
    "metrics agree",
    "differs",
    "failed",
]
_MARKS: dict[Agreement, Status] = {
    "same bytes": "pass",
    "bytes differ, predictions equal": "pass",
    "metrics agree": "pass",
    "differs": "fail",
    "failed": "fail",
}
_MOST_PACKAGES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """How a version that was made again agrees with the one that is registered.

    Attributes
    ----------
    ref, digest
        The version and its bytes.
    outcome
        The best that is true.
    detail
        What was compared, or what failed, in a sentence.
    reasons
        What may explain a difference, or what the answer rests on.
    again
        The digest of the bytes that came of it; "" if none did.
    metrics
        By name: as recorded, and now.
    data
        By role: whether the frame is the same one; None where only one side knows.
    packages
        Those that are not what they were: by name, the versions then and now ("" for
        none), Python among them.
    failures
        The cells that raised.
    seconds
        How long it took.
    """

    ref: str
    digest: str
    outcome: Agreement
    detail: str
    reasons: tuple[str, ...] = ()
    again: str = ""
    metrics: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    data: Mapping[str, bool | None] = field(default_factory=dict)
    packages: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """True if the metrics agree, or more."""
        return _MARKS[self.outcome] == "pass"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "ref": self.ref,
            "digest": self.digest,
            "outcome": self.outcome,
            "ok": self.ok,
            "detail": self.detail,
            "reasons": list(self.reasons),
            "again": self.again,
            "metrics": {name: list(pair) for name, pair in self.metrics.items()},
            "data": dict(self.data),
            "packages": {name: list(pair) for name, pair in self.packages.items()},
            "failures": list(self.failures),
            "seconds": self.seconds,
        }

    def __repr__(self) -> str:
        lines = [f"{self.ref}: {self.outcome}", f"  {clean(self.detail)}"]
        lines += [f"  - {clean(reason)}" for reason in self.reasons]
        rows = list(self._rows())
        if rows:
            lines.append(text_table(["metric", "recorded", "again"], rows, indent=2))
        lines += [f"  {name}: {value}" for name, value in self._facts()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows: list[list[Child]] = [list(row) for row in self._rows()]
        headers = ["Metric", "Recorded", "Again"]
        return scoped(
            tag("h2", status(_MARKS[self.outcome], f"{self.ref}: {self.outcome}")),
            tag("p", self.detail),
            tag("ul", (tag("li", r) for r in self.reasons)) if self.reasons else None,
            table(headers, rows, numeric=(1, 2), fit=True) if rows else None,
            definitions(self._facts()),
        )

    def _rows(self) -> Iterator[list[str]]:
        for name, pair in self.metrics.items():
            yield [name, *numbers.column(list(pair))]

    def _facts(self) -> Iterator[tuple[str, str]]:
        words = {True: "the same data", False: "other data", None: "not known"}
        for role, is_same in self.data.items():
            yield role, words[is_same]
        if self.packages:
            shown = [
                f"{name} {then or 'none'} → {now or 'none'}"
                for name, (then, now) in list(self.packages.items())[:_MOST_PACKAGES]
            ]
            rest = len(self.packages) - len(shown)
            more = f" and {rest} more" if rest else ""
            yield "packages since", clean(", ".join(shown) + more)
        for failure in self.failures:
            yield "failed", clean(failure)
        yield "took", numbers.duration(self.seconds)
