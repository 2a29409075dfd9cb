"""The DuckDB file of a registry, held only for as long as one transaction takes.

DuckDB lets one process hold a file open for writing, and then no other may read it.
Notebook kernels stay open for days, so none keeps the file: each unit of work takes
the lock, attaches the file to this process's own in-memory database, runs one
transaction, and detaches. Nothing here opens and closes the file by other means: any
close of it in this process would drop DuckDB's own lock on it.
"""

import errno
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from nbmlops.config import FOLDER
from nbmlops.errors import NotAllowed, NotFound, RegistryBusy, Tampered
from nbmlops.host import other_registry, typed
from nbmlops.registry import lock
from nbmlops.registry.engine import connect, parsed
from nbmlops.registry.faults import as_errors
from nbmlops.registry.head import HEAD, read_head
from nbmlops.registry.lock import ThreadGate, hold
from nbmlops.registry.mounts import refuse_network
from nbmlops.registry.tables import schema

FILE = "registry.duckdb"
LOCK = "registry.lock"

_OWN = frozenset({FILE, f"{FILE}.wal", LOCK, HEAD, "artifacts", "logs", "webhooks"})

# Each opening runs two of these. One joined statement takes twice as long to plan, and
# sorting in it half as long again.
_SCHEMA_VERSION = "select version from schema_version"
_SINCE_HEAD = "select seq, happened_at, hash from event where seq >= $seq"
_NEWEST = """
select seq, happened_at, hash
from event
where seq = (select max(seq) from event)
"""
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

_databases: dict[Path, "Database"] = {}


def database_at(folder: Path) -> "Database":
    """Return this process's one database for the folder: two would block each other."""
    key = folder.resolve()
    return _databases.setdefault(key, Database(key))


def let_go(folder: Path) -> None:
    """Forget this process's database for a folder that is moved or removed."""
    database = _databases.pop(folder.resolve(), None)
    if database is not None:
        database.close()


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

    def _execute(
        self, sql: str, parameters: dict[str, Any]
    ) -> duckdb.DuckDBPyConnection:
        statement = parsed(self._connection, sql)
        return self._connection.execute(statement, parameters or None)

    def table(self, sql: str, **parameters: Any) -> Any:
        """Run one statement and return all of it as an Arrow table."""
        found = self._connection.sql(sql, params=parameters or None)
        return found.to_arrow_table()


