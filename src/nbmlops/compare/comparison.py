"""Two or more versions side by side: what differs, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

DifferenceVerdict = Literal["better", "worse", "not clear", "no interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSide:
    """One version as the comparison shows it.

    Attributes
    ----------
    ref, estimator, author, created_at
        "delays/2", "Pipeline: HistGradientBoostingClassifier", who, ISO time (UTC).
    aliases
        The aliases that point to it.
    params, environment
        Parameters as text by name; package versions by distribution name.
    training
        One line: "37,521 rows, 11 columns".
    size
        Bytes of the artifact.
    latency_ms
        Median time of one single-row prediction; None where not measured.
    """

    ref: str
    estimator: str
    author: str = ""
    created_at: str = ""
    aliases: tuple[str, ...] = ()
    description: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    training: str = ""
    size: int = 0
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDifference:
    """One metric of one challenger beside the baseline's.

    Attributes
    ----------
    metric
        "roc_auc".
    baseline, challenger
        Refs.
    values
        The metric's value by ref, of all compared versions.
    difference
        The challenger's value minus the baseline's.
    interval
        95% interval of the difference; None where none can be given.
    group_interval
        The same with whole groups drawn anew, where a group column is known.
    greater_is_better
        Which way is good.
    method
        "DeLong", "paired t", "paired bootstrap, 2,000 draws".
    verdict
        From the interval: by group where there is one, else by row.
    """

    metric: str
    baseline: str
    challenger: str
    values: Mapping[str, float]
    difference: float
    interval: tuple[float, float] | None
    group_interval: tuple[float, float] | None = None
    greater_is_better: bool
    method: str
    verdict: DifferenceVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceDifference:
    """The leading metric on one slice of the rows.

    Attributes
    ----------
    column, value, rows
        The slice: "carrier", "EV", 1,850.
    p_value
        Of no difference, Benjamini-Hochberg adjusted over all slices; None if too small.
    """

    metric: str
    baseline: str
    challenger: str
    column: str
    value: str
    rows: int
    difference: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    verdict: DifferenceVerdict | Literal["too small"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What `compare` found; the first version is the baseline.

    Attributes
    ----------
    versions
        At least two, the baseline first (the champion where it is among them).
    evaluation
        On what they were compared: "test, 12,488 rows"; "" where on nothing common.
    rows_compared
        The number of paired rows; 0 where there are none.
    differences
        Surest first, one per metric and challenger.
    slices
        One per slice and challenger; empty where no column was named.
    data
        The judgement of each challenger's training profile against the baseline's:
        plain dictionaries of column, verdict, distance, cause.
    reported
        Numbers that were reported, not computed, by ref.
    notes
        What the reader must know: no common evaluation, groups not known ...
    """

    versions: tuple[VersionSide, ...]
    evaluation: str = ""
    rows_compared: int = 0
    group_column: str = ""
    differences: tuple[MetricDifference, ...] = ()
    slices: tuple[SliceDifference, ...] = ()
    data: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    reported: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
