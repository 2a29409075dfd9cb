"""The database of a registry: units of work on it, each alone while it lasts.

DuckDB lets one process hold a file open for writing, and then no other may read it. So
each unit of work takes the lock, holds the file (holding.py), looks at what it has
become (opening.py), runs one transaction, and lets go of both.
"""

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import duckdb

from nbmlops.config import FOLDER
from nbmlops.errors import NotAllowed, NotFound, RegistryBusy
from nbmlops.host import other_registry, typed
from nbmlops.registry import lock
from nbmlops.registry.faults import as_errors
from nbmlops.registry.head import HEAD, head_text
from nbmlops.registry.holding import Holder
from nbmlops.registry.lock import ThreadGate, hold
from nbmlops.registry.mounts import refuse_network
from nbmlops.registry.opening import Opening
from nbmlops.registry.unit import Unit

FILE = "registry.duckdb"
LOCK = "registry.lock"

_OWN = frozenset({FILE, f"{FILE}.wal", LOCK, HEAD, "artifacts", "logs", "webhooks"})

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


class Database:
    """The file, and the way to run a transaction on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._gate = ThreadGate()
        self._unit: Unit | None = None
        self._is_writing = False
        self._after: list[Callable[[], None]] = []
        self._holder = Holder(self.path)
        self._opening = Opening(self._holder)
        self._is_local = False

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
                    before = self._holder.log_size()
                    with self._holding() as connection:
                        unit = Unit(connection, self._opening.prepared(connection))
                        yield from self._transaction(unit, is_writing=True)
                        self._holder.fold_log(connection, before)
                    for call in (*self._after, after):
                        if call is not None:
                            call()
                    self._opening.remember(unit.newest)

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
                connection = stack.enter_context(self._holding())
                unit = Unit(connection, self._opening.prepared(connection))
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
                before = head_text(self.folder)
            yield
            if not is_locked and head_text(self.folder) != before:
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
            before = head_text(self.folder)
            with self._holding(is_read_only=True) as connection:
                if head_text(self.folder) != before:
                    continue
                unit = Unit(connection, self._opening.to_read(connection))
                yield from self._transaction(unit, is_writing=False)
                return
        raise RegistryBusy(
            f"{self.folder} changed each time that it was read", hint="try again"
        )

    @contextmanager
    def _holding(
        self, *, is_read_only: bool = False
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            with self._holder.holding(is_read_only=is_read_only) as connection:
                yield connection
        finally:
            self._unit = None  # an interrupt may have kept the transaction from it

    def close(self) -> None:
        """Let go of the connection, which the next unit of work would make anew."""
        with self._gate.passing(self._forget):
            self._holder.close()

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
        if self._holder.was_here:
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

    def _forget(self) -> None:
        """Leave a parent's connection alone: it is not this child's to use."""
        self._holder.forget()
        self._unit = None
