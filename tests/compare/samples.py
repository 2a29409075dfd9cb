# ruff: noqa: E501 - tables of figures
"""Comparisons as they come from real flights, for the tests of how they are shown."""

import math
from dataclasses import dataclass
from typing import Any

from nbmlops.compare.comparison import (
    CalibrationPoint,
    Comparison,
    Flip,
    Flips,
    MetricDifference,
    ScoreBin,
    SliceDifference,
    VersionCurves,
    VersionSide,
    judge,
)

ONE, TWO = "delays/1", "delays/2"


@dataclass(frozen=True)
class Gate:
    name: str
    passed: bool | None
    detail: str
    policy: str = "nbmlops.toml"


GATES = (
    Gate(
        "skew within tolerance",
        False,
        "pressure 0.32, wind_speed 0.19, temp 0.18; at most 0.1",
    ),
    Gate("approvals at least 1", False, "0 of 1; the author may not give it"),
    Gate(
        "not worse than champion",
        True,
        "at worst +0.008 by row, -0.051 by day; 0.005 allowed",
    ),
    Gate("roc_auc at least 0.62", True, "0.638"),
    Gate("brier_score at most 0.2", True, "0.173"),
    Gate("latency_ms at most 20", True, "5.2"),
    Gate("description, test, git-clean", True, "present"),
    Gate("slices: hour", None, "no slice was named"),
)


def versions() -> tuple[VersionSide, ...]:
    common = {
        "numpy": "2.4.6",
        "scikit-learn": "1.9.0",
        "pandas": "3.1.0",
        "scipy": "1.17.0",
    }
    return (
        VersionSide(
            ref=ONE, estimator="Pipeline: LogisticRegression", author="ana@example.com",
            created_at="2026-11-03T10:12:00+00:00", aliases=("champion",),
            params={"C": "1.0", "max_iter": "500", "solver": "lbfgs", "random_state": "0"},
            environment=common, training="26,398 rows, 8 columns", size=6_900, latency_ms=5.8,
        ),
        VersionSide(
            ref=TWO, estimator="Pipeline: HistGradientBoostingClassifier", author="ben@example.com",
            created_at="2026-11-23T09:00:00+00:00", aliases=("challenger",),
            description="More columns and newer rows",
            params={"learning_rate": "0.05", "max_iter": "150", "max_leaf_nodes": "15", "random_state": "0"},
            environment=common | {"scikit-learn": "1.9.1", "pandas": "3.1.1"},
            training="37,521 rows, 11 columns", size=282_000, latency_ms=5.2,
        ),
    )  # fmt: skip


METRICS: tuple[tuple[str, str, float, float, float, float, bool], ...] = (
    ("accuracy", "Accuracy", 0.622, 0.662, 0.031, 0.048, True),
    ("precision", "Precision", 0.303, 0.333, 0.019, 0.042, True),
    ("roc_auc", "ROC AUC", 0.621, 0.638, 0.008, 0.027, True),
    ("recall", "Recall", 0.486, 0.460, -0.046, -0.006, True),
    ("average_precision", "Average precision", 0.328, 0.336, -0.004, 0.019, True),
    ("log_loss", "Log loss", 0.528, 0.5255, -0.007, 0.002, False),
    ("brier_score", "Brier score", 0.1733, 0.1726, -0.0023, 0.0009, False),
)


def differences(
    challenger: str = TWO, *, by_group: bool = False, shift: float = 0.0
) -> tuple[MetricDifference, ...]:
    found = []
    for name, label, one, two, low, high, up in METRICS:
        interval = (low + shift, high + shift)
        middle = (low + high) / 2 + shift
        wide = (middle - 0.068, middle + 0.068) if by_group else None
        found.append(
            MetricDifference(
                metric=name, label=label, baseline=ONE, challenger=challenger,
                values={ONE: one, challenger: two + shift}, difference=two - one + shift,
                interval=interval, group_interval=wide, greater_is_better=up,
                method="DeLong" if name == "roc_auc" else "paired t",
                verdict=judge(wide or interval, greater_is_better=up),
            )
        )  # fmt: skip
    return tuple(found)


