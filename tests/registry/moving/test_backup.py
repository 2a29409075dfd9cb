"""A whole registry is copied while in use, put elsewhere, and can simply be moved."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nbmlops.errors import (
    AlreadyExists,
    NbmlopsError,
    NotAllowed,
    NotFound,
    Tampered,
    UsageError,
)
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.database import FILE, LOCK, database_at
from nbmlops.registry.head import HEAD
from nbmlops.registry.moving.backup import backup, recover
from nbmlops.registry.moving.bundle import export
from nbmlops.registry.place import Place, open_place
from tests.registry.conftest import ARTIFACT, DIGEST, add_version
from tests.registry.moving.forging import listed, members_of, zipped

ROOT = Path(__file__).parents[3]
WRITE = """
import sys
from pathlib import Path
from nbmlops.registry.place import open_place
from tests.registry.conftest import add_version
place = open_place(sys.argv[1], actor="w")
add_version(place.catalog, name=f"model-{sys.argv[3]}")
print("under way", flush=True)
while not Path(sys.argv[2]).exists():
    add_version(place.catalog, name=f"model-{sys.argv[3]}")
"""


def dawdling(source: Path, target: Path) -> None:
    """Copy a file; after the catalog's, give others time to write if they can."""
    target.write_bytes(source.read_bytes())
    if source.name == FILE:
        head = source.with_name(HEAD)
        before, end = head.read_bytes(), time.monotonic() + 0.5
        while head.read_bytes() == before and time.monotonic() < end:
            time.sleep(0.01)


