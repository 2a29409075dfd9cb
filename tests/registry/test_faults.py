"""Kills, full disks, read-only folders, wrong clocks: nothing acknowledged is lost."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nbmlops.errors import NotAllowed
from nbmlops.registry.audit import events
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.place import Place, open_place
from tests.registry.conftest import add_version

ROOT = Path(__file__).parents[2]
FILL_UP = """
import json, os, resource, sys
from nbmlops.errors import NbmlopsError
from nbmlops.registry.place import open_place
from tests.registry.conftest import version_detail

place = open_place(sys.argv[1], actor="w")
limit = int(sys.argv[2])
if limit:
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing then fails with EFBIG
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
kept, said = [], []
for number in range(1, 200):
    try:
        digest = place.artifacts.put(os.urandom(20_000))
        with place.catalog.writing(create=True) as writer:
            detail = version_detail(digest=digest, description=os.urandom(60_000).hex())
            event = writer.write("register", f"delays/{number}", detail)
        kept.append(f"{event.seq} {event.hash}")
    except NbmlopsError as error:
        said.append(error.message)
        if len(said) == 3:
            break
print(json.dumps({"kept": kept, "said": said}))
"""


def run(code: str, *arguments: object) -> Any:
    """Run code in a process of its own that prints JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout)


def hashes(place: Place) -> set[str]:
    with place.catalog.reading() as unit:
        return {f"{event.seq} {event.hash}" for event in events.read_all(unit)}


def test_thirty_killed_writers_lose_nothing_and_leave_orphans_at_most(
    tmp_path: Path,
) -> None:
    command = ["-m", "tests.registry.crashing", str(tmp_path / ".nbmlops"), "30", "1"]
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    outcome = json.loads(done.stdout)
    assert outcome["kills"] == 30
    assert outcome["acknowledged"] > 0
    assert (outcome["lost"], outcome["problems"], outcome["left"]) == (0, [], 0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=9m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip("mounting is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_loses_nothing(small_disk: Path) -> None:
    folder = small_disk / ".nbmlops"
    answer = run(FILL_UP, folder, 0)
    assert len(answer["kept"]) > 3
    assert len(answer["said"]) == 3
    assert all("no room left on the disk" in said for said in answer["said"])
    place = open_place(folder, actor=None)
    assert set(answer["kept"]) <= hashes(place)
    assert verify(place).problems == ()


def test_files_that_may_not_grow_are_said_and_lose_nothing(tmp_path: Path) -> None:
    """What a quota does: writing beyond it fails."""
    folder = tmp_path / ".nbmlops"
    answer = run(FILL_UP, folder, 8_000_000)
    assert len(answer["kept"]) > 3
    assert answer["said"], "the limit was never met"
    assert all("no room left on the disk" in said for said in answer["said"])
    place = open_place(folder, actor=None)
    assert set(answer["kept"]) <= hashes(place)
    assert verify(place).problems == ()


def test_a_read_only_folder_is_said_verified_and_left_alone(filled: Place) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    orphan = filled.artifacts.put(b"orphan")
    for path in (filled.folder, *filled.folder.parents[:3]):
        path.chmod(0o755)
    os.seteuid(65534)
    try:
        assert verify(filled).ok
        with pytest.raises(NotAllowed, match="no permission to write"):
            add_version(filled.catalog)
        with pytest.raises(NotAllowed, match="no permission to write"):
            verify(filled, repair=True)
    finally:
        os.seteuid(0)
    assert verify(filled).orphans == (orphan,)
    assert verify(filled).events == 4


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Set this machine's clock apart from the true time."""

    def set_apart(apart: timedelta) -> None:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + apart

        monkeypatch.setattr(events, "datetime", Clock)

    return set_apart


def test_a_clock_going_backwards_is_said_and_time_stands_still(
    filled: Place, clock: Callable[[timedelta], None]
) -> None:
    clock(timedelta(hours=-3))
    with pytest.warns(UserWarning, match="this machine's clock is 3 h behind"):
        add_version(filled.catalog)
    with filled.catalog.reading() as unit:
        trail = events.read_all(unit)
    assert trail[-1].happened_at == trail[-2].happened_at
    assert verify(filled).ok


def test_two_machines_with_clocks_apart_keep_the_order(
    filled: Place, clock: Callable[[timedelta], None]
) -> None:
    clock(timedelta(days=2))
    add_version(filled.catalog)
    clock(timedelta())
    with pytest.warns(UserWarning, match="this machine's clock is 2 d behind"):
        add_version(filled.catalog)
    clock(timedelta(days=2, seconds=9))
    add_version(filled.catalog)
    with filled.catalog.reading() as unit:
        moments = [event.happened_at for event in events.read_all(unit)]
    assert moments == sorted(moments)
    assert moments[-3] == moments[-2] < moments[-1]
    found = verify(filled)
    assert found.ok
    assert any("2 d in the future of this machine's clock" in n for n in found.notes)


def test_clocks_a_few_seconds_apart_are_not_worth_a_word(
    filled: Place, clock: Callable[[timedelta], None]
) -> None:
    clock(timedelta(seconds=-20))
    add_version(filled.catalog)
    clock(timedelta(seconds=20))
    add_version(filled.catalog)
    assert verify(filled).notes == ()
    with filled.catalog.reading() as unit:
        assert events.read_all(unit)[-1].happened_at > datetime.now(UTC)
