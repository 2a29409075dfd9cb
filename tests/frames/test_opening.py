"""Any frame opens, and gives the same columns and rows."""

import datetime as dt
import decimal
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

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.opening import open_frame, to_pandas
from nbmlops.frames.source import BATCH_ROWS

CONNECTION = duckdb.connect()


def plain() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "whole": [1, 2, 3, 4],
            "real": [1.5, np.nan, -2.0, 0.25],
            "text": ["a", None, "b", "a"],
            "flag": [True, False, True, True],
            "moment": pd.to_datetime(
                pd.Series(
                    ["2020-01-01", "2020-01-02 03:30:15", None, "2021-06-05 23:59"]
                ),
                format="ISO8601",
            ),
        }
    )


def as_csv(frame: pd.DataFrame, folder: Path) -> Any:
    frame.to_csv(folder / "frame.csv", index=False)
    return folder / "frame.csv"


def as_gzipped_csv(frame: pd.DataFrame, folder: Path) -> Any:
    frame.to_csv(folder / "frame.csv.gz", index=False)
    return str(folder / "frame.csv.gz")


def as_json_lines(frame: pd.DataFrame, folder: Path) -> Any:
    path = folder / "frame.jsonl"
    frame.to_json(path, orient="records", lines=True, date_format="iso")
    return path


def as_parquet(frame: pd.DataFrame, folder: Path) -> Any:
    frame.to_parquet(folder / "frame.parquet")
    return folder / "frame.parquet"


def as_glob(frame: pd.DataFrame, folder: Path) -> Any:
    frame.iloc[:2].to_parquet(folder / "part-1.parquet")
    frame.iloc[2:, ::-1].to_parquet(folder / "part-2.parquet")
    return str(folder / "part-*.parquet")


KINDS_OF_FRAME: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas": lambda frame, folder: frame,
    "polars": lambda frame, folder: pl.from_pandas(frame),
    "polars lazy": lambda frame, folder: pl.from_pandas(frame).lazy(),
    "pyarrow table": lambda frame, folder: pa.Table.from_pandas(frame),
    "pyarrow batch": lambda frame, folder: pa.RecordBatch.from_pandas(frame),
    "pyarrow reader": lambda frame, folder: pa.Table.from_pandas(frame).to_reader(),
    "duckdb": lambda frame, folder: CONNECTION.from_df(frame),
    "mapping": lambda frame, folder: {name: frame[name] for name in frame},
    "mapping of arrow": lambda frame, folder: dict(
        zip(frame.columns, pa.Table.from_pandas(frame).columns, strict=True)
    ),
    "csv": as_csv,
    "csv.gz": as_gzipped_csv,
    "json lines": as_json_lines,
    "parquet": as_parquet,
    "glob in other column orders": as_glob,
}


