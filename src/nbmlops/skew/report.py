"""What a skew check found: the report, its columns, and how both are stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal[
    "no evidence",
    "within tolerance",
    "not enough data",
    "over tolerance",
    "handling fault",
]
VERDICTS: tuple[Verdict, ...] = (
    "no evidence",
    "within tolerance",
    "not enough data",
    "over tolerance",
    "handling fault",
)  # best first
FAILING: frozenset[Verdict] = frozenset({"over tolerance", "handling fault"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a column differs.

    Attributes
    ----------
    kind
        One of the fixed list: "unit", "sentinel", "population" ...
    detail
        One sentence to act on: "serving = training x 1.609344: kilometres, not miles".
    also
        Other kinds that fit the data as well.
    repair
        A line of Python that mends a pandas frame `serving`, or "" where none exists.
    """

    kind: str
    detail: str
    also: tuple[str, ...] = ()
    repair: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a column's two distributions, drawn side by side.

    Attributes
    ----------
    label
        What the bar stands for: "null", a category, "others", or "12 to 15".
    low, high
        The bar's range for numbers, times (seconds since 1970) and hours; else None.
    reference, serving
        The share of rows on each side, 0 to 1.
    """

    label: str
    low: float | None = None
    high: float | None = None
    reference: float
    serving: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSkew:
    """The judgement of one column.

    Attributes
    ----------
    name, kind
        The column, and its logical kind: number, boolean, text, time.
    verdict
        One of `VERDICTS`.
    distance
        Debiased Jensen-Shannon distance (base 2), 0 to 1; None where not comparable.
    interval
        95% interval of the distance; None where not comparable.
    p_value
        Of "both sides have one distribution", adjusted over columns.
    p_tolerance
        Of "the distance is at most the tolerance", adjusted over columns.
    detectable
        The smallest distance found 4 times in 5 with these numbers of rows.
    cause
        Why it differs; None where nothing differs.
    summary
        What moved in one sentence with its figures, derived from both profiles.
    bars
        The two distributions, at most 40 bars.
    muted_until, muted_reason
        Until when this finding was acknowledged (ISO date), and why; else empty.
    """

    name: str
    kind: str
    verdict: Verdict
    distance: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    p_tolerance: float | None = None
    detectable: float | None = None
    cause: Cause | None = None
    summary: str = ""
    bars: tuple[Bar, ...] = ()
    muted_until: str = ""
    muted_reason: str = ""
