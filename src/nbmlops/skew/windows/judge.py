"""Looking at a check window by window."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from scipy import special

from nbmlops.frames.source import Source
from nbmlops.profiles.profile import Profile
from nbmlops.skew import statistics
from nbmlops.skew.decision import ByDays
from nbmlops.skew.report import SkewReport
from nbmlops.skew.statistics import Floats
from nbmlops.skew.windows.counting import HOUR, Counted, Parts, count, span_of
from nbmlops.skew.windows.parts import DAY, is_countable, parts_of
from nbmlops.skew.windows.permutation import adjusted
from nbmlops.skew.windows.section import ColumnWindows, Unit, Windows, shown
from nbmlops.skew.windows.since import (
    FEWEST_WINDOWS,
    by_days,
    by_rows,
    onset_of,
)
from nbmlops.skew.windows.tolerance import scaled
from nbmlops.skew.windows.variation import TINY, Features, features_of

BEFORE = 0.2  # of the level of a date, for windows right before the first sure one
MOST_REFERENCE = 1_000  # days that are dealt out
SURE = 0.05  # level at which a window is drawn as over the tolerance
MOST_SHOWN = 40  # windows; of more, neighbours are shown together
NO_TIMES = "the reference's rows have no times"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a look at windows reads.

    Attributes
    ----------
    serving
        The served rows.
    time, weight
        The columns of time and of weights.
    reference
        The reference's rows with their times, where there are such.
    why
        Else why not.
    """

    serving: Source
    time: str
    weight: str | None = None
    reference: Source | None = None
    why: str = NO_TIMES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """What was counted, and what whole windows say of the columns.

    Attributes
    ----------
    tests
        By column; empty where the reference has too few days.
    """

    rows: Rows
    parts: Parts
    reference: Profile
    served: Counted
    days: Counted | None
    why: str
    tests: Mapping[str, ByDays]


def look(
    reference: Profile,
    serving: Profile,
    rows: Rows,
    columns: Collection[str] | None = None,
    tolerance: float = 0.1,
) -> Looked | None:
    """Count both sides in windows, and test whole windows where that can be done.

    Parameters
    ----------
    reference, serving
        The profiles of the check.
    rows
        What to read.
    columns
        Only these.
    tolerance
        The distance up to which a shift is accepted.

    Returns
    -------
    Looked or None
        None where serving has times of one window only, or none.
    """
    span = span_of(rows.serving, rows.time)
    if span is None or span.last - span.first < HOUR:
        return None
    parts = parts_of(reference, serving, columns)
    served = count(
        rows.serving, parts, span, span.width, time=rows.time, weight=rows.weight
    )
    days, why = _reference_days(reference, rows, parts, served)
    tests = {} if days is None else _tested(parts, days, served, tolerance)
    return Looked(
        rows=rows,
        parts=parts,
        reference=reference,
        served=served,
        days=days,
        why=why,
        tests=tests,
    )


def _reference_days(
    reference: Profile, rows: Rows, parts: Parts, served: Counted
) -> tuple[Counted | None, str]:
    """Count the reference in windows as long as serving's, a day at least."""
    source = rows.reference
    if source is None or source.is_stream:
        return None, rows.why
    span = span_of(source, rows.time)
    width = max(DAY, served.width)
    if span is None or (span.last - span.first) / width > MOST_REFERENCE:
        return (
            None,
            rows.why if span is None else f"it spans over {MOST_REFERENCE} days",
        )
    own = {
        name: each
        for name, each in parts.items()
        if name in source.columns
        and is_countable(source.schema.field(name).type, reference.columns[name])
    }
    weight = rows.weight if rows.weight in source.columns else None
    days = count(source, own, span, width, time=rows.time, weight=weight)
    there = int((days.filled).sum())
    if there < FEWEST_WINDOWS:
        return (
            None,
            f"it takes {FEWEST_WINDOWS} days of the reference, there are {there}",
        )
    return days, ""


def _tested(
    parts: Parts, days: Counted, served: Counted, tolerance: float
) -> dict[str, ByDays]:
    """Test all columns together by whole days."""
    mine = _in_days(served, days)
    names = list(days.columns)
    columns = [
        _joined(
            _features(parts, days, name, days.filled),
            _features(parts, mine, name, mine.filled),
        )
        for name in names
    ]
    p_values = adjusted(columns, int(mine.filled.sum()))
    return {
        name: _by_days(days, mine, name, p_value, tolerance)
        for name, p_value in zip(names, p_values.tolist(), strict=True)
    }


def _by_days(
    days: Counted, mine: Counted, name: str, p_value: float, tolerance: float
) -> ByDays:
    """Test one column's distance in the scale of what days vary."""
    sides = [_effective(side, name) for side in (days, mine)]
    found = [scaled(*part) for part in zip(*sides, strict=True)]
    known = [part for part in found if part is not None]
    if not known:
        return ByDays(p_value=p_value, p_tolerance=1.0, interval=(0.0, 1.0))
    tail = min(part.tail(tolerance) for part in known)
    intervals = [part.interval() for part in known]
    return ByDays(
        p_value=p_value,
        p_tolerance=min(1.0, len(known) * tail),
        interval=max(intervals),
    )


def _effective(side: Counted, name: str) -> list[Floats]:
    """Give the effective rows of each part, shape (windows, cells), of filled ones."""
    scale = side.mass.sum() / side.squares.sum()
    return [mass[side.filled] * scale for mass in side.columns[name]]


def _in_days(served: Counted, days: Counted) -> Counted:
    if served.width == days.width:
        return served
    return served.joined(days.width, math.floor(served.start / DAY) * DAY)


