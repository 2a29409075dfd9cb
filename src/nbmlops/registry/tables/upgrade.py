"""Bringing the file of an earlier schema to the present one; the old file is kept."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb

from nbmlops.errors import Tampered
from nbmlops.registry.audit import events
from nbmlops.registry.audit.replay import replayed
from nbmlops.registry.tables import schema
from nbmlops.registry.unit import Unit

_TABLES = "select table_name from duckdb_tables() where database_name = 'registry'"
_SET_VERSION = "update schema_version set version = $version"


def keep_copy(path: Path, version: int) -> Path:
    """Copy a catalog of an earlier schema beside itself.

    Only while the folder's lock is held, the file is detached and its log is folded in:
    DuckDB loses its own lock on a file that this process opens and closes.

    Parameters
    ----------
    path
        The catalog's file.
    version
        Its schema's, which becomes the end of the copy's name.

    Returns
    -------
    Path
        The copy, whole and on the disk.
    """
    copy = path.with_name(f"{path.name}.schema-{version}")
    partial = copy.with_name(f".{copy.name}.{os.getpid()}")
    try:
        shutil.copyfile(path, partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(copy)
    finally:
        partial.unlink(missing_ok=True)
    return copy


def apply_steps(connection: duckdb.DuckDBPyConnection, found: int) -> None:
    """Make the tables that the catalog lacks, with what the events of before give.

    Parameters
    ----------
    connection
        In a transaction on the attached catalog.
    found
        The schema's version as it is; 0 where there is none yet.
    """
    before = {row[0] for row in connection.execute(_TABLES).fetchall()}
    for step in schema.STEPS[found:]:
        connection.execute(step)
    if found:
        _fill(connection, [name for name in schema.TABLES if name not in before])
    else:
        connection.execute("create table schema_version (version integer)")
        connection.execute("insert into schema_version values (0)")
    connection.execute(_SET_VERSION, {"version": schema.VERSION})


def _fill(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    try:
        with replayed(events.read_all(Unit(connection))) as scratch:
            for name in tables:
                connection.register("replayed", scratch.table(f"from {name}"))
                connection.execute(f"insert into {name} from replayed")
                connection.unregister("replayed")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # Only an edited event can hold what no verb writes.
        raise Tampered(
            f"the registry cannot be brought to schema {schema.VERSION}: its events "
            f"cannot be replayed ({error!r})",
            hint="bring back a copy of the folder from before",
        ) from error
