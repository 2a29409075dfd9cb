"""A profile says of a column what is in it, whatever the frame it came from."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nbmlops.errors import NotFound, UsageError
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.columns import (
    BooleanColumn,
    NumberColumn,
    OtherColumn,
    TextColumn,
    TimeColumn,
)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "real": [1.5, np.nan, -2.0, 1.5],
            "whole": [1, 2, 3, 300],
            "text": ["a", None, "b", "a"],
            "flag": [True, False, True, None],
            "moment": pd.to_datetime(
                ["2020-01-06 00:30", "2020-01-07 13:45", "NaT", "2020-01-12 23:59"]
            ),
        }
    ).astype({"flag": "boolean"})


def half_hours(column: TimeColumn) -> "np.ndarray[Any, Any]":
    """Sum up the mass by half hour of the day, UTC."""
    return np.asarray(column.week.reshape(7, 48).sum(axis=0))


def number(values: Any, **options: Any) -> NumberColumn:
    column = build_profile(pd.DataFrame({"x": values}), **options).columns["x"]
    assert isinstance(column, NumberColumn)
    return column


def text(values: Any) -> TextColumn:
    column = build_profile(pd.DataFrame({"x": values})).columns["x"]
    assert isinstance(column, TextColumn)
    return column


@pytest.mark.parametrize(
    "kind", ["polars", "arrow", "duckdb", "parquet", "csv", "dict"]
)
def test_every_kind_of_frame_gives_the_same_profile(kind: str, tmp_path: Path) -> None:
    whole = frame()
    table = pa.Table.from_pandas(whole)
    pq.write_table(table, tmp_path / "f.parquet")
    whole.to_csv(tmp_path / "f.csv", index=False)
    frames: dict[str, Any] = {
        "polars": pl.from_pandas(whole),
        "arrow": table,
        "duckdb": duckdb.connect().read_parquet(str(tmp_path / "f.parquet")),
        "parquet": tmp_path / "f.parquet",
        "csv": tmp_path / "f.csv",
        "dict": dict(whole.items()),
    }
    assert build_profile(frames[kind]) == build_profile(whole)


def test_numbers_are_counted_with_their_extremes_and_moments() -> None:
    values = [3.0, 1.0, None, 3.0, np.inf, -np.inf, 2.5, np.nan]
    column = number(pd.Series(values, dtype="float64"))
    assert (column.rows, column.mass, column.nulls) == (8, 8.0, 2.0)
    assert (column.negative_infinite, column.positive_infinite) == (1.0, 1.0)
    assert (column.minimum, column.at_minimum) == (1.0, 1.0)
    assert (column.maximum, column.at_maximum) == (3.0, 2.0)
    assert column.mean == pytest.approx(9.5 / 4)
    assert column.deviation == pytest.approx(np.std([3.0, 1.0, 3.0, 2.5]))
    assert column.distinct == 3
    assert column.atoms_value.tolist() == [3.0]
    assert column.atoms_mass.tolist() == [2.0]
    assert column.decimals[6] == 3
    assert column.decimals[7] == 1
    assert column.finite == column.cells.total == 4


def test_a_column_of_nulls_has_no_extremes() -> None:
    column = number(pd.Series([np.nan, np.nan]))
    assert column.minimum is column.maximum is column.mean is column.m2 is None
    assert column.deviation is None
    assert column.quantile(0.5) is None
    assert len(column.cells.codes) == 0


def test_values_beyond_float32_are_neither_lost_nor_infinite() -> None:
    column = number([1e300, -1e300, 1e200, 5.0])
    assert column.finite == 4
    assert column.positive_infinite == 0
    assert column.maximum == 1e300
    mixed = number([1e300, np.inf, -np.inf, 5.0])
    assert mixed.finite == mixed.cells.total == 2
    assert mixed.positive_infinite == 1


def test_quantiles_are_within_a_cell_of_the_truth() -> None:
    values = np.random.default_rng(0).lognormal(2, 1, 50_000)
    column = number(values)
    for share in (0.01, 0.25, 0.5, 0.75, 0.99):
        truth = np.quantile(values, share)
        assert column.quantile(share) == pytest.approx(truth, rel=0.02)
    assert number([1, 2, 2, 2, 9]).quantile(0.5) == 2.0
    assert number([1, 2, 3]).quantile(0.0) == 1.0
    assert number([1, 2, 3]).quantile(1.0) == 3.0


def test_atoms_are_the_heaviest_repeated_values() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=200_000)
    values[random.random(200_000) < 0.05] = -999.0
    values[random.random(200_000) < 0.01] = 0.0
    column = number(values)
    assert column.atoms_value.tolist() == [-999.0, 0.0]
    expected = [np.sum(values == -999.0), np.sum(values == 0.0)]
    assert column.atoms_mass.tolist() == expected


def test_atoms_of_few_values_are_exact_and_at_most_32() -> None:
    values = np.repeat(np.arange(100) / 4, np.arange(100) + 1)
    column = number(np.random.default_rng(0).permutation(values))
    assert column.atoms_value.tolist() == (np.arange(68, 100) / 4).tolist()
    assert column.atoms_mass.tolist() == list(range(69, 101))


def test_atoms_among_many_repeated_values_are_lower_bounds() -> None:
    random = np.random.default_rng(5)
    values = np.round(random.lognormal(3, 1, 400_000), 2)
    values[random.random(400_000) < 0.1] = 9.99
    column = number(values)
    counted = dict(zip(column.atoms_value, column.atoms_mass, strict=True))
    assert len(counted) == 32
    assert counted[9.99] == np.sum(values == 9.99)
    for value, mass in counted.items():
        truth = np.sum(values == value)
        assert 0.5 * truth <= mass <= truth


def test_integers_have_exact_cells_near_the_median() -> None:
    values = np.random.default_rng(0).integers(0, 200, 5_000)
    column = number(values)
    assert column.cells.scale == 1.0
    assert column.is_whole
    assert len(column.cells.codes) == len(np.unique(values))


def test_a_profile_like_another_shares_its_cells() -> None:
    reference = build_profile(pd.DataFrame({"x": [10.5, 11.5, 14.0]}))
    column = number([1000.25, 2000.75], like=reference)
    known = reference.columns["x"]
    assert isinstance(known, NumberColumn)
    assert column.cells.has_grid_of(known.cells)


def test_nulls_only_take_the_kind_of_the_reference() -> None:
    reference = build_profile(frame())
    nothing = pd.DataFrame({name: [None, None] for name in frame()})
    like = build_profile(nothing, like=reference)
    assert {name: column.kind for name, column in like.columns.items()} == {
        name: column.kind for name, column in reference.columns.items()
    }
    assert all(column.nulls == 2 for column in like.columns.values())
    assert {column.kind for column in build_profile(nothing).columns.values()} == {
        "other"
    }


def test_labels_are_counted_and_measured() -> None:
    column = text(["b", "a", "b", None, "", "äöü"])
    assert column.labels == {"b": 2.0, "": 1.0, "a": 1.0, "äöü": 1.0}
    assert list(column.labels) == ["b", "", "a", "äöü"]
    assert column.nulls == 1
    assert column.distinct == 4
    assert (column.minimum_length, column.maximum_length) == (0, 3)
    assert column.others == column.others_most == 0.0


def test_long_labels_are_cut_but_stay_apart() -> None:
    column = text(["x" * 5_000 + "a", "x" * 5_000 + "b"])
    assert len(column.labels) == 2
    assert all(len(label) < 256 for label in column.labels)
    assert column.maximum_length == 5_001


@pytest.mark.parametrize("rows", [25_000, 300_000])
def test_labels_beyond_ten_thousand_are_estimated(rows: int) -> None:
    names = [f"id {at}" for at in range(rows)] + ["often"] * 1_000
    column = text(names)
    assert len(column.labels) == 10_000
    assert next(iter(column.labels)) == "often"
    assert column.labels["often"] >= 1_000 - column.others_most
    assert sum(column.labels.values()) + column.others == rows + 1_000
    assert abs(column.distinct / rows - 1) < 0.1
    assert column.is_identifier


def test_a_dictionary_with_a_null_in_it_is_read() -> None:
    encoded = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None, 0]), pa.array(["a", None])
    )
    column = build_profile(pa.table({"x": encoded})).columns["x"]
    assert isinstance(column, TextColumn)
    assert column.labels == {"a": 2.0}
    assert column.nulls == 2


def test_identifiers_are_what_hardly_repeats() -> None:
    rows = np.arange(5_000)
    assert text([f"user {at}" for at in rows]).is_identifier
    assert not text([f"user {at % 100}" for at in rows]).is_identifier
    assert number(rows * 7).is_identifier
    assert not number(rows % 1000).is_identifier
    assert not number(rows + 0.5).is_identifier
    assert not number(rows[:50]).is_identifier


def test_booleans_are_counted() -> None:
    column = build_profile(frame()).columns["flag"]
    assert isinstance(column, BooleanColumn)
    assert (column.true, column.false, column.nulls) == (2.0, 1.0, 1.0)
    assert column.distinct == 2


def test_times_are_counted_by_hour_and_weekday_in_utc() -> None:
    column = build_profile(frame()).columns["moment"]
    assert isinstance(column, TimeColumn)
    assert np.flatnonzero(column.hours).tolist() == [0, 13, 23]
    assert np.flatnonzero(half_hours(column)).tolist() == [1, 27, 47]
    assert np.flatnonzero(column.weekdays).tolist() == [0, 1, 6]
    assert column.nulls == 1
    assert column.has_time_of_day
    assert column.minimum == pd.Timestamp("2020-01-06 00:30").timestamp()
    assert column.maximum == pd.Timestamp("2020-01-12 23:59").timestamp()
    assert column.cells.total == column.raw.total == 3


def test_zones_are_brought_to_utc() -> None:
    local = pd.to_datetime(["2020-01-06 00:30"]).tz_localize("Asia/Kolkata")
    column = build_profile(pd.DataFrame({"t": local})).columns["t"]
    assert isinstance(column, TimeColumn)
    assert np.flatnonzero(half_hours(column)).tolist() == [38]
    assert np.flatnonzero(column.weekdays).tolist() == [6]


def test_times_before_1970_have_their_hour_too() -> None:
    early = pd.DataFrame(
        {"t": pd.to_datetime(["1969-12-31 23:30", "1900-01-01 06:00"])}
    )
    column = build_profile(early).columns["t"]
    assert isinstance(column, TimeColumn)
    assert np.flatnonzero(column.hours).tolist() == [6, 23]
    assert np.flatnonzero(column.weekdays).tolist() == [0, 2]


def test_dates_have_no_time_of_day() -> None:
    table = pa.table({"d": pa.array([0, 1, None], type=pa.date32())})
    column = build_profile(table).columns["d"]
    assert isinstance(column, TimeColumn)
    assert not column.has_time_of_day
    assert column.weekdays.tolist() == [0, 0, 0, 1, 1, 0, 0]


def test_mixed_columns_are_counted_with_their_types() -> None:
    column = build_profile(pd.DataFrame({"x": [1, "a", None]})).columns["x"]
    assert isinstance(column, OtherColumn)
    assert (column.rows, column.nulls, column.types) == (3, 1.0, "int and str")
    assert column.distinct is None


def test_columns_are_chosen_and_left_out() -> None:
    whole = frame()
    assert list(build_profile(whole, columns=["flag", "real"]).columns) == [
        "flag",
        "real",
    ]
    assert list(build_profile(whole, exclude=["real", "text", "nothing"]).columns) == [
        "whole",
        "flag",
        "moment",
    ]


def test_a_text_names_one_column() -> None:
    frame = pd.DataFrame({"dist": [1.0, 2.0], "d": [3.0, 4.0]})
    assert list(build_profile(frame, columns="dist").columns) == ["dist"]
    assert list(build_profile(frame, exclude="dist").columns) == ["d"]


def test_weights_count_everything_and_are_not_profiled() -> None:
    whole = frame().assign(w=[1.0, 2.0, 3.0, 4.0])
    profile = build_profile(whole, weight="w")
    assert "w" not in profile.columns
    assert (profile.mass, profile.mass_squares) == (10.0, 30.0)
    assert profile.effective_rows == pytest.approx(100 / 30)
    real, label = profile.columns["real"], profile.columns["text"]
    assert isinstance(real, NumberColumn)
    assert isinstance(label, TextColumn)
    assert real.nulls == label.nulls == 2.0
    assert real.mean == pytest.approx((1.5 - 6 + 6) / 8)
    assert real.atoms_mass.tolist() == [5.0]
    assert label.labels == {"a": 5.0, "b": 3.0}
    moment = profile.columns["moment"]
    assert isinstance(moment, TimeColumn)
    assert moment.hours[[0, 13, 23]].tolist() == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf])
def test_bad_weights_are_refused(weight: float) -> None:
    whole = frame().assign(w=[1.0, weight, 1.0, weight])
    with pytest.raises(UsageError, match=r"'w' is null, infinite or not above 0 in 2"):
        build_profile(whole, weight="w")


def test_names_that_are_not_there_are_not_found() -> None:
    with pytest.raises(NotFound, match="did you mean 'text'"):
        build_profile(frame(), columns=["txt"])
    with pytest.raises(NotFound, match="there is no column 'w'"):
        build_profile(frame(), weight="w")
    with pytest.raises(NotFound, match="there is no column 't'"):
        build_profile(frame(), time="t")


def test_weight_and_time_must_be_of_their_kind() -> None:
    with pytest.raises(UsageError, match="the weight 'text' is a column of kind text"):
        build_profile(frame(), weight="text")
    with pytest.raises(UsageError, match="time='real' is a column of kind number"):
        build_profile(frame(), time="real")


def test_a_frame_without_rows_has_an_empty_profile() -> None:
    profile = build_profile(frame().iloc[:0])
    assert profile.rows == 0
    assert profile.effective_rows == 0.0
    assert list(profile.columns) == list(frame().columns)
    assert "0 rows" in repr(profile)


def test_large_files_are_profiled_batch_by_batch(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    whole = pd.DataFrame(
        {"x": random.normal(size=300_000), "c": random.choice(["a", "b"], 300_000)}
    )
    whole.to_parquet(tmp_path / "f.parquet", row_group_size=40_000)
    read = build_profile(tmp_path / "f.parquet")
    column = read.columns["c"]
    assert isinstance(column, TextColumn)
    assert column.labels == whole["c"].value_counts().to_dict()
    numbers = read.columns["x"]
    assert isinstance(numbers, NumberColumn)
    assert numbers.mean == pytest.approx(whole["x"].mean())
    assert numbers.finite == 300_000
