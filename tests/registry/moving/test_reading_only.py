"""What can only be read is read, compared, loaded and verified; nothing is written."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nbmlops.api import Registry, open_registry
from nbmlops.cli import MISUSE, main
from nbmlops.errors import NotAllowed
from nbmlops.lifecycle.check import NOT_STORED
from nbmlops.registry.models.flavors.joblib import save as pickled
from nbmlops.registry.tables import schema
from tests.lifecycle.foreign import add_foreign

Add = Callable[..., Any]
OLD = Path(__file__).parents[1] / "places" / "schema-1.zip"
NOBODY = 65_534


def _files(folder: Path) -> dict[Path, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Act as somebody who may read a folder, and write nothing in it."""
    if os.geteuid() == 0:
        for path in (folder, *folder.parents[:4]):
            path.chmod(0o755)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)


@pytest.fixture(params=["opened for reading only", "no permission to write"])
def readable(
    request: pytest.FixtureRequest, registry: Registry, add: Add
) -> Iterator[Registry]:
    """A registry with two versions that nothing can be written to."""
    add()
    registry.promote("delays/1")
    add()
    before = _files(registry.location)
    if request.param.startswith("opened"):
        yield open_registry(registry.location, read_only=True)
    else:
        with unwritable(registry.location):
            yield open_registry(registry.location)
    assert _files(registry.location) == before


def test_everything_is_read(readable: Registry, test: Any) -> None:
    assert readable.get("delays@champion").number == 1
    assert len(readable.versions("delays")) == 2
    assert len(readable.search("number = 2")) == 1
    assert len(readable.compare("delays/1", "delays/2").rows()) > 0
    assert len(readable.load("delays").predict(test)) == len(test)
    assert readable.verify().ok
    assert readable.status().exists
    assert len(readable.history("delays")) > 0
    assert len(readable.lineage("delays/1").to_dict()["nodes"]) > 0
    assert len(readable.gates("delays/2")) > 0
    assert "event" in readable.catalog()


def test_a_check_is_made_and_says_that_it_was_not_stored(
    readable: Registry, test: Any
) -> None:
    report = readable.check_skew("delays", test)
    assert report.ok
    assert NOT_STORED in report.notes
    assert "this check was not stored" in " ".join(repr(report).split())
    assert readable.checks("delays") == []


def test_every_change_is_refused(readable: Registry) -> None:
    changes: list[Callable[[], Any]] = [
        lambda: readable.init(),
        lambda: readable.tag("delays/1", team="ops"),
        lambda: readable.promote("delays/2"),
        lambda: readable.delete("delays/2"),
        lambda: readable.verify(repair=True),
    ]
    for change in changes:
        with pytest.raises(NotAllowed) as refused:
            change()
        assert len(str(refused.value).splitlines()) == 2


def test_it_can_be_exported_and_backed_up(readable: Registry, tmp_path: Path) -> None:
    target = tmp_path / "open-to-all"
    with _as_root():
        target.mkdir()
        target.chmod(0o777)
    readable.export("delays", target / "delays.zip")
    readable.backup(target / "all.zip")
    other = open_registry(target / "new" / ".nbmlops")
    other.recover(target / "all.zip")
    assert other.verify().head == readable.verify().head


def test_nothing_is_registered_for_reading_only(
    registry: Registry, add: Add, model: Any
) -> None:
    add()
    before = _files(registry.location)
    with pytest.raises(NotAllowed, match="was opened for reading only"):
        open_registry(registry.location, read_only=True).register(model, "other")
    assert _files(registry.location) == before


@contextmanager
def _as_root() -> Iterator[None]:
    """Act as who this process was started by."""
    before = os.geteuid()
    os.seteuid(os.getuid())
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_pickle_is_not_loaded_where_no_event_can_say_so(
    registry: Registry, model: Any
) -> None:
    ref = add_foreign(registry, pickled(model), flavor="joblib")
    reader = open_registry(registry.location, read_only=True)
    with pytest.raises(NotAllowed, match="opened for reading only"):
        reader.load(ref, trust=[ref])


def test_others_may_write_while_one_only_reads(registry: Registry, add: Add) -> None:
    add()
    reader = open_registry(registry.location, read_only=True)
    for number in range(5):
        registry.note("delays/1", str(number))
        assert reader.get("delays").notes[-1] == str(number)


def test_an_older_registry_is_not_upgraded_for_reading_only(tmp_path: Path) -> None:
    with zipfile.ZipFile(OLD) as archive:
        archive.extractall(tmp_path)
    before = _files(tmp_path)
    reader = open_registry(tmp_path / ".nbmlops", read_only=True)
    with pytest.raises(NotAllowed, match="is of schema 1"):
        reader.models()
    assert _files(tmp_path) == before


def test_a_terminal_can_ask_for_reading_only(
    registry: Registry, add: Add, capsys: pytest.CaptureFixture[str]
) -> None:
    add()
    assert main(["show", "delays/1", "--read-only"]) == 0
    assert main(["note", "delays/1", "x", "--read-only"]) == MISUSE
    assert "was opened for reading only" in capsys.readouterr().err
    assert main(["show", "delays/1", "--read-only", "--python"]) == 0
    assert "read_only=True" in capsys.readouterr().out


def test_a_read_only_disk_is_read(registry: Registry, add: Add, tmp_path: Path) -> None:
    add()
    disk = tmp_path / "disk"
    disk.mkdir()
    commands = [
        ["mount", "-t", "tmpfs", "tmpfs", str(disk)],
        ["cp", "-r", str(registry.location), str(disk / ".nbmlops")],
        ["mount", "-o", "remount,ro", str(disk)],
    ]
    script = " && ".join(" ".join(command) for command in commands)
    code = (
        "import nbmlops, sys\n"
        "registry = nbmlops.open_registry(sys.argv[1])\n"
        "assert registry.verify().ok\n"
        "registry.load('delays')\n"
        "try:\n"
        "    registry.note('delays/1', 'x')\n"
        "except nbmlops.NotAllowed as error:\n"
        "    print(error.message)\n"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f'{script} && "$@"', "sh",
         sys.executable, "-c", code, str(disk / ".nbmlops")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("no file system can be mounted here")
    assert done.returncode == 0, done.stderr[-2_000:]
    assert "lies on a read-only disk" in done.stdout


def test_a_file_of_every_earlier_schema_is_kept() -> None:
    kept = sorted(path.name for path in OLD.parent.glob("schema-*.zip"))
    assert kept == [f"schema-{number}.zip" for number in range(1, schema.VERSION)]
