"""The types of the columns of CSV and JSON-lines files, such that no value is lost."""

from collections.abc import Mapping

import duckdb

Values = Mapping[str, object]

FOUND_CSV = """
select *
from read_csv(
    $paths,
    header = true,
    delim = $delimiter,
    quote = '"',
    escape = '"',
    comment = '',
    skip = 0,
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
    delim = $delimiter,
    quote = '"',
    escape = '"',
    comment = '',
    skip = 0,
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
# Rows that types are found from; -1 is all of them, which takes four times as long.
SAMPLES = (20_480, -1)
# DuckDB reads 0.5 as the integer 1, a time as its date and "t" as true where the type
# says so. What the first rows are is tested on all rows, read as what holds more.
WIDER = {"BIGINT": "DOUBLE", "DATE": "TIMESTAMP", "BOOLEAN": "VARCHAR"}
FITS = {
    "BIGINT": "coalesce(bool_and({name} = trunc({name}) and abs({name}) < 9e18), true)",
    "DATE": "coalesce(bool_and({name} = date_trunc('day', {name})), true)",
    "BOOLEAN": "coalesce(bool_and(lower({name}) in ('true', 'false')), true)",
}
ANYTHING = "count({name}) >= 0"
ISO_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?"
ISO_ZONE = r"(Z|[+-]\d\d(:?\d\d)?)"
PATTERNS = {
    "TIMESTAMP": ISO_TIME,
    "TIMESTAMPTZ": f"{ISO_TIME}{ISO_ZONE}?",
    "BIGINT": r"[+-]?\d{1,18}",
}


def json_types(connection: duckdb.DuckDBPyConnection, values: Values) -> dict[str, str]:
    """Find the types of JSON lines, from all rows: a key may come late."""
    return _types(connection.sql(FOUND_JSON, params=dict(values)))


def csv_types(connection: duckdb.DuckDBPyConnection, values: Values) -> dict[str, str]:
    """Find the types of CSV files, from the first rows if all the others fit.

    Parameters
    ----------
    connection
        To read the files with.
    values
        The parameters of `FOUND_CSV`.

    Returns
    -------
    dict
        DuckDB's name of a type for each column, such as pandas would choose: "0042"
        is a number, and only "true" and "false" are booleans.
    """
    for sample in SAMPLES[:-1]:
        try:
            return _fitting(connection, values, sample)
        except (duckdb.ConversionException, duckdb.InvalidInputException):
            continue
    return _fitting(connection, values, SAMPLES[-1])


def written_types(
    relation: duckdb.DuckDBPyRelation, patterns: tuple[str, ...]
) -> dict[str, str]:
    """Find the text columns in which every value is written like another type.

    Parameters
    ----------
    relation
        All the rows; a thousand are tried first.
    patterns
        The types to try, of `PATTERNS`, the first that fits is taken.

    Returns
    -------
    dict
        The type of each such column. DuckDB finds most of them itself, but not times
        with a T and fractions in JSON, nor integers that start with zeros.
    """
    names = [name for name, type_ in _types(relation).items() if type_ == "VARCHAR"]
    found: dict[str, str] = {}
    for rows in (relation.limit(1000), relation):
        tests = [
            f"bool_and(regexp_full_match({quoted(name)}, '{PATTERNS[pattern]}'))"
            for name in names
            for pattern in patterns
        ]
        if not tests:
            return {}
        answers = iter(rows.aggregate(", ".join(tests)).fetchall()[0])
        found = {}
        for name in names:
            fits = [pattern for pattern in patterns if next(answers)]
            if fits:
                found[name] = fits[0]
        names = list(found)
    return found


def quoted(name: str) -> str:
    """Quote a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _fitting(
    connection: duckdb.DuckDBPyConnection, values: Values, sample: int
) -> dict[str, str]:
    found = FOUND_CSV.format(sample=sample)
    types = _types(connection.sql(found, params=dict(values)))
    wider = {name: WIDER.get(type_, type_) for name, type_ in types.items()}
    rows = connection.sql(CSV_VIEW, params={**values, "types": wider})
    tests = ", ".join(
        FITS.get(type_, ANYTHING).format(name=quoted(name))
        for name, type_ in types.items()
    )
    fits = rows.aggregate(tests).fetchall()[0]
    return {
        name: type_ if fit else wider[name]
        for (name, type_), fit in zip(types.items(), fits, strict=True)
    }


def _types(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    return dict(zip(relation.columns, map(str, relation.types), strict=True))
