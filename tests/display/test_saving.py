"""What is written to a file that the user named."""

from pathlib import Path

import pytest

from nbmlops.display.saving import save_text
from nbmlops.errors import UsageError


def test_a_text_is_written_in_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    path.write_text("old and longer")
    assert save_text(path, "né") == path
    assert path.read_text(encoding="utf-8") == "né"


def test_a_tilde_is_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert save_text("~/card.md", "x") == tmp_path / "card.md"


@pytest.mark.parametrize("name", ["", "no/such/folder.md"], ids=["folder", "missing"])
def test_what_cannot_be_written_is_said_without_a_traceback(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match=r"cannot be written: .*\nHint: name a file"):
        save_text(tmp_path / name, "x")
