"""What was attached to a version is read back, byte for byte, and shown safely."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbmlops.api import Registry
from nbmlops.errors import NotFound, Tampered, UsageError
from nbmlops.registry.records import ModelVersion

Attach = Callable[..., ModelVersion]
BYTES = b"\x89PNG\r\n\0\xff"


@pytest.fixture
def attach(registry: Registry, model: Any, tmp_path: Path) -> Attach:
    """Register a version with a file of this name and content."""

    def register(name: str, data: bytes) -> ModelVersion:
        (tmp_path / name).write_bytes(data)
        return registry.register(model, "delays", attach=[tmp_path / name])

    return register


@pytest.mark.parametrize("data", [b"", b"one\r\ntwo\n", BYTES], ids=repr)
def test_the_bytes_come_back_and_are_written_as_they_were(
    registry: Registry, attach: Attach, tmp_path: Path, data: bytes
) -> None:
    version = attach("plan", data)
    found = registry.attachment(version.ref, "plan", out=tmp_path / "again")
    assert found.data == data
    assert (tmp_path / "again").read_bytes() == data
    assert found.digest == version.attachments["plan"]
    assert found.path == tmp_path / "again"


def test_a_wrong_name_says_what_is_attached(registry: Registry, attach: Attach) -> None:
    attach("card.md", b"# Delays")
    with pytest.raises(NotFound, match=r"did you mean 'card\.md'"):
        registry.attachment("delays/1", "cards.md")


def test_where_nothing_is_attached_it_says_so(registry: Registry, model: Any) -> None:
    registry.register(model, "delays")
    with pytest.raises(NotFound, match="nothing is attached to delays/1"):
        registry.attachment("delays", "card.md")


def test_bytes_that_were_changed_are_not_handed_out(
    registry: Registry, attach: Attach, tmp_path: Path
) -> None:
    version = attach("card.md", b"# Delays")
    file = registry._place.artifacts.path(version.attachments["card.md"])
    file.chmod(0o644)
    file.write_bytes(b"# delays")
    with pytest.raises(Tampered):
        registry.attachment("delays/1", "card.md", out=tmp_path / "out.md")
    assert not (tmp_path / "out.md").exists()


def test_a_place_that_cannot_be_written_is_named(
    registry: Registry, attach: Attach, tmp_path: Path
) -> None:
    attach("card.md", b"# Delays")
    with pytest.raises(UsageError, match=r"nowhere/card\.md cannot be written"):
        registry.attachment("delays/1", "card.md", out=tmp_path / "nowhere/card.md")


def test_a_text_prints_with_its_lines_and_without_codes(
    registry: Registry, attach: Attach
) -> None:
    attach("notes.txt", "a:\n\tb \x1b[2J c\n    d \u202e e\n".encode())
    found = registry.attachment("delays/1", "notes.txt")
    assert repr(found) == "a:\n\tb \\x1b[2J c\n    d \\u202e e"


def test_a_long_text_shows_its_beginning_and_keeps_all(
    registry: Registry, attach: Attach
) -> None:
    attach("long.txt", b"%20\n" * 6_000)
    found = registry.attachment("delays/1", "long.txt")
    assert repr(found).endswith("%20\n... and 4,000 characters more")
    assert found.text == "%20\n" * 6_000
    assert found._repr_html_().count("%20\n") == 5_000


@pytest.mark.parametrize("data", [BYTES, b"an 8\0B" + b"!!"], ids=repr)
def test_what_is_no_text_says_how_to_write_it(
    registry: Registry, attach: Attach, data: bytes
) -> None:
    attach("plot.png", data)
    found = registry.attachment("delays/1", "plot.png")
    assert found.text is None
    how = "%mlops attachment delays/1 plot.png --out FILE writes it"
    assert repr(found) == f"plot.png of delays/1, 8 B\n  {how}"
    assert how in found._repr_html_()
    assert found.to_dict()["text"] is None


def test_markup_in_a_text_stays_text(registry: Registry, attach: Attach) -> None:
    attach("<b>.html", b"<script>alert(1)</script>")
    html = registry.attachment("delays/1", "<b>.html")._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
