"""The DuckDB file is shared by many kernels, and nothing acknowledged is lost."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from nbmlops.errors import (
    NbmlopsError,
    NotAllowed,
    NotFound,
    RegistryBusy,
    Tampered,
    UsageError,
)
from nbmlops.refs import Ref
from nbmlops.registry import database, lock
from nbmlops.registry.audit.chain import broken_links
from nbmlops.registry.catalog import Catalog
from nbmlops.registry.database import FILE, LOCK, database_at
from nbmlops.registry.head import HEAD
from nbmlops.registry.place import Place, open_place
from nbmlops.registry.tables import schema
from tests.registry.conftest import DIGEST, add_version

HOLD = """
import sys, time
from pathlib import Path
from nbmlops.registry.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
OPEN = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
time.sleep(60)
"""
WRITE = """
import sys
from nbmlops.registry.place import open_place
from tests.registry.conftest import DIGEST, add_version
place = open_place(sys.argv[1], actor="w")
print("ready", flush=True)
for i in range(int(sys.argv[2])):
    print(add_version(place.catalog), flush=True)
"""
ROOT = Path(__file__).parents[2]


@contextmanager
def other_process(code: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """Run code in a process of its own, and wait for its first line."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_reading_what_is_not_there_says_how_to_make_it(place: Place) -> None:
    with pytest.raises(NotFound, match="there is no registry") as missing:
        place.version("delays")
    assert "%mlops init" in missing.value.hint
    assert not place.folder.exists()


def test_a_registry_that_was_moved_away_is_not_begun_anew(filled: Place) -> None:
    filled.folder.rename(filled.folder.with_name("elsewhere"))
    with pytest.raises(NotFound, match="there is no registry") as gone:
        add_version(filled.catalog)
    assert "moved or removed" in gone.value.hint
    assert not filled.folder.exists()


def test_no_registry_is_made_among_other_things(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a\n1\n")
    with pytest.raises(NotAllowed, match=r"is no registry: it holds 'data\.csv'"):
        add_version(open_place(tmp_path, actor=None).catalog)
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_the_projects_folder_stands_for_the_registry_in_it(filled: Place) -> None:
    assert open_place(filled.folder.parent, actor=None).folder == filled.folder


def test_no_kernel_keeps_the_file_open(filled: Place) -> None:
    code = "import sys, duckdb; print(duckdb.connect(sys.argv[1]).sql('from event'))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(filled.folder / FILE)], check=False
    )
    assert done.returncode == 0


def test_two_openings_of_one_folder_share_one_database(filled: Place) -> None:
    again = open_place(filled.folder, actor=None)
    assert database_at(filled.folder) is database_at(again.folder)
    with filled.catalog.reading(), again.catalog.reading() as unit:
        assert unit.row("select count(*) from model") == (1,)


def test_nested_units_share_one_transaction(filled: Place) -> None:
    def both_then_stop() -> None:
        with filled.catalog.writing() as outer:
            outer.write("note", "delays/1", {"text": "outer"})
            with filled.catalog.writing() as inner:
                inner.write("note", "delays/1", {"text": "inner"})
            raise InterruptedError

    with pytest.raises(InterruptedError):
        both_then_stop()
    with filled.catalog.reading() as unit:
        assert unit.rows("from note") == []


def test_a_reading_unit_cannot_write(filled: Place) -> None:
    with (
        filled.catalog.reading(),
        pytest.raises(RuntimeError, match="cannot write"),
        filled.catalog.writing(),
    ):
        pass


