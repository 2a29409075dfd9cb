"""Where a version came from: who, which commit, and whether the tree was dirty."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nbmlops.registry import context, git
from nbmlops.registry.git import asking_git, git_patch, git_state


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
    found = git_state()
    assert len(found["git_commit"]) == 40
    assert found["git_dirty"] is False


def test_a_changed_file_makes_the_tree_dirty(repository: Path) -> None:
    (repository / "train.py").write_text("x = 2\n")
    assert git_state()["git_dirty"] is True


def test_the_registrys_own_folder_does_not(repository: Path) -> None:
    artifacts = repository / "models" / ".nbmlops" / "artifacts"
    artifacts.mkdir(parents=True)
    (artifacts / "a").write_text("x")
    assert git_state()["git_dirty"] is False


def test_a_git_that_does_not_answer_is_not_taken_for_clean(repository: Path) -> None:
    (repository / ".git" / "index").write_bytes(b"broken")
    assert git_state()["git_dirty"] is None


def test_without_git_nothing_is_claimed(tmp_path: Path) -> None:
    assert "git_commit" not in git_state()


def test_before_its_first_commit_a_repository_has_a_branch_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "-b", "trunk"], check=True)
    (tmp_path / "code.py").write_text("x = 1")
    assert git_state() == {"git_branch": "trunk"}


def test_where_git_is_not_installed_nothing_is_claimed(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert git_state() == {}


def test_a_git_that_hangs_is_not_waited_for(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 5\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=os.pathsep)
    monkeypatch.setattr(git, "_SECONDS", 0.01)
    start = time.monotonic()
    assert git_state() == {}
    assert time.monotonic() - start < 4.0


def test_of_very_many_new_files_the_first_are_named(repository: Path) -> None:
    for number in range(60):
        (repository / f"{number:02}.py").write_text("")
    assert git_state()["git_untracked"] == [f"{number:02}.py" for number in range(50)]


def test_without_a_branch_it_is_at_head(repository: Path) -> None:
    subprocess.run(["git", "checkout", "-q", "--detach"], check=True)
    assert git_state()["git_branch"] == "HEAD"


@pytest.mark.parametrize("setting", ["diff.external", "diff.mine.textconv"])
def test_no_program_of_the_repositorys_settings_is_run(
    repository: Path, setting: str
) -> None:
    program = repository / "program"
    program.write_text("#!/bin/sh\ntouch ran\n")
    program.chmod(0o755)
    subprocess.run(["git", "config", setting, str(program)], check=True)
    (repository / ".gitattributes").write_text("*.py diff=mine\n")
    (repository / "train.py").write_text("x = 2\n")
    assert "+x = 2" in git_patch()
    assert not (repository / "ran").exists()


def test_the_actor_is_named_by_the_variable_else_by_git(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert context.actor() == "ana@example.com"
    monkeypatch.delenv("NBMLOPS_ACTOR")
    assert context.actor() == "li@example.com"


def test_branch_remote_and_new_files_are_told_without_a_login(repository: Path) -> None:
    url = "https://ana:hunter2@example.com/flights.git"
    subprocess.run(["git", "remote", "add", "origin", url], check=True)
    subprocess.run(["git", "checkout", "-q", "-b", "night"], check=True)
    (repository / "new.py").write_text("")
    found = git_state()
    assert found["git_branch"] == "night"
    assert found["git_remote"] == "https://example.com/flights.git"
    assert found["git_untracked"] == ["new.py"]


def test_the_patch_holds_what_is_not_committed_without_secrets(
    repository: Path,
) -> None:
    assert git_patch() == ""
    (repository / "train.py").write_text("x = 2\npassword = 'hunter2'\n")
    (repository / "new.py").write_text("y = 1\n")
    patch = git_patch()
    assert "-x = 1\n+x = 2\n" in patch
    assert "hunter2" not in patch
    assert "new.py" not in patch


def test_a_dirty_tree_is_asked_three_times_at_most(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "train.py").write_text("x = 2\n")
    asked: list[str] = []
    run = subprocess.run

    def watched(words: list[str], **settings: Any) -> Any:
        asked.append(words[1])
        return run(words, **settings)

    monkeypatch.setattr(subprocess, "run", watched)
    with asking_git() as code:
        assert "+x = 2" in code().patch
    assert asked == ["status", "config", "diff"]


def test_distributions_are_named_as_an_index_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    for name in ("Zope.Interface-7.0", "ruamel_yaml-0.18", "mine-1.0", "tool-2"):
        (site / f"{name}.dist-info").mkdir(parents=True)
    direct = {"url": f"file://{tmp_path}/mine", "dir_info": {"editable": True}}
    (site / "mine-1.0.dist-info" / "direct_url.json").write_text(json.dumps(direct))
    vcs = {
        "url": "https://ana:hunter2@example.com/tool",
        "vcs_info": {"vcs": "git", "commit_id": "abc"},
    }
    (site / "tool-2.dist-info" / "direct_url.json").write_text(json.dumps(vcs))
    monkeypatch.setattr(sys, "path", [str(site)])
    found = context.environment()
    assert found["packages"] == {
        "mine": "1.0",
        "ruamel-yaml": "0.18",
        "tool": "2",
        "zope-interface": "7.0",
    }
    assert found["sources"] == {
        "mine": {"url": f"file://{tmp_path}/mine", "editable": True},
        "tool": {"url": "https://example.com/tool", "vcs": "git", "commit": "abc"},
    }


def test_of_a_package_that_is_there_twice_the_first_on_the_path_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, number in (("first", "2.0"), ("second", "1.0")):
        (tmp_path / place / f"tool-{number}.dist-info").mkdir(parents=True)
    direct = tmp_path / "second" / "tool-1.0.dist-info" / "direct_url.json"
    direct.write_text('{"url": "https://example.com/tool"}')
    monkeypatch.setattr(sys, "path", [f"{tmp_path}/first", f"{tmp_path}/second"])
    found = context.environment()
    assert found["packages"] == {"tool": "2.0"}
    assert found["sources"] == {}


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"url": "u", "dir_info": 1}', '{"url": "u", "vcs_info": {}}'],
)
def test_where_a_package_does_not_say_where_it_came_from_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "tool-1.0.dist-info").mkdir()
    (tmp_path / "tool-1.0.dist-info" / "direct_url.json").write_text(text)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert context.environment()["packages"] == {"tool": "1.0"}
    assert context.environment()["sources"] == {}


def test_what_is_installed_meanwhile_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert context.environment()["packages"] == {}
    (tmp_path / "late-1.0.dist-info").mkdir()
    assert context.environment()["packages"] == {"late": "1.0"}