@pytest.fixture(params=["copy", "copy.zip"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where to back up: a folder, then a zip."""
    return tmp_path / "safe" / str(request.param)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Place:
    """An empty place of another project."""
    return open_place(tmp_path / "elsewhere" / ".nbmlops", actor="bob")


def test_what_is_recovered_is_what_was_backed_up(
    filled: Place, target: Path, elsewhere: Place
) -> None:
    receipt = backup(filled, target)
    assert recover(elsewhere, target).head == receipt.head == verify(filled).head
    found = verify(elsewhere)
    assert (found.problems, found.orphans) == ((), ())
    assert elsewhere.version("delays@champion") == filled.version("delays@champion")
    assert elsewhere.artifacts.get(DIGEST) == ARTIFACT
    add_version(elsewhere.catalog)
    assert filled.version("delays@newest").number == 2
    assert sorted(p.name for p in target.parent.iterdir()) == [target.name]
    assert [p.name for p in elsewhere.folder.parent.iterdir()] == [".nbmlops"]


def test_a_folder_that_was_backed_up_is_a_registry(
    filled: Place, tmp_path: Path
) -> None:
    backup(filled, tmp_path / "copy")
    assert verify(open_place(tmp_path / "copy", actor=None)).problems == ()


def test_backups_under_concurrent_writers_verify(
    filled: Place, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "copyfile", dawdling)
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", WRITE, str(filled.folder), str(stop)]
    writers = [
        subprocess.Popen([*command, str(n)], cwd=ROOT, stdout=subprocess.PIPE)
        for n in range(2)
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"under way\n"
        taken = [backup(filled, target.with_stem(f"copy-{n}")) for n in range(2)]
    finally:
        stop.touch()
        for writer in writers:
            _, _ = writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    first, second = (receipt.events for receipt in taken)
    assert 4 < first < second <= verify(filled).events
    for number, receipt in enumerate(taken):
        place = open_place(tmp_path / f"to-{number}" / ".nbmlops", actor=None)
        recover(place, receipt.path)
        found = verify(place)
        assert found.problems == ()
        assert (found.events, found.head) == (receipt.events, receipt.head)


def test_changes_that_are_only_in_the_log_are_backed_up(
    filled: Place, target: Path, elsewhere: Place
) -> None:
    log = filled.folder / f"{FILE}.wal"
    for _ in range(5):
        with filled.catalog.writing() as writer:
            writer.write("load", "delays/1", {})
        if log.exists():
            break
    assert log.exists()
    backup(filled, target)
    recover(elsewhere, target)
    assert verify(elsewhere).head == verify(filled).head


def test_what_else_lies_there_is_backed_up_too(
    filled: Place, target: Path, elsewhere: Place
) -> None:
    kept = {"logs/one/date=2026-11-24/a.parquet": b"rows", f"{FILE}.schema-1": b"old"}
    for name, data in kept.items():
        (filled.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (filled.folder / name).write_bytes(data)
    (filled.folder / ".head.1").write_bytes(b"interrupted")
    filled.artifacts.put(b"an orphan")
    backup(filled, target)
    recover(elsewhere, target)
    for name, data in kept.items():
        assert (elsewhere.folder / name).read_bytes() == data
    assert not (elsewhere.folder / ".head.1").exists()
    assert verify(elsewhere).orphans == ()


def test_bytes_that_an_event_speaks_of_are_backed_up(
    filled: Place, target: Path, elsewhere: Place
) -> None:
    digest = filled.artifacts.put(b"spoken of")
    with filled.catalog.writing() as writer:
        writer.write("reproduce", "delays/1", {"ok": False, "model": digest})
    backup(filled, target)
    recover(elsewhere, target)
    assert elsewhere.artifacts.get(digest) == b"spoken of"


def test_a_folder_that_is_recovered_from_is_left_as_it_was(
    filled: Place, tmp_path: Path, elsewhere: Place
) -> None:
    source = tmp_path / "copy"
    backup(filled, source)
    (source / LOCK).unlink(missing_ok=True)
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    recover(elsewhere, source)
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


def test_who_only_reads_backs_up_without_a_lock(filled: Place, target: Path) -> None:
    (filled.folder / LOCK).unlink()
    backup(Place(folder=filled.folder, is_read_only=True), target)
    assert not (filled.folder / LOCK).exists()


@pytest.mark.parametrize("target", ["copy"], indirect=True)
def test_a_folder_is_on_the_disk_before_it_has_its_name(
    filled: Place, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_there: list[bool] = []
    monkeypatch.setattr(os, "sync", lambda: was_there.append(target.exists()))
    backup(filled, target)
    assert was_there == [False]


def test_a_backup_goes_over_nothing(
    filled: Place, target: Path, elsewhere: Place
) -> None:
    backup(filled, target)
    with pytest.raises(AlreadyExists, match="is there already"):
        backup(filled, target)
    with pytest.raises(UsageError, match="lies in the registry itself"):
        backup(filled, filled.folder / target.name)
    recover(elsewhere, target)
    before = verify(elsewhere).head
    with pytest.raises(NotAllowed, match="is not empty") as refused:
        recover(elsewhere, target)
    assert "--registry NEW" in refused.value.hint
    assert verify(elsewhere).head == before


def test_an_empty_folder_is_filled(
    filled: Place, target: Path, elsewhere: Place
) -> None:
    elsewhere.folder.mkdir(parents=True)
    backup(filled, target)
    recover(elsewhere, target)
    assert verify(elsewhere).problems == ()


def test_a_registry_that_does_not_verify_is_not_backed_up(
    filled: Place, target: Path
) -> None:
    path = filled.artifacts.path(DIGEST)
    path.write_bytes(b"evil")
    with pytest.raises(Tampered, match="there is no backup"):
        backup(filled, target)
    assert not list(target.parent.iterdir())


def test_a_damaged_backup_is_not_recovered(
    filled: Place, tmp_path: Path, elsewhere: Place
) -> None:
    backup(filled, tmp_path / "copy")
    (tmp_path / "copy" / HEAD).write_text(f"99 {'a' * 64}\n")
    with pytest.raises(Tampered, match=r"does not verify|not in the audit trail"):
        recover(elsewhere, tmp_path / "copy")
    assert not elsewhere.folder.exists()
    backup(filled, tmp_path / "copy.zip")
    members = members_of(tmp_path / "copy.zip")
    edited = {**members, HEAD: members[HEAD].replace(b"4 ", b"5 ")}
    for changed in (edited, listed(edited)):
        (tmp_path / "edited.zip").write_bytes(zipped(changed))
        with pytest.raises(Tampered):
            recover(elsewhere, tmp_path / "edited.zip")
        assert not elsewhere.folder.exists()


@pytest.mark.parametrize(
    "name",
    ["../up", "logs/../../up", "logs/..", "/up", "logs//up", "logs/a\\..\\up", "up"],
)
def test_a_name_that_leads_out_of_the_place_is_refused(
    filled: Place, tmp_path: Path, elsewhere: Place, name: str
) -> None:
    backup(filled, tmp_path / "copy.zip")
    members = listed({**members_of(tmp_path / "copy.zip"), name: b"x"})
    (tmp_path / "hostile.zip").write_bytes(zipped(members))
    before = set(tmp_path.rglob("*"))
    with pytest.raises(Tampered, match=r"which no (export|backup) has"):
        recover(elsewhere, tmp_path / "hostile.zip")
    assert set(tmp_path.rglob("*")) == before


def test_nothing_is_recovered_where_it_is_only_read(
    filled: Place, elsewhere: Place, tmp_path: Path
) -> None:
    backup(filled, tmp_path / "copy.zip")
    reader = Place(folder=elsewhere.folder, is_read_only=True)
    with pytest.raises(NotAllowed, match="was opened for reading only"):
        recover(reader, tmp_path / "copy.zip")
    assert not elsewhere.folder.exists()


def test_an_export_is_no_backup(
    filled: Place, tmp_path: Path, elsewhere: Place
) -> None:
    export(filled, "delays", tmp_path / "delays.zip")
    with pytest.raises(NbmlopsError, match=r"which no (export|backup) has"):
        recover(elsewhere, tmp_path / "delays.zip")


def test_nothing_is_backed_up_from_inside_of_a_change(filled: Place) -> None:
    with (
        filled.catalog.writing(),
        pytest.raises(RuntimeError, match="open in a unit of work"),
        database_at(filled.folder).detached(),
    ):
        pass


def test_a_moved_folder_is_used_where_it_is_now(filled: Place, tmp_path: Path) -> None:
    head = verify(filled).head
    filled.folder.rename(tmp_path / "models")
    with pytest.raises(NotFound, match="there is no registry") as gone:
        filled.version("delays")
    assert "takes another" in gone.value.hint
    moved = open_place(tmp_path / "models", actor=None)
    assert verify(moved).head == head
    assert verify(moved).problems == ()
    assert moved.artifacts.get(moved.version("delays/1").digest) == ARTIFACT
    add_version(moved.catalog)
    moved.folder.rename(filled.folder)
    assert filled.version("delays@newest").number == 3
