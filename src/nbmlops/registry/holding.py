"""The catalog's file, held by this process's own DuckDB for one transaction at a time.

Notebook kernels stay open for days, so none keeps the file: it is attached to an
in-memory database and detached again. Nothing here opens and closes the file by other
means: any close of it in this process would drop DuckDB's own lock on it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from nbmlops.registry import lock
from nbmlops.registry.engine import connect

_ATTACH = "attach '{path}' as registry (storage_version 'v2.0.0')"
_ATTACH_READ_ONLY = "attach '{path}' as registry (read_only)"
# Outlives the DETACH, which `use` would have to be undone for at each transaction.
LOOK_THERE = "set search_path = 'memory.main,registry.main'"
# Folding the log of changes into the file at each detach takes longer than a small
# transaction, and replaying a long one at each attach too: see decisions/0003.
_LOG_LIMIT_BYTES = 4_096
_LOG_LIMIT_TRANSACTIONS = 3  # as large as the newest one, if it is larger than that
_LOG_MOST_BYTES = 32_768
_PAUSE_SECONDS = 0.01


class Holder:
    """Attaches the file, and lets go of it whatever happens."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path.with_name(f"{path.name}.wal")
        self.was_here = False  # the file, at some time of this process
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._is_attached = False

    @contextmanager
    def holding(
        self, *, is_read_only: bool = False
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the file; whatever goes wrong, an interrupt too, lets go of it."""
        if self._is_attached:
            self.close()  # an interrupt came in the very letting go
        is_new = self._connection is None
        if self._connection is None:
            self._connection = connect()
        connection = self._connection
        self._is_attached = True
        try:
            self._attach(connection, _ATTACH_READ_ONLY if is_read_only else _ATTACH)
            self.was_here = True
            if is_new:
                connection.execute(LOOK_THERE)
            yield connection
            with suppress(duckdb.Error):  # the transaction has ended by now
                connection.execute("detach registry")
                self._is_attached = False
        finally:
            if self._is_attached:
                self.close()

    def while_detached(
        self, connection: duckdb.DuckDBPyConnection, copy: Callable[[], object]
    ) -> None:
        """Let go of the held file, its log folded in, for as long as a copy takes."""
        connection.execute("checkpoint registry")
        connection.execute("detach registry")
        copy()
        connection.execute(self._statement(_ATTACH))

    def log_size(self) -> int:
        """Return the bytes of the log of changes, which lies beside the file."""
        try:
            return self.log.stat().st_size
        except FileNotFoundError:
            return 0

    def fold_log(self, connection: duckdb.DuckDBPyConnection, before: int) -> None:
        """Bring the log of changes into the file once replaying it would cost more.

        The commit stands by now: if there is no room, the log stays as it is.

        Parameters
        ----------
        connection
            Which holds the file.
        before
            The log's size before the newest transaction.
        """
        size = self.log_size()
        few = min(_LOG_LIMIT_TRANSACTIONS * (size - before), _LOG_MOST_BYTES)
        if size > max(_LOG_LIMIT_BYTES, few):
            with suppress(duckdb.Error):
                connection.execute("checkpoint registry")

    def close(self) -> None:
        """Close the connection, which lets go of the file; the next is made anew."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self._is_attached = False

    def forget(self) -> None:
        """Leave a parent's connection alone: it is not this child's to use."""
        self._connection = None
        self._is_attached = False

    def _attach(self, connection: duckdb.DuckDBPyConnection, statement: str) -> None:
        """Attach the file; wait for who reads or writes it without our lock."""
        deadline = time.monotonic() + lock.TIMEOUT_SECONDS
        while True:
            try:
                connection.execute(self._statement(statement))
            except duckdb.IOException as error:
                if "Conflicting lock" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _statement(self, attach: str) -> str:
        return attach.format(path=str(self.path).replace("'", "''"))
