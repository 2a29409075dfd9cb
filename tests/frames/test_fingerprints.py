"""The same data has the same fingerprints, other data has others."""

import subprocess
import sys
from collections.abc import Callable
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
