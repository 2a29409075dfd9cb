"""Matching both sides' rows by key, and telling how their values differ."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
from scipy.special import betaincinv

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source, named
from nbmlops.profiles.profile import Profile
from nbmlops.skew.log_columns import LOG_COLUMNS
from nbmlops.skew.parity.fitting import Table, column_table
from nbmlops.skew.parity.joining import Compared, Counted, Joining, portions
from nbmlops.skew.parity.result import ColumnParity, Parity, Relation
from nbmlops.skew.parity.sides import Side, common_kind, opened_sides
from nbmlops.skew.parity.swaps import exchanged
from nbmlops.skew.repair.steps import lines
from nbmlops.skew.report import Cause, ColumnSkew, SkewReport, worst, worst_first

MAY_DIFFER = 0.01  # share of pairs without a relation, of chance and of late changes
MAY_RELATE = 0.001  # the same with one, which is surely handling
EXPLAINED = 0.95  # share of the pairs that differ, from which relations are the cause
SAMPLED, VALUES = 4_000, 4_000_000  # pairs, and values of all columns, to fit to
ENOUGH, ALL = 200, 5_000  # differing pairs: then no more are looked for; then all are
STRUCTURE = frozenset({"dtype", "missing-column", "empty-column"})
EXAMPLES = 3


def add_parity(
    report: SkewReport,
    reference: Source,
    serving: Source,
    *,
    key: str | Sequence[str],
    time: str | None = None,
    columns: str | Sequence[str] | None = None,
    ignore: Sequence[str] = (),
) -> SkewReport:
    """Add what the rows that both sides have tell, to the columns and as a section.

    Parameters
    ----------
    report
        What the columns alone told.
    reference, serving
        Both frames.
    key
        The column or columns that say which rows are the same.
    time
        When a row was served; where the reference has it too, the newest of its rows
        that is not later is taken.
    columns
        Only these.
    ignore
        Columns that are not compared: the weight.

    Returns
    -------
    SkewReport
        A relation that was found is its column's cause. A column of the key that a side
        lacks is NotFound; a UsageError says that no row could be matched.
    """
    parity = compare_rows(
        reference,
        serving,
        key=key,
        time=time,
        columns=columns,
        ignore=ignore,
        alpha=report.alpha,
        words=(report.reference.split(" of ")[0], report.serving.split(" of ")[0]),
        muted=[c.name for c in report.columns.values() if c.muted_until],
    )
    explained = {
        c.name: c.relations
        for c in parity.columns
        if c.is_fault and c.explained >= EXPLAINED
    }
    judged = worst_first(
        _with_cause(column, explained[column.name])
        if column.name in explained
        else column
        for column in report.columns.values()
    )
    changed = replace(report, columns=judged, verdict=worst(judged.values()))
    return changed.with_sections(*report.sections.values(), parity)


def compare_rows(
    reference: Source,
    serving: Source,
    *,
    key: str | Sequence[str],
    time: str | None = None,
    columns: str | Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    alpha: float = 0.05,
    words: tuple[str, str] = ("training", "serving"),
    muted: Sequence[str] = (),
) -> Parity:
    """Compare the rows that both sides have.

    Parameters
    ----------
    reference, serving, key, time, columns, ignore
        As for `add_parity`.
    alpha
        Of checks in which no column differs in more pairs than may be, so many find
        one.
    words
        What the sides are called.
    muted
        Columns whose faults do not count.

    Returns
    -------
    Parity
        The section.

    Raises
    ------
    UsageError
        If no row of one side has a key of the other: with examples of both.
    """
    by = _key(key, reference, serving, words)
    at = time if time is not None and time in reference.columns else ""
    parts = tuple(_part(name, reference, serving) for name in by)
    left_out = {*by, *ignore, *([time] if time else []), *LOG_COLUMNS}
    compared = _common(reference, serving, named(columns), left_out)
    needed = [*by, *([at] if at else []), *(c.name for c in compared)]
    with opened_sides(reference, serving, (needed, needed)) as (connection, *sides):
        joining = Joining(
            connection=connection,
            reference=sides[0],
            serving=sides[1],
            key=parts,
            time=at,
        )
        pairs, before, after = joining.prepare()
        if not pairs:
            message, hint = _unmatched(joining, words)
            raise UsageError(message, hint=hint)
        counted = joining.count(compared, pairs)
        differing = [c for c in compared if counted[c.name].differing]
        tables = _sampled(joining, differing, counted, pairs, words)
    level = alpha / max(2 * len(compared), 1)  # each column is asked twice
    swaps = exchanged(tables, words)
    judged = [
        _judge(table, counted[name], pairs, level, swaps.get(name), name in muted)
        for name, table in tables.items()
    ]
    judged.sort(key=lambda c: (not c.is_fault, -c.share, c.name))
    return Parity(
        by=by,
        time=at,
        pairs=pairs,
        serving=after,
        reference=before,
        columns=tuple(judged),
        agreeing=tuple(c.name for c in compared if c.name not in tables),
        alpha=alpha,
        words=words,
    )


def open_rows(frame: Any, *, what: str) -> Source:
    """Open a frame whose rows are to be matched; a UsageError for a Profile."""
    if isinstance(frame, Profile):
        raise UsageError(
            f"the {what} is a profile, and has no rows that a key could match",
            hint="give the frame or the files",
        )
    return open_frame(frame, what=what)


def at_least(count: int, pairs: int, level: float) -> float:
    """Bound a share from below: exact, one-sided (Clopper and Pearson 1934).

    Parameters
    ----------
    count, pairs
        How many of how many, at least 1.
    level
        How often the bound may lie above the true share.

    Returns
    -------
    float
        0 to 1.
    """
    return float(betaincinv(count, pairs - count + 1, level)) if count else 0.0


def _key(
    key: str | Sequence[str],
    reference: Source,
    serving: Source,
    words: tuple[str, str],
) -> tuple[str, ...]:
    """Check that both sides have the key."""
    names = named(key) or ()
    if not names or not all(isinstance(name, str) for name in names):
        raise UsageError(
            f"key cannot be {key!r}", hint="name the column that says which row it is"
        )
    for source, word in ((serving, words[1]), (reference, words[0])):
        for name in names:
            if name not in source.columns:
                raise NotFound(f"key column of {word}", name, source.columns)
    return names


def _compared(name: str, reference: Source, serving: Source) -> Compared:
    """Say as what a column is compared."""
    kind = common_kind(reference.kinds[name], serving.kinds[name])
    types = (source.schema.field(name).type for source in (reference, serving))
    whole = kind == "number" and all(
        pa.types.is_integer(type_) and type_ != pa.uint64() for type_ in types
    )
    return Compared(name=name, kind=kind, whole=whole)


def _common(
    reference: Source,
    serving: Source,
    wanted: Sequence[str] | None,
    left_out: Collection[str],
) -> list[Compared]:
    """List the columns that both sides have, and that are wanted."""
    return [
        _compared(name, reference, serving)
        for name in serving.columns
        if name in reference.columns
        and name not in left_out
        and (wanted is None or name in wanted)
    ]


def _part(name: str, reference: Source, serving: Source) -> Compared:
    """Say as what a part of the key is compared: "001" is not 1, whatever it may be."""
    part = _compared(name, reference, serving)
    if reference.kinds[name] != serving.kinds[name]:
        return Compared(name=name, kind="text")
    return part


def _unmatched(joining: Joining, words: tuple[str, str]) -> tuple[str, str]:
    """Say that no key of one side is on the other, with some of each, and a hint."""
    shown = []
    for side, word in ((joining.serving, words[1]), (joining.reference, words[0])):
        kinds = ", ".join(side.source.kinds[part.name] for part in joining.key)
        shown.append(f"{word} has {', '.join(_examples(joining, side))} ({kinds})")
    names = ", ".join(part.name for part in joining.key)
    hint = "write the key alike on both sides, e.g. frame['id'].astype(str)"
    if joining.time:
        hint = "no row of the reference is as early; are the times of one zone?"
    return (
        f"no row of {words[1]} has the {names} of a row of {words[0]}: "
        f"{'; '.join(shown)}",
        hint,
    )


def _examples(joining: Joining, side: Side) -> list[str]:
    names = ", ".join(side.names[part.name] for part in joining.key)
    query = (
        f"select distinct {names} from {side.relation} order by all limit {EXAMPLES}"
    )
    found = joining.connection.sql(query).fetchall()
    return [", ".join(map(repr, row)) for row in found] or ["no rows"]


def _sampled(
    joining: Joining,
    columns: list[Compared],
    counted: Mapping[str, Counted],
    pairs: int,
    words: tuple[str, str],
) -> dict[str, Table]:
    """Read pairs of the columns that differ: the same for all, and rare ones."""
    if not columns:
        return {}
    most = max(min(SAMPLED, VALUES // len(columns)), 50)
    share = min(1.0, 2 * most / pairs)
    tables: dict[str, Table] = {}
    for some in portions(columns, most):
        common = joining.sample(some, share=share, most=most)
        tables |= _tables(common, some, words, joining)
    rare = [
        column
        for column in columns
        if _is_rare(
            int(tables[column.name].sampled.differs.sum()),
            counted[column.name].differing,
        )
    ]
    for some in portions(rare, pairs):
        parts = [min(1.0, 2 * ALL / counted[c.name].differing) for c in some]
        table = joining.sample(
            some, share=max(parts), most=2 * ALL * len(some), differing=parts
        )
        for name, found in _tables(table, some, words, joining).items():
            tables[name] = tables[name].with_differing(found)
    return tables


def _is_rare(seen: int, differing: int) -> bool:
    """Whether more pairs that differ must be looked for than the common sample has."""
    return seen < differing and (differing <= ALL or seen < ENOUGH)


def _tables(
    table: pa.Table,
    columns: Sequence[Compared],
    words: tuple[str, str],
    joining: Joining,
) -> dict[str, Table]:
    names = [*joining.keys, *(["moment"] if joining.time else [])]
    keys = list(zip(*(table[name].to_pylist() for name in names), strict=True))
    return {
        column.name: column_table(
            column, (table[f"t{at}"], table[f"h{at}"]), keys, words
        )
        for at, column in enumerate(columns)
    }


def _judge(
    table: Table,
    counted: Counted,
    pairs: int,
    level: float,
    swap: Relation | None,
    is_muted: bool,
) -> ColumnParity:
    """Judge one column that differs."""
    found = ColumnParity(
        name=table.column.name,
        kind=table.column.kind,
        matching=pairs - counted.differing,
        mismatching=counted.mismatching,
        only_serving=counted.only_serving,
        only_reference=counted.only_reference,
        at_least=at_least(counted.differing, pairs, level),
        is_fault=False,
        is_muted=is_muted,
        relations=table.relations() if swap is None else (swap,),
        samples=table.samples(),
    )
    related = sum(found.count_of(r) for r in found.relations if r.kind != "nulls")
    return replace(
        found,
        is_fault=found.at_least > MAY_DIFFER
        or at_least(int(related), pairs, level) > MAY_RELATE,
    )


def _with_cause(column: ColumnSkew, relations: tuple[Relation, ...]) -> ColumnSkew:
    """Let what the pairs tell be the column's cause; its structure is known better."""
    if column.cause is not None and column.cause.kind in STRUCTURE:
        return column
    mend: tuple[Any, ...] = ()
    if all(relation.mend for relation in relations):
        nulls_first = sorted(relations, key=lambda r: r.part != "filled")
        mend = tuple(step for relation in nulls_first for step in relation.mend)
    others = [r.kind for r in relations[1:]]
    known = column.cause
    cause = Cause(
        kind=relations[0].kind,
        detail="; ".join(relation.detail for relation in relations),
        also=tuple(dict.fromkeys((*relations[0].also, *others)))[:2],
        repair=lines(mend, column.name),
        mend=mend,
        stuck=known.stuck if known and known.kind == relations[0].kind else (),
    )
    return replace(column, verdict="handling fault", cause=cause)
