"""Samples of labels for the tests of causes, and what a repair makes of serving."""

from typing import Any

import numpy as np
import pandas as pd

from nbmlops.skew.report import Cause, ColumnSkew
from tests.skew.causes.label_faults import FAULTS, Sample, draw, names_of
from tests.skew.checking import column_of

SEED = 31


def sample(count: int, rows: int = 2000, seed: int = 1) -> Sample:
    r, names = np.random.default_rng((SEED, count, rows, seed)), names_of(count)
    before, after = (draw(r, rows, names) for _ in range(2))
    return Sample(before=before, after=after, names=names, r=r)


def spoilt(fault: str, count: int, **given: int) -> tuple[Any, Any, ColumnSkew]:
    """Do a fault; give both sides, and the column's judgement."""
    s = sample(count, **given)
    before, after = FAULTS[fault].make(s)
    hints = {"x": FAULTS[fault].hints(s.names)}
    return before, after, column_of(before, after, hints=hints)


def cause_of(column: ColumnSkew) -> Cause:
    assert column.cause is not None
    return column.cause


def repaired(cause: Cause, after: Any) -> Any:
    """Run the lines of a repair on serving."""
    assert cause.repair
    serving = pd.DataFrame({"x": after})
    exec(cause.repair, {"serving": serving, "pandas": pd, "numpy": np})
    return serving["x"]
