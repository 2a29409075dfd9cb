"""The catalog: reading its tables, and changing them by events only.

A change is one transaction: the event, then the rows that follow from it. Events that
belong together (a version and its evaluations) are written in one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nbmlops.errors import NbmlopsError, NotFound
from nbmlops.refs import Ref, check_alias
from nbmlops.registry.artifacts import Artifacts
from nbmlops.registry.audit import events
from nbmlops.registry.audit.events import Event, Tip
from nbmlops.registry.database import Database, database_at
from nbmlops.registry.faults import OpenedReadOnly
from nbmlops.registry.head import write_head
from nbmlops.registry.lookup import aliases_of
from nbmlops.registry.named import named_by
from nbmlops.registry.tables.projection import project
from nbmlops.registry.unit import Unit


class Catalog:
    """The tables of one registry folder.

    Parameters
    ----------
    folder
        The registry's.
    actor
        Says who acts.
    tell
        Takes the events of a transaction, once they stand and the lock is free.
    is_read_only
        True refuses every change, and takes no lock.
    """

    def __init__(
        self,
        folder: Path,
        actor: Callable[[], str],
        tell: Callable[[Sequence[Event]], None],
        *,
        is_read_only: bool = False,
    ) -> None:
        self.folder = folder
        self._is_read_only = is_read_only
        self._tell = tell
        self._database: Database = database_at(folder)
        self._actor = actor

    @property
    def exists(self) -> bool:
        """True once the registry was made."""
        return self._database.exists

    def check_makeable(self) -> None:
        """Refuse a folder in which no registry can be made; fine where there is one."""
        self._database.check_makeable()

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """Run several reads in one transaction."""
        with self._database.reading(takes_lock=not self._is_read_only) as unit:
            yield unit

    @contextmanager
    def writing(self, *, create: bool = False) -> Iterator["Writer"]:
        """Run changes in one transaction; the head moves when it has committed.

        Parameters
        ----------
        create
            Make the registry if it is missing.

        Yields
        ------
        Writer
            Takes the events.

        Raises
        ------
        OpenedReadOnly
            If the registry was opened for reading only.
        """
        if self._is_read_only:
            raise OpenedReadOnly(self.folder)
        # Asking git who acts may take long: nobody shall wait for it.
        writer = Writer(self._actor(), Artifacts(self.folder))

        def move_head() -> None:
            if not writer.written:
                return
            # The commit stands: a head that could not be written is mended by the next.
            with suppress(OSError):
                write_head(self.folder, writer.written[-1].seq, writer.written[-1].hash)

        with self._database.writing(create=create, after=move_head) as unit:
            if isinstance(unit.shared, Writer):
                yield unit.shared  # the outer block's, which also moves the head
                return
            unit.shared = writer
            writer.unit = unit
            writer.tip = events.tip_of(unit, self.folder)
            if create and writer.tip == events.START:
                writer.write("init", "registry", {})
            yield writer
        if writer.written:
            self._tell(writer.written)


class Writer:
    """Writes events and what follows from them, in one open transaction."""

    unit: Unit
    tip: Tip

    def __init__(self, actor: str, artifacts: Artifacts) -> None:
        self.written: list[Event] = []
        self._actor = actor
        self._artifacts = artifacts

    def write(self, verb: str, subject: str, detail: dict[str, Any]) -> Event:
        """Append an event and its rows.

        Parameters
        ----------
        verb, subject, detail
            As in `Event`.

        Returns
        -------
        Event
            As it was written.

        Raises
        ------
        NbmlopsError
            If bytes that it names were removed since they were kept.
        """
        for digest in named_by(verb, detail):
            if not self._artifacts.path(digest).exists():
                raise NbmlopsError(
                    f"the artifact {digest[:12]} of {subject} was removed while it was "
                    "being written, by a repair or a clean-up",
                    hint="run it again",
                )
        event = events.append(
            self.unit,
            self.tip,
            actor=self._actor,
            verb=verb,
            subject=subject,
            detail=detail,
        )
        moment = event.happened_at.replace(tzinfo=None)
        self.tip = Tip(event.seq, moment, event.hash)
        self.unit.newest = [(event.seq, moment, event.hash)]
        project(self.unit, event)
        self.written.append(event)
        return event

    def move_alias(
        self, ref: Ref, alias: str, verb: str, detail: dict[str, Any] | None = None
    ) -> Event:
        """Point an alias to a version.

        Parameters
        ----------
        ref
            A resolved ref, with a number.
        alias
            The alias.
        verb
            "alias", "promote" or "rollback".
        detail
            What else the event shall say.

        Returns
        -------
        Event
            As it was written.
        """
        previous = aliases_of(self.unit, ref.name).get(alias)
        return self.write(
            verb,
            str(ref),
            {
                **(detail or {}),
                "alias": check_alias(alias),
                "number": ref.number,
                "previous": previous,
            },
        )

    def drop_alias(
        self, name: str, alias: str, verb: str, detail: dict[str, Any] | None = None
    ) -> Event:
        """Take an alias away from whichever version has it.

        Parameters
        ----------
        name, alias
            The model and the alias.
        verb
            "unalias" or "retire".
        detail
            What else the event shall say.

        Returns
        -------
        Event
            As it was written.

        Raises
        ------
        NotFound
            If no version has it.
        """
        aliases = aliases_of(self.unit, name)
        if alias not in aliases:
            raise NotFound("alias", f"{name}@{alias}", aliases)
        return self.write(
            verb,
            name,
            {
                **(detail or {}),
                "alias": alias,
                "number": None,
                "previous": aliases[alias],
            },
        )