@pytest.fixture(params=KINDS_OF_FRAME)
def any_frame(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return KINDS_OF_FRAME[request.param](plain(), tmp_path)


def test_every_frame_has_the_same_columns_and_kinds(any_frame: Any) -> None:
    assert dict(open_frame(any_frame).kinds) == {
        "whole": "number",
        "real": "number",
        "text": "text",
        "flag": "boolean",
        "moment": "time",
    }


def test_every_frame_gives_the_same_rows(any_frame: Any) -> None:
    expected = plain()
    given = to_pandas(any_frame)
    pd.testing.assert_frame_equal(
        given.astype({"moment": "datetime64[us]", "text": object}),
        expected.astype({"moment": "datetime64[us]", "text": object}),
    )


def test_every_frame_gives_the_columns_asked_for_in_that_order(any_frame: Any) -> None:
    batches = list(open_frame(any_frame).batches(["flag", "whole"]))
    assert all(batch.schema.names == ["flag", "whole"] for batch in batches)
    whole = [value for batch in batches for value in batch.column(1).to_pylist()]
    assert whole == [1, 2, 3, 4]


def test_a_column_that_is_not_there_is_not_found(any_frame: Any) -> None:
    with pytest.raises(NotFound, match=r"there is no column 'wole'.*\n.*'whole'"):
        open_frame(any_frame).batches(["wole"])


def test_the_rows_are_known_beforehand_where_that_is_free(tmp_path: Path) -> None:
    frame = plain()
    assert open_frame(frame).rows == 4
    assert open_frame(as_parquet(frame, tmp_path)).rows == 4
    assert open_frame(as_csv(frame, tmp_path)).rows is None


def test_provenance_says_what_the_frame_is(tmp_path: Path) -> None:
    assert open_frame(plain()).description == "pandas frame"
    path = as_parquet(plain(), tmp_path)
    assert open_frame(path).description == str(path)


def test_a_source_opens_as_itself() -> None:
    source = open_frame(plain())
    assert open_frame(source) is source


def test_numpy_columns_are_named_by_number() -> None:
    source = open_frame(np.arange(6).reshape(3, 2))
    assert source.columns == ("x0", "x1")
    structured = np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")])
    assert open_frame(structured).columns == ("a", "b")


def test_names_that_are_no_text_become_text() -> None:
    frame = pd.DataFrame({0: [1], 1: [2]})
    assert open_frame(frame).columns == ("0", "1")
    assert list(to_pandas(frame).columns) == ["0", "1"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.array([1, None], dtype="Int64"), "number"),
        (pd.array([1.5, None], dtype="Float32"), "number"),
        (pd.array([True, None], dtype="boolean"), "boolean"),
        (pd.array(["a", None], dtype="string"), "text"),
        (pd.Categorical(["a", None]), "text"),
        (pd.Categorical([3, 1]), "number"),
        (pd.cut([1.0, 2.0], 2), "text"),
        (pd.arrays.SparseArray([0.0, 1.0]), "number"),
        (pd.period_range("2020-01", periods=2, freq="M"), "time"),
        (pd.to_datetime(["2020-01-01", "NaT"]), "time"),
        (pd.to_datetime(["2020-01-01", "NaT"]).tz_localize("Asia/Kolkata"), "time"),
        (pd.to_timedelta([1, None], unit="h"), "number"),
        ([decimal.Decimal("1.5"), None], "number"),
        ([decimal.Decimal("1.5"), 2.5], "number"),
        ([1, 2.5], "number"),
        ([2**70, 1], "number"),
        (np.array([1, None], dtype=object), "number"),
        (np.array([True, None], dtype=object), "boolean"),
        (np.array([True, np.True_], dtype=object), "boolean"),
        ([dt.date(2020, 1, 1), None], "time"),
        ([dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 5)], "time"),
        ([dt.time(5), None], "number"),
        (pd.Series(["\ud800", "b"], dtype=object), "text"),
        ([b"ab", b"c"], "other"),
        ([[1], [2, 3]], "other"),
        ([{"a": 1}, None], "other"),
        ([None, None], "other"),
        (np.array([1.5, 2.5], dtype=">f8"), "number"),
        (np.array([1, 2], dtype=">i4"), "number"),
        (np.array([1.5, 2.5], dtype=np.longdouble), "number"),
    ],
)
def test_columns_have_the_kind_of_their_values(values: Any, kind: str) -> None:
    source = open_frame(pd.DataFrame({"x": values}))
    assert source.kinds["x"] == kind
    assert not source.mixed


@pytest.mark.parametrize(
    ("values", "types"),
    [
        ([1, "a", 2.5], "float, int and str"),
        ([1, "a"], "int and str"),
        ([True, 1], "bool and int"),
        ([object(), None], "object"),
        ([1j, 2j], "complex"),
        (pd.Categorical([1, "a"]), "int and str"),
    ],
)
def test_mixed_columns_are_told_not_refused(values: Any, types: str) -> None:
    source = open_frame(pd.DataFrame({"x": pd.Series(values), "y": range(len(values))}))
    assert source.mixed == {"x": types}
    assert source.kinds["x"] == "other"
    assert sum(batch.num_rows for batch in source.batches()) == len(values)


