"""Setting rows apart whose values a check has found to be faulty."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from nbmlops.frames.opening import to_pandas
from nbmlops.skew.questions import NULL, OTHERS
from nbmlops.skew.repair.steps import ToNull
from nbmlops.skew.report import ColumnSkew, SkewReport

REASON = "quarantine_reason"


def set_apart(report: SkewReport, frame: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split a frame by the faults that a report finds in single rows.

    Parameters
    ----------
    report
        Of a check. Acknowledged columns set nothing apart.
    frame
        Rows to split: those of the check, or later ones of the same sender.

    Returns
    -------
    tuple of DataFrame
        The rows in which nothing was found, and the others with a column
        `quarantine_reason`; both keep their index.
    """
    rows = to_pandas(frame, what="frame to be split")
    reasons = pd.Series("", index=range(len(rows)), dtype=object)
    for column in report.columns.values():
        if column.name not in rows or column.muted_until:
            continue
        values = rows[column.name].reset_index(drop=True)
        for value, reason in _faulty(column):
            hit = _equals(values, value)
            reasons[hit] = reasons[hit].map(lambda told, new=reason: _also(told, new))
    is_faulty = (reasons != "").to_numpy()
    faulty = rows[is_faulty].assign(**{REASON: reasons[is_faulty].to_numpy()})
    return rows[~is_faulty], faulty


def _faulty(column: ColumnSkew) -> Iterator[tuple[float | str, str]]:
    """Give the values that a cause says are faulty, and why."""
    cause = column.cause
    if cause is None:
        return
    for step in cause.mend:
        if isinstance(step, ToNull):
            for value in step.values:
                shown = repr(value) if isinstance(value, str) else f"{value:g}"
                yield value, f"{column.name} is {shown}, which stands for null"
    for bound in cause.stuck:
        yield bound, f"{column.name} is {bound:g}, where values are clipped"
    if cause.kind == "new-category" and column.kind == "text":
        for bar in column.bars:
            if bar.reference == 0 and bar.label not in (NULL, OTHERS):
                yield bar.label, f"{column.name} is {bar.label!r}, never seen before"


def _equals(values: "pd.Series[Any]", value: float | str) -> np.ndarray[Any, Any]:
    """Say which rows hold a value; a text is none of a column of numbers."""
    if isinstance(value, str):
        found = values.astype(object) == value
    else:
        found = pd.to_numeric(values, errors="coerce") == value
    return found.fillna(False).to_numpy(dtype=bool)


def _also(told: str, reason: str) -> str:
    return f"{told}; {reason}" if told else reason
