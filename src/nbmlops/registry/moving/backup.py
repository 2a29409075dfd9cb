"""A copy of the whole place while it is in use, and filling an empty place from one."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

from nbmlops.errors import AlreadyExists, NotAllowed, Tampered, UsageError
from nbmlops.host import typed
from nbmlops.registry.audit import events
from nbmlops.registry.audit.verification import Verification, verify
from nbmlops.registry.database import FILE, LOCK, database_at, let_go
from nbmlops.registry.faults import OpenedReadOnly, as_errors
from nbmlops.registry.head import HEAD
from nbmlops.registry.moving.archive import LIMITS, Member, opened, write_archive
from nbmlops.registry.moving.receipt import Receipt
from nbmlops.registry.named import mentioned, named_artifacts
from nbmlops.registry.place import Place

KIND = "backup"

# Most of a small catalog's file is zeros. Deflate manages 1,032 times.
_LIMITS = replace(LIMITS, times=1_100)
_CATALOG = (FILE, f"{FILE}.wal", HEAD)
_ARTIFACTS = "artifacts"
_PART = r"(?!\.{1,2}(?:/|$))[^/\\:\x00]+"
_NAMES = re.compile(
    rf"registry\.duckdb(?:\.wal|\.schema-\d+)?|head"
    rf"|artifacts/sha256/[0-9a-f]{{2}}/[0-9a-f]{{64}}|(?:logs|webhooks)(?:/{_PART})+"
)


def backup(place: Place, path: str | Path) -> Receipt:
    """Copy a whole registry, however many write to it meanwhile.

    Only the copying of the catalog's file keeps others waiting: artifacts never change.
    The copy is verified, down to every byte, before it gets its name.

    Parameters
    ----------
    place
        The registry.
    path
        A `.zip`, or a folder, which is then a registry like any other. It must not
        exist, or be an empty folder.

    Returns
    -------
    Receipt
        What was written.
    """
    target = _free_target(place, Path(path).expanduser().absolute())
    with _beside(target) as folder:
        _copy_catalog(place, folder)
        copy = Place(folder=folder, named_actor=place.named_actor)
        _copy_the_rest(place, copy)
        found = _verified(copy, "the registry does not verify, so there is no backup")
        if target.suffix == ".zip":
            names = sorted(p.relative_to(folder).as_posix() for p in _files(folder))
            members = [Member(name, partial(_opened, folder / name)) for name in names]
            write_archive(target, KIND, {"head": found.head}, members)
            size = target.stat().st_size
        else:
            size = sum(file.stat().st_size for file in _files(folder))
            _put(folder, target)
    return Receipt(
        what=str(place.folder),
        path=target,
        size=size,
        events=found.events,
        artifacts=found.artifacts,
        head=found.head,
    )


def recover(place: Place, path: str | Path) -> Receipt:
    """Fill an empty place from a backup; verified before anything is there.

    Parameters
    ----------
    place
        Where the registry shall be: a folder that does not exist, or is empty.
    path
        What `backup` wrote: a `.zip` or a folder.

    Returns
    -------
    Receipt
        What is there now.

    Raises
    ------
    NotAllowed
        If there is anything at the place.
    OpenedReadOnly
        If it was opened for reading only.
    """
    if place.is_read_only:
        raise OpenedReadOnly(place.folder)
    source = Path(path).expanduser().absolute()
    if place.folder.exists() and any(place.folder.iterdir()):
        raise NotAllowed(
            f"{place.folder} is not empty: a backup is not put over anything",
            hint=f"put it elsewhere: {typed('recover FILE --registry NEW/.nbmlops')}",
        )
    if source.is_dir():
        return backup(Place(folder=source, is_read_only=True), place.folder)
    with (
        opened(source, KIND, names=_NAMES, limits=_LIMITS) as archive,
        _beside(place.folder) as folder,
    ):
        for name in sorted(archive.names):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            archive.extract(name, folder / name)
        found = _verified(Place(folder=folder), f"{source} does not verify")
        size = sum(file.stat().st_size for file in _files(folder))
        _put(folder, place.folder)
    return Receipt(
        what=str(source),
        path=place.folder,
        size=size,
        events=found.events,
        artifacts=found.artifacts,
        head=found.head,
    )


def _free_target(place: Place, target: Path) -> Path:
    if target.is_relative_to(place.folder):
        raise UsageError(
            f"{target} lies in the registry itself", hint="name a file outside of it"
        )
    is_taken = any(target.iterdir()) if target.is_dir() else target.exists()
    if is_taken:
        raise AlreadyExists(
            f"{target} is there already", hint="name another one, or remove that"
        )
    return target


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Make a folder beside the target to work in; it is gone afterwards."""
    folder = target.with_name(f".{target.name}.{os.getpid()}.d")
    with as_errors(target.parent):
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            let_go(folder)
            shutil.rmtree(folder, ignore_errors=True)


def _copy_catalog(place: Place, folder: Path) -> None:
    takes_lock = not place.is_read_only
    with database_at(place.folder).detached(takes_lock=takes_lock):
        for name in _CATALOG:
            if (place.folder / name).exists():
                shutil.copyfile(place.folder / name, folder / name)


def _copy_the_rest(place: Place, copy: Place) -> None:
    """Copy what the copied events name, and whatever else lies beside the catalog."""
    with copy.catalog.reading() as unit:
        trail = events.read_all(unit)
    for digest in (
        named_artifacts(trail) | mentioned(trail)
    ) & place.artifacts.digests():
        target = copy.artifacts.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place.artifacts.path(digest), target)
    for item in place.folder.iterdir():
        if item.name in {*_CATALOG, LOCK, _ARTIFACTS} or item.name.startswith("."):
            continue
        if item.is_dir():
            shutil.copytree(item, copy.folder / item.name)
        elif not (copy.folder / item.name).exists():
            shutil.copyfile(item, copy.folder / item.name)


def _verified(copy: Place, otherwise: str) -> Verification:
    found = verify(copy)
    if not found.ok:
        raise Tampered(
            f"{otherwise}: {found.problems[0]}",
            hint=f"{typed('verify')} says all that is wrong; nothing was changed",
        )
    return found


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and p.name != LOCK]


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")


def _put(folder: Path, target: Path) -> None:
    """Give a folder that is whole its name."""
    let_go(folder)
    if hasattr(os, "sync"):
        os.sync()
    if target.exists():
        target.rmdir()
    folder.rename(target)
