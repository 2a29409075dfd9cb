"""The tables that a trail of events gives, made anew in memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from nbmlops.registry.audit.events import Event
from nbmlops.registry.tables import schema
from nbmlops.registry.tables.projection import project
from nbmlops.registry.unit import Unit


@contextmanager
def replayed(trail: Iterable[Event]) -> Iterator[Unit]:
    """Replay events into an empty catalog in memory.

    Parameters
    ----------
    trail
        Oldest first.

    Yields
    ------
    Unit
        Its tables are what the events give.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        for step in schema.STEPS:
            connection.execute(step)
        connection.execute("begin")
        scratch = Unit(connection)
        for event in trail:
            project(scratch, event)
        yield scratch
