"""What may follow an answer: the next values of features, and the label."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nbmlops.skew.feedback.log import Bools, Floats, Requests

TAILS = (0.005, 0.995)  # beyond these quantiles values are drawn in
KNOTS = (0.05, 0.275, 0.5, 0.725)  # quantiles from which a value's curve may bend anew
FEWEST_ROWS = 50
MOST_FITTED, PER_TERM = 50_000, 10  # requests to fit on, and fewest for each term
SEED = 20130601


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

    From the next value is taken off what the present one, the other features and the
    score say of it, by least squares over all requests. Whatever is taken off is known
    before the answer, so it can make no difference between answers that were drawn at
    random (Lin 2013); it only leaves less noise, and less of a curve at the threshold.

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
    drawn_in = {name: _drawn_in(values) for name, values in requests.features.items()}
    present = {name: v for name, v in drawn_in.items() if v is not None}
    now = {name: _filled(values) for name, values in present.items()}
    for name, values in present.items():
        following = np.append(values[1:], np.nan)
        following[~requests.has_next] = np.nan
        found = _residual(following, score, now, name)
        if found is not None:
            yield Outcome(name=name, is_label=False, residual=found)
    if requests.label is not None:
        found = _residual(requests.label, score, now)
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


def _residual(
    values: Floats, score: Floats, now: Mapping[str, Floats], own: str = ""
) -> Floats | None:
    """Take off what is known; of few requests only the score and the own value."""
    known = ~np.isnan(values)
    count = int(known.sum())
    if count < FEWEST_ROWS:
        return None
    spread = float(values[known].std())
    if not spread > 0:
        return None
    bends = np.unique(np.quantile(now[own], KNOTS)) if own else np.zeros(0)
    others = [other for name, other in now.items() if name != own]
    if count < PER_TERM * (3 + len(bends) + 2 * len(now)):
        others = []
    first = [score, *([now[own]] if own else [])]
    fitted = _fitted_on(known)
    terms = [*_terms([*first, *others], fitted), *_bent(now, own, bends, fitted)]
    design = np.column_stack([np.ones(len(fitted)), *terms])
    fit, *_ = np.linalg.lstsq(design, values[fitted], rcond=None)
    # Column by column: the terms of all requests at once would be many times the log.
    rest = values - fit[0]
    every = slice(None)
    whole = _terms([*first, *others], every), _bent(now, own, bends, every)
    for at, term in enumerate((term for part in whole for term in part), start=1):
        rest -= fit[at] * term
    # What was fitted left the residuals too small.
    freedom = len(fitted) / max(1, len(fitted) - len(fit))
    return np.asarray(rest * np.sqrt(freedom) / spread)


def _fitted_on(known: Bools) -> np.ndarray:
    """Choose the requests to fit on."""
    rows = np.flatnonzero(known)
    if len(rows) <= MOST_FITTED:
        return rows
    chosen = np.random.default_rng(SEED).choice(rows, MOST_FITTED, replace=False)
    return np.sort(chosen)


def _terms(columns: Sequence[Floats], rows: np.ndarray | slice) -> Iterator[Floats]:
    """Give each column and its square."""
    for column in columns:
        yield column[rows]
        yield column[rows] ** 2


def _bent(
    now: Mapping[str, Floats], own: str, bends: Floats, rows: np.ndarray | slice
) -> Iterator[Floats]:
    """Give the cubes that let the own value's curve bend anew at each knot."""
    for bend in bends:
        yield np.maximum(now[own][rows] - bend, 0.0) ** 3
