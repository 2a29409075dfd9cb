"""Two or more versions side by side: what differs, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

import pandas as pd

from nbmlops.compare.sentences import headline_of

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
    python
        Its version, as recorded, or "".
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
    python: str = ""
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
        "DeLong", "paired t", "jackknife"; what the interval by group is made with comes
        after it; "" where there is no interval.
    verdict
        From the interval: by group where there is one, else by row.
    label
        "ROC AUC".
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
    label: str = ""

    @property
    def row_verdict(self) -> DifferenceVerdict:
        """The verdict from the interval by row alone."""
        return judge(self.interval, greater_is_better=self.greater_is_better)


def judge(
    interval: tuple[float, float] | None, *, greater_is_better: bool
) -> DifferenceVerdict:
    """Say what an interval of a difference shows of the challenger."""
    if interval is None:
        return "no interval"
    if interval[0] <= 0.0 <= interval[1]:
        return "not clear"
    return "better" if (interval[0] > 0.0) == greater_is_better else "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceDifference:
    """The leading metric on one slice of the rows.

    Attributes
    ----------
    column, value, rows
        The slice: "carrier", "EV", 1,850.
    p_value
        Of no difference, adjusted (Benjamini-Hochberg over all slices); None if small.
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
class CalibrationPoint:
    """A tenth of the rows: what was promised on average, and what came."""

    predicted: float
    observed: float
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBin:
    """The shares of all positives and of all negatives in a range of probabilities."""

    low: float
    high: float
    positives: float
    negatives: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCurves:
    """One version of a binary task, as points to draw; at most 100 each.

    Attributes
    ----------
    roc
        (false positive rate, true positive rate), from (0, 0) to (1, 1).
    precision_recall
        (recall, precision), from the highest threshold on.
    calibration, scores
        Empty where there are no probabilities.
    """

    ref: str
    roc: tuple[tuple[float, float], ...]
    precision_recall: tuple[tuple[float, float], ...]
    calibration: tuple[CalibrationPoint, ...] = ()
    scores: tuple[ScoreBin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Rows that the baseline predicts as one class and the challenger as another."""

    baseline_prediction: str
    challenger_prediction: str
    rows: int
    baseline_right: int
    challenger_right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """The rows that two classifiers predict differently, and who is right there.

    Attributes
    ----------
    rows, disagree
        All rows, and those predicted differently.
    baseline_right, challenger_right
        Among the latter; with several classes both can be wrong.
    pairs
        The most frequent first.
    """

    baseline: str
    challenger: str
    rows: int
    disagree: int
    baseline_right: int
    challenger_right: int
    pairs: tuple[Flip, ...] = ()


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
    leading
        The metric that the headline and the slices are about; "" where there is none.
    groups
        How many groups of `group_column` the rows have; 0 where it is not known.
    curves
        One per version of a binary task.
    flips
        One per challenger of a task with classes and one output.
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
    leading: str = ""
    groups: int = 0
    curves: tuple[VersionCurves, ...] = ()
    flips: tuple[Flips, ...] = ()

    @property
    def headline(self) -> str:
        """The verdict in one sentence, with its interval."""
        return headline_of(self).text

    @property
    def caveats(self) -> tuple[str, ...]:
        """What the headline leaves out, a clause each."""
        buts = headline_of(self).buts
        return tuple(f"{clause} {why}".strip() for _, clause, why in buts)

    def rows(self) -> list[dict[str, Any]]:
        """Give one dictionary per metric and challenger, surest first.

        Returns
        -------
        list of dict
            `metric`, `label`, `baseline`, `challenger`, each version's value under its
            ref, `difference`, `interval` and `group_interval` (95%, None where there is
            none), `verdict`, `greater_is_better`, `method`.
        """
        return [
            {
                "metric": one.metric,
                "label": one.label or one.metric,
                "baseline": one.baseline,
                "challenger": one.challenger,
                **one.values,
                "difference": one.difference,
                "interval": one.interval,
                "group_interval": one.group_interval,
                "verdict": one.verdict,
                "greater_is_better": one.greater_is_better,
                "method": one.method,
            }
            for one in self.differences
        ]

    def to_frame(self) -> pd.DataFrame:
        """Give the same as a frame, intervals as `low`, `high`, `group_low` ..."""
        refs = [version.ref for version in self.versions]
        lines = []
        for row in self.rows():
            low, high = row["interval"] or (None, None)
            group_low, group_high = row["group_interval"] or (None, None)
            bounds = {"low": low, "high": high}
            bounds |= {"group_low": group_low, "group_high": group_high}
            lines.append({**row, **bounds})
        columns = ["metric", "challenger", *refs, "difference", "low", "high"]
        columns += ["group_low", "group_high", "verdict", "method"]
        return pd.DataFrame(lines, columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values, ready for JSON."""
        plain: dict[str, Any] = _plain(self)
        return {"headline": self.headline, "caveats": list(self.caveats), **plain}

    def __repr__(self) -> str:
        """Print as text."""
        from nbmlops.compare.view import comparison_text

        return comparison_text(self)

    def _repr_html_(self) -> str:
        """Show as HTML."""
        from nbmlops.compare.view import comparison_html

        return comparison_html(self)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
