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
from nbmlops.frames.source import BATCH_ROWS, Source, refuse_bad_columns, regrouped

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
FOUND_CSV = """
select *
from read_csv(
    $paths,
    header = true,
    sample_size = {sample},
    union_by_name = true,
    hive_partitioning = false,
    nullstr = $nulls
)
"""
CSV_VIEW = """
select *
from read_csv(
    $paths,
    header = true,
    types = $types,
    union_by_name = true,
    hive_partitioning = false,
    nullstr = $nulls
)
"""
FOUND_JSON = """
select *
from read_json(
    $paths, sample_size = -1, union_by_name = true, hive_partitioning = false
)
"""
JSON_VIEW = """
select *
from read_json($paths, columns = $types, hive_partitioning = false)
"""
SAMPLE = 20_480  # rows; to find types from all of them takes four times as long
# DuckDB reads 0.5 as the integer 1 and a time as its date where the type says so:
# what the first rows are is tested on all rows, read as what holds more.
WIDER = {"BIGINT": "DOUBLE", "DATE": "TIMESTAMP"}
FITS = {
    "BIGINT": "coalesce(bool_and({name} = trunc({name}) and abs({name}) < 9e18), true)",
    "DATE": "coalesce(bool_and({name} = date_trunc('day', {name})), true)",
}
ISO_TEST = r"""
bool_and(regexp_full_match({name},
    '\d{{4}}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?')),
bool_or(regexp_matches({name}, '(Z|[T ].*[+-]\d\d(:?\d\d)?)$'))
"""
DELIMITER = "select delimiter, quote from sniff_csv($path, sample_size = 1000)"


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
        values["nulls"] = list(NULL_TOKENS)
        for path in paths:
            with _readable(path):
                refuse_bad_columns(_header(path, connection), f"file {path}")
    with _readable(description):
        query = JSON_VIEW if kind == "json" else CSV_VIEW
        find = _json_types if kind == "json" else _csv_types
        values["types"] = types = find(connection, values)
        relation = connection.sql(query, params=values)
        times = _written_times(relation)
        shown = {name: _shown(name, times) for name in relation.columns}
        empty = relation.limit(0).project(", ".join(shown.values())).to_arrow_table()
    refuse_bad_columns(empty.schema.names, f"file {description}")

    def reading(
        columns: tuple[str, ...], dictionaries: bool
    ) -> Iterator[pa.RecordBatch]:
        del dictionaries
        with _readable(description):
            rows = connection.cursor().sql(query, params=values)
            rows = rows.project(", ".join(shown[name] for name in columns))
            yield from regrouped(rows.to_arrow_reader(BATCH_ROWS))

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
        reading=reading,
    )


def _json_types(
    connection: duckdb.DuckDBPyConnection, values: dict[str, object]
) -> dict[str, str]:
    return _types(connection.sql(FOUND_JSON, params=values))


def _csv_types(
    connection: duckdb.DuckDBPyConnection, values: dict[str, object]
) -> dict[str, str]:
    """Find types that hold every value, from the first rows if that goes well."""
    types = _types(connection.sql(FOUND_CSV.format(sample=SAMPLE), params=values))
    wider = {name: WIDER.get(type_, type_) for name, type_ in types.items()}
    tests = [
        FITS.get(type_, "count({name}) >= 0").format(name=quoted(name))
        for name, type_ in types.items()
    ]
    try:
        rows = connection.sql(CSV_VIEW, params=values | {"types": wider})
        fits = rows.aggregate(", ".join(tests)).fetchall()[0]
    except (duckdb.ConversionException, duckdb.InvalidInputException):
        return _types(connection.sql(FOUND_CSV.format(sample=-1), params=values))
    return {
        name: type_ if fit else wider[name]
        for (name, type_), fit in zip(types.items(), fits, strict=True)
    }


def _types(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _written_times(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    """Find the text columns in which every value is a time in ISO 8601."""
    # DuckDB finds most of them itself, but not those with a T and fractions in JSON.
    names = [
        name
        for name, type_ in zip(relation.columns, relation.types, strict=True)
        if str(type_) == "VARCHAR"
    ]
    found: dict[str, str] = {}
    for rows in (relation.limit(1000), relation):
        if not names:
            break
        tests = ", ".join(ISO_TEST.format(name=quoted(name)) for name in names)
        answers = rows.aggregate(tests).fetchall()[0]
        pairs = list(zip(answers[::2], answers[1::2], strict=True))
        found = {
            name: "timestamptz" if zoned else "timestamp"
            for name, (every, zoned) in zip(names, pairs, strict=True)
            if every
        }
        names = list(found)
    return found


def _shown(name: str, times: dict[str, str]) -> str:
    column = quoted(name)
    if name not in times:
        return column
    return f"cast({column} as {times[name]}) as {column}"


def quoted(name: str) -> str:
    """Quote a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _header(path: Path, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Read the names in the first line, for DuckDB renames those that come twice."""
    if path.suffix.lower() == ".zst":
        query = FOUND_CSV.format(sample=SAMPLE)
        return connection.sql(
            query, params={"paths": [str(path)], "nulls": [""]}
        ).columns
    found = connection.execute(DELIMITER, {"path": str(path)}).fetchall()
    delimiter, quote = found[0] if found else (",", '"')
    with _opened(path) as file:
        rows = csv.reader(
            file, delimiter=delimiter, quotechar=quote if len(quote) == 1 else '"'
        )
        return next(rows, [])


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
        reason = (
            str(error).strip().splitlines()[0] if str(error).strip() else "no reason"
        )
        raise UsageError(
            f"{path} cannot be read: {reason}",
            hint="look at its first lines, or read it yourself and pass the frame",
        ) from error
