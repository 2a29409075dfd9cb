"""A version moves to another registry with all that is known of it."""

import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbmlops.api import Registry, open_registry
from nbmlops.errors import AlreadyExists, NotAllowed, NotFound, UsageError
from nbmlops.registry.moving.archive import MANIFEST
from nbmlops.registry.moving.bundle import EVENTS

Add = Callable[..., Any]


@pytest.fixture
def exported(registry: Registry, add: Add, tmp_path: Path, test: Any) -> Path:
    """Write a model to a file: two versions, the first one champion and checked."""
    attached = tmp_path / "notes.txt"
    attached.write_text("by night")
    add(tags={"team": "ops", "stage": "test"}, attach=[attached], description="nights")
    registry.promote("delays/1")
    registry.check_skew("delays/1", test)
    registry.note("delays/1", "first")
    registry.describe("delays/1", "late at night")
    registry.tag("delays/1", stage="production", team=None)
    registry.rebaseline("delays/1", test, reason="summer")
    add(parent="delays/1")
    path = tmp_path / "delays.zip"
    registry.export("delays", path)
    return path


def test_a_version_arrives_with_all_that_is_known_of_it(
    registry: Registry, exported: Path, other: Registry
) -> None:
    brought = other.import_(exported)
    assert [version.ref for version in brought] == ["delays/2", "delays/1"]
    for version in brought:
        there, here = registry.get(version.ref).to_dict(), version.to_dict()
        for changed in ("author", "created_at", "aliases", "imported"):
            del there[changed], here[changed]
        assert here == there
    assert other.verify().problems == ()
    assert other.verify().orphans == ()


def test_a_receipt_counts_the_versions(
    registry: Registry, add: Callable[..., Any], tmp_path: Path
) -> None:
    add()
    assert "delays with 1 version is in" in repr(
        registry.export("delays", tmp_path / "one.zip")
    )


def test_profile_reference_and_attachments_arrive(
    registry: Registry, exported: Path, other: Registry, test: Any
) -> None:
    other.import_(exported)
    mine, theirs = registry.get("delays/1").profile, other.get("delays/1").profile
    assert mine is not None
    assert theirs is not None
    assert theirs.to_bytes() == mine.to_bytes()
    assert other.check_skew("delays/1", test).ok
    assert len(other.compare("delays/1", "delays/2").rows()) > 0


def test_the_origin_is_kept(
    registry: Registry, exported: Path, other: Registry
) -> None:
    other.import_(exported)
    there, here = registry.get("delays/1"), other.get("delays/1")
    trail = registry.history()
    assert here.author == "bob@example.com"
    assert here.imported["author"] == "ana@example.com"
    assert here.imported["created_at"] == there.created_at.isoformat()
    assert here.imported["ref"] == "delays/1"
    assert here.imported["registry"] == trail[-1].hash
    assert here.imported["head"] == f"{trail[0].seq} {trail[0].hash}"
    assert "was delays/1 of" in repr(here)
    assert "ana@example.com" in here._repr_html_()


def test_what_happened_there_is_read_apart_from_what_happens_here(
    exported: Path, other: Registry
) -> None:
    other.import_(exported)
    history = other.history("delays/1")
    here = [event.verb for event in reversed(history)]
    assert here == ["import", "evaluate", "note", "rebaseline"]
    assert {event.actor for event in history} == {"bob@example.com"}
    there = [event.verb for event in reversed(history.earlier)]
    assert there == [
        *("register", "evaluate", "promote", "check", "note", "describe", "tag"),
        "rebaseline",
    ]
    assert {event.actor for event in history.earlier} == {"ana@example.com"}
    assert "before the import" in repr(history)
    assert "Before the import" in history._repr_html_()
    assert len(other.history("delays").earlier) > len(history.earlier)
    assert not other.history("delays/1").to_frame()["hash"].isin(
        [event.hash for event in history.earlier]
    ).any()  # fmt: skip


