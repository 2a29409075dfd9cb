"""A signature travels with its version, and vouches for the same bytes there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.tree import DecisionTreeClassifier

from nbmlops.api import Registry, open_registry
from nbmlops.errors import Tampered, Untrusted
from nbmlops.registry.audit.keys import own_key
from nbmlops.registry.audit.signing import signers
from nbmlops.registry.models.trust import trust_file, trust_toml
from nbmlops.registry.place import open_place
from tests.registry.audit.test_events import edit
from tests.registry.moving.forging import forged, members_of, zipped

Add = Callable[..., Any]


@pytest.fixture
def exported(registry: Registry, add: Add, tmp_path: Path) -> Path:
    """Write a signed version, and one that is not, to a file."""
    add()
    add()
    registry.key(new=True)
    registry.sign("delays/1")
    path = tmp_path / "delays.zip"
    registry.export("delays", path)
    return path


def signers_in(registry: Registry, ref: str) -> frozenset[str]:
    place = open_place(registry.location, actor="x")
    return signers(place, place.version(ref))


def test_who_signed_a_version_is_known_where_it_goes(
    exported: Path, other: Registry, tmp_path: Path
) -> None:
    other.import_(exported, name="theirs")
    assert signers_in(other, "theirs/1") == {own_key().public}
    assert signers_in(other, "theirs/2") == frozenset()
    onward = tmp_path / "onward.zip"
    other.sign("theirs/2")
    other.export("theirs", onward)
    third = open_registry(tmp_path / "third" / ".nbmlops", actor="cy@example.com")
    third.import_(onward)
    assert signers_in(third, "theirs/1") == {own_key().public}
    assert signers_in(third, "theirs/2") == {own_key().public}


def test_a_trusted_key_loads_what_it_signed_elsewhere(
    registry: Registry, tmp_path: Path, other: Registry, train: Any
) -> None:
    tree = DecisionTreeClassifier(max_depth=2, random_state=0)
    tree.fit(train[["distance"]], train["late"])
    registry.register(tree, "trees", train=train[["distance", "late"]], target="late")
    registry.key(new=True)
    registry.sign("trees/1")
    registry.export("trees", tmp_path / "trees.zip")
    trust_file().unlink()  # as another user
    other.import_(tmp_path / "trees.zip")
    with pytest.raises(Untrusted, match="compiled types"):
        other.load("trees/1")
    trust_toml().write_text(f'[trust]\nkeys = ["{own_key().public}"]\n')
    assert other.load("trees/1").get_depth() == 2


@pytest.mark.parametrize("part", ["digest", "environment", "event"])
def test_a_signature_of_something_else_is_found_out(
    exported: Path, other: Registry, part: str
) -> None:
    def change(verb: str, detail: dict[str, Any]) -> None:
        if verb == "sign":
            detail["manifest"][part] = (
                {"seq": 2, "hash": "0" * 64} if part == "event" else "0" * 64
            )

    exported.write_bytes(zipped(forged(members_of(exported), change)))
    other.import_(exported)
    with pytest.raises(Tampered, match="does not fit"):
        other.load("delays/1")
    assert other.load("delays/2") is not None


@pytest.mark.parametrize(
    ("key", "value", "match"),
    [
        ("environment", {"python": "2", "platform": "", "packages": {}}, "environment"),
        ("description", "approved by all", "event 2 is not the one that was signed"),
    ],
)
def test_a_signature_is_not_moved_to_another_version(
    exported: Path, other: Registry, key: str, value: Any, match: str
) -> None:
    """The manifest is as it was signed; what it came with is not."""

    def change(verb: str, detail: dict[str, Any]) -> None:
        if verb == "register":
            detail[key] = value

    exported.write_bytes(zipped(forged(members_of(exported), change)))
    other.import_(exported)
    with pytest.raises(Tampered, match=match):
        other.load("delays/1")


@pytest.mark.parametrize("column", ["digest", "size"])
def test_a_row_that_was_edited_is_not_what_was_signed_elsewhere(
    exported: Path, other: Registry, column: str
) -> None:
    other.import_(exported)
    place = open_place(other.location, actor="x")
    edit(place, f"update model_version set {column} = '1' where number = 1")
    with pytest.raises(Tampered, match=f"its {column} is not what"):
        signers(place, place.version("delays/1"))


def test_a_signature_without_a_manifest_is_refused(
    exported: Path, other: Registry
) -> None:
    def change(verb: str, detail: dict[str, Any]) -> None:
        if verb == "sign":
            detail["manifest"] = "none"

    exported.write_bytes(zipped(forged(members_of(exported), change)))
    with pytest.raises(Tampered, match="sign"):
        other.import_(exported)
    assert not other.location.exists()