def slices(challenger: str = TWO, *, count: int = 18) -> tuple[SliceDifference, ...]:
    names = ["9E", "UA", "DL", "EV", "MQ", "B6", "AA", "US", "WN", "FL"]
    clear = {0: (0.093, 0.050), 1: (0.061, 0.033), 2: (0.060, 0.041), 3: (-0.06, 0.03)}
    found = []
    for i in range(count):
        middle, half = clear.get(i, (0.03 - 0.004 * i, 0.04 + 0.002 * i))
        interval = (middle - half, middle + half)
        found.append(
            SliceDifference(
                metric="roc_auc", baseline=ONE, challenger=challenger,
                column="carrier" if i < len(names) else "hour",
                value=names[i] if i < len(names) else f"{i} h", rows=4263 - 97 * i,
                difference=middle, interval=interval, p_value=0.002 * (i + 1),
                verdict=judge(interval, greater_is_better=True),
            )
        )  # fmt: skip
    small = SliceDifference(
        metric="roc_auc", baseline=ONE, challenger=challenger, column="carrier", value="HA",
        rows=14, difference=None, interval=None, p_value=None, verdict="too small",
    )  # fmt: skip
    return (*found, small, small)


def curves(ref: str = TWO, power: float = 0.62) -> VersionCurves:
    grid = [i / 80 for i in range(81)]
    return VersionCurves(
        ref=ref,
        roc=tuple((x, x**power) for x in grid),
        precision_recall=tuple((x, 0.232 + 0.35 * (1 - x) ** (1 / power) * power) for x in grid[2:]),
        calibration=tuple(
            CalibrationPoint(predicted=0.08 + 0.045 * i, observed=0.09 + 0.05 * i * power, rows=1249)
            for i in range(10)
        ),
        scores=tuple(
            ScoreBin(
                low=i / 20, high=(i + 1) / 20,
                positives=math.exp(-0.5 * ((i - 6.5) / 2.2) ** 2) / 5.5,
                negatives=math.exp(-0.5 * ((i - 4) / 1.8) ** 2) / 4.5,
            )
            for i in range(20)
        ),
    )  # fmt: skip


def flips(challenger: str = TWO) -> Flips:
    pairs = (
        Flip(baseline_prediction="late", challenger_prediction="on time", rows=1900, baseline_right=472, challenger_right=1428),
        Flip(baseline_prediction="on time", challenger_prediction="late", rows=1248, baseline_right=853, challenger_right=395),
    )  # fmt: skip
    return Flips(
        baseline=ONE, challenger=challenger, rows=12_488, disagree=3148,
        baseline_right=1325, challenger_right=1823, pairs=pairs,
    )  # fmt: skip


DATA: tuple[dict[str, Any], ...] = (
    {
        "column": "pressure",
        "verdict": "over tolerance",
        "distance": 0.21,
        "cause": "population",
    },
    {
        "column": "temp",
        "verdict": "over tolerance",
        "distance": 0.12,
        "cause": "population",
    },
    {"column": "visib", "verdict": "within tolerance", "distance": 0.04, "cause": ""},
    {"column": "carrier", "verdict": "no evidence", "distance": 0.0, "cause": None},
    {"column": "origin", "verdict": "no evidence", "distance": 0.01, "cause": None},
)


def flights(*, by_group: bool = False) -> Comparison:
    """A gradient boosting beside the champion, a logistic regression."""
    return Comparison(
        versions=versions(), evaluation="test, 12,488 rows", rows_compared=12_488,
        group_column="day" if by_group else "", groups=14 if by_group else 0,
        differences=differences(by_group=by_group), slices=slices(),
        data={TWO: DATA}, reported={ONE: {"cv_score": 0.61}, TWO: {"cv_score": 0.634}},
        notes=("Both versions were evaluated on the same rows when they were registered.",),
        leading="roc_auc", curves=(curves(ONE, 0.7), curves(TWO, 0.62)), flips=(flips(),),
    )  # fmt: skip


def five(*, slice_count: int = 8) -> Comparison:
    """Four challengers beside the champion."""
    base, two = versions()
    refs = [f"delays/{n}" for n in range(2, 6)]
    sides = [
        VersionSide(
            ref=ref, estimator=two.estimator, author="ben@example.com",
            created_at=two.created_at, training=two.training, params={**two.params, "max_iter": str(100 * i)},
            environment=two.environment, size=282_000 + i * 50_000, latency_ms=5.2 + i,
        )
        for i, ref in enumerate(refs)
    ]  # fmt: skip
    found = [differences(ref, shift=0.006 * i) for i, ref in enumerate(refs)]
    return Comparison(
        versions=(base, *sides), evaluation="test, 12,488 rows", rows_compared=12_488,
        differences=tuple(d for row in zip(*found, strict=True) for d in row),
        slices=tuple(s for ref in refs for s in slices(ref, count=slice_count)),
        data={ref: DATA for ref in refs}, leading="roc_auc",
        curves=tuple(curves(r, 0.75 - 0.04 * i) for i, r in enumerate([ONE, *refs])),
        flips=tuple(flips(ref) for ref in refs),
    )  # fmt: skip
