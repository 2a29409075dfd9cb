"""Rows that come in days: what rows of one day have in common moves all of them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FIRST = pd.Timestamp("2026-03-01", tz="UTC")


def clustered(
    r: np.random.Generator, days: NDArray[np.int64], rows: int, strength: float
) -> pd.DataFrame:
    """Make days of about `rows` rows: eight columns, most of which vary by day.


    Parameters
    ----------
    r
        The generator.
    days
        Which days after the first of March.
    rows
        A day has Poisson many.
    strength
        How much days differ, in standard deviations of a row; 0: not at all.
    """
    parts = []
    for day in days:
        n = int(r.poisson(rows)) + 1
        common, other = strength * r.normal(size=2)
        labels = np.array(["a", "b", "c", "d"])
        odds = np.exp(np.array([0.0, common, other, -1.0]))
        parts.append(
            pd.DataFrame(
                {
                    "at": FIRST
                    + pd.to_timedelta(day + np.sort(r.random(n)), unit="D").round("s"),
                    "delay": r.normal(common, 1, n),
                    "skewed": np.exp(r.normal(other, 1, n)),
                    "count": r.poisson(3 * np.exp(0.3 * common), n),
                    "label": r.choice(labels, n, p=odds / odds.sum()),
                    "flag": r.random(n) < 1 / (1 + np.exp(-other)),
                    "calm": r.normal(size=n),
                    "still": r.choice(labels, n),
                    "holes": np.where(r.random(n) < 0.1, np.nan, r.normal(0, 1, n)),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def random_days(
    seed: int | tuple[int, ...],
    *,
    reference: int = 30,
    served: int = 15,
    rows: int = 60,
    strength: float = 0.5,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deal days out at random to both sides: there is no drift."""
    r = np.random.default_rng(seed)
    days = r.permutation(reference + served)
    return (
        clustered(r, np.sort(days[:reference]), rows, strength),
        clustered(r, np.sort(days[reference:]), rows, strength),
    )
