import hashlib
import os
from pathlib import Path

import pytest

from nbmlops.errors import Tampered
from nbmlops.registry import artifacts as module
from nbmlops.registry.artifacts import Artifacts
from nbmlops.registry.faults import OpenedReadOnly


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path)


def test_bytes_come_back_by_their_digest(artifacts: Artifacts, tmp_path: Path) -> None:
    digest = artifacts.put(b"model")
    assert digest == hashlib.sha256(b"model").hexdigest()
    assert artifacts.get(digest) == b"model"
    path = tmp_path / "artifacts" / "sha256" / digest[:2] / digest
    assert path.read_bytes() == b"model"


def test_the_same_bytes_are_kept_once(artifacts: Artifacts) -> None:
    assert artifacts.put(b"a") == artifacts.put(b"a")
    assert len(artifacts.digests()) == 1
    assert artifacts.leftovers() == []


def test_bytes_are_on_the_disk_before_they_have_their_name(
    artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        steps.append(f"fsync of {os.fstat(descriptor).st_size} bytes")
        fsync(descriptor)

    def rename(self: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", rename)
    artifacts.put(b"model")
    for data in (b"other", bytes(2_000_000)):  # the large one in the background
        with artifacts.putting(data) as keep:
            keep()
    sizes = (5, 5, 2_000_000)
    assert steps == [s for n in sizes for s in (f"fsync of {n} bytes", "rename")]


def test_changed_bytes_are_not_given_out(artifacts: Artifacts) -> None:
    digest = artifacts.put(b"model")
    artifacts.path(digest).write_bytes(b"other")
    with pytest.raises(Tampered, match="was changed"):
        artifacts.get(digest)


def test_damaged_bytes_are_mended_by_putting_them_again(artifacts: Artifacts) -> None:
    digest = artifacts.put(b"model")
    artifacts.path(digest).write_bytes(b"mo")
    artifacts.put(b"model")
    assert artifacts.get(digest) == b"model"


def test_lost_bytes_are_said_to_be_gone(artifacts: Artifacts) -> None:
    digest = artifacts.put(b"model")
    artifacts.path(digest).unlink()
    with pytest.raises(Tampered, match="is gone"):
        artifacts.get(digest)


def test_a_write_cut_off_by_a_crash_is_a_leftover_only(artifacts: Artifacts) -> None:
    digest = artifacts.put(b"model")
    (artifacts.path(digest).parent / f".{digest[:8]}.cut").write_bytes(b"mo")
    assert artifacts.digests() == {digest}
    assert len(artifacts.leftovers()) == 1


def test_what_is_not_kept_leaves_nothing(artifacts: Artifacts, tmp_path: Path) -> None:
    with artifacts.putting(bytes(30_000_000)):
        pass  # while it is still being written
    assert list(tmp_path.iterdir()) == []
    with artifacts.putting(b"model"):
        pass
    assert list(tmp_path.iterdir()) == []
    for data in (b"model", bytes(2_000_000)):
        with artifacts.putting(data) as keep:
            digest = keep()
        assert artifacts.get(digest) == data
        with artifacts.putting(data) as keep:
            assert keep() == digest
    assert artifacts.leftovers() == []


@pytest.mark.parametrize("size", [5, 2_000_000], ids=["here", "in the background"])
def test_a_write_that_fails_is_said(size: int, tmp_path: Path) -> None:
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "sha256").write_text("a file where a folder should be")
    with (
        Artifacts(tmp_path).putting(bytes(size)) as keep,
        pytest.raises(NotADirectoryError),
    ):
        keep()


def test_what_is_small_is_kept_without_a_thread(
    artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(module, "ThreadPoolExecutor")
    with artifacts.putting(b"model") as keep:
        assert artifacts.get(keep()) == b"model"


@pytest.mark.parametrize("size", [5, 2_000_000], ids=["here", "in the background"])
def test_where_it_is_only_read_nothing_is_written(size: int, tmp_path: Path) -> None:
    reader = Artifacts(tmp_path, is_read_only=True)
    with pytest.raises(OpenedReadOnly):
        reader.put(bytes(size))
    with pytest.raises(OpenedReadOnly), reader.putting(bytes(size)):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_discarded_leaves_no_empty_folder(artifacts: Artifacts) -> None:
    digest = artifacts.put(b"model")
    artifacts.discard(digest)
    artifacts.discard(digest)
    assert not artifacts.path(digest).parent.exists()
