"""The two distributions of a column as at most 40 bars, for people to look at."""

import numpy as np

from nbmlops.profiles.cells import CODES
from nbmlops.profiles.columns import ColumnProfile, NumberColumn, TimeColumn
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.profiles.vector_column import VectorColumn
from nbmlops.skew.causes.words import number
from nbmlops.skew.questions import (
    NULL,
    OTHERS,
    Labels,
    comparable_cells,
    label_counts,
    shared_cells,
    time_labels,
)
from nbmlops.skew.report import Bar
from nbmlops.skew.statistics import Floats

MOST_LABELS = 30
INTERVALS = 24
TAIL = 0.005  # share of both sides together beyond the first and the last bound
SKEWED = 20.0  # range over middle half from which bounds grow geometrically


def bars_of(
    reference: ColumnProfile, serving: ColumnProfile, scales: tuple[float, float]
) -> tuple[Bar, ...]:
    """Draw both sides of a column in the same bars.

    Parameters
    ----------
    reference, serving
        The column on both sides, of one kind.
    scales
        Effective rows per unit of mass.

    Returns
    -------
    tuple of Bar
        At most 40: values or intervals in order, labels by share, null last; of
        vectors and free text their lengths. Each
        side's shares add up to 1 (infinities apart).
    """
    if isinstance(reference, TimeColumn) and isinstance(serving, TimeColumn):
        found = time_labels(reference, serving, scales)
        return label_bars(found[0][0], places=found[0][1] == "hour") if found else ()
    if isinstance(reference, VectorColumn) and isinstance(serving, VectorColumn):
        return _of_numbers(reference.lengths, serving.lengths)
    if isinstance(reference, FreeTextColumn) and isinstance(serving, FreeTextColumn):
        return _of_numbers(reference.lengths, serving.lengths)
    if isinstance(reference, NumberColumn) and isinstance(serving, NumberColumn):
        return _of_numbers(reference, serving)
    return label_bars(label_counts(reference, serving, scales))


def label_bars(labels: Labels, *, places: bool | None = None) -> tuple[Bar, ...]:
    """Draw labels by share; hours and weekdays in their order.

    Parameters
    ----------
    labels
        Their counts on both sides.
    places
        True for hours, False for weekdays, None for labels.

    Returns
    -------
    tuple of Bar
        At most 32.
    """
    first = _shares(labels.reference, labels.nulls[0], labels.others[0])
    second = _shares(labels.serving, labels.nulls[1], labels.others[1])
    count = len(labels.names)
    order = np.arange(count)
    if places is None:
        top = np.maximum(first[:count], second[:count])
        order = np.argsort(-top, kind="stable")[:MOST_LABELS]
    bars = [
        Bar(
            label=labels.names[k],
            low=float(k) if places else None,
            high=float(k + 1) if places else None,
            reference=float(first[k]),
            serving=float(second[k]),
        )
        for k in order.tolist()
    ]
    left = np.setdiff1d(np.arange(count), order)
    rest = float(first[left].sum() + first[-1]), float(second[left].sum() + second[-1])
    if max(rest) > 0:
        bars.append(Bar(label=OTHERS, reference=rest[0], serving=rest[1]))
    if max(first[-2], second[-2]) > 0:
        bars.append(
            Bar(label=NULL, reference=float(first[-2]), serving=float(second[-2]))
        )
    return tuple(bars)


def _shares(counts: Floats, nulls: float, others: float) -> Floats:
    """Return shares of rows, those of null and of others at the end."""
    every = np.concatenate([counts, [nulls, others]])
    total = float(every.sum())
    return every / total if total else every


def _of_numbers(reference: NumberColumn, serving: NumberColumn) -> tuple[Bar, ...]:
    """Draw a value each where there are few, else intervals."""
    masses = [max(float(c.mass), 1e-300) for c in (reference, serving)]
    values = np.union1d(reference.atoms_value, serving.atoms_value)
    known = [
        float(np.sum(c.atoms_mass)) >= float(np.sum(c.raw.mass)) * (1 - 1e-9)
        for c in (reference, serving)
    ]
    if all(known) and 0 < len(values) <= MOST_LABELS:
        drawn = _of_values(reference, serving, values, masses)
    else:
        drawn = _of_intervals(reference, serving, masses)
    nulls = [
        float(c.nulls) / m for c, m in zip((reference, serving), masses, strict=True)
    ]
    if max(nulls) > 0:
        drawn.append(Bar(label=NULL, reference=nulls[0], serving=nulls[1]))
    return tuple(drawn)


