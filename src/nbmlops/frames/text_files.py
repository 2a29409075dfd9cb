"""CSV and JSON-lines files as sources: typed over the whole file, read in batches."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import IO

import duckdb
import pyarrow as pa

from nbmlops.errors import UsageError
from nbmlops.frames.origin import Origin
from nbmlops.frames.source import Source, batch_rows, refuse_bad_columns, regrouped
from nbmlops.frames.text_types import (
    CSV_VIEW,
    JSON_VIEW,
    csv_types,
    json_types,
    quoted,
    written_types,
)

# What pandas.read_csv takes as null.
NULL_TOKENS = (
    "",
    "#N/A",
    "#N/A N/A",
    "#NA",
    "-1.#IND",
    "-1.#QNAN",
    "-NaN",
    "-nan",
    "1.#IND",
    "1.#QNAN",
    "<NA>",
    "N/A",
    "NA",
    "NULL",
    "NaN",
    "None",
    "n/a",
    "nan",
    "null",
)
DELIMITERS = (",", ";", "\t", "|")
NOISE = ("Original Line", "Possible", "* ", "file =")


def text_source(paths: Sequence[Path], description: str, kind: str) -> Source:
    """Open CSV (kind "csv") or JSON-lines (kind "json") files.

    Parameters
    ----------
    paths
        The files, at least one.
    description
        What they are called together, for messages and provenance.
    kind
        "csv" or "json".

    Returns
    -------
    Source
        Typed over all the rows before the first batch, so that a late value cannot
        break the reading; the rows are then streamed.
    """
    connection = duckdb.connect()
    connection.execute("set global TimeZone = 'UTC'")
    values: dict[str, object] = {"paths": [str(path) for path in paths]}
    if kind == "csv":
        values |= {"nulls": list(NULL_TOKENS), "delimiter": _delimiter(paths)}
    query = CSV_VIEW if kind == "csv" else JSON_VIEW
    with _readable(description):
        find = csv_types if kind == "csv" else json_types
        values["types"] = types = find(connection, values)
        relation = connection.sql(query, params=values)
        patterns = ("TIMESTAMP", "TIMESTAMPTZ", "BIGINT")
        written = written_types(relation, patterns[: 3 if kind == "csv" else 2])
        shown = {name: _shown(name, written) for name in relation.columns}
        empty = relation.limit(0).project(", ".join(shown.values())).to_arrow_table()
    refuse_bad_columns(empty.schema.names, f"file {description}")

    def reading(
        columns: tuple[str, ...], dictionaries: bool
    ) -> Iterator[pa.RecordBatch]:
        del dictionaries
        with _readable(description):
            rows = connection.cursor().sql(query, params=values)
            rows = rows.project(", ".join(shown[name] for name in columns))
            most = batch_rows(len(columns))
            yield from regrouped(rows.to_arrow_reader(most), most)

    return Source(
        description=description,
        schema=empty.schema,
        rows=None,
        mixed=MappingProxyType(
            {
                name: "several JSON types"
                for name, type_ in types.items()
                if type_ == "JSON"
            }
        ),
        origin=Origin(files=tuple(paths)),
        reading=reading,
    )


def _shown(name: str, written: dict[str, str]) -> str:
    column = quoted(name)
    if name not in written:
        return column
    return f"cast({column} as {written[name]}) as {column}"


def _delimiter(paths: Sequence[Path]) -> str:
    """Find what separates the columns; refuse files in which two have one name."""
    found = ","
    for path in reversed(paths):
        with _readable(path), _opened(path) as file:
            first = file.readline()
            while first and first.count('"') % 2:  # a name with a line break in it
                first += file.readline() or '"'
        headers = {
            mark: next(csv.reader([first], delimiter=mark), []) for mark in DELIMITERS
        }
        found = max(DELIMITERS, key=lambda mark: len(headers[mark]))
        refuse_bad_columns(headers[found], f"file {path}")
    return found


def _opened(path: Path) -> IO[str]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


@contextmanager
def _readable(path: Path | str) -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError, csv.Error, ValueError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(
            f"{path} cannot be read: {_reason(error)}",
            hint="look at its first lines, or read it yourself and pass the frame",
        ) from error


def _reason(error: Exception) -> str:
    """Take what matters of DuckDB's long messages."""
    if isinstance(error, UnicodeDecodeError) or "not utf-8 encoded" in str(error):
        return "it is not encoded in UTF-8"
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(NOISE)]
    if told and "Error when sniffing" in told[0]:
        return "its rows differ in the number of columns, or a quote is not closed"
    return ". ".join(line.rpartition("Error: ")[2].rstrip(".") for line in told[:2])
