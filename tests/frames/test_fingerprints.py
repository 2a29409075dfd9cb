"""The same data has the same fingerprints, other data has others."""

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.frames.fingerprints import content_digest, fingerprint_rows
from nbmlops.frames.opening import to_pandas

FRAME = pd.DataFrame(
    {
        "n": [1.0, np.nan, 2.5],
        "i": [1, 2, 2**60],
        "s": ["a", None, "é"],
        "b": [True, None, False],
        "t": pd.to_datetime(
            ["2020-01-01", "NaT", "2021-01-01 00:00:01.5"], format="mixed"
        ),
        "l": [[1], [2, 3], None],
    }
)


@pytest.mark.parametrize("kind", ["polars", "arrow", "parquet", "duckdb"])
def test_the_kind_of_frame_does_not_matter(kind: str, tmp_path: Path) -> None:
    table = pa.Table.from_pandas(FRAME)
    pq.write_table(table, tmp_path / "f.parquet", row_group_size=1)
    frames: dict[str, Any] = {
        "polars": pl.from_pandas(FRAME),
        "arrow": table,
        "parquet": tmp_path / "f.parquet",
        "duckdb": duckdb.connect().read_parquet(str(tmp_path / "f.parquet")),
    }
    assert content_digest(frames[kind]) == content_digest(FRAME)
    rows = fingerprint_rows(to_pandas(frames[kind]))
    assert rows.tolist() == fingerprint_rows(FRAME).tolist()


