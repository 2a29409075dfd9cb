"""Comparing the rows that were served with the version's own, key by key."""

from collections.abc import Sequence
from typing import Any

from nbmlops.errors import NotFound
from nbmlops.lifecycle.reference import reference_rows
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.skew.parity.judge import add_parity, open_rows
from nbmlops.skew.report import SkewReport


def with_parity(
    place: Place,
    version: ModelVersion,
    report: SkewReport,
    serving: Any,
    *,
    reference: Any,
    key: str | Sequence[str],
    time: str | None,
    columns: Sequence[str] | None,
    weight: str | None,
) -> SkewReport:
    """Add to a report what the rows with the same key tell.

    Parameters
    ----------
    place
        The registry.
    version
        Whose training rows are compared with, where no reference is given.
    report
        What the columns alone told.
    serving
        The opened frame; a Profile is refused.
    reference
        A frame with rows, or None.
    key, time, columns
        As for `add_parity`.
    weight
        The column of weights, which is not compared.

    Returns
    -------
    SkewReport
        With the section "parity"; a UsageError if there are no rows on a side, or none
        that belong together.

    Raises
    ------
    NotFound
        If a side lacks a column of the key.
    """
    rows = open_rows(serving, what="serving frame")
    for name in [key] if isinstance(key, str) else key:
        if name not in rows.columns:  # said before a reference is asked for
            raise NotFound("key column of serving", name, rows.columns)
    return add_parity(
        report,
        reference_rows(place, version, reference),
        rows,
        key=key,
        time=time,
        columns=columns,
        ignore=[weight] if weight else [],
    )
