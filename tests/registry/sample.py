"""One place with a row in every table, and every edit that a tamperer could make."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import duckdb

from nbmlops.refs import Ref
from nbmlops.registry.audit.comparing import Row, shown
from nbmlops.registry.audit.keys import make_key
from nbmlops.registry.audit.redaction import redact
from nbmlops.registry.audit.signing import sign
from nbmlops.registry.database import FILE
from nbmlops.registry.models.trust import TRUST_VARIABLE
from nbmlops.registry.place import Place, open_place
from nbmlops.registry.tables import schema
from tests.registry.conftest import version_detail

TABLES = ("event", *schema.TABLES)
# Of each type: a value unlike any in the sample.
OTHER = {
    "BIGINT": "7777",
    "INTEGER": "7777",
    "DOUBLE": "-0.125",
    "BOOLEAN": "false",
    "TIMESTAMP": "2001-01-01 00:00:00.000001",
    "VARCHAR": "mallory",
}
_COLUMNS = """
select column_name, data_type
from duckdb_columns()
where table_name = $table and not internal
order by column_index
"""
_KEYS = """
select table_name, constraint_column_names
from duckdb_constraints()
where constraint_type = 'PRIMARY KEY'
"""
_TRIGGERS = "select trigger_name, sql from duckdb_triggers()"


def fill(folder: Path) -> Place:
    """Make a place in which every verb has been at work.

    Parameters
    ----------
    folder
        Where.

    Returns
    -------
    Place
        It verifies.
    """
    place = open_place(folder, actor="ana@example.com")
    keep = place.artifacts.put
    model, profile, report = keep(b"model"), keep(b"profile"), keep(b"report")
    rows, attached = keep(b"rows"), keep(b"attached")
    data = {"digest": "d" * 64, "rows": 9, "columns": ["a"], "types": {"a": "int64"}}
    detail = version_detail(
        digest=model,
        profile=profile,
        tags={"team": "ops", "stage": "test"},
        params={"C": "1.0", "penalty": "l2"},
        datasets=[{"role": "train", "description": "DataFrame", **data}],
        attachments={"notes.txt": attached},
        reported={"cost": 1.5, "benefit": 2.5},
        source={"git_commit": "c" * 40, "git_dirty": True},
        environment={"python": "3.11.9", "packages": {"numpy": "2.3", "scipy": "1.16"}},
    )
    evaluation = {
        "evaluation": "test",
        "digest": rows,
        "metrics": {"roc_auc": 0.75, "log_loss": 0.5},
        "dataset": "e" * 64,
        "rows": 9,
        "slices": [],
        "groups": "",
        "latency_ms": 1.5,
        "notes": [],
    }
    check = {
        "verdict": "within tolerance",
        "ok": True,
        "report": report,
        "profile": profile,
        "serving": "today.csv",
        "columns": [],
    }
    with place.catalog.writing(create=True) as writer:
        for number in (1, 2, 3):
            writer.write("register", f"delays/{number}", detail)
            writer.write("evaluate", f"delays/{number}", evaluation)
        own = {"notes.txt": keep(b"of arrivals")}  # which its redaction removes
        writer.write("register", "arrivals/1", {**detail, "attachments": own})
        for ref in ("delays/1", "delays/2"):
            writer.write("note", ref, {"text": f"about {ref}"})
            writer.write("describe", ref, {"description": f"what {ref} is"})
            writer.write("check", ref, check)
            writer.write(
                "acknowledge", ref, {"column": "a", "until": "2030-01-01", "reason": ""}
            )
            writer.write("rebaseline", ref, {"profile": profile, "reason": "moved"})
            writer.write(
                "dataset",
                "dataset:dddddddddddd",
                {"data": data, "name": f"of {ref}", "description": "flights"},
            )
            asked = {"alias": "champion", "reason": "", "approvals": 1, "seen": {}}
            request = writer.write(
                "request", ref, {**asked, "expires_at": "2030-01-01T00:00:00+00:00"}
            )
            answer = {"request": request.seq, "evidence": "f" * 64, "reason": ""}
            writer.write("approve", ref, {"alias": "champion", "seen": {}, **answer})
        for number, alias in ((1, "champion"), (2, "champion"), (3, "challenger")):
            writer.move_alias(Ref("delays", number=number), alias, "promote", {})
        for number in (1, 2):
            ref = f"delays/{number}"
            asked = {"alias": "staging", "expires_at": "2030-01-01T00:00:00"}
            request = writer.write("request", ref, {**asked, "reason": "please"})
            answer = {"alias": "staging", "request": request.seq, "evidence": "f" * 64}
            writer.write("approve", ref, {**answer, "reason": "good"})
        writer.write("delete", "arrivals/1", {"reason": "wrong"})
    with patch.dict(os.environ, {TRUST_VARIABLE: str(folder.with_name("trusted"))}):
        make_key()
        sign(place, "delays/2")
        sign(place, "delays/3")
    redact(place, 8, reason="asked")
    return place


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What somebody does to one table with plain DuckDB.

    Attributes
    ----------
    table, action
        Where, and "edit", "delete", "insert" or "swap": a row that is added is a copy
        with one value changed, and two rows swap one value.
    row, other, column
        Which, counted modulo as many as there are.
    value
        The new value, or None.
    """

    table: str
    action: str
    row: int = 0
    other: int = 1
    column: int = 0
    value: str | None = None


