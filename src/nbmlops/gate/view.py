"""How gate results and promotions are shown, as text and as HTML."""

from collections.abc import Iterable, Sequence

from nbmlops.config import POLICY_FILE
from nbmlops.display.markup import Child, Markup, tag
from nbmlops.display.table import Status, status, table
from nbmlops.display.text import clean, text_table
from nbmlops.display.theme import scoped
from nbmlops.gate.results import GateResult, Promotion

_WORDS = {True: "pass", False: "fails", None: "does not apply"}
_STATUS: dict[bool | None, Status] = {True: "pass", False: "fail", None: "skip"}


def gates_text(results: Iterable[GateResult]) -> str:
    """Show gate results in a terminal."""
    rows = [[_WORDS[r.passed], r.name, r.detail] for r in results]
    return text_table(["", "", ""], rows, numeric=(), indent=2, width=120, running=2)


def gates_table(results: Iterable[GateResult], *, when: str = "Now") -> Markup:
    """Show gate results as a table; `when` heads the verdicts."""
    rows: list[list[Child]] = [
        [r.name, status(_STATUS[r.passed], _WORDS[r.passed]), r.detail] for r in results
    ]
    return table(["Gate", when, "Figures"], rows)


def promotion_text(promotion: Promotion) -> str:
    """Show a promotion in a terminal."""
    lines = [clean(_sentence(promotion))]
    if promotion.results:
        lines += [gates_text(promotion.results), f"  {clean(_policy_line(promotion))}"]
    lines.append(f"  {clean(_audit_line(promotion))}")
    return "\n".join(lines)


def promotion_html(promotion: Promotion) -> Markup:
    """Show a promotion in a notebook."""
    return scoped(
        tag("h2", _sentence(promotion)),
        [gates_table(promotion.results), tag("p", _policy_line(promotion))]
        if promotion.results
        else None,
        tag("p", _audit_line(promotion)),
    )


def _sentence(promotion: Promotion) -> str:
    was = f" (was {promotion.previous})" if promotion.previous else ""
    if not promotion.ref:
        return f"{promotion.previous} is no longer {promotion.alias}: nothing is"
    again = " again" if promotion.event.verb == "rollback" else ""
    forced = (
        f", forced past {_failed(promotion.results)}" if promotion.is_forced else ""
    )
    return f"{promotion.ref} is {promotion.alias}{again}{was}{forced}"


def _failed(results: Sequence[GateResult]) -> str:
    names = [r.name for r in results if r.passed is False]
    return f"{len(names)} failing gate{'s' if len(names) != 1 else ''}"


def _policy_line(promotion: Promotion) -> str:
    policy = promotion.event.detail["policy"]
    if policy is None:
        return f"Policy: no {POLICY_FILE}, so only the integrity gates apply"
    return f"Policy: {policy['file']} ({policy['digest'][:10] or 'not read'})"


def _audit_line(promotion: Promotion) -> str:
    event = promotion.event
    reason = event.detail.get("reason")
    why = f": {reason}" if reason else ""
    return f"Event {event.seq} ({event.hash[:10]}) by {event.actor}{why}"
