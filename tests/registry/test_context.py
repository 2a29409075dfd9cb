"""Where a version came from: who, which commit, and whether the tree was dirty."""

import subprocess
from pathlib import Path

import pytest

from nbmlops.registry import context


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clean git repository with one commit, and the current folder."""
    (tmp_path / "train.py").write_text("x = 1\n")
    for words in (
        ["init", "-q"],
        ["config", "user.email", "li@example.com"],
        ["config", "user.name", "Li"],
        ["add", "train.py"],
        ["commit", "-q", "-m", "first"],
    ):
        subprocess.run(["git", *words], check=True, cwd=tmp_path)
    return tmp_path


def test_a_commit_and_a_clean_tree_are_told(repository: Path) -> None:
    found = context.source()
    assert len(found["git_commit"]) == 40
    assert found["git_dirty"] is False


def test_a_changed_file_makes_the_tree_dirty(repository: Path) -> None:
    (repository / "train.py").write_text("x = 2\n")
    assert context.source()["git_dirty"] is True


def test_the_registrys_own_folder_does_not(repository: Path) -> None:
    artifacts = repository / "models" / ".nbmlops" / "artifacts"
    artifacts.mkdir(parents=True)
    (artifacts / "a").write_text("x")
    assert context.source()["git_dirty"] is False


def test_a_git_that_does_not_answer_is_not_taken_for_clean(repository: Path) -> None:
    (repository / ".git" / "index").write_bytes(b"broken")
    assert context.source()["git_dirty"] is None


def test_without_git_nothing_is_claimed(tmp_path: Path) -> None:
    assert "git_commit" not in context.source()


def test_the_actor_is_named_by_the_variable_else_by_git(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert context.actor() == "ana@example.com"
    monkeypatch.delenv("NBMLOPS_ACTOR")
    assert context.actor() == "li@example.com"
