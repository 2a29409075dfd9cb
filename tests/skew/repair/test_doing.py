"""What a step does to a column, and what undoes it."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbmlops.skew.repair.doing import done, inverse
from nbmlops.skew.repair.steps import (
    Apply,
    Convert,
    Relabel,
    Scale,
    Shift,
    Step,
    Swap,
    Text,
    ToNull,
)
from tests.skew.repair.test_steps import CASES

MOMENT = pd.Timestamp("2026-03-01 12:00")

# Steps, and values of training that the way back must bring home.
BACK: list[tuple[Step, Sequence[Any]]] = [
    (Scale(by=1.609344, divides=True), [1.0, 250.0]),
    (Scale(plus=-32, by=1.8, divides=True), [21.5]),
    (Scale(by=1000), [3.0]),
    *((Apply(function=name), [0.25, 3.0]) for name in ("exp", "expm1", "exp2", "log")),
    *((Apply(function=name), [0.25, 3.0]) for name in ("log1p", "log2", "log10")),
    *((Apply(function=name), [0.25, 3.0]) for name in ("square", "sqrt", "negative")),
    (Apply(function="logical_not"), [True, False]),
    (ToNull(values=(-1, -999)), [3.0, None]),
    (ToNull(values=("nan",)), ["a", None]),
    (Relabel(labels={"aa": "AA", "b": "B"}), ["AA", "B", "C"]),
    (Text(how="upper"), ["AA", None]),
    (Text(how="lower"), ["aa"]),
    (Text(how="prefix", text="id-"), ["id-7"]),
    (Text(how="suffix", text=".0"), ["7.0"]),
    (Text(how="removeprefix", text="id-"), ["7"]),
    (Text(how="removesuffix", text=".0"), ["7"]),
    (Shift(hours=-5), [MOMENT]),
    (Convert(to="number", given="text"), [1.5, 7.0, None]),
    (Convert(to="number", given="boolean"), [1.0, 0.0]),
    (Convert(to="text", given="number"), ["7", "8", None]),
    (Convert(to="time", given="number", unit="ms"), [MOMENT]),
    (Convert(to="time", given="text"), [MOMENT]),
    (Convert(to="boolean", given="text"), [True, False]),
]


def same(found: Iterable[Any], wanted: Sequence[Any]) -> None:
    for one, other in zip(found, wanted, strict=True):
        if other is None:
            assert pd.isna(one)
        elif isinstance(other, float):
            assert one == pytest.approx(other, abs=1e-12)
        else:
            assert one == other


@pytest.mark.parametrize(("step", "served", "wanted"), CASES)
def test_a_step_does_what_its_line_of_pandas_does(
    step: Step, served: Sequence[Any], wanted: Sequence[Any]
) -> None:
    given = pd.Series(served)
    before = given.copy()
    same(done(step, given), wanted)
    pd.testing.assert_series_equal(given, before)


@pytest.mark.parametrize(("step", "values"), BACK)
def test_the_way_back_is_undone_by_the_step(step: Step, values: Sequence[Any]) -> None:
    back = inverse(step)
    assert back is not None
    column = pd.Series(values)
    for undoing in back:
        column = done(undoing, column)
    assert list(map(repr, column)) != list(map(repr, values))
    same(done(step, column), values)


@pytest.mark.parametrize(
    "step", [Text(how="strip"), Text(how="NFC"), Convert(to="number", given="other")]
)
def test_what_nobody_knows_has_no_way_back(step: Step) -> None:
    assert inverse(step) is None


@pytest.mark.parametrize("step", [case[0] for case in CASES])
def test_nulls_alone_are_no_trouble(step: Step) -> None:
    column = pd.Series([None, None], dtype=object)
    if isinstance(step, Shift):
        column = pd.Series([pd.NaT, pd.NaT])
    assert done(step, column).isna().all()


def test_a_column_keeps_its_type_where_labels_are_written_anew() -> None:
    for dtype in ("str", "object", "category", "string"):
        column = pd.Series(["aa", None, "b"], dtype=dtype)
        found = done(Text(how="upper"), column)
        assert found.dtype == dtype
        assert found.dropna().tolist() == ["AA", "B"]


def test_a_label_that_was_not_misread_stays() -> None:
    column = pd.Series(["Z\u00c3\u00bcrich", "\N{EURO SIGN}"])
    assert done(Text(how="utf-8"), column).tolist() == ["Z\u00fcrich", "\N{EURO SIGN}"]


def test_whole_numbers_become_text_without_the_point_that_nulls_gave_them() -> None:
    column = pd.Series([7.0, np.nan])
    assert done(Convert(to="text", given="number"), column)[0] == "7"
    assert done(Convert(to="text", given="number"), pd.Series([7.5]))[0] == "7.5"


def test_times_of_many_forms_and_zones_are_read_as_utc() -> None:
    column = pd.Series(["2026-03-01T12:00:00+02:00", "2026-03-01 10:00", "soon"])
    found = done(Convert(to="time", given="text"), column)
    assert found[0] == found[1] == pd.Timestamp("2026-03-01 10:00")
    assert found[2] is pd.NaT


def test_a_step_of_two_columns_is_not_done_to_one() -> None:
    with pytest.raises(TypeError, match="Swap is no step of one column"):
        done(Swap(other="b"), pd.Series([1.0]))
