"""The door to the room: any frame in, a `Source` or a pandas frame out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.files import file_source
from nbmlops.frames.memory import (
    columns_source,
    mapping_source,
    numpy_source,
    pandas_source,
)
from nbmlops.frames.origin import Origin
from nbmlops.frames.parquet_files import UnreadableFile, whole_part
from nbmlops.frames.source import (
    Source,
    batch_rows,
    refuse_bad_columns,
    regrouped,
    table_source,
    without_index,
)

if TYPE_CHECKING:
    import duckdb

Answer = TypeVar("Answer")

KINDS_READ = (
    "pass a pandas or polars frame, a pyarrow table, a DuckDB relation, a mapping of "
    "arrays, a two-dimensional numpy array, or a path of Parquet, CSV or JSON lines"
)


def open_frame(frame: Any, *, what: str = "frame") -> Source:
    """Open a frame of any kind for reading in batches.

    Parameters
    ----------
    frame
        A pandas or polars frame, a pyarrow Table, RecordBatch or RecordBatchReader, a
        DuckDB relation, a mapping of names to arrays, a numpy array (columns x0, x1,
        ...), the path of a Parquet, CSV or JSON-lines file, a folder of Parquet files,
        a glob, anything with `__arrow_c_stream__`, or a Source.
    what
        What the frame is called in messages: "training frame".

    Returns
    -------
    Source
        Columns are named by text. Nothing is read yet from files and relations
        except what tells their columns.

    Raises
    ------
    UsageError
        When it is not a frame, has no columns or two of one name, or cannot be read.
    """
    if isinstance(frame, Source):
        return frame
    if isinstance(frame, (str, Path)):
        return file_source(frame)
    if isinstance(frame, pd.DataFrame):
        return pandas_source(frame, what)
    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    if isinstance(frame, pa.Table):
        names = without_index(frame.schema).names
        refuse_bad_columns(names, what)
        return table_source(frame.select(names), "pyarrow table")
    if isinstance(frame, pa.RecordBatchReader):
        return _stream_source(frame, what)
    if _is_relation(frame):
        return _relation_source(frame, what)
    if _is_polars(frame):
        return _polars_source(frame, what)
    if isinstance(frame, Mapping):
        return mapping_source(frame, what)
    if isinstance(frame, np.ndarray):
        return numpy_source(frame, what)
    if hasattr(frame, "__arrow_c_stream__") and not isinstance(
        frame, (pd.Series, pa.Array, pa.ChunkedArray)
    ):
        return _foreign_source(frame, what)
    hint = KINDS_READ
    if isinstance(frame, tuple):
        hint = "(X, y) is taken where a model is concerned: here pass X alone"
    elif isinstance(frame, pd.Series):
        hint = "a series becomes a frame with series.to_frame()"
    kind = type(frame).__name__
    raise UsageError(f"the {what} is of type {kind}, not a frame", hint=hint)


def read_what_is_whole(
    frame: Any, read: Callable[[Any], Answer], *, what: str = "frame"
) -> Answer:
    """Read a frame; where row groups of its files are damaged, read the others.

    Parameters
    ----------
    frame
        Anything; only Parquet files can be damaged in part.
    read
        What to do with it. It is done again with a Source of the row groups that are
        whole, whose `lost` says what is left out, where a file proves to be damaged.
    what
        What the frame is called in messages.

    Returns
    -------
    Answer
        What `read` gave.

    Raises
    ------
    UnreadableFile
        Where no row is left, or another file than the frame's is damaged.
    """
    try:
        return read(frame)
    except UnreadableFile:
        part = whole_part(open_frame(frame, what=what))
        if part is None or not part.lost:
            raise
    return read(part)


def to_pandas(
    frame: Any, *, what: str = "frame", columns: Iterable[str] | None = None
) -> pd.DataFrame:
    """Give any frame as a pandas frame in memory, with names of text.

    Parameters
    ----------
    frame
        Any frame that `open_frame` takes. A pandas frame is not copied.
    what
        What the frame is called in messages.
    columns
        The columns wanted, in this order; all when None.

    Returns
    -------
    DataFrame
        Decimals come as floats, dates as timestamps. A wanted column that does not
        exist is NotFound.
    """
    if isinstance(frame, pd.DataFrame):
        return _selected(frame, what, columns)
    source = open_frame(frame, what=what)
    names = list(source.columns) if columns is None else list(columns)
    schema = pa.schema([source.schema.field(n) for n in names if n in source.columns])
    table = pa.Table.from_batches(source.batches(names), schema=schema)
    for at, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            floats = table.column(at).cast(pa.float64(), safe=False)
            table = table.set_column(at, field.name, floats)
    whole: pd.DataFrame = table.to_pandas(date_as_object=False)
    return whole


def _selected(
    frame: pd.DataFrame, what: str, columns: Iterable[str] | None
) -> pd.DataFrame:
    names = [str(name) for name in frame.columns]
    refuse_bad_columns(names, what)
    if names != list(frame.columns):
        frame = frame.set_axis(names, axis="columns")
    if columns is None:
        return frame
    wanted = list(columns)
    for name in wanted:
        if name not in names:
            raise NotFound("column", name, names)
    return frame[wanted]


def _is_relation(frame: Any) -> bool:
    return type(frame).__name__ == "DuckDBPyRelation"


def _relation_source(relation: "duckdb.DuckDBPyRelation", what: str) -> Source:
    from nbmlops.frames.text_types import quoted  # DuckDB is there: nothing is loaded

    refuse_bad_columns(relation.columns, what)
    schema = relation.limit(0).to_arrow_table().schema

    def reading(
        columns: tuple[str, ...], dictionaries: bool
    ) -> Iterator[pa.RecordBatch]:
        del dictionaries
        wanted = relation.project(", ".join(quoted(name) for name in columns))
        most = batch_rows(len(columns))
        return regrouped(wanted.to_arrow_reader(most), most)

    return Source(
        description="DuckDB relation",
        schema=schema,
        rows=None,
        origin=Origin(query=relation.sql_query()),
        reading=reading,
    )


def _stream_source(reader: pa.RecordBatchReader, what: str) -> Source:
    schema = without_index(reader.schema)
    refuse_bad_columns(schema.names, what)
    unread = [reader]

    def reading(
        columns: tuple[str, ...], dictionaries: bool
    ) -> Iterator[pa.RecordBatch]:
        del dictionaries
        if not unread:
            raise UsageError(
                f"the {what} is a stream that has been read already",
                hint="pass a new reader, or a table: reader.read_all()",
            )
        return regrouped(batch.select(list(columns)) for batch in unread.pop())

    return Source(
        description="Arrow stream",
        schema=schema,
        rows=None,
        is_stream=True,
        reading=reading,
    )


def _foreign_source(frame: Any, what: str) -> Source:
    try:
        return _stream_source(pa.RecordBatchReader.from_stream(frame), what)
    except (pa.ArrowException, TypeError, ValueError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(
            f"the {what} ({type(frame).__name__}) is no stream of Arrow tables",
            hint=KINDS_READ,
        ) from error


def _is_polars(frame: Any) -> bool:
    return type(frame).__module__.partition(".")[0] == "polars" and hasattr(
        frame, "collect_schema"
    )


def _polars_source(frame: Any, what: str) -> Source:
    if hasattr(frame, "collect"):
        frame = frame.collect()
    refuse_bad_columns(frame.columns, what)
    columns: dict[str, Any] = {}
    for name in frame.columns:
        series = frame.get_column(name)
        columns[name] = (
            pd.Series(series.to_list(), dtype=object)
            if str(series.dtype) == "Object"
            else series.to_arrow()
        )
    return columns_source(columns, "polars frame")
