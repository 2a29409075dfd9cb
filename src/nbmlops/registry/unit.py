"""A unit of work: one transaction on the catalog, for those who read and write it."""

from collections.abc import Sequence
from typing import Any

import duckdb

from nbmlops.registry.engine import parsed


class Unit:
    """One transaction on the catalog; results are fetched whole, as plain tuples."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        newest: Sequence[tuple[Any, ...]] = (),
    ) -> None:
        self._connection = connection
        # Since the head file's event, newest first: seq, happened_at, hash.
        self.newest = newest
        self.shared: object = None  # what nested blocks of one unit have in common

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement with bound parameters and return all its rows."""
        return self._execute(sql, parameters).fetchall()

    def row(self, sql: str, **parameters: Any) -> tuple[Any, ...] | None:
        """Run one statement with bound parameters and return its only row, if any."""
        found = self.rows(sql, **parameters)
        return found[0] if found else None

    def run(self, sql: str, **parameters: Any) -> None:
        """Run one statement with bound parameters."""
        self._execute(sql, parameters)

    def changed(self, sql: str, **parameters: Any) -> int:
        """Run one statement that changes rows and return how many it changed."""
        ((count,),) = self.rows(sql, **parameters)
        return int(count)

    def _execute(
        self, sql: str, parameters: dict[str, Any]
    ) -> duckdb.DuckDBPyConnection:
        statement = parsed(self._connection, sql)
        return self._connection.execute(statement, parameters or None)

    def table(self, sql: str, **parameters: Any) -> Any:
        """Run one statement and return all of it as an Arrow table."""
        found = self._connection.sql(sql, params=parameters or None)
        return found.to_arrow_table()
