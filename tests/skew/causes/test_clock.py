"""Times as numbers since 1970 and back, and times whose unit was taken wrong."""

import numpy as np
import pandas as pd
import pytest

from nbmlops.skew.repair.steps import Convert
from tests.skew.causes.labelled import cause_of, repaired
from tests.skew.checking import column_of

SIZES = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def moments(start: str, rows: int = 2000) -> "pd.Series[pd.Timestamp]":
    r = np.random.default_rng(len(start) + rows)
    after = pd.to_timedelta(r.integers(0, 28 * 86_400, rows), unit="s")
    return pd.Series(pd.Timestamp(start) + after)


def seconds(times: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    return (times - pd.Timestamp(0)) // pd.Timedelta(1, "s")


TRAINING, SERVED = moments("2024-01-01"), moments("2024-02-01")


@pytest.mark.parametrize("unit", sorted(SIZES))
def test_times_as_numbers_are_an_epoch_with_its_unit(unit: str) -> None:
    numbers = seconds(SERVED) * SIZES[unit]
    column = column_of(TRAINING, numbers)
    cause = cause_of(column)
    assert (column.verdict, cause.kind) == ("handling fault", "epoch")
    assert cause.mend == (Convert(to="time", given="number", unit=unit),)
    assert "since 1970 where training has times: " in cause.detail
    assert " is 2024-02-" in cause.detail
    assert (repaired(cause, numbers) == SERVED).all()


@pytest.mark.parametrize("unit", sorted(SIZES))
def test_numbers_as_times_are_an_epoch_too(unit: str) -> None:
    cause = cause_of(column_of(seconds(TRAINING) * SIZES[unit], SERVED))
    assert cause.kind == "epoch"
    wanted = (seconds(SERVED) * SIZES[unit]).to_numpy()
    assert repaired(cause, SERVED).to_numpy() == pytest.approx(wanted, rel=1e-15)


def test_numbers_that_are_no_times_in_any_unit_have_no_repair() -> None:
    cause = cause_of(column_of(TRAINING, np.arange(2000) * 7.5))
    assert (cause.kind, cause.mend) == ("dtype", ())
    assert "in no unit since 1970" in cause.detail


@pytest.mark.parametrize(
    ("read", "said"),
    [("ms", "seconds were read as milliseconds"), ("us", "read as microseconds")],
)
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_times_about_1970_are_mended(read: str, said: str, zone: str | None) -> None:
    wrong = pd.to_datetime(seconds(SERVED), unit=read)  # type: ignore[call-overload]  # a unit
    training, served = TRAINING, SERVED
    if zone:
        training, served = (t.dt.tz_localize(zone) for t in (training, served))
        wrong = wrong.dt.tz_localize(zone)
    column = column_of(training, wrong)
    cause = cause_of(column)
    assert (column.verdict, cause.kind) == ("handling fault", "epoch")
    assert said in cause.detail
    assert (repaired(cause, wrong) == SERVED).all()
    assert served is not None


def test_times_in_the_far_future_are_mended() -> None:
    wrong = pd.Series((seconds(SERVED) * 1000).to_numpy().astype("datetime64[s]"))
    cause = cause_of(column_of(TRAINING, wrong))
    assert cause.kind == "epoch"
    assert "about the year 56,0" in cause.detail
    assert (repaired(cause, wrong) == SERVED).all()


@pytest.mark.parametrize("start", ["2023-01-01", "2031-06-01", "1999-01-01"])
def test_other_years_are_no_other_unit(start: str) -> None:
    cause = column_of(TRAINING, moments(start)).cause
    assert cause is None or cause.kind == "population"
    birthdays = pd.Series(pd.date_range("1940-01-01", "2005-01-01", periods=2000))
    cause = column_of(birthdays, moments("1970-01-10")).cause
    assert cause is None or cause.kind != "epoch"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["1", "2", None], [1.0, 2.0, None]),
        (["true", "false", "true"], [True, False, True]),
        (["1", "0", "0"], [True, False, False]),
        (["Y", "N", "Y"], [True, False, True]),
    ],
)
def test_numbers_and_truth_for_text_are_written_as_training_does(
    before: list[str | None], after: list[float | bool | None]
) -> None:
    cause = cause_of(column_of(before * 200, after * 200))
    assert cause.kind == "dtype"
    mended = repaired(cause, after * 200)
    assert column_of(before * 200, mended).cause is None
    assert set(mended.dropna()) == {b for b in before if b}