def _features(
    parts: Parts, side: Counted, name: str, chosen: np.ndarray | None = None
) -> Features:
    at = slice(None) if chosen is None else chosen
    return features_of(
        [mass[at] for mass in side.columns[name]],
        # One scale for all: a day's own depends on which of its rows were sampled.
        np.full(len(side.rows), side.mass.sum() / side.squares.sum())[at],
        [part.ordered for part in parts[name]],
    )


def _joined(first: Features, second: Features) -> Features:
    return Features(
        held=np.concatenate([first.held, second.held]),
        size=np.concatenate([first.size, second.size]),
    )


def section_of(looked: Looked, report: SkewReport) -> Windows:
    """Say since when the columns differ that the report found to.

    Parameters
    ----------
    looked
        What was counted.
    report
        The check, made with the tests of `looked`.

    Returns
    -------
    Windows
        Columns in the report's order.
    """
    served = looked.served
    unit: Unit = "hour" if served.width < DAY else "day"
    size = max(1, int(served.width / DAY))
    together = math.ceil(len(served.rows) / MOST_SHOWN)
    few = served.joined(served.width * together, served.start)
    names = [name for name in report.columns if name in looked.parts]
    names = [name for name in names if name != looked.rows.time]
    columns = []
    for name in names:
        column = report.columns[name]
        is_real = column.p_value is not None and column.p_value <= report.alpha
        columns.append(
            ColumnWindows(
                name=name,
                verdict=column.verdict,
                **_distances(looked, few, name, report.tolerance),
                **_since(looked, name, report.alpha, len(names), is_real),
            )
        )
    return Windows(
        unit=unit,
        size=size,
        windows=int(served.filled.sum()),
        together=together,
        starts=tuple(shown(_moment(few.begin(k)), unit) for k in range(len(few.rows))),
        columns=tuple(columns),
        tolerance=report.tolerance,
        alpha=report.alpha,
        reference_windows=0 if looked.days is None else int((looked.days.filled).sum()),
        why=looked.why,
        without_time=served.without_time,
    )


def _distances(
    looked: Looked, few: Counted, name: str, tolerance: float
) -> dict[str, Any]:
    """Give each shown window's distance, the farthest of what it is counted by."""
    # A window says nothing of what it is cut by: an hour of hours, a day of weekdays.
    own = "hour" if few.width < DAY else "weekday"
    found = [
        _distance(part.reference, mass * few.scales[:, None], tolerance)
        for part, mass in zip(looked.parts[name], few.columns[name], strict=True)
        if part.name != own
    ]
    if not found:
        return {"distances": (None,) * len(few.rows)}
    far = np.max([distances for distances, _ in found], axis=0)
    tails = np.min([tails for _, tails in found], axis=0) * len(found)
    return {
        "distances": tuple(
            round(float(value), 4) if there else None
            for value, there in zip(far, few.filled, strict=True)
        ),
        "over": tuple(np.flatnonzero(few.filled & (tails <= SURE)).tolist()),
    }


def _distance(
    reference: Floats, windows: Floats, tolerance: float
) -> tuple[Floats, Floats]:
    """Compute `statistics.distance` and `tolerance_tail` of each window at once."""
    n, m = float(reference.sum()), windows.sum(axis=1)
    if n <= 0:
        return np.zeros(len(m)), np.ones(len(m))
    p, q = reference / n, windows / np.maximum(m, TINY)[:, None]
    middle = (p + q) / 2
    ln = special.xlogy(p, p) + special.xlogy(q, q) - 2 * special.xlogy(middle, middle)
    bits = ln.sum(axis=1) / (2 * np.log(2))
    size = statistics.PER_DISTANCE * np.maximum(n * m / (n + m), TINY)
    df = ((reference + windows) > 0).sum(axis=1) - 1
    distances = np.sqrt(np.clip(bits - df / size, 0.0, 1.0))
    tails = 1 - special.chndtr(bits * size, np.maximum(df, 1), size * tolerance**2)
    return np.asarray(distances), np.asarray(tails)


def _since(
    looked: Looked, name: str, alpha: float, columns: int, is_real: bool
) -> dict[str, Any]:
    """Find the first window in which a column differs."""
    side, days = looked.served, looked.days
    if days is not None and name in days.columns:
        if not is_real:  # some day is always the farthest
            return {}
        side = _in_days(side, days)
        usual = _features(looked.parts, days, name, days.filled)
        onset = onset_of(*by_days(usual, _features(looked.parts, side, name)))
    else:
        rows = [mass * side.scales[:, None] for mass in side.columns[name]]
        p_values = by_rows([part.reference for part in looked.parts[name]], rows)
        level = (1 - BEFORE) * alpha / columns / int(side.filled.sum())
        onset = onset_of(p_values, level, before=BEFORE * alpha)
    if onset.first is None:
        return {"how": onset.how if is_real else ""}
    unit: Unit = "hour" if side.width < DAY else "day"
    found: dict[str, Any] = {
        "how": onset.how,
        "first": shown(_moment(side.begin(onset.first)), unit),
        "differing": onset.windows,
    }
    if onset.how == "since":
        for key, chosen in (
            ("before", slice(None, onset.first)),
            ("after", slice(onset.first, None)),
        ):
            found[key] = _together(looked, side, name, chosen)
    return found


def _together(looked: Looked, side: Counted, name: str, chosen: slice) -> float | None:
    """Give the distance of several windows together."""
    rows = side.mass[chosen].sum()
    if rows <= 0:
        return None
    scale = float(rows / side.squares[chosen].sum())
    return max(
        statistics.distance(part.reference, mass[chosen].sum(axis=0) * scale)
        for part, mass in zip(looked.parts[name], side.columns[name], strict=True)
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
