"""An archive is written whole or not at all, and gives out only what was hashed."""

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from nbmlops.errors import AlreadyExists, Tampered, UsageError
from nbmlops.registry.moving.archive import Archive, Member, opened, write_archive


def members(*names: str) -> Iterator[Member]:
    for name in names:
        yield Member(name, lambda: BytesIO(b"a model"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "archives"
    folder.mkdir()
    return folder / "delays.zip"


def test_the_same_members_give_the_same_bytes_at_any_time(path: Path) -> None:
    other = path.with_name("other.zip")
    write_archive(path, "export", {}, members("a", "b.json"))
    write_archive(other, "export", {}, members("a", "b.json"))
    assert path.read_bytes() == other.read_bytes()
    with ZipFile(path) as file:
        moments = {info.date_time for info in file.infolist()}
        stored = {info.filename: info.compress_type for info in file.infolist()}
    assert moments == {(1980, 1, 1, 0, 0, 0)}
    assert stored == {"a": 0, "b.json": 8, "manifest.json": 8}


def test_it_is_on_the_disk_before_it_has_its_name(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        assert os.fstat(descriptor).st_size > 0
        steps.append("fsync")
        fsync(descriptor)

    def rename(self: Path, target: Path) -> Path:
        steps.append(f"rename to {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", rename)
    write_archive(path, "export", {}, members("a"))
    assert steps == ["fsync", "rename to delays.zip"]


def test_what_fails_leaves_nothing(path: Path) -> None:
    def failing() -> BytesIO:
        raise Tampered("the artifact is gone")

    with pytest.raises(Tampered, match="is gone"):
        write_archive(path, "export", {}, [*members("a"), Member("b", failing)])
    assert list(path.parent.iterdir()) == []


def test_where_it_cannot_be_written_is_said(path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        write_archive(path.parent / "none" / "x.zip", "export", {}, members("a"))
    path.write_bytes(b"mine")
    with pytest.raises(AlreadyExists, match="is there already"):
        write_archive(path, "export", {}, members("a"))
    assert path.read_bytes() == b"mine"


def test_a_member_that_is_not_what_was_hashed_is_not_given_out(path: Path) -> None:
    """The file may have changed since it was opened and found to be whole."""
    write_archive(path, "export", {}, members("a"))
    with opened(path, "export", names=re.compile("a")) as archive:
        assert archive.read("a") == b"a model"
    with ZipFile(path) as file:
        since = Archive(path, file, {"members": {"a": {"sha256": "0" * 64}}})
        with pytest.raises(Tampered, match="a is not what its manifest says"):
            since.read("a")
        with pytest.raises(Tampered, match="a is not what its manifest says"):
            since.extract("a", path.with_name("a"))
