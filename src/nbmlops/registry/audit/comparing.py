"""Comparing a catalog with the one that its events give, row by row."""

from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache
from typing import NamedTuple, TypeAlias

from nbmlops.display.text import shorten
from nbmlops.registry.audit.replay import replayed
from nbmlops.registry.tables import schema
from nbmlops.registry.unit import Unit

_OBJECTS = """
select 'table', schema_name, table_name, sql
from duckdb_tables()
where database_name = $database and not internal
union all
select 'view', schema_name, view_name, sql
from duckdb_views()
where database_name = $database and not internal
union all
select 'index', schema_name, index_name, sql
from duckdb_indexes()
where database_name = $database
union all
select 'trigger', schema_name, trigger_name, sql
from duckdb_triggers()
where database_name = $database
union all
select 'sequence', schema_name, sequence_name, sql
from duckdb_sequences()
where database_name = $database
union all
select 'macro', schema_name, function_name, macro_definition
from duckdb_functions()
where database_name = $database and not internal
union all
select 'type', schema_name, type_name, logical_type
from duckdb_types()
where database_name = $database and not internal
union all
select 'schema', schema_name, '', sql
from duckdb_schemas()
where database_name = $database and not internal
"""
_COLUMNS = """
select table_name, list(column_name order by column_index)
from duckdb_columns()
where database_name = $database and not internal
group by table_name
"""
_KEYS = """
select table_name, constraint_column_names
from duckdb_constraints()
where database_name = $database and constraint_type = 'PRIMARY KEY'
"""
_SCHEMA_VERSION = ("table", "main", "schema_version")
_VERSION_TABLE = 'CREATE TABLE schema_version("version" INTEGER);'
CATALOG, SCRATCH = "registry", "memory"  # how DuckDB calls the two
_SHOWN = 48


Row: TypeAlias = tuple[str | None, ...]
Named: TypeAlias = tuple[str, str, str]  # "table", its schema "main", its name


class Table(NamedTuple):
    """A table's name, its columns, and those of them that are its key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Difference(NamedTuple):
    """A row as it was found and as the events give it; None where there is none."""

    table: Table
    found: Row | None
    expected: Row | None

    def __str__(self) -> str:
        name = self.table.name
        if self.expected is None:
            return f"table {name} has a row that no event gives: {self._row}"
        if self.found is None:
            return f"table {name} lacks a row that an event gives: {self._row}"
        changes = ", ".join(
            f"{column} is {shown(here)}, the events give {shown(there)}"
            for column, here, there in zip(
                self.table.columns, self.found, self.expected, strict=True
            )
            if here != there
        )
        return f"table {name} has a changed row, {self._row}: {changes}"

    @property
    def _row(self) -> str:
        row = self.found or self.expected or ()
        named = zip(self.table.columns, row, strict=True)
        return " ".join(f"{c}={shown(v)}" for c, v in named if c in self.table.key)


@cache
def _expected_objects() -> dict[Named, str]:
    with replayed(()) as empty:
        return {**_objects(empty, SCRATCH), _SCHEMA_VERSION: _VERSION_TABLE}


def differing_objects(unit: Unit) -> dict[Named, str]:
    """Say what the catalog has besides our tables, lacks, or has in another shape.

    Parameters
    ----------
    unit
        The catalog.

    Returns
    -------
    dict
        Words by kind, schema and name of what differs.
    """
    found, ours = _objects(unit, CATALOG), _expected_objects()
    differing = {}
    for key in sorted({*found, *ours}):
        if key not in ours:
            differing[key] = f"{_words(key)} is not of this registry"
        elif key not in found:
            differing[key] = f"{_words(key)} is missing"
        elif found[key] != ours[key]:
            differing[key] = f"{_words(key)} was changed: {found[key]}"
    return differing


def stray_rows(unit: Unit) -> Iterator[str]:
    """Name rows in the table that is there for the append-only triggers alone."""
    for row in unit.rows("select message from refusal"):
        yield f"table refusal has a row that no event gives: {shown(row[0])}"


def differences(
    unit: Unit, expected: Unit, *, skip: Collection[str] = ()
) -> Iterator[Difference]:
    """Compare every table as a collection of rows, duplicates counted.

    Parameters
    ----------
    unit
        The catalog.
    expected
        What the events give: see `replay.replayed`.
    skip
        Tables of another shape.

    Yields
    ------
    Difference
        A row of the same key that differs is one, not two.
    """
    columns: dict[str, list[str]] = dict(expected.rows(_COLUMNS, database=SCRATCH))
    keys: dict[str, list[str]] = dict(expected.rows(_KEYS, database=SCRATCH))
    for name in schema.TABLES:
        if name not in skip:
            key = keys.get(name, columns[name])
            table = Table(name, tuple(columns[name]), tuple(key))
            yield from _differing_rows(table, unit, expected)


def _differing_rows(table: Table, unit: Unit, expected: Unit) -> Iterator[Difference]:
    found, ours = _rows(unit, table), _rows(expected, table)
    extra, lacking = list((found - ours).elements()), list((ours - found).elements())
    places = [table.columns.index(column) for column in table.key]
    by_key = {tuple(row[i] for i in places): row for row in lacking}
    for row in sorted(extra, key=repr):
        partner = by_key.pop(tuple(row[i] for i in places), None)
        yield Difference(table, row, partner)
        if partner is not None:
            lacking.remove(partner)
    for row in sorted(lacking, key=repr):
        yield Difference(table, None, row)


def _rows(unit: Unit, table: Table) -> Counter[Row]:
    """Read rows as text: an edited value may lie outside of what Python can hold."""
    listed = ", ".join(f'"{column}"::varchar' for column in table.columns)
    return Counter(unit.rows(f'select {listed} from "{table.name}"'))


def _objects(unit: Unit, database: str) -> dict[Named, str]:
    rows = unit.rows(_OBJECTS, database=database)
    return {(kind, space, name): str(sql) for kind, space, name, sql in rows}


def _words(key: Named) -> str:
    kind, space, name = key
    return " ".join((kind, name if space == "main" else f"{space}.{name}".rstrip(".")))


def shown(value: str | None) -> str:
    """Write a value so that it fits in a sentence."""
    return "null" if value is None else repr(shorten(value, _SHOWN))
