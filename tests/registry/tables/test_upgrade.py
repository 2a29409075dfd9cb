"""A registry of an earlier schema opens, and gains what its events give."""

import os
import zipfile
from pathlib import Path

import duckdb
import pytest

from nbmlops.errors import NotAllowed, Tampered
from nbmlops.registry.audit.verification import verify
from nbmlops.registry.database import FILE
from nbmlops.registry.head import HEAD
from nbmlops.registry.place import Place, open_place
from nbmlops.registry.tables import schema, upgrade

PLACES = Path(__file__).parents[1] / "places"


@pytest.fixture
def old(tmp_path: Path) -> Place:
    """A registry as the first release left it."""
    with zipfile.ZipFile(PLACES / "schema-1.zip") as archive:
        archive.extractall(tmp_path)
    return open_place(tmp_path / ".nbmlops", actor="ana")


def schema_of(file: Path) -> int:
    """Read the schema's version of a file that nobody has open."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return int(
            connection.sql("select version from schema_version").fetchall()[0][0]
        )


def test_an_old_registry_is_read_and_verifies(old: Place) -> None:
    head = (old.folder / HEAD).read_text()
    version = old.version("delays@champion")
    assert version.profile is not None
    found = verify(old)
    assert found.problems == ()
    assert found.events > 1
    assert (old.folder / HEAD).read_text() == head


def test_every_table_of_the_schema_is_there_after_an_upgrade(old: Place) -> None:
    with old.catalog.reading() as unit:
        for table in schema.TABLES:
            unit.rows(f"from {table}")
    assert schema_of(old.folder / FILE) == schema.VERSION


def test_the_new_tables_hold_what_the_old_events_give(old: Place) -> None:
    with old.catalog.reading() as unit:
        uses = unit.rows("select name, number, role from dataset_use")
        assert ("delays", 1, "train") in uses
        assert {row[0] for row in unit.rows("select digest from dataset_use")} == {
            row[0] for row in unit.rows("select digest from dataset")
        }


def test_the_file_of_before_is_kept(old: Place) -> None:
    old.version("delays")
    copy = old.folder / f"{FILE}.schema-1"
    assert schema_of(copy) == 1
    with duckdb.connect(str(copy), read_only=True) as connection:
        kept = connection.sql("select max(seq) from event").fetchall()
    assert kept[0][0] == int((old.folder / HEAD).read_text().split()[0])


def test_a_registry_is_upgraded_once(
    old: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.version("delays")

    def again(*arguments: object) -> None:
        raise AssertionError(arguments)

    monkeypatch.setattr(upgrade, "apply_steps", again)
    monkeypatch.setattr(upgrade, "keep_copy", again)
    old.version("delays")
    with old.catalog.writing() as writer:
        writer.write("note", "delays/1", {"text": "after"})


def test_writing_first_upgrades_too(old: Place) -> None:
    with old.catalog.writing() as writer:
        writer.write("note", "delays/1", {"text": "after"})
    assert verify(old).problems == ()


def test_an_upgrade_that_fails_leaves_the_old_schema(
    old: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", (*schema.STEPS[:1], "select error('broken')"))
        with pytest.raises(duckdb.Error, match="broken"):
            old.version("delays")
    assert schema_of(old.folder / FILE) == 1
    assert verify(old).problems == ()


def test_events_that_no_verb_wrote_are_not_upgraded(
    old: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_such_verb(*arguments: object) -> None:
        raise KeyError("burn")

    monkeypatch.setattr("nbmlops.registry.audit.replay.project", no_such_verb)
    with pytest.raises(Tampered, match="cannot be replayed"):
        old.version("delays")
    assert schema_of(old.folder / FILE) == 1


def test_an_old_registry_on_a_read_only_disk_says_what_to_do(old: Place) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    for path in (old.folder, *old.folder.parents[:3]):
        path.chmod(0o755)
    os.seteuid(65534)
    try:
        with pytest.raises(NotAllowed, match="is of schema 1") as refused:
            old.version("delays")
    finally:
        os.seteuid(0)
    assert "a copy of the folder" in refused.value.hint
