"""Rows are matched by key from any frame; what is left over is counted."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.skew.parity import joining, judge, sides
from tests.skew.parity.samples import as_kind, compared, rows, shuffled

KINDS = ["pandas", "polars", "arrow", "parquet", "csv", "jsonl"]


@pytest.mark.parametrize("after", KINDS)
@pytest.mark.parametrize("before", ["pandas", "parquet"])
def test_the_same_rows_in_any_frame_agree(
    before: str, after: str, tmp_path: Path
) -> None:
    frame = rows()
    found = compared(
        as_kind(before, frame, tmp_path / "before"),
        as_kind(after, shuffled(frame), tmp_path / "after"),
    )
    assert (found.verdict, found.columns, found.pairs) == ("no evidence", (), 500)
    assert set(found.agreeing) == {"price", "age", "carrier", "seen"}


def days(*days: str) -> "pd.Series[Any]":
    """Give days of January, null for ""."""
    return pd.Series(pd.to_datetime([f"2025-01-{day}" if day else "" for day in days]))


def test_a_relation_of_duckdb_is_compared() -> None:
    with duckdb.connect() as connection:
        relation = connection.sql("select range as id, range * 2 as x from range(90)")
        other = connection.sql("select range as id, range * 3 as x from range(90)")
        found = compared(relation, other)
    assert found.columns[0].mismatching == 89  # 0 stays 0


def test_what_is_left_over_is_counted() -> None:
    frame = rows(100)
    before = pd.concat([frame, frame[:2]])  # two keys twice
    after = pd.concat([frame[10:], frame[20:23], frame[20:21]])
    after = pd.concat([after, pd.DataFrame({"id": [np.nan, 777], "age": 1})])
    found = compared(before, after)
    assert found.pairs == 87
    assert (found.serving.rows, found.reference.rows) == (96, 102)
    assert (found.serving.without_key, found.reference.without_key) == (1, 0)
    assert (found.serving.repeated, found.reference.repeated) == (7, 7)
    assert (found.serving.alone, found.reference.alone) == (1, 8)
    for side in (found.serving, found.reference):
        assert side.rows == (
            found.pairs + side.without_key + side.repeated + side.alone
        )


def test_a_key_may_have_several_columns_and_other_integer_types() -> None:
    frame = rows(60).assign(part=[0, 1, 2] * 20, id=np.repeat(np.arange(20), 3))
    other = shuffled(frame).astype({"id": "float64", "part": "int8"})
    found = compared(frame, other, key=["id", "part"])
    assert (found.by, found.pairs, found.columns) == (("id", "part"), 60, ())


def test_the_newest_earlier_row_is_taken() -> None:
    offline = pd.DataFrame(
        {
            "user": [1, 1, 1, 2],
            "at": days("01", "05", "09", "02"),
            "clicks": [10, 20, 30, 5],
        }
    )
    log = pd.DataFrame(
        {
            "user": [1, 1, 1, 2, 3, 1],
            "at": days("04", "05", "20", "01", "09", ""),
            "clicks": [10, 20, 31, 5, 0, 0],
        }
    )
    found = compared(offline, log, key="user", time="at")
    assert (found.time, found.pairs) == ("at", 3)
    assert (found.serving.alone, found.serving.without_key) == (2, 1)
    (column,) = found.columns
    assert (column.matching, column.mismatching) == (2, 1)
    assert column.samples[0].key == ("1", "2025-01-20 00:00:00")


def test_an_earlier_row_that_is_there_twice_is_left_out() -> None:
    at = pd.to_datetime(["2025-01-01", "2025-01-05", "2025-01-05"])
    offline = pd.DataFrame({"user": 1, "at": at, "clicks": [1, 2, 3]})
    log = offline[1:2].assign(at=pd.Timestamp("2025-02-01"))
    later = pd.concat([log, log.assign(at=pd.Timestamp("2025-01-02"), clicks=1)])
    found = compared(offline, later, key="user", time="at")
    assert (found.pairs, found.serving.repeated, found.columns) == (1, 1, ())
    assert found.reference.repeated == 2


def test_without_the_time_in_the_reference_the_key_alone_decides() -> None:
    frame = rows(50)
    found = compared(frame.drop(columns="seen"), frame, time="seen")
    assert (found.time, found.pairs) == ("", 50)


def test_a_key_that_a_side_lacks_is_named_with_what_there_is() -> None:
    frame = rows(20)
    with pytest.raises(NotFound, match="key column of training 'id'") as caught:
        compared(frame.rename(columns={"id": "identity"}), frame)
    assert "identity" in str(caught.value)
    with pytest.raises(NotFound, match="key column of serving 'ide'"):
        compared(frame, frame, key=["id", "ide"])
    with pytest.raises(UsageError, match="key cannot be"):
        compared(frame, frame, key=[])


def test_keys_written_in_two_ways_are_shown() -> None:
    frame = rows(20)
    texts = frame.assign(id=frame["id"].map("{:03d}".format))
    with pytest.raises(UsageError) as caught:
        compared(frame, texts)
    said = str(caught.value)
    assert "serving has '000', '001', '002' (text)" in said
    assert "training has 0, 1, 2 (number)" in said


def test_numbers_agree_to_six_digits_and_integers_exactly() -> None:
    before = pd.DataFrame({"id": range(4), "x": [1.0, 1e9, np.inf, 0.1 + 0.2 - 0.3]})
    near = before.assign(x=[1.0 + 5e-7, 1e9 + 500, np.inf, 0.0])
    assert not compared(before, near).columns
    (column,) = compared(before, near.assign(x=[1.01, 1e9, 5.0, -np.inf])).columns
    assert column.mismatching == 3
    whole = pd.DataFrame({"id": range(2), "x": [2**53, 10_000_000]})
    (column,) = compared(whole, whole + pd.Series({"id": 0, "x": 1})).columns
    assert column.mismatching == 2


def test_two_nulls_agree_however_they_are_written() -> None:
    before = pd.DataFrame({"id": range(3), "x": [np.nan, 2.0, np.nan]})
    after = pd.DataFrame({"id": range(3), "x": pd.array([None, 2, 5], dtype="Int64")})
    (column,) = compared(before, after).columns
    assert (column.matching, column.only_serving, column.mismatching) == (2, 1, 0)


def test_columns_of_two_kinds_are_read_as_one() -> None:
    frame = rows(40)
    texts = frame.assign(age=frame["age"].astype(str), seen=frame["seen"].astype(str))
    assert set(compared(frame, texts).agreeing) == {"price", "age", "carrier", "seen"}


def test_more_columns_than_are_joined_at_once_are_all_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(joining, "MOST_AT_ONCE", 8)
    wide = pd.DataFrame({f"x{at}": np.arange(30) * at for at in range(25)})
    wide["id"] = range(30)
    other = wide.assign(x1=wide["x23"], x23=wide["x1"])
    found = compared(wide, other)
    assert {c.name: c.relations[0].kind for c in found.columns} == {
        "x1": "swapped",
        "x23": "swapped",
    }
    assert len(found.agreeing) == 23


@pytest.mark.parametrize("kind", ["pandas", "parquet"])
def test_names_may_be_any(kind: str, tmp_path: Path) -> None:
    names = ["k0", "v0", "moment", "h", "a b", 'say "so"', "A", "a", "rows_read", "c0"]
    frame = pd.DataFrame({name: np.arange(40) + at for at, name in enumerate(names)})
    other = frame.assign(a=frame["a"] + 1)
    before = as_kind(kind, frame, tmp_path / "[0] it's")
    after = as_kind(kind, other, tmp_path / "[1] it's")
    found = compared(before, after, key="v0")
    assert [c.name for c in found.columns] == ["a"]
    assert len(found.agreeing) == len(names) - 2


def test_folders_that_look_like_columns_are_none(tmp_path: Path) -> None:
    (tmp_path / "age=7").mkdir()
    path = tmp_path / "age=7" / "log.parquet"
    rows(30).drop(columns="age").to_parquet(path)
    assert "age" not in compared(rows(30), path).agreeing
    rows(30).to_parquet(path)
    assert "age" in compared(rows(30), path).agreeing


def test_rare_differences_are_found_in_a_large_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judge, "SAMPLED", 100)
    frame = rows(20_000)
    some = frame["id"] % 500 == 7
    after = frame.assign(age=frame["age"].where(~some, frame["age"] * 1000))
    (column,) = compared(frame, after).columns
    assert column.mismatching == 40
    assert column.relations[0].kind == "unit"
    assert (column.relations[0].right, column.relations[0].pairs) == (40, 40)


def test_the_same_frames_give_the_same_section() -> None:
    frame = rows(3_000)
    after = frame.assign(age=frame["age"] + 1, price=frame["price"].fillna(-1))
    once, again = (compared(frame, shuffled(after)) for _ in range(2))
    assert once == again


def test_a_part_of_a_file_is_not_read_whole(tmp_path: Path) -> None:
    frame = rows(100)
    frame.to_parquet(tmp_path / "log.parquet")
    source = open_frame(tmp_path / "log.parquet")

    def reading(columns: tuple[str, ...], dictionaries: bool) -> Any:
        return (batch[:10] for batch in source.reading(columns, dictionaries))

    assert compared(frame, replace(source, rows=None, reading=reading)).pairs == 10


def test_a_file_that_is_broken_within_is_said(tmp_path: Path) -> None:
    frame = rows(5_000)
    path = tmp_path / "log.parquet"
    frame.to_parquet(path)
    data = bytearray(path.read_bytes())
    data[100:3000] = bytes(2900)
    path.write_bytes(data)
    with pytest.raises(UsageError, match="cannot be"):
        compared(frame, path)


def test_what_does_not_fit_into_memory_is_spilled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    count = 300_000
    numbers = np.random.default_rng(1).permutation(count)
    frame = pd.DataFrame({"id": numbers, "x": numbers / 7, "y": numbers.astype(str)})
    frame.to_parquet(tmp_path / "training.parquet")
    frame.sort_values("id").to_csv(tmp_path / "log.csv", index=False)
    two_threads = partial(duckdb.connect, config={"threads": 2})
    monkeypatch.setattr(duckdb, "connect", two_threads)
    monkeypatch.setattr(sides, "MEMORY", "30MB")  # not enough without a folder
    found = compared(tmp_path / "training.parquet", tmp_path / "log.csv")
    assert (found.pairs, found.columns) == (count, ())
