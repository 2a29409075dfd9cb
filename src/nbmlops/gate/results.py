"""What gates say, and what a promotion was: the values that are handed out."""

from dataclasses import dataclass
from typing import Any

from nbmlops.registry.audit.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """One gate's answer.

    Attributes
    ----------
    name
        "roc_auc at least 0.7".
    passed
        None where the gate does not apply: no champion yet, nothing served yet.
    detail
        The figures, in words.
    policy
        The policy file that asks for it, from the folder that holds the registry; ""
        for the integrity gates, which nobody has to ask for.
    """

    name: str
    passed: bool | None
    detail: str
    policy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return {
            "name": self.name,
            "passed": self.passed,
            "detail": self.detail,
            "policy": self.policy,
        }

    def __repr__(self) -> str:
        from nbmlops.gate.view import gates_text

        return gates_text((self,))

    def _repr_html_(self) -> str:
        from nbmlops.display.theme import scoped
        from nbmlops.gate.view import gates_table

        return scoped(gates_table((self,)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """An alias that was moved.

    Attributes
    ----------
    ref, alias
        What holds the alias now; "" after `retire`.
    previous
        The ref that held it before, or None.
    results
        One per gate, as they were judged before the move.
    policy
        The policy file by which they were judged, from the folder that holds the
        registry; "" where there was none. The event has its digest.
    event
        The event that the move is in the audit trail.
    is_forced
        True if a gate failed and the move was forced.
    """

    ref: str
    alias: str
    previous: str | None
    results: tuple[GateResult, ...]
    event: Event
    policy: str = ""
    is_forced: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the promotion as plain values."""
        return {
            "ref": self.ref,
            "alias": self.alias,
            "previous": self.previous,
            "results": [result.to_dict() for result in self.results],
            "event": self.event.to_dict(),
            "policy": self.policy,
            "is_forced": self.is_forced,
        }

    def __repr__(self) -> str:
        from nbmlops.gate.view import promotion_text

        return promotion_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.gate.view import promotion_html

        return promotion_html(self)
