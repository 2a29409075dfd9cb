"""Profiles add up: however rows are split, the sum is the profile of all."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmlops.errors import UsageError
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.columns import NumberColumn, OtherColumn, TextColumn, TimeColumn
from nbmlops.profiles.profile import Profile, add_profiles
from tests.profiles.strategies import ROWS, assert_same, close, frame_of

MANY = st.lists(ROWS, max_size=40)
WEIGHTS = st.floats(0.01, 100.0)
REFERENCE = build_profile(
    frame_of(
        [
            (float(at), "a", True, pd.Timestamp("2000-01-01"), pd.Timestamp(at))
            for at in range(-20, 30)
        ]
    ),
    time="clock",
)


def profile(rows: list[Any], weights: list[float] | None = None) -> Profile:
    frame = frame_of(rows, weights)
    weight = None if weights is None else "weight"
    return build_profile(frame, time="clock", weight=weight, like=REFERENCE)


@settings(deadline=None, max_examples=40)
@given(MANY, MANY)
def test_two_parts_are_the_whole(left: list[Any], right: list[Any]) -> None:
    added = profile(left) + profile(right)
    whole = profile(left + right)
    assert added.rows == whole.rows
    close(added.effective_rows, whole.effective_rows)
    assert_same(added, whole, parts=2)


@settings(deadline=None, max_examples=40)
@given(MANY, MANY)
def test_the_order_of_parts_does_not_matter(left: list[Any], right: list[Any]) -> None:
    one, other = profile(left), profile(right)
    assert_same(one + other, other + one)


@settings(deadline=None, max_examples=40)
@given(MANY, MANY, MANY)
def test_the_grouping_of_parts_does_not_matter(
    first: list[Any], second: list[Any], third: list[Any]
) -> None:
    a, b, c = profile(first), profile(second), profile(third)
    assert_same((a + b) + c, a + (b + c))


@settings(deadline=None, max_examples=40)
@given(st.lists(MANY, min_size=1, max_size=5))
def test_many_parts_at_once_are_the_whole(parts: list[list[Any]]) -> None:
    total = add_profiles([profile(part) for part in parts])
    whole = profile([row for part in parts for row in part])
    assert total.rows == whole.rows
    close(total.effective_rows, whole.effective_rows)
    assert_same(total, whole, parts=len(parts))


@settings(deadline=None, max_examples=40)
@given(MANY)
def test_the_order_of_rows_does_not_matter(rows: list[Any]) -> None:
    assert_same(profile(rows), profile(rows[::-1]))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(ROWS, WEIGHTS), max_size=40), st.integers(0, 40))
def test_weighted_parts_are_the_whole(rows: list[Any], cut: int) -> None:
    def weighted(part: list[Any]) -> Profile:
        return profile([row for row, _ in part], [weight for _, weight in part])

    whole = weighted(rows)
    added = weighted(rows[:cut]) + weighted(rows[cut:])
    close(added.effective_rows, whole.effective_rows)
    for name in ("text", "flag", "moment"):
        close(added.columns[name].nulls, whole.columns[name].nulls)
    left, right = added.columns["number"], whole.columns["number"]
    assert isinstance(left, NumberColumn)
    assert isinstance(right, NumberColumn)
    close(left.cells.mass, right.cells.mass)
    close(left.mean, right.mean)


@settings(deadline=None, max_examples=40)
@given(MANY)
def test_weights_of_one_are_no_weights(rows: list[Any]) -> None:
    assert_same(profile(rows), profile(rows, [1.0] * len(rows)))


@settings(deadline=None, max_examples=40)
@given(MANY)
def test_a_weight_of_two_is_each_row_twice(rows: list[Any]) -> None:
    twice = profile(rows + rows)
    weighted = profile(rows, [2.0] * len(rows))
    assert weighted.mass == twice.mass
    assert weighted.effective_rows == len(rows)
    for name in ("text", "flag", "moment"):
        assert weighted.columns[name].nulls == twice.columns[name].nulls
    left, right = weighted.columns["number"], twice.columns["number"]
    assert isinstance(left, NumberColumn)
    assert isinstance(right, NumberColumn)
    close(left.cells.mass, right.cells.mass)
    close(left.mean, right.mean)
    if right.m2 is not None and right.m2 < 1e290:
        close(left.m2, right.m2, relative=1e-6)
    close(left.at_maximum, right.at_maximum)


def test_many_batches_are_one_profile() -> None:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "normal": random.normal(size=300_000),
            "price": np.round(random.lognormal(3, 1, 300_000), 2),
            "age": random.integers(0, 90, 300_000),
            "label": random.choice(["a", "b", "c"], 300_000),
        }
    )
    whole = build_profile(frame)
    parts = [
        build_profile(frame.iloc[start : start + 70_000], like=whole)
        for start in range(0, 300_000, 70_000)
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    assert total.rows == whole.rows
    for name in ("normal", "price", "age"):
        left, right = total.columns[name], whole.columns[name]
        assert isinstance(left, NumberColumn)
        assert isinstance(right, NumberColumn)
        assert left.cells.codes.tolist() == right.cells.codes.tolist()
        assert left.cells.mass.tolist() == right.cells.mass.tolist()
        assert left.distinct == right.distinct
        close(left.mean, right.mean)
        close(left.m2, right.m2)


def test_other_centres_fall_back_to_uncentred_cells_and_say_so() -> None:
    left = build_profile(pd.DataFrame({"x": [100.1, 101.2, 102.3]}))
    right = build_profile(pd.DataFrame({"x": [500.1, 501.2, 502.3]}))
    total = left + right
    column = total.columns["x"]
    assert isinstance(column, NumberColumn)
    assert not column.is_centred
    assert column.cells.codes.tolist() == column.raw.codes.tolist()
    assert column.raw.total == 6
    assert "with other centres" in repr(total)
    assert "with other centres" not in repr(left)
    assert not (left + right + left).columns["x"].is_centred  # type: ignore[union-attr]


def test_a_part_of_nulls_only_takes_the_kind_of_the_other() -> None:
    nothing = build_profile(pd.DataFrame({"x": [None, None]}))
    assert isinstance(nothing.columns["x"], OtherColumn)
    for values in (
        [1.0, 2.0],
        ["a", "b"],
        [True, False],
        pd.to_datetime(["2020-01-01"]),
    ):
        some = build_profile(pd.DataFrame({"x": values}))
        for total in (nothing + some, some + nothing):
            column = total.columns["x"]
            assert type(column) is type(some.columns["x"])
            assert column.nulls == 2
            assert column.rows == 2 + len(values)


def test_parts_of_two_kinds_are_counted_as_other() -> None:
    number = build_profile(pd.DataFrame({"x": [1.0, None]}))
    text = build_profile(pd.DataFrame({"x": ["a"]}))
    column = (number + text).columns["x"]
    assert isinstance(column, OtherColumn)
    assert column.types == "number and text"
    assert (column.rows, column.nulls) == (3, 1)
    again = (number + text + text).columns["x"]
    assert isinstance(again, OtherColumn)
    assert again.types == "number and text"


def test_profiles_of_other_columns_do_not_add() -> None:
    left = build_profile(pd.DataFrame({"a": [1], "b": [2]}))
    right = build_profile(pd.DataFrame({"a": [1]}))
    with pytest.raises(UsageError, match="column 'b' is in one of the profiles only"):
        left + right
    with pytest.raises(TypeError):
        left + 1  # type: ignore[operator]


def test_labels_beyond_ten_thousand_keep_the_heavy_ones_and_the_mass() -> None:
    common = [f"common {at % 100}" for at in range(10_000)]
    rare = [f"rare {at}" for at in range(30_000)]
    parts = [build_profile(pd.DataFrame({"x": common + rare[:15_000]}))]
    parts.append(build_profile(pd.DataFrame({"x": rare[15_000:] + common})))
    column = (parts[0] + parts[1]).columns["x"]
    assert isinstance(column, TextColumn)
    assert len(column.labels) == 10_000
    assert list(column.labels.values())[:100] == [200.0] * 100
    assert sum(column.labels.values()) + column.others == 50_000
    assert column.others_most == 2.0 + 1.0
    assert abs(column.distinct / 30_100 - 1) < 0.1


def test_lags_add_too() -> None:
    frame = pd.DataFrame(
        {
            "clock": pd.to_datetime(["2020-01-01 00:00:00", "2020-01-01 06:00:00"]),
            "later": pd.to_datetime(["2020-01-01 00:01:40", "2020-01-01 05:59:00"]),
        }
    )
    column = build_profile(frame, time="clock") + build_profile(frame, time="clock")
    later, clock = column.columns["later"], column.columns["clock"]
    assert isinstance(later, TimeColumn)
    assert isinstance(clock, TimeColumn)
    assert clock.lag is None
    assert later.lag is not None
    assert later.lag.mass.tolist() == [2.0, 2.0]
    assert later.lag.high[0] == -60.0
    assert later.lag.low[1] == 100.0
