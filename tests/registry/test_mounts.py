"""Network file systems are refused by name, unless the user says otherwise."""

from pathlib import Path

import pytest

from nbmlops.errors import NotAllowed
from nbmlops.registry import mounts
from nbmlops.registry.place import Place
from tests.registry.conftest import add_version

TABLE = """\
/dev/sda1 / ext4 rw,relatime 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local xfs rw 0 0
//share/data /mnt/my\\040data cifs rw 0 0
me@host:/ /mnt/far fuse.sshfs rw 0 0
/dev/sdc1 /srv/share/local ext4 rw 0 0
server:/share /srv/share ceph rw 0 0
/dev/sdd1 /data ext4 rw 0 0
server:/data /data nfs rw 0 0
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mounts"
    path.write_text(TABLE)
    return path


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/.nbmlops", ""),
        ("/home/ana/.nbmlops", "nfs4"),
        ("/home/local/ana", ""),
        ("/homes/ana", ""),
        ("/mnt/my data/.nbmlops", "cifs"),
        ("/mnt/far/x", "fuse.sshfs"),
        ("/srv/share/local/ana", ""),  # though the outer mount is listed later
        ("/srv/share/ana", "ceph"),
        ("/data/ana", "nfs"),  # mounted over a disk, on one point
    ],
)
def test_the_file_system_of_the_deepest_mount_counts(
    folder: str, kind: str, table: Path
) -> None:
    if not kind:
        mounts.refuse_network(Path(folder), mounts=table)
        return
    with pytest.raises(NotAllowed, match=f"network file system .{kind}."):
        mounts.refuse_network(Path(folder), mounts=table)


def test_without_a_table_nothing_is_refused(tmp_path: Path) -> None:
    mounts.refuse_network(tmp_path, mounts=tmp_path / "none")


def test_a_registry_on_one_is_made_only_when_told_so(
    place: Place, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.write_text("server:/ / nfs rw 0 0\n")
    monkeypatch.setattr(mounts, "MOUNTS", table)
    with pytest.raises(NotAllowed, match="nfs") as refused:
        add_version(place.catalog)
    assert mounts.ALLOW_VARIABLE in refused.value.hint
    assert not place.folder.exists()
    monkeypatch.setenv(mounts.ALLOW_VARIABLE, "1")
    assert add_version(place.catalog) == 1
