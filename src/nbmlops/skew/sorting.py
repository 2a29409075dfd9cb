"""Which columns of a check need a test, and which are settled without one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbmlops.profiles.columns import ColumnProfile
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.profiles.profile import Profile
from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew.causes import clock, structure
from nbmlops.skew.causes.table import WITHOUT_FAULT
from nbmlops.skew.decision import ByDays, Finding, find
from nbmlops.skew.questions import comparable_kind, is_identifier, presence, questions
from nbmlops.skew.report import Cause, ColumnSkew


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a check was asked: the same for every column.

    With very many columns the quiet ones are not drawn (`is_wide`), and causes are
    looked for only in those of `named`, the ones that moved most.
    """

    tolerance: float
    alpha: float
    words: tuple[str, str]
    scales: tuple[float, float]
    hints: Mapping[str, Any]
    muted: Mapping[str, tuple[str, str]]
    by_window: Mapping[str, ByDays]
    is_wide: bool = False
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A column that is tested, and what the tests say of it alone."""

    name: str
    kind: str
    reference: ColumnProfile
    serving: ColumnProfile
    finding: Finding


@dataclass(slots=True)
class Sorted:
    """Columns by what can be done with them."""

    tested: list[Asked] = field(default_factory=list)
    settled: list[ColumnSkew] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)


def sort_columns(
    reference: Profile, serving: Profile, names: list[str], settings: Settings
) -> Sorted:
    """Settle what needs no test, and test the rest.

    Parameters
    ----------
    reference, serving
        The two profiles.
    names
        The columns to judge.
    settings
        What the check was asked.

    Returns
    -------
    Sorted
        Every column in one of its lists.
    """
    sorted_ = Sorted()
    extra = [name for name in serving.columns if name not in reference.columns]
    for name in names:
        before, after = reference.columns.get(name), serving.columns.get(name)
        if before is None:
            assert after is not None
            found = structure.extra(name, settings.words)
            sorted_.settled.append(_settled(name, after, found))
        elif after is None:
            found = structure.missing(name, extra, settings.words)
            sorted_.settled.append(_settled(name, before, found))
        else:
            _sort_one(sorted_, name, before, after, settings)
    return sorted_


def _sort_one(
    sorted_: Sorted,
    name: str,
    before: ColumnProfile,
    after: ColumnProfile,
    settings: Settings,
) -> None:
    """Settle or test one column that both sides have."""
    rows = float(after.mass) * settings.scales[1]
    empty = structure.empty(before, after, rows, settings.words)
    if empty is not None:
        sorted_.settled.append(_settled(name, before, empty))
        return
    kind = comparable_kind(before, after)
    if structure.is_empty(before) or structure.is_empty(after):
        kind = str(after.kind if structure.is_empty(before) else before.kind)
        sides = presence(before, after, settings.scales)
        finding = find([sides], settings.tolerance)
    elif {before.kind, after.kind} == {"text", "free text"}:
        sorted_.unjudged.append(name)
        sorted_.settled.append(_left_out(name, before, "one side is free text"))
        return
    elif not kind and before.kind == after.kind == "other":
        sorted_.unjudged.append(name)
        sorted_.settled.append(_left_out(name, before, "values of other types"))
        return
    elif not kind:
        fault = structure.other_kind(name, before, after, settings.words)
        sorted_.settled.append(_settled(name, before, fault))
        return
    elif (wrong := clock.misread(name, before, after, settings.words)) is not None:
        sorted_.settled.append(_settled(name, before, wrong))
        return
    elif is_identifier(before, after):
        sorted_.identifiers.append(name)
        sorted_.settled.append(_left_out(name, before, "nearly every value is unique"))
        return
    else:
        finding = _find(before, after, settings)
    sorted_.tested.append(
        Asked(
            name=name,
            kind=kind,
            reference=before,
            serving=after,
            finding=finding,
        )
    )


def _find(before: ColumnProfile, after: ColumnProfile, settings: Settings) -> Finding:
    """Test by facets what is not counted in cells: vectors and free text."""
    if isinstance(before, VectorColumn) and isinstance(after, VectorColumn):
        from nbmlops.skew.vectors import vector_finding

        return vector_finding(before, after, settings.scales, settings.tolerance)
    if isinstance(before, FreeTextColumn) and isinstance(after, FreeTextColumn):
        from nbmlops.skew.free_texts import free_text_finding

        return free_text_finding(before, after, settings.scales, settings.tolerance)
    return find(questions(before, after, settings.scales), settings.tolerance)


def _settled(name: str, column: ColumnProfile, cause: Cause) -> ColumnSkew:
    """Report a column that needs no test."""
    fault = cause.kind not in WITHOUT_FAULT
    return ColumnSkew(
        name=name,
        kind=str(column.kind),
        verdict="handling fault" if fault else "within tolerance",
        cause=cause,
    )


def _left_out(name: str, column: ColumnProfile, why: str) -> ColumnSkew:
    """Report a column whose values are not judged."""
    return ColumnSkew(
        name=name,
        kind=str(column.kind),
        verdict="no evidence",
        summary=f"not judged: {why}",
    )
