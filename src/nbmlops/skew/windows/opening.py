"""Finding what a look at windows can read."""

from collections.abc import Collection
from typing import Any

from nbmlops.frames.source import Source
from nbmlops.profiles.profile import Profile
from nbmlops.skew.log_columns import REQUESTED_AT
from nbmlops.skew.windows.judge import NO_TIMES, Rows


def time_column(
    served: Source | Profile, time: str | None, beside: Collection[str]
) -> str | None:
    """Name the column of time by which serving can be cut into windows.

    Parameters
    ----------
    served
        The serving side.
    time
        The column that was named, if any.
    beside
        The columns of a log that the model does not read.

    Returns
    -------
    str or None
        `time`, else the log's `requested_at`; None where there is no such column, or
        the rows can be read once only.
    """
    if isinstance(served, Profile) or served.is_stream:
        return None
    name = time or (REQUESTED_AT if REQUESTED_AT in beside else None)
    return name if served.kinds.get(name or "") == "time" else None


def window_rows(
    served: Source, column: str, reference: Any, *, weight: str | None
) -> Rows:
    """Gather what windows are made of.

    Parameters
    ----------
    served, column
        The serving side and its column of time.
    reference
        The reference's rows, opened; anything else has none.
    weight
        The column of weights.

    Returns
    -------
    Rows
        With the reference's rows if these have that column too.
    """
    why, source = NO_TIMES, None
    if isinstance(reference, Profile):
        why = "the reference is a profile"
    elif isinstance(reference, Source) and reference.kinds.get(column) == "time":
        source = reference
    return Rows(serving=served, time=column, weight=weight, reference=source, why=why)
