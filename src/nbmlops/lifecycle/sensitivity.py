"""How much a shift within the tolerance could cost a model, by its own importance.

Advice, and no verdict. A Jensen-Shannon distance of d (base 2) moves at most the share
d sqrt(2 ln 2) of rows, by Pinsker's inequality for both halves (Lin 1991, "Divergence
measures based on the Shannon entropy"). Each moved row is taken to fare as one that was
given another row's value, which is what permutation importance measures: so values that
training never had may cost more.
"""

import math

from nbmlops.registry.records import ModelVersion

SHARE = math.sqrt(2 * math.log(2))  # of rows moved, per unit of distance
BEARABLE = 0.01  # of the loss
FINEST = 0.01  # a tolerance that 10,000 rows can tell
MOST_COLUMNS = 3
_METRICS = {"absolute_error": "mae", "log_loss": "log_loss", "error_rate": "accuracy"}


def tolerance_advice(version: ModelVersion, tolerance: float) -> tuple[str, ...]:
    """Say where the tolerance is wide for this model, and which one would be narrow.

    Parameters
    ----------
    version
        The version that was checked.
    tolerance
        The check's.

    Returns
    -------
    tuple of str
        At most one sentence; none where every column bears the tolerance, or where the
        importance of columns was not measured.
    """
    loss = _loss(version)
    if not loss:
        return ()
    harms = [
        (str(one["feature"]), SHARE * one["mean"] / loss)
        for one in version.importance
        if one["low"] > 0
    ]
    felt = [(name, harm) for name, harm in harms if harm * tolerance > BEARABLE]
    if not felt:
        return ()
    said = ", ".join(
        f"{name} by {harm * tolerance:.0%} ({_narrow(BEARABLE / harm)})"
        for name, harm in felt[:MOST_COLUMNS]
    )
    rest = len(felt) - MOST_COLUMNS
    more = f" and {rest} more" if rest > 0 else ""
    return (
        f"advice: a shift within the tolerance, {tolerance:g}, in one column alone may "
        f"raise the loss: in {said}{more}; in brackets the tolerance that keeps it to "
        f"{BEARABLE:.0%}, by the importance of columns on test",
    )


def _narrow(tolerance: float) -> str:
    """Write a tolerance; what is finer than any check tells is not written."""
    return f"under {FINEST:g}" if tolerance < FINEST else f"{tolerance:.2g}"


def _loss(version: ModelVersion) -> float:
    """Return the mean loss on test that importance is measured in, 0 if unknown."""
    name = str(version.importance_details.get("loss", ""))
    value = version.metrics.get(_METRICS.get(name, ""))
    if value is None or not math.isfinite(value):
        return 0.0
    return 1.0 - value if name == "error_rate" else value