def test_no_alias_moves_and_no_check_of_there_counts_here(
    exported: Path, other: Registry
) -> None:
    other.import_(exported)
    assert other.models()[0].aliases == {}
    assert other.checks("delays") == []


def test_a_new_model_keeps_its_numbers_and_a_known_one_goes_on(
    registry: Registry, exported: Path, other: Registry, model: Any, tmp_path: Path
) -> None:
    registry.export("delays/2", tmp_path / "second.zip")
    assert [v.ref for v in other.import_(tmp_path / "second.zip")] == ["delays/2"]
    other.register(model, "delays")
    assert [v.ref for v in other.import_(exported)] == ["delays/4"]
    assert other.get("delays/4").imported["ref"] == "delays/1"


def test_a_parent_follows_its_new_number_or_is_named_as_it_was_there(
    registry: Registry, exported: Path, other: Registry, model: Any, tmp_path: Path
) -> None:
    other.register(model, "delays")
    other.import_(exported)
    assert other.get("delays/3").parent == "delays/2"
    third = open_registry(tmp_path / "third" / ".nbmlops")
    registry.export("delays/2", tmp_path / "second.zip")
    third.import_(tmp_path / "second.zip")
    assert third.get("delays/2").parent == ""
    assert third.get("delays/2").imported["parent"] == "delays/1"


def test_an_evaluation_named_after_a_version_follows_that_version(
    registry: Registry, add: Add, other: Registry, tmp_path: Path, model: Any
) -> None:
    add(test=None)
    registry.promote("delays/1")
    add()  # evaluates the champion too
    registry.export("delays", tmp_path / "delays.zip")
    other.register(model, "delays")
    other.import_(tmp_path / "delays.zip")
    assert other.get("delays/2").evaluation("test of delays/3") is not None


def test_the_same_version_is_brought_in_once(
    registry: Registry, exported: Path, other: Registry, add: Add, tmp_path: Path
) -> None:
    other.import_(exported)
    before = other.verify().head
    with pytest.raises(AlreadyExists, match="delays/1 is delays/1"):
        other.import_(exported)
    with pytest.raises(AlreadyExists, match="delays/2 is delays/2"):
        registry.import_(exported)
    assert other.verify().head == before
    add()
    registry.export("delays", tmp_path / "more.zip")
    assert [v.ref for v in other.import_(tmp_path / "more.zip")] == ["delays/3"]


def test_the_first_origin_is_kept_through_several_registries(
    registry: Registry, exported: Path, other: Registry, tmp_path: Path
) -> None:
    other.import_(exported)
    other.export("delays", tmp_path / "again.zip")
    third = open_registry(tmp_path / "third" / ".nbmlops", actor="cy")
    third.import_(tmp_path / "again.zip")
    origin = third.get("delays/1").imported
    assert origin["author"] == "ana@example.com"
    assert origin["head"] == other.verify().head
    actors = {event.actor for event in third.history("delays/1").earlier}
    assert actors == {"ana@example.com", "bob@example.com"}
    assert third.verify().problems == ()
    with pytest.raises(AlreadyExists):
        third.import_(exported)
    with pytest.raises(AlreadyExists):
        registry.import_(tmp_path / "again.zip")


def test_a_model_can_be_called_something_else(exported: Path, other: Registry) -> None:
    assert other.import_(exported, name="late-flights")[0].ref == "late-flights/2"
    assert other.get("late-flights/2").parent == "late-flights/1"
    with pytest.raises(UsageError, match="cannot name a model"):
        other.import_(exported, name="../up")
    with pytest.raises(AlreadyExists, match="differ by more than case"):
        other.import_(exported, name="Late-Flights")


def test_an_imported_model_answers_as_it_did(
    registry: Registry, exported: Path, other: Registry, test: Any
) -> None:
    other.import_(exported)
    features = list(registry.get("delays/1").signature.names)
    mine, theirs = registry.load("delays/1"), other.load("delays/1")
    assert (mine.predict(test[features]) == theirs.predict(test[features])).all()