def test_the_numbers_are_those_of_every_process() -> None:
    code = (
        "import pandas as pd; from nbmlops.frames.fingerprints import *;"
        "f = pd.DataFrame({'a': [1, 2], 's': ['x', None]});"
        "print(content_digest(f), *fingerprint_rows(f))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    frame = pd.DataFrame({"a": [1, 2], "s": ["x", None]})
    here = (content_digest(frame), *map(str, fingerprint_rows(frame)))
    assert outputs == {" ".join(here) + "\n"}


def test_index_and_column_order_do_not_change_a_row() -> None:
    other = FRAME.set_axis([7, 8, 9])[["t", "s", "b", "n", "i", "l"]]
    assert fingerprint_rows(other).tolist() == fingerprint_rows(FRAME).tolist()


def test_ways_to_write_a_value_are_one() -> None:
    whole = pd.DataFrame({"x": [0, 1, 2], "s": pd.Categorical(["a", "b", "a"])})
    real = pd.DataFrame({"x": [-0.0, 1.0, 2.0], "s": ["a", "b", "a"]})
    assert fingerprint_rows(whole).tolist() == fingerprint_rows(real).tolist()
    assert content_digest(whole) == content_digest(real)


def test_equal_rows_have_equal_fingerprints_and_only_they() -> None:
    frame = pd.DataFrame({"x": np.arange(2000) % 1000, "s": "a"})
    rows = fingerprint_rows(frame)
    assert rows[:1000].tolist() == rows[1000:].tolist()
    assert len(set(rows.tolist())) == 1000


CHANGES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "a number": lambda f: f.assign(n=[1.0, np.nan, 2.6]),
    "a null": lambda f: f.assign(n=[1.0, 0.0, 2.5]),
    "a large integer": lambda f: f.assign(i=[1, 2, 2**60 + 1]),
    "a label": lambda f: f.assign(s=pd.Series(["a", None, "e"])),
    "a label that is null": lambda f: f.assign(s=["a", "", "é"]),
    "a boolean": lambda f: f.assign(b=pd.Series([True, None, True])),
    "a time": lambda f: f.assign(t=f["t"] + pd.Timedelta("1ms")),
    "a list": lambda f: f.assign(l=pd.Series([[1], [2, 4], None])),
    "a name": lambda f: f.rename(columns={"n": "m"}),
    "values between columns": lambda f: f.rename(columns={"n": "i", "i": "n"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_shows_in_rows_and_digest(change: str) -> None:
    changed = CHANGES[change](FRAME)
    assert fingerprint_rows(changed).tolist() != fingerprint_rows(FRAME).tolist()
    assert content_digest(changed) != content_digest(FRAME)


def test_the_order_of_rows_and_columns_shows_in_the_digest() -> None:
    assert content_digest(FRAME.iloc[::-1]) != content_digest(FRAME)
    assert content_digest(FRAME[FRAME.columns[::-1]]) != content_digest(FRAME)
    assert content_digest(FRAME.iloc[:2]) != content_digest(FRAME)


LABELS = st.lists(st.one_of(st.none(), st.sampled_from(["", "a", "b", "ab", "é"])))


@given(LABELS, LABELS)
def test_texts_do_not_run_into_each_other(left: list[Any], right: list[Any]) -> None:
    frames = [
        pa.table({"s": pa.array(side, type=pa.string())}) for side in (left, right)
    ]
    same = content_digest(frames[0]) == content_digest(frames[1])
    assert same == (left == right)


def test_a_letter_that_moves_to_the_next_row_shows() -> None:
    frames = [pd.DataFrame({"s": rows}) for rows in (["ab", ""], ["a", "b"])]
    assert content_digest(frames[0]) != content_digest(frames[1])


INTEGERS = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(2**53 - 2, 2**53 + 2),
    st.sampled_from([0, 1, 2**60, 2**63 - 1, -(2**63), -(2**63) + 1, 2**62 + 1]),
)
TEXTS = st.one_of(st.none(), st.sampled_from(["", "a", "b", "ab", "é"]))
ROWS = st.lists(st.tuples(INTEGERS, TEXTS), min_size=1, max_size=12)


def _table(rows: list[Any]) -> pa.Table:
    integers, texts = zip(*rows, strict=True)
    return pa.table(
        {"i": pa.array(integers, type=pa.int64()), "s": pa.array(texts, pa.string())}
    )


def _chunked(rows: list[Any], cuts: list[int]) -> pa.Table:
    bounds = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    pieces = [_table(rows[first:last]) for first, last in pairwise(bounds)]
    return pa.concat_tables(pieces)


@given(ROWS, ROWS)
def test_a_row_has_its_fingerprint_whatever_rows_are_beside_it(
    rows: list[Any], others: list[Any]
) -> None:
    alone = [int(fingerprint_rows(_pandas(_table([row])))[0]) for row in rows]
    together = fingerprint_rows(_pandas(_table([*others, *rows])))
    assert together[len(others) :].tolist() == alone


@given(ROWS, st.lists(st.integers(0, 12), max_size=5), st.integers(1, 5))
def test_the_digest_is_that_of_the_rows_however_they_are_cut(
    rows: list[Any], cuts: list[int], group: int
) -> None:
    expected = content_digest(_table(rows))
    table = _chunked(rows, cuts)
    file = pa.BufferOutputStream()
    pq.write_table(table, file, row_group_size=group)
    batches = pq.ParquetFile(pa.BufferReader(file.getvalue())).iter_batches(group)
    reader = pa.RecordBatchReader.from_batches(table.schema, batches)
    assert content_digest(table) == expected
    assert content_digest(reader) == expected


def test_one_file_or_three_have_one_digest(tmp_path: Path) -> None:
    rows = [(number, "a") for number in (1, 2**53 + 1, 3, 4, -(2**62) - 1, None)]
    pq.write_table(_table(rows), tmp_path / "whole.parquet", row_group_size=4)
    (tmp_path / "parts").mkdir()
    for name, part in (("1", rows[:2]), ("2", rows[2:4]), ("3", rows[4:])):
        pq.write_table(_table(part), tmp_path / "parts" / f"{name}.parquet")
    assert content_digest(tmp_path / "whole.parquet") == content_digest(
        tmp_path / "parts"
    )


@given(st.lists(INTEGERS, min_size=2, unique=True, max_size=30))
def test_different_integers_have_different_fingerprints(values: list[Any]) -> None:
    frame = pd.DataFrame({"i": pd.Series(values, dtype="Int64")})
    assert len(set(fingerprint_rows(frame).tolist())) == len(values)


@given(st.lists(INTEGERS.filter(lambda value: value is not None), min_size=1))
def test_the_types_that_hold_an_integer_agree(values: list[int]) -> None:
    frames = [
        pd.DataFrame({"i": np.array(values, dtype=np.int64)}),
        pd.DataFrame({"i": pd.Series(values, dtype="Int64")}),
        pd.DataFrame({"i": pd.Series(values, dtype=pd.ArrowDtype(pa.int64()))}),
        pd.DataFrame({"i": pd.Categorical(values)}),
    ]
    if min(values) >= 0:
        frames.append(pd.DataFrame({"i": np.array(values, dtype=np.uint64)}))
    if all(int(float(value)) == value for value in values):
        frames.append(pd.DataFrame({"i": np.array(values, dtype=np.float64)}))
    assert len({content_digest(frame) for frame in frames}) == 1
    assert len({tuple(fingerprint_rows(frame).tolist()) for frame in frames}) == 1


def test_the_largest_unsigned_integers_differ() -> None:
    frame = pd.DataFrame({"i": np.array([2**64 - 1, 2**64 - 2, 2**63], np.uint64)})
    assert len(set(fingerprint_rows(frame).tolist())) == 3


def _pandas(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame
