"""Opening the catalog's file: of which schema it is, and what was written since."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import duckdb

from nbmlops.errors import NotAllowed, Tampered
from nbmlops.registry.head import head_text, read_head
from nbmlops.registry.holding import LOOK_THERE, Holder
from nbmlops.registry.tables import schema, upgrade

# Each opening runs two of these. One joined statement takes twice as long to plan, and
# sorting in it half as long again.
_SCHEMA_VERSION = "select version from schema_version"
_SINCE_HEAD = "select seq, happened_at, hash from event where seq >= $seq"
_NEWEST = """
select seq, happened_at, hash
from event
where seq = (select max(seq) from event)
"""

# The events since the head file's, newest first: seq, happened_at, hash.
Newest: TypeAlias = Sequence[tuple[Any, ...]]


class Opening:
    """What this process has seen of a file, and what it left there."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._folder = holder.path.parent
        self._left: tuple[object, Newest] | None = None

    def to_read(self, connection: duckdb.DuckDBPyConnection) -> Newest:
        """Give the newest events of a file that is not to be changed.

        Parameters
        ----------
        connection
            Which holds the file.

        Returns
        -------
        sequence
            The events.

        Raises
        ------
        NotAllowed
            If the file is of another schema.
        """
        found, newest = self._looked(connection)
        if found != schema.VERSION:
            raise NotAllowed(
                f"the registry {self._folder} is of schema {found} (this nbmlops reads "
                f"{schema.VERSION}), and it cannot be upgraded for reading only",
                hint="open it, or a copy of the folder, where it can be written",
            )
        return newest

    def prepared(self, connection: duckdb.DuckDBPyConnection) -> Newest:
        """Bring the file to the present schema, and give its newest events."""
        if self._left is not None and self._left[0] == self._state():
            return self._left[1]
        found, newest = self._looked(connection)
        if found == schema.VERSION:
            return newest
        if found:
            self._holder.while_detached(
                connection, lambda: upgrade.keep_copy(self._holder.path, found)
            )
        connection.execute("use registry")
        connection.execute("begin")
        try:
            upgrade.apply_steps(connection, found)
            connection.execute("commit")
            connection.execute(LOOK_THERE)
        except duckdb.CatalogException:  # what a step makes is there already
            connection.execute("rollback")
            raise self._misnumbered() from None
        except BaseException:
            with suppress(duckdb.Error, RuntimeError):
                connection.execute("rollback")
            raise
        return newest

    def remember(self, newest: Newest) -> None:
        """Spare the next opening its two reads, if nobody writes in between."""
        self._left = None
        with suppress(Tampered):
            tip = newest[0] if newest else None
            if tip is not None and read_head(self._folder) == (tip[0], tip[2]):
                self._left = self._state(), newest[:1]

    def _state(self) -> object:
        """Give what any write would change: the head, the files' times and sizes."""
        found: list[object] = [head_text(self._folder)]
        for path in (self._holder.path, self._holder.log):
            with suppress(FileNotFoundError):
                stat = path.stat()
                found.append((path, stat.st_ino, stat.st_size, stat.st_ctime_ns))
        return found

    def _looked(self, connection: duckdb.DuckDBPyConnection) -> tuple[int, Newest]:
        """Read the schema's version, and the events since the head file's."""
        try:
            found = connection.execute(_SCHEMA_VERSION).fetchall()
        except duckdb.CatalogException:
            return 0, ()
        version = found[0][0] if len(found) == 1 else None
        if version is None or version < 1:
            raise self._misnumbered()
        if version > schema.VERSION:
            raise NotAllowed(
                f"the registry {self._folder} was made by a newer nbmlops "
                f"(schema {version}; this one knows {schema.VERSION})",
                hint="pip install --upgrade nbmlops",
            )
        try:
            head = read_head(self._folder)
        except Tampered:
            head = None  # reading goes on; writing and verify will say it
        newest = (
            connection.execute(_SINCE_HEAD, {"seq": head[0]}).fetchall()
            if head
            else connection.execute(_NEWEST).fetchall()
        )
        return version, sorted(newest, reverse=True)

    def _misnumbered(self) -> Tampered:
        return Tampered(
            f"table schema_version of {self._holder.path} was edited: it does not say "
            "the schema that the other tables have",
            hint="bring back a copy of the folder from before",
        )
