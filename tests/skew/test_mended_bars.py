"""The picture behind a cause: repaired, serving lies on training."""

import json

import numpy as np
import pytest

from nbmlops.skew.column_view import row_of
from nbmlops.skew.report import Bar, Cause, SkewReport
from tests.skew.repair.test_transformer import BREAKS, CLEAN, report_of

DRAWN = {
    "kilometres": "distance",
    "Fahrenheit": "temp",
    "logarithms": "rain",
    "sign": "temp",
    "null as -1": "age",
    "exchanged": "low",
    "lower case": "carrier",
    "blanks": "dest",
    "null as text": "dest",
    "hours": "when",
}


def alike(bars: tuple[Bar, ...]) -> float:
    return sum(min(bar.reference, bar.serving) for bar in bars)


def cause_of(name: str) -> Cause:
    cause = report_of(BREAKS[name](CLEAN)).columns[DRAWN[name]].cause
    assert cause is not None
    return cause


@pytest.mark.parametrize("name", DRAWN)
def test_repaired_the_two_sides_lie_on_each_other(name: str) -> None:
    bars = cause_of(name).mended
    assert len(bars) <= 40
    for side in ("reference", "serving"):
        assert sum(getattr(bar, side) for bar in bars) == pytest.approx(1, abs=1e-6)
    assert alike(bars) > 0.93
    before = report_of(BREAKS[name](CLEAN)).columns[DRAWN[name]].bars
    assert alike(bars) > alike(before) + 0.03


def test_nulls_come_back_in_the_picture_too() -> None:
    null = cause_of("null as -1").mended[-1]
    assert null.label == "null"
    assert null.serving == pytest.approx(null.reference, abs=0.03)


@pytest.mark.parametrize("name", ["another name", "truth as text"])
def test_nothing_is_drawn_of_what_a_profile_does_not_tell(name: str) -> None:
    causes = [c.cause for c in report_of(BREAKS[name](CLEAN)).columns.values()]
    assert not any(cause.mended for cause in causes if cause)


def test_no_repair_no_picture() -> None:
    rounded = report_of(CLEAN.assign(temp=np.round(CLEAN["temp"], -1))).columns["temp"]
    assert rounded.cause is not None
    assert rounded.cause.mended == ()
    assert "repaired" not in row_of(rounded)


def test_the_picture_is_kept_and_shown_with_its_figure() -> None:
    found = report_of(BREAKS["kilometres"](CLEAN))
    stored = SkewReport.from_dict(json.loads(found.to_json()))
    assert stored.columns["distance"].cause == found.columns["distance"].cause
    assert "repaired: 97% alike" in row_of(found.columns["distance"])
