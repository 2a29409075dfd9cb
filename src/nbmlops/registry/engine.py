"""DuckDB, set for many small transactions on one file."""

import duckdb

# Our statements touch few rows: most of their time went into rewriting plans. These
# keep a look at one row from reading the whole table.
_REWRITES = frozenset({"filter_pushdown", "unused_columns"})
_ALL_REWRITES = "select name from duckdb_optimizers()"
_MOST_STATEMENTS = 256

_statements: dict[str, duckdb.Statement] = {}


def connect() -> duckdb.DuckDBPyConnection:
    """Open an in-memory database, to which the catalog's file is attached."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("pragma disable_checkpoint_on_shutdown")
    known = {row[0] for row in connection.execute(_ALL_REWRITES).fetchall()}
    unused = ",".join(sorted(known - _REWRITES))
    connection.execute("set disabled_optimizers = $unused", {"unused": unused})
    return connection


def parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement | str:
    """Give a statement as it was parsed before: that is half of a small one's time."""
    found = _statements.get(sql)
    if found is None:
        statements = connection.extract_statements(sql)
        if len(statements) != 1:
            return sql
        if len(_statements) == _MOST_STATEMENTS:
            _statements.clear()  # those of searches, which are made anew each time
        found = _statements[sql] = statements[0]
    return found
