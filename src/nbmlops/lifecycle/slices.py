"""The loss of groups of served rows: against the others, and against test."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.slicing import REST, slice_labels
from nbmlops.evaluate.tasks import encode
from nbmlops.frames.opening import to_pandas
from nbmlops.frames.source import Source
from nbmlops.lifecycle.logged import Bools, Logged, is_known
from nbmlops.lifecycle.predictions import own_evaluation
from nbmlops.lifecycle.sides import Side, side_in_log, side_on_test
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.skew.differences import Rows, least_rows
from nbmlops.skew.gaps import Labels, judge_groups, verdict_of
from nbmlops.skew.log_columns import ENTITY
from nbmlops.skew.report import SkewReport
from nbmlops.skew.slices import Group, Slices

MARGIN = 0.03  # of log loss or error rate, as a policy's slice-margin
MOST_COLUMNS = 20
MOST_LABELS = 20  # of a column that nobody named as a slice
MOST_STORED = 200  # characters of a group's name
LEAST_CHANCE = 0.001  # so that no single row decides the log loss
LABELS = ("text", "boolean")
LOSSES = {"log": "log loss", "error": "error rate", "absolute": "absolute error"}


def judge_slices(
    place: Place,
    version: ModelVersion,
    served: Source,
    answered: Logged,
    given: SkewReport,
) -> Slices | None:
    """Judge a version's loss group by group.

    Parameters
    ----------
    place, version
        The registry, and whose loss.
    served, answered
        The log, and its answers with their labels.
    given
        The report, for its tolerance and level.

    Returns
    -------
    Slices or None
        The section; None without labels, and without a column to slice by.

    """
    side = side_in_log(version, answered)
    known = is_known(side.target)
    if not known.any():
        return None
    own, labelled = side.part(known), answered.take(known)
    columns, notes = _columns(version, served, labelled)
    if not columns:
        return None
    scored = own_evaluation(place, version)
    test = None if scored is None else side_on_test(version, scored)
    kind = _kind(own, test)
    log, kept = _rows(own, kind, labelled.keys.get(ENTITY))
    if not kept.all():
        lost = int((~kept).sum())
        notes = (
            *notes,
            f"{lost:,} rows have no finite loss or no weight above 0: left out",
        )
    if not len(log.values):
        return None
    before, before_labels = _on_test(version, scored, test, kind)
    margin = MARGIN
    if kind == "absolute":
        margin = 0.0 if before is None else given.tolerance * before.mean
    if not set(columns) & set(before_labels):
        notes = (*notes, _nothing_on_test(version, columns))
    found = judge_groups(
        log,
        {name: labels[kept] for name, labels in columns.items()},
        before,
        before_labels,
        alpha=given.alpha,
        margin=margin,
        unlike=(REST,),
    )
    found = tuple(replace(group, value=group.value[:MOST_STORED]) for group in found)
    judged = [group for group in found if group.loss is not None]
    return Slices(
        verdict=verdict_of(judged, margin),
        loss=LOSSES[kind],
        labelled=len(log.values),
        alpha=given.alpha,
        margin=margin,
        least=least_rows(log),
        groups=tuple(sorted(judged, key=_order)),
        small=tuple(group for group in found if group.loss is None),
        notes=notes,
    )


def _columns(
    version: ModelVersion, served: Source, labelled: Logged
) -> tuple[dict[str, npt.NDArray[np.object_]], tuple[str, ...]]:
    """Label the rows by each slice column of the log."""
    named = list(dict.fromkeys(n for e in version.evaluations for n in e.slices))
    wanted = named or [c.name for c in version.signature.columns if c.kind in LABELS]
    there = [name for name in wanted if name in served.columns]
    here = there[:MOST_COLUMNS]
    missing = [name for name in named if name not in served.columns]
    notes = [f"the log lacks the slice columns {', '.join(missing)}"] if missing else []
    if len(there) > len(here):
        notes.append(f"only the first {MOST_COLUMNS} slice columns are looked at")
    frame = to_pandas(served, columns=here).iloc[labelled.places] if here else None
    labels = {} if frame is None else {n: slice_labels(frame[n]) for n in here}
    if not named:
        labels = {n: own for n, own in labels.items() if _is_slice(own)}
    return labels, tuple(notes)


def _is_slice(labels: npt.NDArray[np.object_]) -> bool:
    return 2 <= len(set(labels)) <= MOST_LABELS


def _kind(own: Side, test: Side | None) -> str:
    if own.task == "regression":
        return "absolute"
    sides = [own] if test is None else [own, test]
    return "error" if any(side.probability is None for side in sides) else "log"


def _on_test(
    version: ModelVersion, scored: Scored | None, test: Side | None, kind: str
) -> tuple[Rows | None, Labels]:
    """Give the losses on test, and their labels by slice column."""
    if scored is None or test is None:
        return None, {}
    is_number = version.task == "regression"
    known = np.ones(scored.rows, dtype=bool)
    if not is_number:
        known = is_known(encode(scored.target, version.classes))
    groups = None if scored.groups is None else pd.Series(scored.groups[1][known])
    rows, kept = _rows(test, kind, groups)
    return rows, {
        name: np.asarray(labels, dtype=object)[known][kept]
        for name, labels in scored.slices.items()
    }


def _rows(
    side: Side, kind: str, together: "pd.Series[Any] | None"
) -> tuple[Rows, Bools]:
    """Give the losses that count, and which rows these are."""
    if kind == "log" and side.probability is not None:
        chance = side.probability[np.arange(len(side.target)), side.target]
        values = -np.log(np.maximum(chance, LEAST_CHANCE))
    else:
        values = side.losses(kind).values
    weight = np.ones(len(values)) if side.weight is None else side.weight
    kept = np.isfinite(values) & np.isfinite(weight) & (weight > 0)
    units = np.arange(len(values))
    if together is not None:
        codes = pd.factorize(together)[0]
        units = np.where(codes < 0, units + len(units), codes)
    units = np.unique(units[kept], return_inverse=True)[1]
    return Rows(values=values[kept], weight=weight[kept], units=units), kept


def _nothing_on_test(version: ModelVersion, columns: Iterable[str]) -> str:
    names = ", ".join(map(repr, list(columns)[:3]))
    return (
        f"no group is known on test, so no rise can be judged: evaluate "
        f"{version.ref} with slices=[{names}]"
    )


def _order(group: Group) -> tuple[bool, float, bool, float]:
    """Put what surely rose first, then what surely differs, the largest first."""
    rise, gap = group.rise, group.gap
    differs = gap is not None and bool(gap.said)
    return (
        not group.is_worse,
        -rise.difference if rise is not None and group.is_worse else 0.0,
        not differs,
        -gap.difference if gap is not None else 0.0,
    )