def test_objects_in_polars_are_told_too() -> None:
    frame = pl.DataFrame({"x": pl.Series([1, "a", None], dtype=pl.Object)})
    assert open_frame(frame).mixed == {"x": "int and str"}


@pytest.mark.parametrize(
    ("first", "late", "kind", "read"),
    [
        ("7", "0.5", "number", 0.5),
        ("7", "12345678901234567890", "number", 12345678901234567890.0),
        ("7", "seven", "text", "seven"),
        ("0.5", "half", "text", "half"),
        ("true", "maybe", "text", "maybe"),
        ("2020-01-01", "2020-01-02 05:30:00", "time", pd.Timestamp("2020-01-02 05:30")),
        ("2020-01-01", "soon", "text", "soon"),
    ],
)
def test_a_late_value_is_neither_lost_nor_rounded(
    first: str, late: str, kind: str, read: Any, tmp_path: Path
) -> None:
    path = tmp_path / "late.csv"
    path.write_text("\n".join(["x,y", *[f"{first},a"] * 60_000, f"{late},b"]))
    source = open_frame(path)
    assert source.kinds["x"] == kind
    assert to_pandas(source)["x"].iloc[-1] == read


def test_whole_csv_numbers_stay_integers(tmp_path: Path) -> None:
    path = written(tmp_path / "whole.csv", "x\n1\n9007199254740993\n")
    assert to_pandas(path)["x"].tolist() == [1, 9007199254740993]


def test_times_with_a_zone_are_read_in_utc(tmp_path: Path) -> None:
    lines = "t\n2020-01-01T00:00:00Z\n2020-01-01T05:30:00+05:30\n"
    csv = written(tmp_path / "t.csv", lines)
    rows = [f'{{"t": "{line}"}}' for line in lines.split()[1:]]
    json = written(tmp_path / "t.jsonl", "\n".join(rows))
    for path in (csv, json):
        read = pd.to_datetime(to_pandas(path)["t"], utc=True)
        assert read.tolist() == [pd.Timestamp("2020-01-01", tz="UTC")] * 2


def test_csv_kinds_are_those_of_pandas(tmp_path: Path) -> None:
    lines = "a,b,c,d,e\nT,yes,0042,TRUE,1e5\nF,no,0007,False,2\n"
    path = written(tmp_path / "kinds.csv", lines)
    assert dict(open_frame(path).kinds) == dict(open_frame(pd.read_csv(path)).kinds)
    assert to_pandas(path)["c"].tolist() == [42, 7]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_found(mark: str, tmp_path: Path) -> None:
    path = written(tmp_path / "f.csv", f'"x{mark}y"{mark}z\n1{mark}"a{mark}b"\n')
    read = to_pandas(path)
    assert read.columns.tolist() == [f"x{mark}y", "z"]
    assert read["z"].tolist() == [f"a{mark}b"]


def test_a_csv_without_rows_has_its_columns(tmp_path: Path) -> None:
    source = open_frame(written(tmp_path / "f.csv", "x,y\n"))
    assert source.columns == ("x", "y")
    assert list(source.batches()) == []


def test_late_keys_of_json_are_columns_too(tmp_path: Path) -> None:
    lines = ['{"a": 1}'] * 30_000 + ['{"a": 2.5, "b": "x"}']
    read = to_pandas(written(tmp_path / "late.jsonl", "\n".join(lines)))
    assert read["a"].iloc[-1] == 2.5
    assert read["b"].iloc[-1] == "x"


