"""The lock of a registry's folder: one process at a time, and one thread of it."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import lock_descriptor, unlock_descriptor

from nbmlops.errors import NotAllowed, RegistryBusy

TIMEOUT_SECONDS = 30.0
# Who has waited for long looks more often, or chance alone would say who is next: see
# decisions/0008.
_FIRST_PAUSE = 0.004
_LEAST_PAUSE = 0.0005
_PATIENCE = 0.05
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)

Key = tuple[Path, int]  # the file, and the thread that holds it

_held: dict[Key, int] = {}


@contextmanager
def hold(path: Path, *, timeout: float = TIMEOUT_SECONDS) -> Iterator[None]:
    """Hold the lock file; other processes wait.

    Not for two threads at once, nor twice in one: the caller keeps them apart. A lock
    file is never removed, and a process that dies lets go of it. Waiting for too long
    is RegistryBusy, which names the holder; a file system without locks NotAllowed.

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
    """
    key = path, threading.get_ident()
    _let_go(key)  # what an interrupt kept from being let go
    try:
        _wait_for(key, timeout)
        yield
    finally:
        _let_go(key)


def _wait_for(key: Key, timeout: float) -> None:
    start = time.monotonic()
    while not _attempt(key):
        waited = time.monotonic() - start
        if waited > timeout:
            path, _ = key
            raise RegistryBusy(
                f"the registry {path.parent} was held for {timeout:g} s by "
                f"{_holder(path)}",
                hint="try again, or end that process",
            )
        time.sleep(pause_after(waited))


def pause_after(waited: float) -> float:
    """Say how long to sleep before looking again, in seconds."""
    return max(_LEAST_PAUSE, _FIRST_PAUSE / (1.0 + waited / _PATIENCE) ** 2)


def _attempt(key: Key) -> bool:
    """Lock the file, or tell that another process has it."""
    path, _ = key
    descriptor = _held[key] = os.open(path, _FLAGS, 0o666)
    try:
        # A file that was removed since it was opened would keep nobody out.
        if lock_descriptor(descriptor, blocking=False) and _is_at(path, descriptor):
            _sign(descriptor)
            return True
    except OSError as error:
        if not _knows_no_locks(error):
            raise
        raise NotAllowed(
            f"the file system of {path.parent} has no file locks",
            hint="put the registry on a local disk, or use postgresql://",
        ) from None
    _let_go(key)
    return False


def _let_go(key: Key) -> None:
    """Unlock and close, so that an interrupt at any moment leaves it to the next."""
    descriptor = _held.get(key)
    if descriptor is None:
        return
    with suppress(OSError):  # it was not locked
        unlock_descriptor(descriptor)  # closing would not, while a child has it
    del _held[key]
    os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _close_in_child() -> None:
    """Leave the lock to the parent: a child would hold it for as long as it lives."""
    while _held:
        os.close(_held.popitem()[1])


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)


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