class Tampering:
    """A place that is edited, and put back as it was."""

    def __init__(self, place: Place) -> None:
        self.place = place
        with opened(place, drop=False):
            pass  # folds the log in
        self._kept = {
            path: path.read_bytes() for path in place.folder.glob("*") if path.is_file()
        }
        with opened(place, drop=False) as connection:
            self.columns = {
                table: connection.execute(_COLUMNS, {"table": table}).fetchall()
                for table in TABLES
            }
            self.keys = dict(connection.execute(_KEYS).fetchall())

    def undo(self) -> None:
        """Put every file of the folder back."""
        for path in self.place.folder.glob("*"):
            if path.is_file() and path not in self._kept:
                path.unlink()
        for path, data in self._kept.items():
            path.write_bytes(data)

    def apply(self, *edits: Edit) -> dict[Edit, tuple[str, ...]]:
        """Make edits of different tables.

        Parameters
        ----------
        *edits
            What to do.

        Returns
        -------
        dict
            What one problem must say of each; those that DuckDB refuses, or that change
            nothing, are left out.
        """
        with opened(self.place) as connection:
            made = {edit: self._apply(connection, edit) for edit in edits}
        return {edit: words for edit, words in made.items() if words}

    def _apply(
        self, connection: duckdb.DuckDBPyConnection, edit: Edit
    ) -> tuple[str, ...]:
        names = [name for name, _ in self.columns[edit.table]]
        before = _rows(connection, edit.table)
        connection.execute("begin")
        try:
            _edit(connection, edit, names, before)
            connection.execute("commit")
        except (duckdb.ConstraintException, duckdb.ConversionException):
            with suppress(duckdb.TransactionException):
                connection.execute("rollback")
            return ()
        after = _rows(connection, edit.table)
        if sorted(map(repr, before)) == sorted(map(repr, after)):
            return ()
        row = before[edit.row % len(before)]
        if edit.action == "insert":
            (row,) = Counter(after) - Counter(before)
        return self._words(edit, dict(zip(names, row, strict=True)))

    def _words(self, edit: Edit, row: dict[str, str | None]) -> tuple[str, ...]:
        if edit.table == "event":
            return (f"event {row['seq']}",)
        keys = (f"{key}={shown(row[key])}" for key in self.keys[edit.table])
        return (f"table {edit.table} ", *keys)


@contextmanager
def opened(place: Place, *, drop: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the file as a tamperer would; the triggers are not in the way."""
    with duckdb.connect(str(place.folder / FILE), config={"threads": 1}) as connection:
        triggers = connection.execute(_TRIGGERS).fetchall() if drop else []
        for name, _ in triggers:
            connection.execute(f"drop trigger {name} on event")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    return connection.execute(f"select columns(*)::varchar from {table}").fetchall()


def _edit(
    connection: duckdb.DuckDBPyConnection,
    edit: Edit,
    names: list[str],
    rows: list[Row],
) -> None:
    row, other = rows[edit.row % len(rows)], rows[edit.other % len(rows)]
    at = edit.column % len(names)
    gone, new = {
        "edit": ([row], [_with(row, at, edit.value)]),
        "delete": ([row], []),
        "insert": ([], [_with(row, at, edit.value)]),
        "swap": ([row, other], [_with(row, at, other[at]), _with(other, at, row[at])]),
    }[edit.action]
    same = " and ".join(f'"{name}"::varchar is not distinct from ?' for name in names)
    for values in gone:
        connection.execute(f"delete from {edit.table} where {same}", values)
    marks = ", ".join("?" for _ in names)
    for values in new:
        connection.execute(f"insert into {edit.table} values ({marks})", values)


def _with(row: Row, at: int, value: str | None) -> Row:
    return (*row[:at], value, *row[at + 1 :])
