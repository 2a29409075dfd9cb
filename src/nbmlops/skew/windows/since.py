"""Since when a column differs: the first window, and whether it does from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from nbmlops.skew.cells import ROWS_EXPECTED
from nbmlops.skew.statistics import Floats
from nbmlops.skew.windows.variation import TINY, Features, variation_of

LASTING = 0.75  # of the windows from the first one on, which
LIKELY = 0.1  # differ at this level: one window has few rows
FEWEST_WINDOWS = 20  # of the reference, from which its own variation is known

How = Literal["since", "at times", "in no window alone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """When a column differs.

    Attributes
    ----------
    how
        "since" the first window and nearly always from then on, "at times", or "in no
        window alone".
    first
        The first window that differs; None where none does.
    windows
        How many differ.
    """

    how: How
    first: int | None = None
    windows: int = 0


def onset_of(p_values: Floats, level: float, *, before: float = 0.0) -> Onset:
    """Find the first window that differs.

    Parameters
    ----------
    p_values
        Shape (windows,), NaN for windows without rows.
    level
        At which a window differs for sure.
    before
        At which windows right before the first sure one are taken with it.

    Returns
    -------
    Onset
        "since" where the next window, and at least three quarters of all from then on,
        differ at 10%. A window before that differs alone is taken as one of its own.
    """
    there = np.flatnonzero(~np.isnan(p_values))
    known = p_values[there]
    sure, likely = known <= level, known <= max(level, LIKELY)
    if not sure.any():
        return Onset(how="in no window alone")
    share = likely[::-1].cumsum()[::-1] / np.arange(len(known), 0, -1)
    following = np.append(likely[1:], True)
    lasting = np.flatnonzero(sure & following & (share >= LASTING))
    at = int(lasting[0] if len(lasting) else np.flatnonzero(sure)[0])
    while len(lasting) and at and known[at - 1] <= before:
        at -= 1
    return Onset(
        how="since" if len(lasting) else "at times",
        first=int(there[at]),
        windows=int(sure.sum()),
    )


def by_rows(reference: Sequence[Floats], windows: Sequence[Floats]) -> Floats:
    """Test each window against the whole reference, rows taken as independent.

    Parameters
    ----------
    reference
        Effective rows per cell of each part, shape (cells,).
    windows
        The same in each window, shape (windows, cells).

    Returns
    -------
    ndarray
        Shape (windows,): p-values of Pearson's X2, NaN for empty windows; Bonferroni
        over parts.
    """
    found = [_by_rows(a, b) for a, b in zip(reference, windows, strict=True)]
    return np.asarray(np.minimum(1.0, np.min(found, axis=0) * len(found)))


def _by_rows(reference: Floats, windows: Floats) -> Floats:
    n, m = float(reference.sum()), windows.sum(axis=1)
    p_values = np.full(len(m), np.nan)
    if n <= 0:
        return p_values
    expected = (reference + windows) * (m / (n + m))[:, None]
    # Cells that expect too few rows of this window are one cell together.
    rare = expected < ROWS_EXPECTED
    a = np.where(rare, 0.0, reference)
    a = np.column_stack([a, np.where(rare, reference, 0.0).sum(axis=1)])
    b = np.column_stack(
        [np.where(rare, 0.0, windows), np.where(rare, windows, 0.0).sum(axis=1)]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(m / n)[:, None]
        parts = (ratio * a - b / ratio) ** 2 / (a + b)
    parts[~np.isfinite(parts)] = 0.0
    rest = (a[:, -1] + b[:, -1]) * m / (n + m) >= 1
    parts[~rest, -1] = 0.0
    df = (~rare).sum(axis=1) + rest - 1
    known = (m > 0) & (df > 0)
    p_values[m > 0] = 1.0
    p_values[known] = special.chdtrc(df[known], parts.sum(axis=1)[known])
    return p_values


def by_days(reference: Features, windows: Features) -> tuple[Floats, float]:
    """Compare each window with the reference's windows, as one more of them.

    Parameters
    ----------
    reference, windows
        The features of both sides; windows of the reference hold rows, 20 at least.

    Returns
    -------
    tuple
        p-values, shape (windows,), NaN for empty windows: (1 + windows of the
        reference as far from the others) / (1 + windows of the reference), whatever
        the distribution of days (conformal). And the smallest one that there is: no
        day can be surer, so that a date takes several days.
    """
    held, size = reference.held.sum(axis=0), reference.size.sum(axis=0)
    squares = (reference.size**2).sum(axis=0)

    def distances(own: Features, *, apart: bool) -> Floats:
        variation = variation_of(reference, apart=apart)
        less = float(apart)
        rest = np.maximum(size - less * own.size, TINY)
        gap = own.held / np.maximum(own.size, TINY)
        gap = gap - (held - less * own.held) / rest
        between = 1 + (squares - less * own.size**2) / rest**2
        within = 1 / np.maximum(own.size, TINY) + 1 / rest
        return variation.distance(gap, between, within)

    usual = distances(reference, apart=True)  # each against the others
    far = distances(windows, apart=False)
    as_far = (usual[None, :] >= far[:, None]).sum(axis=1)
    p_values = (1.0 + as_far) / (1 + len(usual))
    p_values[windows.size[:, 0] <= 0] = np.nan
    return p_values, 1 / (1 + len(usual))
