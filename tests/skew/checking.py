"""A check of two frames, and of two columns."""

from typing import Any

import pandas as pd

from nbmlops.skew.judge import check
from nbmlops.skew.report import ColumnSkew, SkewReport


def report_of(before: Any, after: Any, **options: Any) -> SkewReport:
    return check(before, after, **options)[0]


def column_of(before: Any, after: Any, **options: Any) -> ColumnSkew:
    frames = pd.DataFrame({"x": before}), pd.DataFrame({"x": after})
    return report_of(*frames, **options).columns["x"]
