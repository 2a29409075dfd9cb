"""Columns of known shape, natural shifts of them, and faults in handling them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Values = NDArray[np.float64]
Sampler = Callable[[np.random.Generator, int], Values]

CARDINALITIES = (5, 10, 20, 50, 75, 100)
NULL_SHARE = 0.06


def _half_normal_zero(r: np.random.Generator, n: int) -> Values:
    return np.where(r.random(n) < 0.7, 0.0, r.gamma(2, 10, n))


def _prices(r: np.random.Generator, n: int) -> Values:
    return np.floor(r.lognormal(3, 0.5, n)) + 0.99


NUMBERS: dict[str, Sampler] = {
    "normal": lambda r, n: r.normal(50, 10, n),
    "standard": lambda r, n: r.normal(0, 1, n),
    "uniform": lambda r, n: r.uniform(0, 1, n),
    "lognormal1": lambda r, n: r.lognormal(0, 1, n),
    "lognormal2": lambda r, n: r.lognormal(0, 2, n),
    "pareto": lambda r, n: r.pareto(1.5, n) + 1,
    "exponential": lambda r, n: r.exponential(3, n),
    "gamma": lambda r, n: r.gamma(2, 3, n),
    "digits": lambda r, n: r.integers(0, 10, n).astype(float),
    "poisson": lambda r, n: r.poisson(100, n).astype(float),
    "ages": lambda r, n: np.clip(np.rint(r.normal(41, 13, n)), 18, 90),
    "zeros": _half_normal_zero,
    "prices": _prices,
    "bimodal": lambda r, n: np.where(
        r.random(n) < 0.5, r.normal(0, 1, n), r.normal(6, 1, n)
    ),
}  # 14


def zipf(r: np.random.Generator, n: int, labels: int) -> NDArray[np.object_]:
    shares = 1 / np.arange(1, labels + 1)
    codes = r.choice(labels, n, p=shares / shares.sum())
    names = np.array([f"label{k:03d}" for k in range(labels)], dtype=object)
    return np.asarray(names[codes])


def with_nulls(r: np.random.Generator, values: Values, share: float) -> Values:
    return np.where(r.random(len(values)) < share, np.nan, values)


def frame(seed: int | tuple[int, ...], n: int) -> pd.DataFrame:
    """14 numeric and 6 categorical columns; every third number column has nulls."""
    r = np.random.default_rng(seed)
    columns: dict[str, object] = {}
    for k, (name, sample) in enumerate(NUMBERS.items()):
        values = sample(r, n)
        columns[name] = with_nulls(r, values, NULL_SHARE if k % 3 == 0 else 0.0)
    for labels in CARDINALITIES:
        columns[f"zipf{labels}"] = zipf(r, n, labels)
    return pd.DataFrame(columns)


# Shapes on which causes are named; each with natural changes of its own that
# keep its lattice and its support.
CAUSE_SHAPES: dict[str, Callable[..., Values]] = {
    "normal": lambda r, n, a=1.0, b=1.0: r.normal(50 + 10 * (a - 1), 10 * b, n),
    "price": lambda r, n, a=1.0, b=1.0: (
        np.floor(r.lognormal(3 + 0.5 * (a - 1), 0.5 * b, n)) + 0.99
    ),
    "sales": lambda r, n, a=1.0, b=1.0: np.round(
        r.lognormal(3 + 0.5 * (a - 1), 0.5 * b, n), 2
    ),
    "gamma": lambda r, n, a=1.0, b=1.0: r.gamma(2 * b, 3 * a, n),
    "beta": lambda r, n, a=1.0, b=1.0: r.beta(2 * a, 5 * b, n),
    "counts": lambda r, n, a=1.0, b=1.0: r.negative_binomial(
        3 * b, 0.3 / (0.3 + 0.7 * a), n
    ).astype(float),
    "zeros": lambda r, n, a=1.0, b=1.0: np.where(
        r.random(n) < min(0.9, 0.7 / b), 0.0, np.round(r.gamma(2, 10 * a, n), 2)
    ),
    "ages": lambda r, n, a=1.0, b=1.0: np.clip(
        np.rint(r.normal(41 + 13 * (a - 1), 13 * b, n)), 18, 90
    ),
    "bimodal": lambda r, n, a=1.0, b=1.0: np.round(
        np.where(
            r.random(n) < min(0.9, 0.5 * b), r.normal(20, 2, n), r.normal(32 * a, 2, n)
        ),
        1,
    ),
}

NATURAL: dict[str, tuple[float, float]] = {
    "location +0.4": (1.4, 1.0),
    "location -0.3": (0.7, 1.0),
    "spread x1.3": (1.0, 1.3),
    "spread x0.8": (1.0, 0.8),
    "growth x1.6": (1.6, 1.0),
    "growth x2.2": (2.2, 1.0),
    "both": (1.2, 1.15),
}


def truncated(values: Values, r: np.random.Generator, *, upper: bool) -> Values:
    """Filter: only the upper or the lower 70% is served."""
    cut = np.quantile(values, 0.3 if upper else 0.7)
    kept = values[values >= cut] if upper else values[values <= cut]
    return r.choice(kept, len(values))


Fault = Callable[[Values], Values]
UNIT_FAULTS: dict[str, tuple[Fault, str]] = {
    "x1000": (lambda v: v * 1000, "1000"),
    "/1000": (lambda v: v / 1000, "1000"),
    "x100": (lambda v: v * 100, "100"),
    "/100": (lambda v: v / 100, "100"),
    "x10": (lambda v: v * 10, "10"),
    "x60": (lambda v: v * 60, "60"),
    "/60": (lambda v: v / 60, "60"),
    "x3600": (lambda v: v * 3600, "3600"),
    "x24": (lambda v: v * 24, "24"),
    "x86400": (lambda v: v * 86400, "86400"),
    "x1024": (lambda v: v * 1024, "1024"),
    "mi->km": (lambda v: v * 1.609344, "1.609344"),
    "km->mi": (lambda v: v / 1.609344, "1.609344"),
    "ft->m": (lambda v: v * 0.3048, "0.3048"),
    "in->cm": (lambda v: v * 2.54, "2.54"),
    "lb->kg": (lambda v: v * 0.45359237, "0.45359237"),
}
SENTINELS: tuple[float, ...] = (0, -1, -999, 9999)
