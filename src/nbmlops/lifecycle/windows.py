"""What a check of a version reads to look at windows: the log, and training's rows."""

from dataclasses import replace
from typing import Any

from nbmlops.errors import UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source
from nbmlops.lifecycle.reference import reference_rows
from nbmlops.profiles.profile import Profile
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.skew.windows.judge import Rows
from nbmlops.skew.windows.opening import time_column, window_rows


def rows_of_log(
    place: Place,
    version: ModelVersion,
    served: Source | Profile,
    *,
    reference: Any,
    weight: str | None,
    time: str | None,
    beside: tuple[str, ...],
) -> Rows | None:
    """Find the rows that can be looked at window by window.

    Parameters
    ----------
    place, version
        The registry, and whose reference.
    served
        The serving side.
    reference
        A frame or Profile given instead of what the version was trained on.
    weight, time
        The columns of weights and of times; without it the log's `requested_at`.
    beside
        The log's columns that the model does not read.

    Returns
    -------
    Rows or None
        None where serving has no times. The recorded training rows are read only if
        they have that column of time.
    """
    column = time_column(served, time, beside)
    if column is None or isinstance(served, Profile):
        return None
    if isinstance(reference, Profile):
        return window_rows(served, column, reference, weight=weight)
    if reference is not None:
        opened = open_frame(reference, what="reference")
        return window_rows(served, column, opened, weight=weight)
    if not any(column in data["columns"] for data in version.datasets):
        return window_rows(served, column, None, weight=weight)
    try:
        opened = reference_rows(place, version)
    except UsageError as error:
        without = window_rows(served, column, None, weight=weight)
        return replace(without, why=error.message)
    return window_rows(served, column, opened, weight=weight)
