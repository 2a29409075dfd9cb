"""Compare the stored rows of two or more versions: the statistics of a Comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbmlops.compare.align import (
    ScoredLike,
    align,
    common_classes,
    rows_of,
    same_target,
)
from nbmlops.compare.comparison import (
    Flips,
    MetricDifference,
    SliceDifference,
    VersionCurves,
    judge,
)
from nbmlops.compare.curves import curves, flips
from nbmlops.compare.paired import (
    FEW_GROUPS,
    Array,
    Difference,
    MetricLike,
    Rows,
    Units,
    paired_difference,
)
from nbmlops.compare.slices import slice_differences
from nbmlops.display.numbers import amount
from nbmlops.errors import UsageError
from nbmlops.host import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The parts of a Comparison that come from rows; named as there.

    Attributes
    ----------
    rows_compared, group_column, groups, leading, differences, slices, curves, flips
        As in `Comparison`.
    notes
        What the reader must know.
    """

    rows_compared: int = 0
    group_column: str = ""
    groups: int = 0
    leading: str = ""
    differences: tuple[MetricDifference, ...] = ()
    slices: tuple[SliceDifference, ...] = ()
    curves: tuple[VersionCurves, ...] = ()
    flips: tuple[Flips, ...] = ()
    notes: tuple[str, ...] = ()

    def parts(self) -> dict[str, Any]:
        """Give the fields, to hand on as `Comparison(versions=..., **parts)`."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class _Common:
    """The common rows of all versions, and what was noticed while pairing them."""

    rows: Mapping[str, Rows]
    positions: Array
    dropped: int
    notes: tuple[str, ...]


def compare_scored(
    baseline_ref: str,
    baseline: ScoredLike,
    challengers: Mapping[str, ScoredLike],
    metrics: Mapping[str, MetricLike],
    *,
    groups: tuple[str, Array] | None = None,
    slices: Sequence[str] | None = None,
    leading: str = "",
) -> Findings:
    """Compare versions on the rows that all of them were evaluated on.

    Parameters
    ----------
    baseline_ref, baseline
        The version that the others are measured against, and its rows.
    challengers
        Ref -> rows, at least one.
    metrics
        The metrics of the baseline's task by name, the leading one first.
    groups
        The group column and the baseline's labels of it, row by row; None takes the
        groups stored with the baseline.
    slices
        Slice columns of the baseline; None takes all that are stored.
    leading
        The metric of the headline and the slices; else the first that is there.

    Returns
    -------
    Findings
        Without common rows: the stored values side by side, without intervals.
    """
    versions = {baseline_ref: baseline, **challengers}
    odd = [ref for ref, one in versions.items() if one.task != baseline.task]
    if odd:
        task = f"{odd[0]} has the task {versions[odd[0]].task}"
        return Findings(notes=(f"{task}, {baseline_ref} {baseline.task}",))
    common = _common(versions)
    if not len(common.positions):
        return _apart(baseline_ref, versions, metrics, leading, common.notes)
    grouping = baseline.groups if groups is None else groups
    units, about_groups = _units(grouping, common.positions, len(baseline.target))
    found = _differences(baseline_ref, common.rows, metrics, grouping, units)
    known = {one.metric for _, one in found}
    if not common.dropped:
        found += _stored(baseline_ref, versions, metrics, without=known)
    chosen = _leading(leading, known, metrics)
    columns = _columns(baseline, slices, common.positions)
    first = (baseline_ref, common.rows[baseline_ref])
    rest = {ref: rows for ref, rows in common.rows.items() if ref != baseline_ref}
    return Findings(
        rows_compared=len(common.positions),
        group_column=grouping[0] if grouping and units else "",
        groups=units.count if units else 0,
        leading=chosen,
        differences=tuple(one for _, one in sorted(found, key=_surest)),
        slices=slice_differences(metrics[chosen], first, rest, columns, units)
        if chosen
        else (),
        curves=curves(common.rows) if baseline.task == "binary" else (),
        flips=_flips(first, rest, versions),
        notes=(*common.notes, *about_groups),
    )


def _flips(
    first: tuple[str, Rows],
    rest: Mapping[str, Rows],
    versions: Mapping[str, ScoredLike],
) -> tuple[Flips, ...]:
    labels = common_classes(list(versions.values()))
    if not labels or isinstance(labels[0], tuple):
        return ()
    return tuple(flips(first, item, labels) for item in rest.items())


def _common(versions: Mapping[str, ScoredLike]) -> _Common:
    scored = list(versions.values())
    found = align([one.fingerprints for one in scored])
    places, notes = found.positions, []
    if not found.rows:
        notes.append("the versions were evaluated on different rows")
    elif any(found.dropped):
        counts = ", ".join(
            f"{count:,} of {ref}"
            for ref, count in zip(versions, found.dropped, strict=True)
            if count
        )
        only = "rows that only some versions were evaluated on"
        notes.append(f"{only} left out: {counts}")
    agree = _agreeing(scored, places)
    if not agree.all():
        off = amount(int((~agree).sum()), "row")
        notes.append(f"{off} left out: the versions were given different targets")
        places = tuple(place[agree] for place in places)
    pairs = list(zip(scored, places, strict=True))
    if not all(_same_weights(pairs[0], other) for other in pairs[1:]):
        notes.append("the weights differ between the versions; the baseline's are used")
    classes = common_classes(scored)
    rows = {
        ref: rows_of(
            one, place, like=scored[0], like_positions=places[0], classes=classes
        )
        for ref, (one, place) in zip(versions, pairs, strict=True)
    }
    lost = sum(found.dropped) + int((~agree).sum())
    return _Common(rows, places[0], lost, tuple(notes))


def _agreeing(scored: Sequence[ScoredLike], places: Sequence[Array]) -> Array:
    first = scored[0].target[places[0]]
    agree = np.ones(len(places[0]), dtype=bool)
    for one, place in zip(scored[1:], places[1:], strict=True):
        agree &= same_target(first, one.target[place])
    return agree


def _same_weights(
    first: tuple[ScoredLike, Array], other: tuple[ScoredLike, Array]
) -> bool:
    one, two = (
        None if scored.weight is None else scored.weight[place]
        for scored, place in (first, other)
    )
    if one is None or two is None:
        return one is two
    return bool(np.allclose(one, two))


def _units(
    grouping: tuple[str, Array] | None, positions: Array, rows: int
) -> tuple[Units | None, tuple[str, ...]]:
    if grouping is None:
        return None, ()
    name, labels = grouping
    if len(labels) != rows:
        raise UsageError(
            f"groups {name!r} has {len(labels):,} values for {rows:,} rows",
            hint="give one value per row of the baseline's evaluation",
        )
    units = Units.groups(np.asarray(labels)[positions])
    if units.count == len(positions):
        return None, (f"every row has its own {name}: intervals by row",)
    if units.count < 2:
        return None, (f"all rows have the same {name}: intervals by row",)
    if units.count < FEW_GROUPS:
        few = f"only {units.count} groups of {name}"
        return units, (f"{few}: the interval by group is rough",)
    return units, ()


_Sure = tuple[float, MetricDifference]


def _differences(
    baseline_ref: str,
    rows: Mapping[str, Rows],
    metrics: Mapping[str, MetricLike],
    grouping: tuple[str, Array] | None,
    units: Units | None,
) -> list[_Sure]:
    first = rows[baseline_ref]
    single = Units.rows(len(first.target))
    out: list[_Sure] = []
    for metric in metrics.values():
        args = {ref: one.args(metric) for ref, one in rows.items()}
        values = {ref: metric.function(*a) for ref, a in args.items() if a is not None}
        for ref, other in rows.items():
            if ref == baseline_ref:
                continue
            by_row = paired_difference(metric, first, other, single)
            if by_row is None:
                continue
            grouped = None
            if units is not None and grouping is not None:
                grouped = paired_difference(metric, first, other, units)
            finite = {k: float(v) for k, v in values.items() if np.isfinite(v)}
            name = grouping[0] if grouping else ""
            found = (baseline_ref, ref)
            out.append(_judged(metric, found, finite, by_row, grouped, name))
    return out


def _judged(
    metric: MetricLike,
    refs: tuple[str, str],
    values: Mapping[str, float],
    by_row: Difference,
    grouped: Difference | None,
    group_column: str,
) -> _Sure:
    deciding = by_row if grouped is None or grouped.interval is None else grouped
    better = metric.greater_is_better
    method = _method(metric) if by_row.interval else ""
    if grouped is not None and grouped.interval:
        count = int(grouped.degrees) + 1
        method += f"; by {group_column}: jackknife of {count:,} groups"
    error = deciding.standard_error
    sure = 0.0
    if error is not None:
        sure = abs(by_row.difference) / error if error > 0 else float("inf")
    return sure if by_row.difference else 0.0, MetricDifference(
        metric=metric.name,
        label=metric.label,
        baseline=refs[0],
        challenger=refs[1],
        values=values,
        difference=by_row.difference,
        interval=by_row.interval,
        group_interval=None if grouped is None else grouped.interval,
        greater_is_better=better,
        method=method,
        verdict=judge(deciding.interval, greater_is_better=better),
    )


def _method(metric: MetricLike) -> str:
    if metric.kind == "mean":
        return "paired t"
    if metric.kind == "ranking" and metric.name.startswith("roc_auc"):
        return "DeLong"
    return "jackknife"


def _surest(item: _Sure) -> tuple[bool, float]:
    return item[1].interval is None, -item[0]


def _stored(
    baseline_ref: str,
    versions: Mapping[str, ScoredLike],
    metrics: Mapping[str, MetricLike],
    *,
    without: set[str],
) -> list[_Sure]:
    """Put stored values side by side: the user's own metrics, or of different rows."""
    names = [name for name in versions[baseline_ref].metrics if name not in without]
    out: list[_Sure] = []
    for name in names:
        values = {r: v.metrics[name] for r, v in versions.items() if name in v.metrics}
        own = metrics.get(name)
        for ref in values:
            if ref == baseline_ref:
                continue
            one = MetricDifference(
                metric=name,
                label=own.label if own else name,
                baseline=baseline_ref,
                challenger=ref,
                values=values,
                difference=values[ref] - values[baseline_ref],
                interval=None,
                greater_is_better=own.greater_is_better if own else True,
                method="",
                verdict="no interval",
            )
            out.append((0.0, one))
    return out


def _apart(
    baseline_ref: str,
    versions: Mapping[str, ScoredLike],
    metrics: Mapping[str, MetricLike],
    leading: str,
    notes: tuple[str, ...],
) -> Findings:
    found = [one for _, one in _stored(baseline_ref, versions, metrics, without=set())]
    known = {one.metric for one in found}
    return Findings(
        leading=_leading(leading, known, metrics),
        differences=tuple(found),
        notes=notes,
    )


def _leading(wanted: str, known: set[str], metrics: Mapping[str, MetricLike]) -> str:
    if wanted in known and wanted in metrics:
        return wanted
    return next((name for name in metrics if name in known), "")


def _columns(
    baseline: ScoredLike, slices: Sequence[str] | None, positions: Array
) -> dict[str, Array]:
    names = baseline.slices if slices is None else slices
    missing = [name for name in names if name not in baseline.slices]
    if missing:
        kept = ", ".join(baseline.slices) or "none"
        raise UsageError(
            f"{missing[0]!r} is not a slice of this evaluation",
            hint=f"it keeps: {kept}; name more with {option('slices')} when evaluating",
        )
    return {name: baseline.slices[name][positions] for name in names}
