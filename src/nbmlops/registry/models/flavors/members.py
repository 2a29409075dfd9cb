"""A zip of named members: written with fixed bytes, and measured before it is read."""

import io
from collections.abc import Mapping
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from nbmlops.errors import Untrusted

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MOST_TIMES = 100  # deflate manages 1,032 times; a fitted model hardly ever 20
_ARCHIVES = (".npz", ".skops")


def pack(members: Mapping[str, bytes]) -> bytes:
    """Write members uncompressed, in their order and with a fixed time."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", compression=ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(ZipInfo(name, date_time=_EPOCH), data)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Read the members of a zip that is no bomb."""
    check_size(data)
    with ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_size(data: bytes) -> None:
    """Refuse a zip that would unpack to far more than it is.

    Parameters
    ----------
    data
        A zip, which may hold others.

    Raises
    ------
    Untrusted
        If it is no zip, or its members are too large.
    """
    most = _MOST_TIMES * len(data)
    try:
        size = _unpacked_size(data, most)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        # RuntimeError: a member that is encrypted.
        raise Untrusted(f"the artifact is no sound zip: {error}") from None
    if size > most:
        raise Untrusted(
            f"the artifact's {len(data):,} bytes would unpack to {size:,}: "
            "a model does not, a zip bomb does"
        )


def _unpacked_size(data: bytes, most: int) -> int:
    with ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        for member in members:
            # ZipFile reads no more of a member than the size that was counted.
            if size <= most and member.filename.endswith(_ARCHIVES):
                size += _unpacked_size(archive.read(member), most)
    return size
