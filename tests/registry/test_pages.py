"""A list of versions says what was so when it was read, however long it is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nbmlops.refs import Ref
from nbmlops.registry import pages
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.unit import Unit
from tests.registry.conftest import add_version, evaluation_detail


@pytest.fixture
def many(place: Place) -> Place:
    """Seven versions of delays and one of arrivals."""
    for number in range(1, 8):
        add_version(
            place.catalog, description=f"the {number}.", tags={"n": str(number)}
        )
    add_version(place.catalog, name="arrivals", tags={"n": "arrivals"})
    with place.catalog.writing() as writer:
        writer.write("evaluate", "delays/2", evaluation_detail("test", roc_auc=0.5))
        writer.write("note", "delays/2", {"text": "before"})
        writer.move_alias(Ref("delays", number=2), "champion", "promote", {})
    return place


def delays(place: Place) -> list[ModelVersion]:
    with place.reading() as unit:
        return pages.live(unit, place, "delays")


@pytest.mark.parametrize("block", [2, 3, 7, 256])
def test_a_list_is_the_same_however_it_is_read(
    many: Place, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(pages, "BLOCK", block)
    found = delays(many)
    assert [v.number for v in found] == [7, 6, 5, 4, 3, 2, 1]
    assert found == [many.version(f"delays/{number}") for number in range(7, 0, -1)]
    assert [v.description for v in reversed(found)] == [
        f"the {n}." for n in range(1, 8)
    ]
    assert [v.tags for v in found] == [{"n": str(n)} for n in range(7, 0, -1)]


@pytest.mark.parametrize("block", [2, 256])
def test_what_changes_later_is_not_in_a_list_that_was_read(
    many: Place, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(pages, "BLOCK", block)
    expected = many.version("delays/2").to_dict()
    found = delays(many)
    with many.catalog.writing() as writer:
        writer.write("tag", "delays/2", {"tags": {"n": "changed", "new": "1"}})
        writer.write("note", "delays/2", {"text": "after"})
        writer.write("evaluate", "delays/2", evaluation_detail("test", roc_auc=0.9))
        writer.move_alias(Ref("delays", number=3), "champion", "promote", {})
    assert found[5].to_dict() == expected
    assert many.version("delays/2").notes == ("before", "after")
    assert many.version("delays/2").metrics == {"roc_auc": 0.9}
    assert many.version("delays/2") != found[5]


def test_a_long_list_is_read_block_by_block(
    many: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "BLOCK", 2)
    read = []

    @contextmanager
    def counted(place: Place) -> Iterator[Unit]:
        read.append(place)
        with place.catalog.reading() as unit:
            yield unit

    monkeypatch.setattr(Place, "reading", counted)
    found = delays(many)
    assert [v.ref for v in found][:2] == ["delays/7", "delays/6"]
    assert len(read) == 1  # refs, tags and aliases came with the list
    assert (found[0].tags, found[5].aliases) == ({"n": "7"}, ("champion",))
    assert len(read) == 1
    assert [found[n].author for n in (0, 1, 0, 2)] == ["ana@example.com"] * 4
    assert len(read) == 3


def test_a_walk_through_a_long_list_does_not_keep_all_of_it(
    many: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "BLOCK", 1)
    found = delays(many)
    assert len({version.description for version in found}) == 7
    assert len(found[0]._page._blocks) == pages._MOST_BLOCKS


def test_versions_that_say_the_same_are_equal(many: Place) -> None:
    one, again = many.version("delays/2"), many.version("delays/2")
    assert one == again
    assert len({one, again, many.version("delays/3")}) == 2
    assert one != "delays/2"


def test_a_version_cannot_be_changed(many: Place) -> None:
    with pytest.raises(AttributeError):
        many.version("delays/2").description = "another"  # type: ignore[misc]
