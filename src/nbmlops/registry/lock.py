"""The lock of a registry's folder: one process at a time, and one thread of it."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from nbmlops.errors import NotAllowed, RegistryBusy

TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.002  # filelock's 50 ms make a contended transaction 3 x slower


@contextmanager
def hold(path: Path, *, timeout: float = TIMEOUT_SECONDS) -> Iterator[None]:
    """Hold the lock file; other processes wait.

    Not for two threads at once: the caller keeps them apart. A lock file is never
    removed, and a process that dies lets go of it.

    Parameters
    ----------
    path
        The lock file; made if it is missing.
    timeout
        Seconds to wait.

    Yields
    ------
    None
        While the lock is held.

    Raises
    ------
    RegistryBusy
        If another process held it for longer than `timeout`.
    NotAllowed
        If the file system knows no locks.
    OSError
        If the lock file cannot be made or opened.
    """
    lock = FileLock(
        path,
        timeout=timeout,
        thread_local=False,
        is_singleton=True,
        poll_interval=POLL_SECONDS,
        fallback_to_soft=False,  # a soft lock survives kill -9
        on_acquired=_sign,
    )
    try:
        lock.acquire()
    except Timeout:
        raise RegistryBusy(
            f"the registry {path.parent} was held for {timeout:g} s by {_holder(path)}",
            hint="try again, or end that process",
        ) from None
    except (NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and not _knows_no_locks(error):
            raise
        raise NotAllowed(
            f"the file system of {path.parent} has no file locks",
            hint="put the registry on a local disk, or use postgresql://",
        ) from None
    try:
        yield
    finally:
        lock.release()


class ThreadGate:
    """A re-entrant lock between threads that a forked child finds open."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._pid = os.getpid()

    @contextmanager
    def passing(self, on_fork: Callable[[], None]) -> Iterator[None]:
        """Let one thread through at a time; `on_fork` runs first in a new child."""
        if os.getpid() != self._pid:
            self._lock = threading.RLock()
            self._pid = os.getpid()
            on_fork()
        with self._lock:
            yield


def _sign(descriptor: int) -> None:
    """Write into the lock file who holds it, for the error of those who wait."""
    # Of one width, since cutting a file to length costs as much as a transaction.
    os.pwrite(descriptor, f"process {os.getpid():<20}\n".encode(), 0)


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip() or "another process"
    except OSError:
        return "another process"


def _knows_no_locks(error: OSError) -> bool:
    import errno

    return error.errno in {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP}