def test_one_version_is_exported_without_the_others(
    registry: Registry, exported: Path, other: Registry, tmp_path: Path
) -> None:
    path = tmp_path / "champion.zip"
    receipt = registry.export("delays@champion", path)
    assert receipt.what == "delays/1"
    assert receipt.size == path.stat().st_size
    lines = zipfile.ZipFile(path).read(EVENTS).decode().splitlines()
    assert {json.loads(line)["subject"] for line in lines} == {"delays/1"}
    assert len(lines) == receipt.events


def test_deleted_versions_and_other_models_stay(
    registry: Registry, exported: Path, model: Any, tmp_path: Path
) -> None:
    registry.delete("delays/2")
    registry.register(model, "arrivals")
    registry.export("delays", tmp_path / "rest.zip")
    archive = zipfile.ZipFile(tmp_path / "rest.zip")
    assert json.loads(archive.read(MANIFEST))["versions"] == ["delays/1"]
    assert b"arrivals" not in archive.read(EVENTS)


def test_the_same_state_gives_the_same_bytes(
    registry: Registry, exported: Path, tmp_path: Path
) -> None:
    registry.export("delays", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == exported.read_bytes()


def test_the_manifest_has_every_digest_and_where_it_is_from(
    registry: Registry, exported: Path
) -> None:
    archive = zipfile.ZipFile(exported)
    manifest = json.loads(archive.read(MANIFEST))
    assert manifest["format"] == 1
    assert manifest["head"] == registry.verify().head
    assert {*manifest["members"], MANIFEST} == set(archive.namelist())


def test_an_export_overwrites_nothing(
    registry: Registry, exported: Path, tmp_path: Path
) -> None:
    before = exported.read_bytes()
    with pytest.raises(AlreadyExists, match="is there already"):
        registry.export("delays", exported)
    assert exported.read_bytes() == before
    with pytest.raises(UsageError, match="cannot be written"):
        registry.export("delays", tmp_path / "no" / "such.zip")
    with pytest.raises(NotFound, match="there is no version"):
        registry.export("delays/9", tmp_path / "none.zip")
    assert not list(tmp_path.glob("*none*"))


def test_redacted_text_is_in_no_export(
    registry: Registry, exported: Path, other: Registry, tmp_path: Path
) -> None:
    first = registry.history("delays/1")[-1]
    registry.redact(first, reason="asked")
    registry.export("delays", tmp_path / "redacted.zip")
    other.import_(tmp_path / "redacted.zip")
    assert "nights" not in json.dumps(other.get("delays/1").to_dict())
    assert other.get("delays/1").imported["author"] == "(redacted)"
    assert other.verify().problems == ()


def test_redacting_an_import_drops_who_made_it(exported: Path, other: Registry) -> None:
    other.import_(exported)
    first = other.history("delays/1")[-1]
    assert first.verb == "import"
    with pytest.warns(UserWarning, match=r"import delays/2. keeps a text"):
        other.redact(first, reason="asked")
    version = other.get("delays/1")
    assert version.imported["author"] == "(redacted)"
    assert version.description == "(redacted)"
    assert other.history("delays/1").earlier == ()
    assert other.history("delays/2").earlier != ()
    assert other.verify().problems == ()


def test_redacting_every_import_drops_what_the_export_told(
    exported: Path, other: Registry
) -> None:
    other.import_(exported)
    imports = [event for event in other.history() if event.verb == "import"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for event in imports:
            other.redact(event, reason="asked")
    assert other.history("delays").earlier == ()
    found = other.verify()
    assert (found.problems, found.orphans) == ((), ())


def test_who_may_not_register_a_model_may_not_import_it(
    exported: Path, other: Registry
) -> None:
    policy = other.location.parent / "nbmlops.toml"
    policy.parent.mkdir()
    policy.write_text('[access.delays]\nregister = ["eve@example.com"]\n')
    with pytest.raises(NotAllowed, match="may not import delays"):
        other.import_(exported)
    assert not other.location.exists()
    assert len(other.import_(exported, name="theirs")) == 2