def test_csv_nulls_are_those_of_pandas(tmp_path: Path) -> None:
    path = tmp_path / "nulls.csv"
    path.write_text("x,y\n1,a\nNA,nan\n,NULL\n")
    read = to_pandas(path)
    assert read["x"].isna().tolist() == [False, True, True]
    assert read["y"].isna().tolist() == [False, True, True]


def test_files_of_one_glob_agree_on_a_type(tmp_path: Path) -> None:
    pd.DataFrame({"x": [1, 2]}).to_parquet(tmp_path / "1.parquet")
    pd.DataFrame({"x": [0.5], "new": ["a"]}).to_parquet(tmp_path / "2.parquet")
    read = to_pandas(str(tmp_path / "*.parquet"))
    assert read["x"].tolist() == [1.0, 2.0, 0.5]
    assert read["new"].isna().tolist() == [True, True, False]


def test_files_that_cannot_agree_make_a_mixed_column(tmp_path: Path) -> None:
    pd.DataFrame({"x": [1, 2]}).to_parquet(tmp_path / "1.parquet")
    pd.DataFrame({"x": ["a"]}).to_parquet(tmp_path / "2.parquet")
    source = open_frame(str(tmp_path / "*.parquet"))
    assert source.mixed == {"x": "int64 and large_string"}
    assert to_pandas(source)["x"].tolist() == ["1", "2", "a"]


def test_a_folder_means_its_parquet_files(tmp_path: Path) -> None:
    inside = tmp_path / "date=2020-01-01"
    inside.mkdir()
    plain().to_parquet(inside / "log.parquet")
    assert open_frame(tmp_path).rows == 4


def test_large_files_come_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "large.parquet"
    rows = 2 * BATCH_ROWS + 1
    pq.write_table(pa.table({"x": np.zeros(rows)}), path)
    sizes = [batch.num_rows for batch in open_frame(path).batches()]
    assert sum(sizes) == rows
    assert max(sizes) <= BATCH_ROWS


