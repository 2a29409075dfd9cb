"""What may follow an answer: the next values of features, and the label."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.feedback.log import Floats, Requests

TAILS = (0.005, 0.995)  # beyond these quantiles values are drawn in
FEWEST_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """One column, freed of what was known before the answer.

    Attributes
    ----------
    name, is_label
        The column, and whether it is the label of the request itself.
    residual
        Shape (n,): in standard deviations of the column; NaN where it is not known.
    """

    name: str
    is_label: bool
    residual: Floats


def outcomes(requests: Requests) -> Iterator[Outcome]:
    """Give each column that may follow an answer.

    From the next value is taken off what the present one and the score say of it, by
    least squares over all requests. Whatever is taken off is known before the answer,
    so it can make no difference between answers that were drawn at random; it only
    leaves less noise.

    Parameters
    ----------
    requests
        The log.

    Yields
    ------
    Outcome
        Constant columns, and those with under 50 values, are left out.
    """
    score = _filled(requests.score)
    for name, values in requests.features.items():
        drawn_in = _drawn_in(values)
        if drawn_in is None:
            continue
        following = np.append(drawn_in[1:], np.nan)
        following[~requests.has_next] = np.nan
        now = _filled(drawn_in)
        found = _residual(following, np.column_stack([now, now**2, score]))
        if found is not None:
            yield Outcome(name=name, is_label=False, residual=found)
    if requests.label is not None:
        found = _residual(requests.label, score[:, None])
        if found is not None:
            yield Outcome(name="label", is_label=True, residual=found)


def _drawn_in(values: Floats) -> Floats | None:
    """Standardise values, extreme ones drawn in; None where they do not vary."""
    present = values[~np.isnan(values)]
    if len(present) < FEWEST_ROWS:
        return None
    low, high = np.quantile(present, TAILS)
    if low == high:
        low, high = present.min(), present.max()
    clipped = np.clip(values, low, high)
    spread = float(np.nanstd(clipped))
    if not spread > 0:
        return None
    return np.asarray((clipped - np.nanmean(clipped)) / spread)


def _filled(values: Floats) -> Floats:
    """Standardise what is known before the answer; null is the mean."""
    missing = np.isnan(values)
    if missing.all():
        return np.zeros(len(values))
    spread = float(np.nanstd(values)) or 1.0
    return np.where(missing, 0.0, (values - np.nanmean(values)) / spread)


def _residual(values: Floats, known: Floats) -> Floats | None:
    present: NDArray[np.bool_] = ~np.isnan(values)
    if present.sum() < FEWEST_ROWS:
        return None
    spread = float(values[present].std())
    if not spread > 0:
        return None
    design = np.column_stack([np.ones(len(values)), known])
    fit, *_ = np.linalg.lstsq(design[present], values[present], rcond=None)
    return np.asarray((values - design @ fit) / spread)
