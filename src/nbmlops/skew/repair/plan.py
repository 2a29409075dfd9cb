"""What a report's repair does: to which columns, and what is left as it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbmlops.errors import NotFound, UsageError
from nbmlops.skew.repair.steps import Rename, Step, Swap

if TYPE_CHECKING:
    from nbmlops.skew.report import ColumnSkew, SkewReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A repair, column by column.

    Attributes
    ----------
    columns
        What comes out, in training's order.
    sources
        The column of serving that one is read from, where it has another name.
    steps
        What is then done to it.
    left
        The faults that it leaves, in words; "" for none.
    """

    columns: tuple[str, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    left: str = ""

    def is_kept(self, column: str) -> bool:
        """Say whether a column stays as it comes."""
        return not self.steps_of(column) and self.source(column) == column

    def source(self, column: str) -> str:
        """Name the column of serving that one is read from."""
        return self.sources.get(column, column)

    def steps_of(self, column: str) -> tuple[Step, ...]:
        """List what is done to a column."""
        return self.steps.get(column, ())


def plan_of(report: "SkewReport", columns: str | Iterable[str] | None = None) -> Plan:
    """Read off a report what can be mended.

    Parameters
    ----------
    report
        What a check found.
    columns
        The faults of these columns only; by default all that are not acknowledged.

    Returns
    -------
    Plan
        What is to be done.

    Raises
    ------
    UsageError
        If there is nothing to mend.
    """
    if not report.order:
        raise UsageError(
            "this report does not say how training's columns are ordered",
            hint="it was stored by an earlier version: check again",
        )
    faults = _faults(report, columns)
    mended = {c.name: c.cause.mend for c in faults if c.cause and _is_able(report, c)}
    left = _named(c for c in faults if c.name not in mended)
    if not mended:
        why = (
            f"of {left} no way back is known" if left else "no handling fault was found"
        )
        raise UsageError(f"nothing can be repaired: {why}", hint=_hint(report))
    sources = dict(pair for name in mended for pair in _read_from(name, mended[name]))
    # What seemed to be another fault of a column was the one it is exchanged with.
    exchanged = {name for name in sources if not _moves(mended.get(name, ()))}
    steps = {
        name: tuple(step for step in mend if not isinstance(step, (Swap, Rename)))
        for name, mend in mended.items()
        if name not in exchanged
    }
    return Plan(
        columns=tuple(
            name for name in report.order if name in sources or _comes(report, name)
        ),
        sources=sources,
        steps=steps,
        left=left,
    )


def _faults(
    report: "SkewReport", columns: str | Iterable[str] | None
) -> list["ColumnSkew"]:
    faults = [c for c in report.columns.values() if c.verdict == "handling fault"]
    if columns is None:
        return [c for c in faults if not c.muted_until]
    wanted = [columns] if isinstance(columns, str) else list(columns)
    for name in wanted:
        if name not in report.columns:
            raise NotFound("checked column", name, report.columns)
    return [c for c in faults if c.name in wanted]


def _comes(report: "SkewReport", name: str) -> bool:
    """Say whether serving has a column, as far as the report tells."""
    judged = report.columns.get(name)
    cause = judged.cause if judged else None
    return cause is None or cause.kind != "missing-column"


def _is_able(report: "SkewReport", column: "ColumnSkew") -> bool:
    """Say whether a fault can be mended in front of the model."""
    return bool(column.cause and column.cause.mend) and column.name in report.order


def _read_from(name: str, mend: tuple[Step, ...]) -> Iterator[tuple[str, str]]:
    """Give each column that is read from another, with that one."""
    for step in mend:
        if isinstance(step, Swap):
            yield name, step.other
            yield step.other, name
        elif isinstance(step, Rename):
            yield name, step.given


def _moves(mend: tuple[Step, ...]) -> bool:
    return any(isinstance(step, (Swap, Rename)) for step in mend)


def _named(faults: Iterable["ColumnSkew"]) -> str:
    return ", ".join(f"{c.name} ({c.cause.kind})" for c in faults if c.cause)


def _hint(report: "SkewReport") -> str:
    able = [
        c.name
        for c in report.columns.values()
        if c.verdict == "handling fault" and _is_able(report, c)
    ]
    if able:
        return f"there is a repair for: {', '.join(able)}"
    return "the sender must mend it; what moved with the world: retrain or acknowledge"