def test_batches_end_with_row_groups_and_join_small_ones(tmp_path: Path) -> None:
    path = tmp_path / "large.parquet"
    table = pa.table({"x": np.arange(200_000.0), "label": np.arange(200_000) // 7})
    table = table.set_column(1, "label", table["label"].cast(pa.string()))
    pq.write_table(table, path, row_group_size=30_000)
    batches = list(open_frame(path).batches(dictionaries=True))
    assert [batch.num_rows for batch in batches] == [120_000, 80_000]
    read = pa.concat_arrays([batch["label"].dictionary_decode() for batch in batches])
    assert read.equals(table["label"].combine_chunks())
    with pq.ParquetWriter(path, pa.schema({"x": pa.float64()})) as writer:
        for rows in (200_000, 1, 2, 0, 130_000):
            writer.write_table(pa.table({"x": np.zeros(rows)}))
    sizes = [batch.num_rows for batch in open_frame(path).batches()]
    assert sizes == [100_000, 100_000, 3, 65_000, 65_000]


def test_wide_rows_come_fewer_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wide.parquet"
    frame = {f"x{at}": np.zeros(20_000, dtype=np.int8) for at in range(3_000)}
    pq.write_table(pa.table(frame), path)
    sizes = [batch.num_rows for batch in open_frame(path).batches()]
    assert sizes == [10_000, 10_000]
    assert [b.num_rows for b in open_frame(path).batches(["x0"])] == [20_000]


def test_text_comes_encoded_where_asked_for(tmp_path: Path) -> None:
    path = as_parquet(plain(), tmp_path)
    (batch,) = open_frame(path).batches(["text"], dictionaries=True)
    assert pa.types.is_dictionary(batch.column(0).type)
    assert batch.column(0).to_pylist() == ["a", None, "b", "a"]


def test_the_index_of_filtered_rows_is_no_column(tmp_path: Path) -> None:
    filtered = plain().loc[[0, 2, 3]]
    table = pa.Table.from_pandas(filtered)
    assert "__index_level_0__" in table.schema.names
    for frame in (as_parquet(filtered, tmp_path), table, table.to_reader()):
        assert list(to_pandas(frame)) == list(filtered)


def test_an_index_with_a_name_is_a_column(tmp_path: Path) -> None:
    path = as_parquet(plain().set_index("text"), tmp_path)
    assert "text" in open_frame(path).columns


def test_a_stream_can_be_read_once() -> None:
    source = open_frame(pa.table({"x": [1]}).to_reader())
    list(source.batches())
    with pytest.raises(UsageError, match="has been read already"):
        source.batches()


class Stream:
    """A frame of a library that we do not know."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def test_an_arrow_stream_of_any_library_opens() -> None:
    assert to_pandas(Stream(pa.table({"x": [1, 2]})))["x"].tolist() == [1, 2]


def test_decimals_and_dates_come_to_pandas_as_floats_and_timestamps() -> None:
    table = pa.table(
        {"d": [decimal.Decimal("1.50"), None], "t": [dt.date(2020, 1, 1), None]}
    )
    read = to_pandas(table)
    assert read["d"].dtype == np.float64
    assert read["t"].iloc[0] == pd.Timestamp("2020-01-01")
    assert to_pandas(table, columns=["t"]).columns.tolist() == ["t"]


BAD_FRAMES: dict[str, tuple[Callable[[Path], Any], type[Exception], str]] = {
    "number": (lambda folder: 3, UsageError, "the frame is of type int, not a frame"),
    "none": (lambda folder: None, UsageError, "is of type NoneType, not a frame"),
    "series": (lambda folder: pd.Series([1]), UsageError, "to_frame"),
    "tuple": (lambda folder: ([[1]], [1]), UsageError, "pass X alone"),
    "no columns": (lambda folder: pd.DataFrame(), UsageError, "has no columns"),
    "empty mapping": (lambda folder: {}, UsageError, "has no columns"),
    "one dimension": (
        lambda folder: np.arange(3),
        UsageError,
        r"numpy array of 1 dimensions.*\n.*reshape",
    ),
    "lengths": (
        lambda folder: {"a": [1], "b": [1, 2]},
        UsageError,
        "differ in length: a 1, b 2",
    ),
    "text in a mapping": (
        lambda folder: {"a": "abc"},
        UsageError,
        "column 'a' of the frame is one str",
    ),
    "two dimensions in a mapping": (
        lambda folder: {"a": np.zeros((2, 2))},
        UsageError,
        "column 'a' of the frame is not one-dimensional",
    ),
    "duplicates in pandas": (
        lambda folder: pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"]),
        UsageError,
        "more than one column named 'a'",
    ),
    "duplicates in arrow": (
        lambda folder: pa.Table.from_arrays([pa.array([1])] * 2, names=["a", "a"]),
        UsageError,
        "more than one column named 'a'",
    ),
    "duplicates in csv": (
        lambda folder: written(folder / "a.csv", "x,y,x\n1,2,3\n"),
        UsageError,
        "a.csv has more than one column named 'x'",
    ),
    "array as stream": (lambda folder: pa.array([1]), UsageError, "not a frame"),
    "stream of arrays": (
        lambda folder: Stream(pa.chunked_array([[1]])),
        UsageError,
        "no stream of Arrow tables",
    ),
    "missing file": (
        lambda folder: as_csv(plain(), folder).with_name("frane.csv"),
        NotFound,
        r"there is no file '.*frane.csv'\n.*did you mean '.*frame.csv'",
    ),
    "missing folder": (
        lambda folder: folder / "nowhere" / "frame.csv",
        NotFound,
        "there is no file",
    ),
    "glob without a match": (
        lambda folder: str(as_csv(plain(), folder).parent / "*.parquet"),
        NotFound,
        r"there is no file.*\n.*frame.csv",
    ),
    "glob of two types": (
        lambda folder: str(
            as_csv(plain(), folder).with_name(
                as_json_lines(plain(), folder).stem + ".*"
            )
        ),
        UsageError,
        "files of several types: csv, json",
    ),
    "empty folder": (lambda folder: folder, UsageError, "holds no Parquet file"),
    "unknown type": (
        lambda folder: written(folder / "a.xlsx", "x"),
        UsageError,
        "a.xlsx is of no known type",
    ),
    "address": (
        lambda folder: "https://example.com/a.parquet",
        UsageError,
        "is a URL",
    ),
    "empty csv": (lambda folder: written(folder / "a.csv", ""), UsageError, "a.csv"),
    "ragged csv": (
        lambda folder: written(folder / "a.csv", "x,y\n1,a\n2\n3,c,d\n"),
        UsageError,
        "a.csv cannot be read: its rows differ in the number of columns",
    ),
    "latin-1": (
        lambda folder: encoded(folder / "a.csv", b"x,y\n1,\xe9\n2,b\n"),
        UsageError,
        "a.csv cannot be read: it is not encoded in UTF-8",
    ),
    "latin-1 further down": (
        lambda folder: encoded(
            folder / "a.csv", b"x,y\n" + b"1,a\n" * 60_000 + b"2,\xe9"
        ),
        UsageError,
        "a.csv cannot be read: it is not encoded in UTF-8",
    ),
    "no json": (
        lambda folder: written(folder / "a.jsonl", '{"x": 1}\n{"x": '),
        UsageError,
        "a.jsonl cannot be read",
    ),
    "no parquet": (
        lambda folder: written(folder / "a.parquet", "x,y\n1,2\n"),
        UsageError,
        "a.parquet is not a whole Parquet file",
    ),
    "truncated parquet": (
        lambda folder: truncated(folder),
        UsageError,
        "frame.parquet is not a whole Parquet file",
    ),
}


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def encoded(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def truncated(folder: Path) -> Path:
    path = Path(as_parquet(plain(), folder))
    path.write_bytes(path.read_bytes()[:-20])
    return path


@pytest.mark.parametrize("case", BAD_FRAMES)
def test_what_is_no_frame_is_refused_with_a_hint(case: str, tmp_path: Path) -> None:
    make, error, words = BAD_FRAMES[case]
    with pytest.raises(error, match=words) as refused:
        list(open_frame(make(tmp_path)).batches())
    assert "Hint: " in str(refused.value)
    assert len(str(refused.value).splitlines()) <= 3


def test_a_file_that_is_damaged_inside_is_named(tmp_path: Path) -> None:
    path = tmp_path / "damaged.parquet"
    pq.write_table(pa.table({"x": np.random.default_rng(0).normal(size=5000)}), path)
    data = bytearray(path.read_bytes())
    data[4:2000] = b"\xff" * 1996
    path.write_bytes(bytes(data))
    with pytest.raises(UsageError, match=r"damaged.parquet is not a whole Parquet"):
        list(open_frame(path).batches())


def test_messages_call_the_frame_what_the_caller_calls_it() -> None:
    with pytest.raises(UsageError, match="the training frame is of type int"):
        open_frame(3, what="training frame")


def test_pandas_columns_that_are_not_there_are_not_found() -> None:
    with pytest.raises(NotFound, match=r"there is no column 'wole'"):
        to_pandas(plain(), columns=["wole"])
    assert list(to_pandas(plain(), columns=["flag", "real"]).columns) == [
        "flag",
        "real",
    ]


def test_a_column_that_only_some_files_have_can_be_read_alone(tmp_path: Path) -> None:
    pd.DataFrame({"x": [1, 2]}).to_parquet(tmp_path / "1.parquet")
    pd.DataFrame({"x": [3], "new": ["a"]}).to_parquet(tmp_path / "2.parquet")
    read = to_pandas(str(tmp_path / "*.parquet"), columns=["new"])
    assert read["new"].isna().tolist() == [True, True, False]
