"""What a version was made with becomes requirements that pip can read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from nbmlops.api import Registry, open_registry
from nbmlops.errors import NotFound, UsageError
from nbmlops.lifecycle.environment import requirements
from nbmlops.registry import context
from nbmlops.registry.records import ModelVersion

SOURCES = {
    "mine": {"url": "file:///home/ana/mine", "editable": True},
    "local": {"url": "file:///home/ana/local.whl"},
    "built": {"url": "file:///croot/built_1/work"},
    "tool": {"url": "https://example.com/tool", "vcs": "git", "commit": "abc123"},
    "wheel": {"url": "https://example.com/wheel-1.whl"},
}
PACKAGES = {
    "built": "1.0",
    "local": "1.0",
    "mine": "1.0",
    "numpy": "2.1.0",
    "odd": "1.0-not~a~version",
    "tool": "2.0",
    "torch": "2.9.0+cpu",
    "wheel": "1.0",
}


@pytest.fixture
def made_with(
    registry: Registry, model: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., ModelVersion]:
    """Register a version in some environment."""

    def register(packages: dict[str, str], sources: dict[str, Any]) -> ModelVersion:
        environment = {
            "python": "3.12.1",
            "platform": "Linux",
            "packages": packages,
            "sources": sources,
        }
        monkeypatch.setattr(context, "environment", lambda: environment)
        return registry.register(model, "delays")

    return register


def asked(text: str) -> list[str]:
    """Give the lines that are no comments; each must be one that pip can parse."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [Requirement(line).name for line in lines] == [
        line.partition("==")[0].partition(" @")[0] for line in lines
    ]
    return lines


def test_each_kind_of_package_is_spelt_so_that_pip_finds_it(
    made_with: Callable[..., ModelVersion], registry: Registry
) -> None:
    made_with(PACKAGES, SOURCES)
    found = registry.restore_env("delays/1")
    assert asked(found.text) == [
        "built==1.0",
        "numpy==2.1.0",
        "tool @ git+https://example.com/tool@abc123",
        "torch==2.9.0",
        "wheel @ https://example.com/wheel-1.whl",
    ]
    assert set(found.left_out) == {"local", "mine", "odd"}
    assert "# mine==1.0: edited in place at file:///home/ana/mine" in found.text
    assert "# torch: 2.9.0+cpu was a build of its own" in found.text
    assert "# Python 3.12.1\n# Linux\n" in found.text


def test_the_environment_of_these_tests_is_spelt_whole(add: Callable[..., Any]) -> None:
    found = requirements(add())
    lines = asked(found.text)
    assert len(lines) == found.packages > 50
    assert any(line.startswith("scikit-learn==") for line in lines)


def test_the_file_is_written_and_the_answer_says_where(
    add: Callable[..., Any], registry: Registry, tmp_path: Path
) -> None:
    add()
    path = tmp_path / "requirements.txt"
    found = registry.restore_env("delays/1", path)
    assert path.read_text() == found.text == registry.restore_env("delays/1").text
    assert repr(found).startswith(f"{path}: ")
    with pytest.raises(UsageError, match="cannot be written"):
        registry.restore_env("delays/1", tmp_path / "no" / "such" / "folder")


def test_a_recorded_text_cannot_write_a_line_of_its_own(
    made_with: Callable[..., ModelVersion], registry: Registry
) -> None:
    evil = "--index-url https://evil.example"
    made_with(
        {f"a\n{evil}": "1.0", "b": f"1.0\n{evil}", "c": "1.0"},
        {"c": {"url": f"file:///c\n{evil}"}},
    )
    assert asked(registry.restore_env("delays/1").text) == []
    source = {"url": "https://a.example", "vcs": f"git\n{evil}", "commit": f"a\n{evil}"}
    made_with({"c": "1.0"}, {"c": source})
    text = registry.restore_env("delays/2").text
    assert not any(line.startswith("--") for line in text.splitlines())


@pytest.mark.parametrize(
    "source",
    [
        {"url": "https://evil.example/numpy.whl"},
        {"url": "https://evil.example/numpy", "vcs": "git", "commit": "abc"},
        {"url": "", "vcs": "git+https://evil.example/numpy#", "commit": "abc"},
    ],
    ids=str,
)
def test_nothing_is_installed_from_where_an_import_says(
    made_with: Callable[..., ModelVersion],
    registry: Registry,
    tmp_path: Path,
    source: dict[str, Any],
) -> None:
    made_with({"numpy": "2.1.0", "scipy": "1.16.0"}, {"numpy": source})
    registry.export("delays/1", tmp_path / "delays.zip")
    other = open_registry(tmp_path / "other" / ".nbmlops", actor="bo@example.com")
    other.import_(tmp_path / "delays.zip")
    found = other.restore_env("delays/1")
    assert asked(found.text) == ["scipy==1.16.0"]
    assert "look at it first" in found.left_out["numpy"]


def test_a_version_without_an_environment_has_none_to_restore(
    made_with: Callable[..., ModelVersion], registry: Registry
) -> None:
    made_with({}, {})
    with pytest.raises(NotFound, match="no environment of 'delays/1'"):
        registry.restore_env("delays/1")
