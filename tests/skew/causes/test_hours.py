"""Zones are named by the hours of the day; a season and summer time are none."""

import numpy as np
import pandas as pd
import pytest

from tests.skew.causes.label_faults import (
    FEBRUARY,
    JANUARY,
    NATURAL_HOURS,
    RHYTHMS,
    rhythm,
    shifted,
    times,
)
from tests.skew.causes.labelled import cause_of, repaired
from tests.skew.checking import column_of

ROWS = 2000


@pytest.mark.parametrize("hours", [1, -1, 2, -3, 5.5, -8, 9.5, 12])
def test_a_zone_is_named_with_its_hours_and_mended(hours: float) -> None:
    r = np.random.default_rng((1, int(2 * hours) + 50))
    before, after = shifted("opening hours", hours, ROWS, r)
    column = column_of(before, after)
    cause = cause_of(column)
    assert (column.verdict, cause.kind) == ("handling fault", "timezone")
    whole, half = divmod(abs(hours), 1)
    clock = f"{'+' if hours > 0 else '-'} {whole:.0f}{':30' if half else ''} h"
    assert cause.detail.startswith(f"serving = training {clock}: ")
    right = after - pd.Timedelta(hours=hours)
    assert (repaired(cause, after).to_numpy() == right.to_numpy()).all()


def test_a_smooth_day_leaves_the_hours_within_two() -> None:
    told = []
    for seed in range(12):
        r = np.random.default_rng((7, seed))
        detail = cause_of(column_of(*shifted("cosine", -5, ROWS, r))).detail
        assert "training - " in detail
        told.append("- 5 h" in detail)  # named, or "(- 5 h fits as well)"
    assert sum(told) >= 11


def test_weekdays_tell_minus_eleven_hours_from_plus_thirteen() -> None:
    for hours in (13, -11):
        r = np.random.default_rng((2, hours + 50))
        before, after = shifted("opening hours", hours, 6000, r)
        cause = cause_of(column_of(before, after))
        assert f"training {hours:+d} h: ".replace("+", "+ ").replace("-", "- ") in (
            cause.detail
        )


@pytest.mark.parametrize("kind", RHYTHMS)
@pytest.mark.parametrize("change", sorted(NATURAL_HOURS))
@pytest.mark.parametrize("rows", [500, 2000])
def test_a_day_that_changes_by_nature_is_no_other_zone(
    kind: str, change: str, rows: int
) -> None:
    r = np.random.default_rng((3, rows, len(change)))
    for _ in range(4):
        before = times(r, rows, rhythm(kind), JANUARY)
        after = times(r, rows, rhythm(kind, **NATURAL_HOURS[change]), FEBRUARY)
        assert column_of(before, after).verdict != "handling fault"


@pytest.mark.parametrize("kind", RHYTHMS)
def test_nothing_is_named_where_the_day_is_the_same(kind: str) -> None:
    r = np.random.default_rng(4)
    for rows in (300, 2000):
        for _ in range(10):
            before, after = (
                times(r, rows, rhythm(kind), s) for s in (JANUARY, FEBRUARY)
            )
            cause = column_of(before, after).cause
            assert cause is None or cause.kind == "population"


@pytest.mark.parametrize("every", [1, 60])
def test_a_day_without_a_shape_has_no_zone(every: int) -> None:
    """Rows at any minute, or on each full hour; it is the weekdays that differ."""
    for seed in range(40):
        r = np.random.default_rng((9, seed))
        minutes = r.integers(0, 1440 // every, (2, ROWS)) * every
        days = r.choice(60, ROWS), r.choice([d for d in range(60) if d % 7 < 5], ROWS)
        before, after = (
            pd.Timestamp(JANUARY) + pd.to_timedelta(day * 1440 + minute, unit="min")
            for day, minute in zip(days, minutes, strict=True)
        )
        assert cause_of(column_of(before, after)).kind == "population"


def test_an_hour_between_winter_and_summer_is_summer_time() -> None:
    r = np.random.default_rng(5)
    before = times(r, 4000, rhythm("opening hours"), JANUARY)
    after = times(r, 4000, rhythm("opening hours"), "2024-07-01")
    summer = column_of(before, after - pd.Timedelta(hours=1))
    assert summer.verdict == "over tolerance"
    assert cause_of(summer).kind == "population"
    assert "timezone" in cause_of(summer).also
    # Five hours are no summer time, and one is none in a single season.
    assert cause_of(column_of(before, after + pd.Timedelta(hours=5))).kind == "timezone"


def test_few_days_say_nothing_of_zones() -> None:
    r = np.random.default_rng(6)
    minutes = r.integers(0, 2 * 1440, (2, ROWS))
    start = pd.Timestamp(JANUARY)
    before = start + pd.to_timedelta(minutes[0] // 2 * 1.0, unit="min")
    after = start + pd.to_timedelta(minutes[1] // 2 + 300.0, unit="min")
    cause = column_of(before, after).cause
    assert cause is None or cause.kind != "timezone"


def test_times_of_a_zone_are_mended_too() -> None:
    r = np.random.default_rng(7)
    before, after = shifted("opening hours", -5, ROWS, r)
    sides = before.tz_localize("UTC"), after.tz_localize("UTC")
    cause = cause_of(column_of(*sides))
    assert cause.kind == "timezone"
    mended = pd.DatetimeIndex(repaired(cause, sides[1]))
    assert column_of(sides[0], mended).verdict == "no evidence"


def test_more_nulls_among_times_are_nulls() -> None:
    r = np.random.default_rng(8)
    before, after = (times(r, ROWS, rhythm("cosine"), s) for s in (JANUARY, FEBRUARY))
    served = pd.Series(after).mask(r.random(ROWS) < 0.1)
    assert cause_of(column_of(before, served)).kind == "nulls"
