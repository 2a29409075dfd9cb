"""One process at a time holds a registry's folder; those who wait get their turn."""

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import filelock
import pytest

from nbmlops.errors import NotAllowed
from nbmlops.registry import lock
from nbmlops.registry.lock import ThreadGate, hold, pause_after

IS_FREE = """
import os, sys
from pathlib import Path
from nbmlops.errors import RegistryBusy
from nbmlops.registry.lock import hold

def is_free():
    try:
        with hold(Path(sys.argv[1]), timeout=0.05):
            return True
    except RegistryBusy:
        return False
"""
FORK = """
seen, go = os.pipe(), os.pipe()
with hold(Path(sys.argv[1])):
    child = os.fork()
    if child == 0:
        print("child in the block:", is_free(), flush=True)
        os.write(seen[1], b"x")
    else:
        os.read(seen[0], 1)
if child == 0:
    os.read(go[0], 1)  # alive while the parent looks
    os._exit(0)
print("parent after it:", is_free(), flush=True)
os.write(go[1], b"x")
os.waitpid(child, 0)
"""
GATE = """
import os, threading
from nbmlops.registry.lock import ThreadGate

gate, inside, may_end = ThreadGate(), threading.Event(), threading.Event()

def stay():
    with gate.passing(lambda: None):
        inside.set()
        may_end.wait()

thread = threading.Thread(target=stay)
thread.start()
inside.wait()
if os.fork() == 0:
    for _ in range(2):
        with gate.passing(lambda: print("new in a child", flush=True)):
            print("passed", flush=True)
    os._exit(0)
os.wait()
may_end.set()
"""


def test_who_waited_longer_looks_more_often() -> None:
    pauses = [pause_after(waited) for waited in (0.0, 0.02, 0.05, 0.1, 1.0)]
    assert pauses == sorted(pauses, reverse=True)
    assert pauses[0] == 0.004
    assert pauses[2] == 0.001
    assert pauses[-1] == 0.0005


def test_a_waiter_gets_the_lock_once_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    order: list[str] = []

    def wait() -> None:
        with hold(path, timeout=10):
            order.append("waiter")

    with hold(path):
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.05)
        order.append("holder")
    thread.join()
    assert order == ["holder", "waiter"]


def test_a_lock_file_that_was_removed_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"
    real, calls = filelock.lock_descriptor, 0

    def removed_first(descriptor: int, *, blocking: bool) -> bool:
        nonlocal calls
        calls += 1
        if calls == 1:
            path.unlink()
        return real(descriptor, blocking=blocking)

    monkeypatch.setattr(lock, "lock_descriptor", removed_first)
    with hold(path):
        monkeypatch.undo()
        command = [sys.executable, "-c", IS_FREE + "print(is_free())", str(path)]
        assert subprocess.check_output(command, text=True) == "False\n"
    assert calls == 2


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("untouched")
    (tmp_path / "lock").symlink_to(other)
    with pytest.raises(OSError, match="symbolic link"), hold(tmp_path / "lock"):
        pass
    assert other.read_text() == "untouched"


def test_an_interrupt_while_locking_leaves_it_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"
    real = filelock.lock_descriptor

    def interrupted(descriptor: int, *, blocking: bool) -> bool:
        assert real(descriptor, blocking=blocking)
        raise KeyboardInterrupt

    monkeypatch.setattr(lock, "lock_descriptor", interrupted)
    with pytest.raises(KeyboardInterrupt), hold(path):
        pass
    monkeypatch.undo()
    with hold(path, timeout=0.0):
        assert path.read_text().split() == ["process", str(os.getpid())]


def test_an_interrupt_while_letting_go_is_made_good_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(lock, "unlock_descriptor", interrupted)
    with pytest.raises(KeyboardInterrupt), hold(tmp_path / "lock"):
        pass
    monkeypatch.undo()
    with hold(tmp_path / "lock", timeout=0.0):
        pass


def test_a_forked_child_neither_holds_nor_frees_its_parents_lock(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", IS_FREE + FORK, str(tmp_path / "lock")]
    out = subprocess.check_output(command, text=True, timeout=60)
    assert out.splitlines() == ["child in the block: False", "parent after it: True"]


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    fail_to_lock(monkeypatch, code)
    with pytest.raises(NotAllowed, match="has no file locks"), hold(tmp_path / "lock"):
        pass


def test_any_other_failure_to_lock_is_not_called_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_to_lock(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="told so"), hold(tmp_path / "lock"):
        pass


def fail_to_lock(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def failing(descriptor: int, *, blocking: bool) -> bool:
        raise OSError(code, "told so")

    monkeypatch.setattr(lock, "lock_descriptor", failing)


def test_one_thread_at_a_time_passes_the_gate_and_may_pass_it_twice() -> None:
    gate, order = ThreadGate(), list[str]()

    def pass_it() -> None:
        with gate.passing(lambda: None):
            order.append("other thread")

    thread = threading.Thread(target=pass_it)
    with gate.passing(lambda: None), gate.passing(lambda: None):
        thread.start()
        thread.join(0.05)  # time enough to pass, could it
        order.append("this thread")
    thread.join()
    assert order == ["this thread", "other thread"]


def test_a_forked_child_finds_the_gate_open_and_is_told_once_that_it_is_new() -> None:
    out = subprocess.check_output([sys.executable, "-c", GATE], text=True, timeout=60)
    assert out.splitlines() == ["new in a child", "passed", "passed"]
