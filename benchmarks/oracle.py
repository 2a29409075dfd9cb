"""How surely a fault can be told from no fault by one who knows it: a check's bound.

The oracle knows the fault, and the distribution with it and without. It weighs each
value by the logarithm of the ratio of the two (Neyman and Pearson), and compares the
mean weights of two samples, for what training's distribution is only its sample says.
Without a fault it says there is one in 0.5% of checks, as often as a cause may be named
without drift. Where it finds fewer than half, no cause can be asked for.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbmlops.skew.causes.lattice import tidy

LEVEL = 0.005
LEAST_POWER = 0.5  # below it a pair of fault and shape is left out
POOL = 400_000  # values of each side from which the distributions are learnt
BATCH = 2_000  # of them at a time, where a check's own rows say nothing of the fault
DRAWS = 4_000
FREQUENT = 1e-3  # share of values from which a number is a cell of its own
GROUPS = 32  # of the other numbers
SEED = 11


def power(plain: "pd.Series[Any]", faulty: "pd.Series[Any]", rows: int) -> float:
    """Give the share of checks in which the oracle finds a fault.

    Parameters
    ----------
    plain, faulty
        Many independent values without the fault and with it: numbers or labels.
    rows
        Rows of each side of a check.

    Returns
    -------
    float
        0 to 1; a little less than true, for the weights are estimated.
    """
    cells = _cells(pd.concat([plain, faulty], ignore_index=True))
    count = int(cells.max()) + 1
    sides = cells[: len(plain)], cells[len(plain) :]
    # Weights are learnt on one half of the values, and tried on the other.
    learnt = [np.bincount(side[::2], minlength=count) + 0.5 for side in sides]
    weights = np.log(learnt[1] / learnt[0])
    without, with_it = (np.bincount(side[1::2], minlength=count) for side in sides)
    r = np.random.default_rng(SEED)
    training, same, changed = (
        r.multinomial(rows, held / held.sum(), DRAWS) @ weights
        for held in (without, without, with_it)
    )
    limit = np.quantile(same - training, 1 - LEVEL)
    return float((changed - training > limit).mean())


def _cells(values: "pd.Series[Any]") -> NDArray[np.int64]:
    """Give each value its cell: null, a label or frequent number, a range of others."""
    is_number = pd.api.types.is_numeric_dtype(values)
    if is_number:
        values = pd.Series(tidy(values.to_numpy(dtype=np.float64)))
    codes, uniques = pd.factorize(values)  # -1 for null
    held = np.bincount(codes[codes >= 0], minlength=len(uniques))
    own = (held >= FREQUENT * len(values)) if is_number else held > 0
    cells = np.where(codes >= 0, np.where(own, np.cumsum(own), 0)[codes], 0)
    rest = (codes >= 0) & (cells == 0)
    if rest.any():
        numbers = values[rest].to_numpy(dtype=np.float64)
        shares = np.arange(1, GROUPS) / GROUPS
        bounds = np.quantile(numbers, shares, method="nearest")
        cells[rest] = 1 + int(own.sum()) + np.searchsorted(bounds, numbers)
    return np.asarray(np.unique(cells, return_inverse=True)[1], dtype=np.int64)


def shares(line: dict[str, Any]) -> str:
    """Write how often a fault is named, first and within two."""
    if line["set"] is None:
        return "      left out"
    return f"{line['first']:5.0%} / {line['set']:5.0%}"


def weak(line: dict[str, Any]) -> str:
    """Write the shapes below the goal, each with the oracle's share."""
    told = []
    for shape, (share, power) in line["weak"].items():
        bound = "" if power is None else f" (oracle {power:.0%})"
        left_out = " left out" if shape in line["untold"] else ""
        told.append(f"{shape} {share:.0%}{bound}{left_out}")
    return ", ".join(told)
