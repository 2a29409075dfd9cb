"""Which registry a line runs on, and what comes back."""

from pathlib import Path
from typing import Any

import pytest
import skops.io
from sklearn.linear_model import LinearRegression

from nbmlops.api import open_registry
from nbmlops.errors import NotFound, UsageError
from nbmlops.verbs.names import Names
from nbmlops.verbs.parsing import split
from nbmlops.verbs.session import Outcome, Session


@pytest.fixture
def session() -> Session:
    return Session(Names({}), "notebook")


def run(session: Session, line: str) -> Outcome:
    return session.run(split(line))


def test_a_registry_is_opened_once_per_place(session: Session) -> None:
    assert session.registry() is session.registry()
    assert session.registry("other") is not session.registry()


def test_use_changes_the_registry_from_here_on(
    session: Session, tmp_path: Path
) -> None:
    run(session, "init")
    status = run(session, "use team/.nbmlops").result
    assert not status.exists
    assert session.registry().location == tmp_path / "team/.nbmlops"
    run(session, "init")
    assert (tmp_path / "team/.nbmlops/registry.duckdb").exists()


def test_registry_option_holds_for_one_line(session: Session, tmp_path: Path) -> None:
    run(session, "init --registry team/.nbmlops")
    assert (tmp_path / "team/.nbmlops/registry.duckdb").exists()
    assert session.registry().location == tmp_path / ".nbmlops"


def test_use_survives_a_change_of_folder(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(session, "use team/.nbmlops")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert session.registry().location == tmp_path / "team/.nbmlops"


def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_the_registry_that_was_used_first_survives_a_change_of_folder(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(session, "init")
    monkeypatch.chdir(tmp_path.parent)  # nothing of it is found upward from here
    outcome = run(session, "init")
    assert outcome.result.location == tmp_path / ".nbmlops"
    assert outcome.made == ""
    assert not (tmp_path.parent / ".nbmlops").exists()
    run(session, "use team/.nbmlops")
    assert session.registry().location == tmp_path.parent / "team/.nbmlops"


def test_a_verb_that_fails_has_used_its_registry_too(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Session(Names(), "cli").run(["init"])
    with pytest.raises(NotFound):
        run(session, "show delays")
    monkeypatch.chdir(tmp_path.parent)
    assert session.registry().location == tmp_path / ".nbmlops"


def test_a_place_where_nothing_is_yet_is_not_kept(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(session, "status")
    folder = elsewhere(tmp_path, monkeypatch)
    assert session.registry().location == folder / ".nbmlops"


def test_registry_option_is_not_kept(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(session, "init --registry team/.nbmlops")
    folder = elsewhere(tmp_path, monkeypatch)
    assert session.registry().location == folder / ".nbmlops"


def test_a_registry_that_a_verb_made_is_told_once(session: Session) -> None:
    assert run(session, "status").made == ""
    assert run(session, "init").made == ".nbmlops"
    assert run(session, "init").made == ""


def test_a_use_that_fails_changes_nothing(session: Session, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        run(session, "use file")
    assert session.location is None


def test_python_prints_the_call_and_makes_none(
    session: Session, tmp_path: Path
) -> None:
    outcome = run(session, "promote delays/2 --to champion --python")
    assert outcome.text == (
        'import nbmlops\nregistry = nbmlops.open_registry(".nbmlops")\n'
        'registry.promote("delays/2", alias="champion")'
    )
    assert not (tmp_path / ".nbmlops").exists()


def test_python_names_another_registry(session: Session) -> None:
    assert run(session, "models --registry team --python").text == (
        'import nbmlops\nregistry = nbmlops.open_registry("team")\nregistry.models()'
    )


def test_python_opens_nothing_that_is_open_by_that_name(tmp_path: Path) -> None:
    names: dict[str, Any] = {"registry": open_registry()}
    session = Session(Names(names), "notebook")
    assert run(session, "models --python").text == "registry.models()"
    run(session, "use team/.nbmlops")
    assert "open_registry" in run(session, "models --python").text
    names["registry"] = open_registry("team/.nbmlops")
    assert run(session, "models --python").text == "registry.models()"
    names["registry"] = "a word"
    assert "open_registry" in run(session, "models --python").text


def test_python_opens_the_registry_in_use_from_any_folder(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(session, "init")
    folder = elsewhere(tmp_path, monkeypatch)
    (folder / ".nbmlops").mkdir()
    found: dict[str, Any] = {}
    exec(run(session, "models --python").text, found)
    assert found["registry"].location == tmp_path / ".nbmlops"


def test_python_that_is_printed_runs_by_itself(tmp_path: Path) -> None:
    skops.io.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "m.skops")
    session = Session(Names(), "cli")
    found: dict[str, Any] = {}
    exec(run(session, "register m.skops --name line --python").text, found)
    assert [model.name for model in found["registry"].models()] == ["line"]


def test_an_empty_list_says_how_to_begin(session: Session) -> None:
    run(session, "init")
    models = run(session, "models").result
    assert models == []
    assert "register MODEL --name NAME" in repr(models)
    assert "register MODEL --name NAME" in models._repr_html_()


def test_reading_a_place_that_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        run(session, "versions delays")


def test_tables_show_their_sizes(session: Session) -> None:
    run(session, "init")
    tables = run(session, "catalog").result
    assert "event" in repr(tables)
    assert len(tables["event"]) == 1
    assert list(run(session, "catalog event").result["verb"]) == ["init"]


def test_a_host_without_demo_says_so() -> None:
    with pytest.raises(UsageError, match="'demo' cannot be used here"):
        Session(Names(), "cli").run(["demo"])


def test_a_session_stays_with_its_registry_though_the_variable_is_set_later(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(session, "init")
    monkeypatch.setenv("NBMLOPS_REGISTRY", str(tmp_path / "other" / ".nbmlops"))
    assert session.place() == tmp_path / ".nbmlops"
    run(session, "use other/.nbmlops")
    monkeypatch.delenv("NBMLOPS_REGISTRY")
    assert session.place() == tmp_path / "other" / ".nbmlops"