def test_threads_take_turns(filled: Place) -> None:
    numbers: list[int] = []
    threads = [
        threading.Thread(target=lambda: numbers.append(add_version(filled.catalog)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(3, 11))


def test_what_another_process_wrote_in_between_is_followed(filled: Place) -> None:
    def take_note() -> int:
        with filled.catalog.writing() as writer:
            return writer.write("note", "delays/1", {"text": "x"}).seq

    first = take_note()
    assert take_note() == first + 1
    with other_process(WRITE, filled.folder, 1) as process:
        assert process.wait() == 0
    assert take_note() == first + 3
    with filled.catalog.reading() as unit:
        assert broken_links(unit) == []


def test_an_older_copy_is_found_by_who_has_just_written(filled: Place) -> None:
    def take_note() -> None:
        with filled.catalog.writing() as writer:
            writer.write("note", "delays/1", {"text": "x" * 40_000})

    take_note()
    older = (filled.folder / FILE).read_bytes()
    take_note()
    (filled.folder / FILE).write_bytes(older)
    with pytest.raises(Tampered, match="an older copy was put back"):
        take_note()


def test_a_holder_is_named_when_it_holds_for_too_long(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled.folder / LOCK
    with (
        other_process(HOLD, path) as process,
        pytest.raises(RegistryBusy, match=f"process {process.pid}"),
        lock.hold(path, timeout=0.05),
    ):
        pass


def test_a_killed_holder_lets_go(filled: Place) -> None:
    path = filled.folder / LOCK
    with other_process(HOLD, path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with lock.hold(path, timeout=5):
            assert path.read_text().split() == ["process", str(os.getpid())]


def test_a_file_open_in_another_program_is_busy(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "TIMEOUT_SECONDS", 0.05)
    with (
        other_process(OPEN, filled.folder / FILE) as process,
        pytest.raises(RegistryBusy, match=str(process.pid)),
    ):
        filled.version("delays/1")


def test_a_file_open_in_this_kernel_is_busy_with_that_reason(filled: Place) -> None:
    connection = duckdb.connect(str(filled.folder / FILE))
    try:
        with pytest.raises(RegistryBusy, match=r"this kernel.*duckdb\.connect"):
            filled.version("delays/1")
    finally:
        connection.close()
    assert filled.version("delays/1").number == 1


def test_events_cannot_be_edited_by_mistake(filled: Place) -> None:
    connection = duckdb.connect(str(filled.folder / FILE))
    with connection:
        for statement in (
            "update event set actor = 'x'",
            "delete from event",
            "truncate event",
        ):
            with pytest.raises(duckdb.Error, match="append-only"):
                connection.execute(statement)


def test_a_registry_of_a_newer_nbmlops_is_refused(filled: Place) -> None:
    with duckdb.connect(str(filled.folder / FILE)) as connection:
        connection.execute("update schema_version set version = 99")
    for action in (filled.catalog.reading, filled.catalog.writing):
        with pytest.raises(NotAllowed, match="made by a newer nbmlops"), action():
            pass
    with duckdb.connect(str(filled.folder / FILE)) as connection:
        assert connection.sql("select version from schema_version").fetchall() == [
            (99,)
        ]


def test_garbage_in_place_of_the_file_is_tampered(place: Place) -> None:
    place.folder.mkdir()
    (place.folder / FILE).write_bytes(b"garbage" * 1000)
    with pytest.raises(Tampered, match="is damaged"):
        place.version("delays")


def test_an_interrupted_unit_changes_nothing(filled: Place) -> None:
    def write_half() -> None:
        with filled.catalog.writing() as writer:
            writer.write("note", "delays/1", {"text": "half"})
            raise KeyboardInterrupt

    before = (filled.folder / HEAD).read_text()
    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert (filled.folder / HEAD).read_text() == before
    with filled.catalog.reading() as unit:
        assert unit.row("select count(*) from note") == (0,)


def test_eight_processes_open_an_empty_place_and_number_without_a_gap(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "together"
    command = [sys.executable, "-c", WRITE, str(folder), "25"]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    outputs = [process.communicate()[0].split()[1:] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8
    numbers = sorted(int(number) for output in outputs for number in output)
    assert numbers == list(range(1, 201))
    with open_place(folder, actor=None).catalog.reading() as unit:
        assert broken_links(unit) == []


def test_killed_writers_lose_nothing_they_acknowledged(filled: Place) -> None:
    """Kill writers at different moments; every number they printed must be there."""
    acknowledged: set[int] = set()
    for round_ in range(6):
        with other_process(WRITE, filled.folder, 1000) as process:
            assert process.stdout is not None
            text = process.stdout.readline()
            time.sleep(0.02 + 0.03 * round_)
            process.send_signal(signal.SIGKILL)
            text += process.stdout.read()
        whole = text[: text.rfind("\n") + 1]
        acknowledged |= {int(line) for line in whole.split()}
    assert acknowledged
    with filled.catalog.reading() as unit:
        kept = {row[0] for row in unit.rows("select number from model_version")}
    assert acknowledged <= kept
    assert kept == set(range(1, len(kept) + 1))


def test_a_stop_button_at_any_moment_leaves_the_registry_usable(
    filled: Place,
) -> None:
    code = """
import signal, sys
from nbmlops.registry.place import open_place
place = open_place(sys.argv[1], actor="w")
place.version("delays/1")
is_armed = False
def stop(*_):
    global is_armed
    if is_armed:
        is_armed = False  # once per try, and never outside of one
        raise KeyboardInterrupt
signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.0007, 0.0073)
stopped = 0
for _ in range(150):
    try:
        is_armed = True
        place.version("delays/1")
        with place.catalog.writing() as writer:
            writer.write("note", "delays/1", {"text": "x"})
        is_armed = False
    except KeyboardInterrupt:
        stopped += 1
signal.setitimer(signal.ITIMER_REAL, 0)
assert place.version("delays/1").number == 1
print(stopped)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(filled.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert int(done.stdout) > 5
    with filled.catalog.reading() as unit:
        assert broken_links(unit) == []


def test_the_schema_has_a_table_for_every_projection(filled: Place) -> None:
    with filled.catalog.reading() as unit:
        found = {row[0] for row in unit.rows("select table_name from duckdb_tables()")}
    assert {*schema.TABLES, "event", "schema_version"} <= found


def test_no_permission_is_said_and_reading_goes_on(filled: Place) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    for path in (filled.folder, *filled.folder.parents[:4]):
        path.chmod(0o755)
    os.seteuid(65534)
    try:
        assert filled.version("delays/1").number == 1
        with (
            pytest.raises(NotAllowed, match="no permission to write"),
            filled.catalog.writing() as writer,
        ):
            writer.move_alias(Ref("delays", number=2), "champion", "promote", {})
    finally:
        os.seteuid(0)
    assert filled.version("delays@champion").number == 1


def test_a_disk_that_fills_up_after_the_commit_loses_and_repeats_nothing(
    filled: Place,
) -> None:
    code = """
import os, resource, signal, sys
from nbmlops.errors import NbmlopsError
from nbmlops.registry.place import open_place
place = open_place(sys.argv[1], actor="w")
size = os.path.getsize(place.folder / "registry.duckdb")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
for number in range(40):
    try:
        with place.catalog.writing() as writer:
            writer.write("note", "delays/1", {"text": str(number) + "x" * 40_000})
        print(number)
    except NbmlopsError as error:
        print("refused", file=sys.stderr)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
with place.catalog.writing() as writer:
    writer.write("note", "delays/1", {"text": "100x"})
print(100)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(filled.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
    assert "refused" in done.stderr
    acknowledged = [int(line) for line in done.stdout.split()]
    with filled.catalog.reading() as unit:
        kept = [int(text.partition("x")[0]) for _, _, _, text in unit.rows("from note")]
    assert sorted(kept) == acknowledged


def test_a_full_disk_is_said_and_changes_nothing(filled: Place) -> None:
    code = """
import resource, sys
from nbmlops.errors import NbmlopsError
from nbmlops.registry.place import open_place
place = open_place(sys.argv[1], actor="w")
place.version("delays/1")
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for act in (lambda: place.artifacts.put(b"x" * 100_000),):
    try:
        act()
    except NbmlopsError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(filled.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no room left on the disk" in done.stdout, done
    assert filled.artifacts.digests() == {DIGEST}
    assert filled.artifacts.leftovers() == []
    assert issubclass(NotAllowed, NbmlopsError)


def test_half_a_character_is_refused_and_changes_nothing(filled: Place) -> None:
    def take_note() -> None:
        with filled.catalog.writing() as writer:
            writer.write("note", "delays/1", {"text": "x \ud800 y"})

    with pytest.raises(UsageError, match="half a character") as refused:
        take_note()
    assert len(str(refused.value).splitlines()) == 2
    str(refused.value).encode()
    with filled.catalog.reading() as unit:
        assert unit.rows("from note") == []


def test_who_acts_is_asked_before_the_lock_is_taken(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[str] = []

    def ana() -> str:
        held.append("actor")
        return "ana@example.com"

    @contextmanager
    def noted(path: Path) -> Iterator[None]:
        held.append("lock")
        with lock.hold(path):
            yield

    monkeypatch.setattr(database, "hold", noted)
    catalog = Catalog(filled.folder, ana, lambda events: None)
    with catalog.writing() as writer:
        writer.write("note", "delays/1", {"text": "x"})
    assert held == ["actor", "lock"]


def test_the_lock_is_held_until_the_head_has_moved(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
import sys
from pathlib import Path
from nbmlops.errors import RegistryBusy
from nbmlops.registry.lock import hold
try:
    with hold(Path(sys.argv[1]), timeout=0.05):
        print("free")
except RegistryBusy:
    print("held")
"""
    found: list[str] = []

    def look(folder: Path, *_: object) -> None:
        command = [sys.executable, "-c", code, str(folder / LOCK)]
        found.append(subprocess.check_output(command, text=True).strip())

    monkeypatch.setattr("nbmlops.registry.catalog.write_head", look)
    with filled.catalog.writing() as writer:
        writer.write("note", "delays/1", {"text": "x"})
    assert found == ["held"]


def test_a_disk_without_locks_is_refused(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(descriptor: int, *, blocking: bool) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "lock_descriptor", no_locks)
    for action in (filled.catalog.reading, filled.catalog.writing):
        with pytest.raises(NotAllowed, match="has no file locks"), action():
            pass


def read_only(path: Path) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


def test_reading_without_the_lock_begins_anew_when_the_head_moves(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "hold", read_only)
    heads = iter(["1 a", "2 b", "2 b", "2 b"])
    monkeypatch.setattr(database, "head_text", lambda folder: next(heads))
    assert filled.version("delays/1").number == 1
    assert next(heads, None) is None


def test_a_writer_waits_for_a_reader_without_the_lock(filled: Place) -> None:
    code = """
import sys, time, duckdb
connection = duckdb.connect()
connection.execute(f"attach '{sys.argv[1]}' as r (read_only)")
print("open", flush=True)
time.sleep(0.5)
"""
    with other_process(code, filled.folder / FILE):
        assert add_version(filled.catalog) == 3


def test_a_reader_without_the_lock_waits_for_a_writer(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = OPEN.replace("sleep(60)", "sleep(0.6)")
    monkeypatch.setattr(database, "hold", read_only)
    with other_process(code, filled.folder / FILE):
        assert filled.version("delays/1").number == 1


def test_the_log_is_folded_in_after_a_few_transactions(filled: Place) -> None:
    log = filled.folder / f"{FILE}.wal"

    def longest(text: str) -> int:
        sizes = [0]
        while len(sizes) < 40:
            with filled.catalog.writing() as writer:
                writer.write("note", "delays/1", {"text": text})
            sizes.append(log.stat().st_size if log.exists() else 0)
        assert 0 in sizes[1:]  # it was folded in
        return max(sizes)

    longest("")  # what was there before is folded in
    assert 2_000 < longest("") <= 4_096
    assert 6_000 < longest("x" * 2_000) <= 3 * 6_000
    assert longest("x" * 100_000) <= 32_768


def test_a_forked_child_leaves_its_parents_connection_alone(filled: Place) -> None:
    code = """
import os, sys
from nbmlops.registry.place import open_place
place = open_place(sys.argv[1], actor="w")
place.version("delays/1")
parents = place.catalog._database._holder._connection
child = os.fork()
if child == 0:
    place.version("delays/1")
    own = place.catalog._database._holder._connection
    os._exit(0 if own is not None and own is not parents else 1)
assert os.waitpid(child, 0)[1] == 0
assert place.catalog._database._holder._connection is parents
"""
    command = [sys.executable, "-c", code, str(filled.folder)]
    subprocess.run(command, check=True)
