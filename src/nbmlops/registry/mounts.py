"""Which file system a folder lies on: on a network's, locks cannot be relied on."""

import os
import re
from pathlib import Path

from nbmlops.errors import NotAllowed

ALLOW_VARIABLE = "NBMLOPS_ALLOW_NETWORK_FS"
MOUNTS = Path("/proc/mounts")  # Linux; elsewhere nothing is told

_NETWORK = frozenset(
    {"afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "lustre", "ncpfs", "nfs"}
    | {"nfs4", "smb2", "smb3", "smbfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone"}
)


def refuse_network(folder: Path, *, mounts: Path | None = None) -> None:
    """Refuse a folder on a network file system, unless the environment allows it.

    Parameters
    ----------
    folder
        Absolute; it need not exist.
    mounts
        The table of mounts; None reads the system's.

    Raises
    ------
    NotAllowed
        If the file system is a network's and `NBMLOPS_ALLOW_NETWORK_FS` is not 1.
    """
    kind = file_system(folder, mounts or MOUNTS)
    if kind in _NETWORK and os.environ.get(ALLOW_VARIABLE) != "1":
        raise NotAllowed(
            f"{folder} lies on a network file system ({kind}): its locks can fail, "
            "and then changes are lost",
            hint=f"put the registry on a local disk, or set {ALLOW_VARIABLE}=1",
        )


def file_system(folder: Path, mounts: Path) -> str:
    """Name the file system of a folder; "" where the table does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    found, depth = "", -1
    for line in lines.splitlines():
        _, point, kind, *_ = [*line.split(" "), "", "", ""]
        place = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), point))
        # The last of several on one point is the one that is seen.
        if folder.is_relative_to(place) and len(place.parts) >= depth:
            found, depth = kind, len(place.parts)
    return found