def _of_values(
    reference: NumberColumn, serving: NumberColumn, values: Floats, masses: list[float]
) -> list[Bar]:
    sides = []
    for column, mass in zip((reference, serving), masses, strict=True):
        share = np.zeros(len(values))
        share[np.searchsorted(values, column.atoms_value)] = column.atoms_mass
        sides.append(share / mass)
    return [
        Bar(
            label=number(float(value)),
            low=float(value),
            high=float(value),
            reference=float(sides[0][k]),
            serving=float(sides[1][k]),
        )
        for k, value in enumerate(values)
    ]


def _of_intervals(
    reference: NumberColumn, serving: NumberColumn, masses: list[float]
) -> list[Bar]:
    sides = (reference, serving)
    ours, theirs = comparable_cells(reference, serving)
    a, b = shared_cells(ours, theirs)
    dense = np.full(CODES, np.nan)
    for cells in (ours, theirs):
        dense[cells.codes] = cells.middle
    middles = dense[~np.isnan(dense)]
    a, b = a / masses[0], b / masses[1]
    low = min((c.minimum for c in sides if c.minimum is not None), default=None)
    high = max((c.maximum for c in sides if c.maximum is not None), default=None)
    if low is None or high is None:
        return []
    bounds = bounds_of(np.clip(middles, low, high), a + b)
    at = np.searchsorted(bounds, middles, side="right")
    first = np.bincount(at, weights=a, minlength=len(bounds) + 1)
    second = np.bincount(at, weights=b, minlength=len(bounds) + 1)
    edges = (float(low), *bounds.tolist(), float(high))
    shares = first.astype(np.float64), second.astype(np.float64)
    return list(interval_bars(edges, shares))


def interval_bars(
    edges: tuple[float, ...],
    shares: tuple[Floats, Floats],
    nulls: tuple[float, float] = (0.0, 0.0),
) -> tuple[Bar, ...]:
    """Draw the shares of both sides between edges, and of null.

    Parameters
    ----------
    edges
        Shape (k + 1,), ascending.
    shares
        Of the reference and of serving, shape (k,) each.
    nulls
        The share of rows without a value.

    Returns
    -------
    tuple of Bar
        Without ends where there is nothing; null last, if there is any.
    """
    last = len(edges) - 2
    bars = [
        Bar(
            label=f"{number(edges[k])} to {number(edges[k + 1])}",
            low=edges[k],
            high=edges[k + 1],
            reference=float(shares[0][k]),
            serving=float(shares[1][k]),
        )
        for k in range(last + 1)
        if shares[0][k] > 0 or shares[1][k] > 0 or 0 < k < last
    ]
    if max(nulls) > 1e-9:
        bars.append(Bar(label=NULL, reference=nulls[0], serving=nulls[1]))
    return tuple(bars)


def bounds_of(middles: Floats, mass: Floats) -> Floats:
    """Choose the bounds between bars from both sides together.

    Parameters
    ----------
    middles, mass
        Values in order, and their share.

    Returns
    -------
    numpy.ndarray
        Ascending, at most 25; outside of them are tails.
    """
    total = np.cumsum(mass)
    if not len(total) or total[-1] <= 0:
        return np.zeros(0)
    cuts = [TAIL, 0.25, 0.75, 1 - TAIL]
    at = np.minimum(np.searchsorted(total, np.array(cuts) * total[-1]), len(total) - 1)
    low, first, last, high = (float(middles[k]) for k in at)
    if not high > low:
        return np.zeros(0)
    if low > 0 and high - low > SKEWED * max(last - first, 1e-300):
        return np.geomspace(low, high, INTERVALS + 1)
    return np.linspace(low, high, INTERVALS + 1)
