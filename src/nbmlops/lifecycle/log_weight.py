"""The weight that a serving log brings itself: 1 / each row's sampling probability."""

import numpy as np

from nbmlops.frames.kinds import numbers
from nbmlops.frames.source import Source
from nbmlops.profiles.profile import Profile
from nbmlops.skew.log_columns import WEIGHT

USED = (
    f"the log's column {WEIGHT!r} was taken as weight= (1 / each row's sampling "
    "probability)"
)


def log_weight(
    served: Source | Profile, beside: tuple[str, ...]
) -> tuple[str | None, tuple[str, ...]]:
    """Find the weight column of a log, where none was given.

    Parameters
    ----------
    served
        The serving side; a profile was weighted when it was built.
    beside
        Its columns that the model does not read.

    Returns
    -------
    tuple
        The column or None, and what the report should say of it.
    """
    if WEIGHT not in beside or isinstance(served, Profile):
        return None, ()
    why = _unusable(served)
    if why:
        return None, (
            f"the log's column {WEIGHT!r} {why}: it was not used, all rows count alike",
        )
    return WEIGHT, (USED,)


def _unusable(served: Source) -> str:
    """Say why the column cannot weigh rows, "" if it can."""
    if served.kinds[WEIGHT] != "number":
        return f"is of kind {served.kinds[WEIGHT]}"
    if served.is_stream:  # it can be read once only, and is judged as it is read
        return ""
    bad = 0
    for batch in served.batches([WEIGHT]):
        weights = numbers(batch.column(0))
        bad += int(np.count_nonzero(~(np.isfinite(weights) & (weights > 0))))
    return f"is null, infinite or not above 0 in {bad:,} rows" if bad else ""
