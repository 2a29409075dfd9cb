from pathlib import Path

import pytest

from nbmlops.config import policy_path, read_toml, registry_location
from nbmlops.errors import UsageError


def test_the_registry_is_here_when_nothing_says_otherwise(tmp_path: Path) -> None:
    assert registry_location(None, start=tmp_path) == tmp_path / ".nbmlops"


def test_the_nearest_registry_upward_is_found(tmp_path: Path) -> None:
    (tmp_path / ".nbmlops").mkdir()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert registry_location(None, start=deep) == tmp_path / ".nbmlops"


def test_pyproject_goes_before_the_nearest_folder(tmp_path: Path) -> None:
    (tmp_path / ".nbmlops").mkdir()
    text = '[tool.nbmlops]\nregistry = "models/.nbmlops"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    found = registry_location(None, start=tmp_path)
    assert found == tmp_path / "models" / ".nbmlops"


def test_the_variable_goes_before_pyproject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.nbmlops]\nregistry = "x"\n')
    monkeypatch.setenv("NBMLOPS_REGISTRY", str(tmp_path / "y"))
    assert registry_location(None, start=tmp_path) == tmp_path / "y"
    assert registry_location("z", start=tmp_path) == tmp_path / "z"


def test_urls_stay_urls(tmp_path: Path) -> None:
    url = "postgresql://team@db/models"
    assert registry_location(url, start=tmp_path) == url


def test_the_policy_lies_beside_the_registry(tmp_path: Path) -> None:
    registry = tmp_path / ".nbmlops"
    assert policy_path(registry, start=tmp_path) == tmp_path / "nbmlops.toml"
    elsewhere = tmp_path / "project"
    elsewhere.mkdir()
    (elsewhere / "nbmlops.toml").write_text("")
    assert policy_path(registry, start=elsewhere) == elsewhere / "nbmlops.toml"


def test_the_policy_beside_the_registry_goes_before_the_one_here(
    tmp_path: Path,
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "nbmlops.toml").write_text("")
    (tmp_path / "nbmlops.toml").write_text("")
    found = policy_path(tmp_path / ".nbmlops", start=here)
    assert found == tmp_path / "nbmlops.toml"


@pytest.mark.parametrize(
    "text", ["[tool]\nnbmlops = 5", "[tool.nbmlops]\nregistry = 5"]
)
def test_settings_of_another_kind_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=r"pyproject\.toml: tool\.nbmlops cannot be"):
        registry_location(None, start=tmp_path)


def test_other_settings_leave_the_registry_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nbmlops]\nother = 1\n")
    assert registry_location(None, start=tmp_path) == tmp_path / ".nbmlops"


def test_broken_toml_names_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "nbmlops.toml"
    path.write_text("[gate.champion\n")
    with pytest.raises(UsageError, match=r"nbmlops\.toml is not valid TOML.*line 1"):
        read_toml(path)
