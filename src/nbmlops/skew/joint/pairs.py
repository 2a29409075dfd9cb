"""The pairs of columns whose joint counts differ most between two sides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbmlops.skew.joint.features import Feature, Floats

CODES = 6  # per column, null and rare labels included
MOST_PAIRS = 6
MOST_FEATURES = 150  # beyond it pairs are not searched: their table would be too large

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """How values become codes, and which pairs of columns are crossed.

    Attributes
    ----------
    edges
        Of each feature: where its codes end; () for texts, whose codes are ranks.
    chosen
        The places of both features of each pair, the most different first.
    """

    edges: tuple[Floats | None, ...]
    chosen: tuple[tuple[int, int], ...]

    def crossed(self, values: Floats) -> Floats:
        """Add one column for each pair: the code of both together."""
        if not self.chosen:
            return values
        codes = coded(values, self.edges)
        pairs = [codes[:, a] * CODES + codes[:, b] for a, b in self.chosen]
        return np.column_stack([values, *pairs])


def find_pairs(
    reference: Floats,
    serving: Floats,
    weights: tuple[Floats, Floats],
    features: Sequence[Feature],
) -> Pairs:
    """Choose the pairs whose joint counts differ most beyond their single counts.

    A tree looks at one column at a time, and sees nothing where only two together
    differ (a correlation that broke). All pairs are counted by one product of matrices.

    Parameters
    ----------
    reference, serving
        Values of both sides, shape (rows, features).
    weights
        Of both sides' rows.
    features
        What the values are.

    Returns
    -------
    Pairs
        At most 6. Whoever tests them must do it on other rows.
    """
    edges = tuple(
        _edges(np.concatenate([reference[:, at], serving[:, at]]), feature)
        for at, feature in enumerate(features)
    )
    if not 2 <= len(features) <= MOST_FEATURES:
        return Pairs(edges=edges, chosen=())
    first_counts, second_counts = (
        _cross_counts(coded(values, edges), weight)
        for values, weight in zip((reference, serving), weights, strict=True)
    )
    found = _interactions(first_counts, second_counts, len(features))
    first, second = np.triu_indices(len(features), k=1)
    order = np.argsort(-found[first, second], kind="stable")[:MOST_PAIRS]
    chosen = tuple((int(first[k]), int(second[k])) for k in order)
    return Pairs(edges=edges, chosen=chosen)


def coded(values: Floats, edges: Sequence[Floats | None]) -> Ints:
    """Give each value a code of 0 to 5; null is the last."""
    codes = np.empty(values.shape, dtype=np.int64)
    for at, ends in enumerate(edges):
        column = values[:, at]
        if ends is None:
            found = np.minimum(np.nan_to_num(column, nan=0.0), CODES - 2)
        else:
            found = np.searchsorted(ends, column, side="right")
        codes[:, at] = np.where(np.isnan(column), CODES - 1, found)
    return codes


def _edges(column: Floats, feature: Feature) -> Floats | None:
    if feature.kind == "text":
        return None
    present = column[~np.isnan(column)]
    if not len(present):
        return np.zeros(0)
    inner = np.arange(1, CODES - 1) / (CODES - 1)
    edges = np.unique(np.quantile(present, inner, method="higher"))
    return np.asarray(edges[edges > present.min()])


def _cross_counts(codes: Ints, weight: Floats) -> tuple[Floats, float]:
    """Count all pairs of codes of all pairs of columns, as effective rows."""
    rows, width = codes.shape
    ones = np.zeros((rows, width * CODES), dtype=np.float32)
    places = codes + np.arange(width) * CODES
    ones[np.arange(rows)[:, None], places] = np.sqrt(weight)[:, None]
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    counts = (ones.T @ ones).astype(np.float64) * (effective / weight.sum())
    return counts, effective


def _interactions(
    first: tuple[Floats, float], second: tuple[Floats, float], width: int
) -> Floats:
    """Score each pair: X2 of its table less those of its columns, standardised."""
    (a, n), (b, m) = first, second
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = (np.sqrt(m / n) * a - np.sqrt(n / m) * b) ** 2 / (a + b)
    used = (a + b) > 0
    parts[~used] = 0.0
    blocks = (width, CODES, width, CODES)
    x2 = parts.reshape(blocks).sum(axis=(1, 3))
    cells = used.reshape(blocks).sum(axis=(1, 3))
    # On the diagonal a column meets itself: its own table.
    alone, own = np.diagonal(x2), np.diagonal(cells)
    df = np.maximum(1, cells - own[:, None] - own[None, :] + 1)
    return np.asarray((x2 - alone[:, None] - alone[None, :] - df) / np.sqrt(2 * df))
