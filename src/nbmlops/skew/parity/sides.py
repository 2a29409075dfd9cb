"""The two sides of a comparison as DuckDB reads them: in place, or spilled to disk."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from nbmlops.frames.kinds import Kind
from nbmlops.frames.parquet_files import UnreadableFile
from nbmlops.frames.source import Source
from nbmlops.frames.text_types import quoted

# Of a file that ends too early, of a page that cannot be unpacked, of a full disk.
READING = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.OutOfMemoryException,
)
MEMORY = "1GB"  # what does not fit is spilled
# As which kind columns of two kinds are compared; as text where nothing is said.
COMMON: dict[frozenset[Kind], Kind] = {
    frozenset({"number", "boolean"}): "number",
    frozenset({"number", "text"}): "number",
    frozenset({"number", "time"}): "number",
    frozenset({"time", "text"}): "time",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One frame as a relation of DuckDB.

    Attributes
    ----------
    relation
        What follows "from".
    names
        What each needed column is called there, quoted.
    source
        The frame.
    """

    relation: str
    names: Mapping[str, str]
    source: Source

    def expression(self, name: str, kind: Kind, *, whole: bool = False) -> str:
        """Write a column as a value of one kind, with null for NaN.

        Parameters
        ----------
        name
            The column.
        kind
            As which kind: "number" gives doubles, times as seconds since 1970.
        whole
            Keep integers as they are: both sides have them.

        Returns
        -------
        str
            An expression of SQL; what cannot be read as this kind is null.
        """
        column, given = self.names[name], self.source.kinds[name]
        type_ = self.source.schema.field(name).type
        if kind == "time":
            return f"try_cast({column} as timestamp)"
        if kind == "boolean":
            return column
        if kind != "number":
            return f"cast({column} as varchar)"
        if given == "time":
            return f"epoch(cast({column} as timestamp))"
        if given == "text":
            return f"nullif(try_cast({column} as double), 'nan'::double)"
        if pa.types.is_duration(type_) or pa.types.is_time(type_):
            return f"epoch({column})"
        if whole:
            return f"cast({column} as bigint)"
        if pa.types.is_floating(type_):
            return f"nullif(cast({column} as double), 'nan'::double)"
        return f"cast({column} as double)"


@contextmanager
def opened_sides(
    reference: Source,
    serving: Source,
    wanted: tuple[list[str], list[str]],
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Side, Side]]:
    """Open both frames in one DuckDB that spills to a temporary folder.

    Parameters
    ----------
    reference, serving
        The frames.
    wanted
        The columns needed of each.

    Yields
    ------
    tuple
        The connection, the reference and the serving side.

    Raises
    ------
    UnreadableFile
        If a file cannot be read to its end, or the disk is full.
    duckdb.Error
        Anything else: a fault of ours.
    """
    with (
        TemporaryDirectory(prefix="nbmlops-") as folder,
        duckdb.connect() as connection,
    ):
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute("set temp_directory = $folder", {"folder": folder})
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set TimeZone = 'UTC'")
        try:
            sides = [
                _side(connection, name, source, columns)
                for name, source, columns in (
                    ("reference", reference, wanted[0]),
                    ("serving", serving, wanted[1]),
                )
            ]
            yield connection, sides[0], sides[1]
        except duckdb.Error as error:
            # A page whose head is damaged raises the class of all errors itself.
            if not isinstance(error, READING) and type(error) is not duckdb.Error:
                raise
            reason = str(error).partition("\n")[0]
            raise UnreadableFile(
                f"the rows cannot be compared by key: {reason}",
                hint="are the files whole, and is there room in the temporary folder?",
            ) from error


def common_kind(one: Kind, other: Kind) -> Kind:
    """Say as which kind columns of these two kinds are compared."""
    if one == other:
        return "text" if one == "other" else one
    return COMMON.get(frozenset({one, other}), "text")


def _side(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    source: Source,
    columns: list[str],
) -> Side:
    """Scan Parquet in place and take frames in memory as they are; spill the rest."""
    if _is_scanned(source, columns):
        listed = ", ".join(
            "'" + str(path).replace("'", "''") + "'" for path in source.origin.files
        )
        return Side(
            relation=f"read_parquet([{listed}], union_by_name = true, "
            "hive_partitioning = false)",
            names={column: quoted(column) for column in columns},
            source=source,
        )
    # Other names: to DuckDB "A" and "a" are one.
    names = {column: f"c{at}" for at, column in enumerate(columns)}
    schema = pa.schema(
        [source.schema.field(column).with_name(names[column]) for column in columns]
    )
    batches = (
        pa.RecordBatch.from_arrays(batch.columns, schema=schema)
        for batch in source.batches(columns)
    )
    if source.origin.files or source.origin.query or source.is_stream:
        rows = pa.RecordBatchReader.from_batches(schema, batches)
        connection.register("rows_read", rows)
        connection.execute(f"create temp table {name} as from rows_read")
        connection.unregister("rows_read")
    else:
        connection.register(name, pa.Table.from_batches(batches, schema=schema))
    return Side(relation=name, names=names, source=source)


def _is_scanned(source: Source, columns: list[str]) -> bool:
    """Whether DuckDB reads a source's files as the source itself does."""
    files = source.origin.files
    types = [source.schema.field(column).type for column in columns]
    return (
        bool(files)
        and source.rows is not None  # else it is a part of its files
        and all(path.suffix.lower() in (".parquet", ".pq") for path in files)
        and not any(mark in str(path) for path in files for mark in "*?[")
        and not source.mixed
        and not any(map(pa.types.is_duration, types))  # integers to DuckDB
        and len({name.lower() for name in source.columns}) == len(source.columns)
    )
