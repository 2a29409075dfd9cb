"""Groups of rows whose mean loss is larger, or has risen: all judged together."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from nbmlops.skew.differences import Codes, Difference, Rows, difference, least_rows
from nbmlops.skew.report import Verdict
from nbmlops.skew.rest import against_rest
from nbmlops.skew.slices import Contrast, Group, Said
from nbmlops.skew.statistics import false_discovery

Labels = Mapping[str, npt.NDArray[np.object_]]


def judge_groups(
    log: Rows,
    labels: Labels,
    test: Rows | None,
    test_labels: Labels,
    *,
    alpha: float,
    margin: float,
    unlike: Collection[str] = (),
) -> tuple[Group, ...]:
    """Judge every group of every slice column.

    Parameters
    ----------
    log, labels
        The labelled rows of a log; by slice column the label of each row, as text.
    test, test_labels
        The same on test, as far as it is known.
    alpha
        The share of logs without any difference in which some group is found; half of
        it each for gaps and for rises, where there are both.
    margin
        The rise that does not matter.
    unlike
        Labels that stand for other values on test than in the log.

    Returns
    -------
    tuple of Group
        In the order of columns and labels; without a loss where too small.
    """
    least = least_rows(log)
    groups: list[tuple[str, str, Rows, bool]] = []
    gaps: list[Difference | None] = []
    rises: list[Difference | None] = []
    for column, of_rows in labels.items():
        before = _members(test_labels[column]) if column in test_labels else {}
        members = _members(of_rows)
        for (value, rows), gap in zip(
            members.items(), against_rest(log, list(members.values())), strict=True
        ):
            own, then = log.part(rows), None
            if test is not None and value in before and value not in unlike:
                then = _apart(test.part(before[value]), log)
            groups.append((column, value, own, gap.size >= least))
            gaps.append(gap.difference if min(gap.size, gap.rest) >= least else None)
            rises.append(_if_judged(own, then, least))
    level = alpha / 2 if any(gaps) and any(rises) else alpha
    return tuple(
        Group(
            column=column,
            value=value,
            rows=len(own.values),
            loss=own.mean if enough else None,
            gap=gap,
            rise=rise,
        )
        for (column, value, own, enough), gap, rise in zip(
            groups,
            _judged(gaps, level, np.inf),  # a harder group is no skew
            _judged(rises, level, margin),
            strict=True,
        )
    )


def verdict_of(groups: Iterable[Group], margin: float) -> Verdict:
    """Judge all groups by the worst of their rises against test.

    Parameters
    ----------
    groups
        As judged.
    margin
        The rise that does not matter.

    Returns
    -------
    str
        "not enough data" where a rise is real and may or may not be over the margin.
    """
    rises = [g.rise for g in groups if g.rise is not None and g.is_worse]
    if any(rise.said == "over tolerance" for rise in rises):
        return "over tolerance"
    if any(rise.difference > margin for rise in rises):
        return "not enough data"
    return "within tolerance" if rises else "no evidence"


def _members(labels: npt.NDArray[np.object_]) -> dict[str, Codes]:
    """Give the numbers of the rows of each label, in the order of the labels."""
    codes, values = pd.factorize(labels, sort=True)
    ends = np.cumsum(np.bincount(codes, minlength=len(values)))
    rows = np.split(np.argsort(codes, kind="stable"), ends[:-1])
    return dict(zip(values.tolist(), rows, strict=True))


def _if_judged(own: Rows, other: Rows | None, least: int) -> Difference | None:
    """Compare where both sides have enough rows."""
    if other is None or min(own.size, other.size) < least:
        return None
    return difference(own, other)


def _apart(test: Rows, log: Rows) -> Rows:
    """Give the units of test numbers of their own."""
    return Rows(
        values=test.values,
        weight=test.weight,
        units=test.units + int(log.units.max()) + 1,
    )


def _judged(
    found: Sequence[Difference | None], level: float, margin: float
) -> list[Contrast | None]:
    """Hold false discoveries to the level, over all groups together."""
    known = [one for one in found if one is not None]
    real, over = (
        false_discovery(np.array([one.p_value(beyond) for one in known]))
        for beyond in (None, margin)
    )
    words: list[Said] = ["", "differs", "over tolerance"]
    judged = iter(
        Contrast(
            other=one.other,
            difference=one.value,
            interval=one.interval,
            p_value=float(p_value),
            said=words[int(p_value < level) + int(max(p_value, beyond) < level)],
        )
        for one, p_value, beyond in zip(known, real, over, strict=True)
    )
    return [None if one is None else next(judged) for one in found]
