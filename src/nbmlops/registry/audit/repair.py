"""Removing what interrupted changes left, and mending a head that they left behind."""

from collections.abc import Iterator
from contextlib import suppress

from nbmlops.display.numbers import amount
from nbmlops.registry.audit import events
from nbmlops.registry.catalog import Writer
from nbmlops.registry.head import read_head, write_head
from nbmlops.registry.named import mentioned, named_artifacts
from nbmlops.registry.place import Place


def repair(place: Place) -> tuple[str, ...]:
    """Remove orphans and leftovers, and bring the head file to the newest event.

    No event is written: orphans are in none. The lock is held, so that no version is
    committed meanwhile that needs what goes: `Writer.write` refuses a version whose
    bytes are not there.

    Parameters
    ----------
    place
        A registry in which a verification found no problem.

    Returns
    -------
    tuple of str
        What was done.
    """
    with place.catalog.writing() as writer:
        return tuple(_repairs(place, writer))


def _repairs(place: Place, writer: Writer) -> Iterator[str]:
    trail = events.read_all(writer.unit)
    orphans = place.artifacts.digests() - named_artifacts(trail) - mentioned(trail)
    for digest in orphans:
        place.artifacts.discard(digest)
    if orphans:
        yield f"removed {amount(len(orphans), 'artifact')} that no event names"
    leftovers = [*place.artifacts.abandoned(), *place.folder.glob(".*.*")]
    for path in leftovers:  # those beside the catalog are written under the lock only
        with suppress(FileNotFoundError):
            path.unlink()
    if leftovers:
        yield f"removed {amount(len(leftovers), 'temporary file')}"
    tip = writer.tip
    if read_head(place.folder) != (tip.seq, tip.hash):
        write_head(place.folder, tip.seq, tip.hash)
        yield f"brought the head file to event {tip.seq}"