class Database:
    """The file, and the way to run a transaction on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._gate = ThreadGate()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._unit: Unit | None = None
        self._is_writing = False
        self._after: list[Callable[[], None]] = []
        self._log = folder / f"{FILE}.wal"
        self._was_here = False
        self._is_local = False
        self._is_attached = False
        self._left: tuple[object, Sequence[tuple[Any, ...]]] | None = None

    @property
    def exists(self) -> bool:
        """True once the registry was made."""
        return self.path.exists()

    @contextmanager
    def writing(
        self, *, create: bool = False, after: Callable[[], None] | None = None
    ) -> Iterator[Unit]:
        """Run a transaction that may change rows; it commits if the block ends well.

        Parameters
        ----------
        create
            Make the folder and the file if they are missing.
        after
            Called once the commit stands, while the lock is still held.

        Yields
        ------
        Unit
            The transaction. Nested blocks of one thread share it.

        Raises
        ------
        RuntimeError
            If this thread is in a reading unit.
        """
        with self._gate.passing(self._forget):
            if self._unit is not None:
                if not self._is_writing:
                    raise RuntimeError("a reading unit of work cannot write")
                yield self._unit
                if after is not None:
                    self._after.append(after)
                return
            with as_errors(self.folder):
                self._must_be_local()
                if create:
                    self.check_makeable()
                    self.folder.mkdir(parents=True, exist_ok=True)
                else:
                    self._must_exist()
                with hold(self.folder / LOCK):
                    self._after = []
                    before = self._log_size()
                    with self._attached(_ATTACH) as connection:
                        unit = Unit(connection, self._prepare(connection))
                        yield from self._transaction(unit, is_writing=True)
                        self._fold_log(connection, before)
                    for call in (*self._after, after):
                        if call is not None:
                            call()
                    self._remember(unit)

    @contextmanager
    def reading(self, *, takes_lock: bool = True) -> Iterator[Unit]:
        """Run a transaction that only reads.

        Parameters
        ----------
        takes_lock
            False reads as where this user cannot lock: nothing is made or upgraded.

        Yields
        ------
        Unit
            The transaction. Nested blocks of one thread share it.
        """
        with self._gate.passing(self._forget):
            if self._unit is not None:
                yield self._unit
                return
            with as_errors(self.folder), ExitStack() as stack:
                self._must_be_local()
                self._must_exist()
                if not takes_lock or not self._locked(stack):
                    yield from self._read_without_lock()
                    return
                connection = stack.enter_context(self._attached(_ATTACH))
                unit = Unit(connection, self._prepare(connection))
                yield from self._transaction(unit, is_writing=False)

    @contextmanager
    def detached(self, *, takes_lock: bool = True) -> Iterator[None]:
        """Hold the folder while nobody has the file open, so that it can be copied.

        Parameters
        ----------
        takes_lock
            As in `reading`.

        Yields
        ------
        None
            While the files of the catalog lie still.

        Raises
        ------
        RuntimeError
            If this thread is in a unit of work, which has the file open.
        RegistryBusy
            If the lock could not be taken, and others wrote meanwhile.
        """
        with self._gate.passing(self._forget), ExitStack() as stack:
            if self._unit is not None:
                raise RuntimeError("the file is open in a unit of work")
            with as_errors(self.folder):
                self._must_be_local()
                self._must_exist()
                is_locked = takes_lock and self._locked(stack)
                before = self._head_text()
            yield
            if not is_locked and self._head_text() != before:
                raise RegistryBusy(
                    f"{self.folder} changed while it was copied", hint="try again"
                )

    def _transaction(self, unit: Unit, *, is_writing: bool) -> Iterator[Unit]:
        try:
            unit.run("begin")
            self._unit, self._is_writing = unit, is_writing
            yield unit
            unit.run("commit")
        except BaseException:
            with suppress(duckdb.Error, RuntimeError):
                unit.run("rollback")  # a failed commit has done so itself
            raise
        finally:
            self._unit = None

    def _read_without_lock(self) -> Iterator[Unit]:
        """Read where this user cannot lock; others may write, so look at head twice."""
        deadline = time.monotonic() + lock.TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            before = self._head_text()
            with self._attached(_ATTACH_READ_ONLY) as connection:
                if self._head_text() != before:
                    continue
                found, newest = self._opening(connection)
                self._must_be_present(found)
                unit = Unit(connection, newest)
                yield from self._transaction(unit, is_writing=False)
                return
        raise RegistryBusy(
            f"{self.folder} changed each time that it was read", hint="try again"
        )

    @contextmanager
    def _attached(self, statement: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the file; whatever goes wrong, an interrupt too, lets go of it."""
        if self._is_attached:
            self._drop_connection()  # an interrupt came in the very letting go
        is_new = self._connection is None
        if self._connection is None:
            self._connection = connect()
        connection = self._connection
        self._is_attached = True
        try:
            self._attach(connection, statement)
            self._was_here = True
            if is_new:
                connection.execute(LOOK_THERE)
            yield connection
            with suppress(duckdb.Error):  # the transaction has ended by now
                connection.execute("detach registry")
                self._is_attached = False
        finally:
            self._unit = None
            if self._is_attached:
                self._drop_connection()

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

    def close(self) -> None:
        """Let go of the connection, which the next unit of work would make anew."""
        with self._gate.passing(self._forget):
            self._drop_connection()

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self._is_attached = False

    def _log_size(self) -> int:
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def _fold_log(self, connection: duckdb.DuckDBPyConnection, before: int) -> None:
        """Bring the log of changes into the file once replaying it would cost more.

        The commit stands by now: if there is no room, the log stays as it is.
        """
        size = self._log_size()
        few = min(_LOG_LIMIT_TRANSACTIONS * (size - before), _LOG_MOST_BYTES)
        if size > max(_LOG_LIMIT_BYTES, few):
            with suppress(duckdb.Error):
                connection.execute("checkpoint registry")

    def _prepare(
        self, connection: duckdb.DuckDBPyConnection
    ) -> Sequence[tuple[Any, ...]]:
        """Bring the file to the present schema, and give its newest events."""
        if self._left is not None and self._left[0] == self._state():
            return self._left[1]
        found, newest = self._opening(connection)
        if found == schema.VERSION:
            return newest
        from nbmlops.registry.tables import (
            upgrade,  # knows what events mean; this does not
        )

        if found:
            connection.execute("checkpoint registry")
            connection.execute("detach registry")
            upgrade.keep_copy(self.path, found)
            connection.execute(self._statement(_ATTACH))
        connection.execute("use registry")
        connection.execute("begin")
        try:
            upgrade.apply_steps(connection, found)
            connection.execute("commit")
            connection.execute(LOOK_THERE)
        except duckdb.CatalogException:  # what a step makes is there already
            connection.execute("rollback")
            raise self._misnumbered() from None
        except BaseException:
            with suppress(duckdb.Error, RuntimeError):
                connection.execute("rollback")
            raise
        return newest

    def _remember(self, unit: Unit) -> None:
        """Spare the next opening its two reads, if nobody writes in between."""
        self._left = None
        with suppress(Tampered):
            tip = unit.newest[0] if unit.newest else None
            if tip is not None and read_head(self.folder) == (tip[0], tip[2]):
                self._left = self._state(), unit.newest[:1]

    def _state(self) -> object:
        """Give what any write would change: the head, the files' times and sizes."""
        found: list[object] = [self._head_text()]
        for path in (self.path, self._log):
            with suppress(FileNotFoundError):
                stat = path.stat()
                found.append((path, stat.st_ino, stat.st_size, stat.st_ctime_ns))
        return found

    def _opening(
        self, connection: duckdb.DuckDBPyConnection
    ) -> tuple[int, Sequence[tuple[Any, ...]]]:
        """Read the schema's version, and the events since the head file's."""
        try:
            found = connection.execute(_SCHEMA_VERSION).fetchall()
        except duckdb.CatalogException:
            return 0, ()
        version = found[0][0] if len(found) == 1 else None
        if version is None or version < 1:
            raise self._misnumbered()
        if version > schema.VERSION:
            raise NotAllowed(
                f"the registry {self.folder} was made by a newer nbmlops "
                f"(schema {version}; this one knows {schema.VERSION})",
                hint="pip install --upgrade nbmlops",
            )
        try:
            head = read_head(self.folder)
        except Tampered:
            head = None  # reading goes on; writing and verify will say it
        newest = (
            connection.execute(_SINCE_HEAD, {"seq": head[0]}).fetchall()
            if head
            else connection.execute(_NEWEST).fetchall()
        )
        return version, sorted(newest, reverse=True)

    def _misnumbered(self) -> Tampered:
        return Tampered(
            f"table schema_version of {self.path} was edited: it does not say the "
            "schema that the other tables have",
            hint="bring back a copy of the folder from before",
        )

    def _must_be_present(self, found: int) -> None:
        if found != schema.VERSION:
            raise NotAllowed(
                f"the registry {self.folder} is of schema {found} (this nbmlops reads "
                f"{schema.VERSION}), and it cannot be upgraded for reading only",
                hint="open it, or a copy of the folder, where it can be written",
            )

    def _locked(self, stack: ExitStack) -> bool:
        """Take the lock, or tell that this disk or user cannot."""
        try:
            stack.enter_context(hold(self.folder / LOCK))
        except NotAllowed:
            raise  # no locks here: reading without one could read half a write
        except PermissionError:
            return False
        except OSError as error:
            if error.errno == errno.EROFS:
                return False
            raise
        return True

    def check_makeable(self) -> None:
        """Refuse to make a registry where one was, or among other things.

        Raises
        ------
        NotFound
            If this process has used a registry here that is gone now.
        NotAllowed
            If the folder holds what no registry would.
        """
        if self.path.exists():
            return
        if self._was_here:
            raise NotFound(
                "registry",
                str(self.folder),
                hint=f"it was here, and was moved or removed: {other_registry()}",
            )
        held = self.folder.iterdir() if self.folder.is_dir() else ()
        foreign = sorted(item.name for item in held if item.name not in _OWN)
        if foreign:
            raise NotAllowed(
                f"{self.folder} is no registry: it holds {foreign[0]!r}",
                hint=f"name a folder of its own: {self.folder / FOLDER}",
            )

    def _must_be_local(self) -> None:
        if not self._is_local:
            refuse_network(self.folder)
            self._is_local = True

    def _must_exist(self) -> None:
        if not self.path.exists():
            raise NotFound(
                "registry",
                str(self.folder),
                hint=f"{typed('init')} makes one, {other_registry()} takes another",
            )

    def _head_text(self) -> str:
        try:
            return (self.folder / HEAD).read_text(encoding="utf-8")
        except OSError:
            return ""

    def _forget(self) -> None:
        """Leave a parent's connection alone: it is not this child's to use."""
        self._connection = None
        self._is_attached = False
        self._unit = None
