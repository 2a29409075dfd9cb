"""What Tab offers after `%mlops`: by what is being written, fast, without errors."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from nbmlops import load_ipython_extension, unload_ipython_extension
from nbmlops.api import open_registry
from nbmlops.notebook import known_names
from nbmlops.notebook.known_names import Known, KnownNames
from tests.notebook.conftest import Notebook
from tests.notebook.flights import variables

Complete = Callable[[str], list[str]]


@pytest.fixture
def complete(notebook: Notebook) -> Complete:
    """Return what is offered at the end of a cell."""
    notebook.shell.user_ns.update(variables())

    def offered(cell: str) -> list[str]:
        with provisionalcompleter():
            found = list(notebook.shell.Completer.completions(cell, len(cell)))
        return [cell[: c.start] + c.text for c in found]

    return offered


@pytest.fixture
def registered(complete: Complete, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two versions of delays, the first champion, and one of arrivals."""
    monkeypatch.setattr(known_names, "PATIENCE_SECONDS", 60)
    made = variables()
    registry = open_registry()
    for name in ("delays", "delays", "arrivals"):
        registry.register(made["model"], name, train=made["train"], target="late")
    registry.promote("delays/1")


def words(offered: list[str], line: str) -> list[str]:
    start = len(line) - len(line.split(" ")[-1])
    return [text[start:] for text in offered]


def test_verbs_come_first(complete: Complete) -> None:
    assert {"%mlops skew", "%mlops register"} <= set(complete("%mlops "))
    assert complete("%mlops sk") == ["%mlops skew"]
    assert complete("%%mlops ru") == ["%%mlops run"]
    assert "%mlops demo" not in complete("%mlops ")


def test_verbs_after_help(complete: Complete) -> None:
    assert complete("%mlops help pro") == ["%mlops help promote"]
    assert "%mlops help skew" in complete("%mlops help ")


def test_a_column_is_not_offered_twice_in_a_list(complete: Complete) -> None:
    line = "%mlops skew delays serving --columns a,c,"
    assert complete(line) == [f"{line}b", f"{line}late"]


def test_options_of_the_verb(complete: Complete) -> None:
    assert complete("%mlops skew delays x --to") == ["%mlops skew delays x --tolerance"]
    left = complete("%mlops promote delays/1 --to champion --")
    assert not any(text.endswith("--to") for text in left)
    assert any(text.endswith("--reason") for text in left)
    assert any(text.endswith("--python") for text in left)


def test_frames_where_a_frame_is_due(complete: Complete) -> None:
    line = "%mlops register model --name d --train "
    assert {"train", "test", "july"} <= set(words(complete(line), line))
    assert "model" not in words(complete(line), line)
    assert complete("%mlops skew delays ju") == ["%mlops skew delays july"]


def test_fitted_estimators_where_a_model_is_due(complete: Complete) -> None:
    line = "%mlops register "
    offered = words(complete(line), line)
    assert {"model", "stump"} <= set(offered)
    assert "train" not in offered


@pytest.mark.parametrize(
    "make",
    [pd.DataFrame, pl.DataFrame, pa.table],
    ids=["pandas", "polars", "arrow"],
)
def test_columns_of_the_frame_on_the_line(
    complete: Complete, notebook: Notebook, make: Callable[[Any], Any]
) -> None:
    notebook["night"] = make({"late": [1], "length": [2]})
    line = "%mlops register model --name d --train night --target l"
    assert words(complete(line), line) == ["late", "length"]
    line = "%mlops skew delays night --columns late,le"
    assert complete(line) == ["%mlops skew delays night --columns late,length"]
    assert complete("%mlops skew delays night --columns=late,le")[0].endswith(
        "--columns=late,length"
    )


def test_columns_of_any_frame_before_one_is_named(
    complete: Complete, notebook: Notebook
) -> None:
    notebook["night"] = pd.DataFrame({"late": [1], "length": [2]})
    line = "%mlops register model --name d --target "
    offered = words(complete(line), line)
    assert offered[:5] == ["a", "b", "c", "late", "length"]
    assert "ArithmeticError" not in offered
    assert words(complete(f"{line}le"), line) == ["length"]


def test_names_where_a_new_one_may_be_given(
    complete: Complete, registered: None
) -> None:
    line = "%mlops register model --name "
    assert words(complete(line), line) == ["arrivals", "delays"]


def test_folders_where_a_registry_is_due(complete: Complete, tmp_path: Path) -> None:
    (tmp_path / "team" / ".nbmlops").mkdir(parents=True)
    (tmp_path / "team" / ".git").mkdir()
    (tmp_path / "notes.txt").write_text("")
    assert complete("%mlops use ") == ["%mlops use ipython/", "%mlops use team/"]
    assert complete("%mlops use team/") == ["%mlops use team/.nbmlops/"]
    assert complete("%mlops models --registry=te") == ["%mlops models --registry=team/"]


@pytest.mark.parametrize(
    "line",
    [
        "%mlops register model --name ",
        "%mlops register model --description ",
        "%mlops skew delays --tolerance ",
        "%mlops catalog Arith",
        "%mlops show A",
        "%mlops note delays/1 Arith",
        "%mlops nothing Arith",
        "x = %mlops use Arith",
    ],
    ids=str,
)
def test_nothing_of_pythons_is_offered_after_the_magic(
    complete: Complete, line: str
) -> None:
    assert [text for text in complete(line) if "--" not in text[len(line) :]] == []


def test_names_of_the_registry(complete: Complete, registered: None) -> None:
    line = "%mlops versions "
    assert set(words(complete(line), line)[:2]) == {"arrivals", "delays"}
    offered = words(complete("%mlops promote de"), "%mlops promote de")
    assert offered == ["delays", "delays@champion", "delays/2", "delays/1"]
    assert complete("%mlops promote delays/") == [
        "%mlops promote delays/2",
        "%mlops promote delays/1",
    ]
    assert complete("%mlops promote delays@") == ["%mlops promote delays@champion"]
    assert complete("%mlops compare delays/1 arr") == [
        "%mlops compare delays/1 arrivals",
        "%mlops compare delays/1 arrivals/1",
    ]


def test_datasets_where_one_may_be_meant(complete: Complete, registered: None) -> None:
    registry = open_registry()
    registry.dataset(registry.get("delays/1").datasets[0]["digest"], "flights")
    assert complete("%mlops lineage fl") == ["%mlops lineage flights"]
    assert complete("%mlops lineage delays@") == ["%mlops lineage delays@champion"]
    assert complete("%mlops dataset fl") == ["%mlops dataset flights"]
    assert "%mlops dataset train" in complete("%mlops dataset tr")


def test_scorers_where_a_metric_is_due(complete: Complete, notebook: Notebook) -> None:
    notebook["balance"] = lambda model, X, y: 0.0
    line = "%mlops register model --name d --metric bal=bal"
    assert words(complete(line), line) == ["bal=balance", "bal=balanced_accuracy"]


def test_new_names_appear(complete: Complete, registered: None) -> None:
    assert complete("%mlops show night") == []
    made = variables()
    open_registry().register(made["model"], "nights")
    assert complete("%mlops show night")[0] == "%mlops show nights"


def test_aliases(complete: Complete, registered: None) -> None:
    open_registry().alias("delays/2", "shadow")
    line = "%mlops promote delays/2 --to "
    assert words(complete(line), line) == ["champion", "challenger", "shadow"]


def test_after_an_assignment_and_in_a_later_line(complete: Complete) -> None:
    assert complete("report = %mlops sk") == ["report = %mlops skew"]
    assert complete("x = 1\n%mlops sk") == ["x = 1\n%mlops skew"]


def test_files_and_folders(complete: Complete, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "july.parquet").write_text("")
    (tmp_path / "logs" / "notes.txt").write_text("")
    assert complete("%mlops skew delays lo") == ["%mlops skew delays logs/"]
    assert complete("%mlops skew delays logs/") == [
        "%mlops skew delays logs/july.parquet"
    ]


def test_elsewhere_python_completes_as_ever(
    complete: Complete, notebook: Notebook
) -> None:
    notebook["flights_of_july"] = 1
    assert "flights_of_july" in complete("flights_of")
    assert "skew" not in str(complete('x = "%mlops sk'))


@pytest.mark.parametrize(
    "line",
    [
        "%mlops skew 'open",
        "%mlops nothing x",
        "%mlops --",
        "%mlops skew no/such/folder/",
        "%mlops register model --target ",
        "%mlops catalog ",
        "%mlops note delays/1 ",
        "%mlops skew --tolerance ",
    ],
    ids=str,
)
def test_nothing_written_ends_in_an_error(complete: Complete, line: str) -> None:
    complete(line)


def test_a_fault_offers_nothing(
    complete: Complete, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("nbmlops.notebook.completion.locate", broken)
    assert "%mlops skew" not in complete("%mlops sk")


def test_a_busy_registry_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "head").write_bytes(b"1 abc")
    released = threading.Event()

    class Slow:
        def models(self) -> list[Any]:
            released.wait()
            return []

    known = KnownNames(lambda: tmp_path, Slow)
    assert [known.now() for _ in range(3)] == [Known()] * 3
    assert not released.is_set()  # it answered while the registry did not
    released.set()
    assert known._reader is not None
    known._reader.join()


def test_unloading_takes_completion_away(shell: InteractiveShell) -> None:
    load_ipython_extension(shell)
    unload_ipython_extension(shell)
    with provisionalcompleter():
        found = list(shell.Completer.completions("%mlops sk", 9))
    assert "skew" not in [c.text for c in found]


def test_the_files_that_are_attached_to_the_version_on_the_line(
    complete: Complete, registered: None, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("by night")
    made = variables()
    open_registry().register(made["model"], "noted", attach=[tmp_path / "notes.txt"])
    line = "%mlops attachment noted/1 "
    assert f"{line}notes.txt" in complete(line)
    assert complete(f"{line}no") == [f"{line}notes.txt"]
    assert complete("%mlops attachment delays/1 no") == []
    assert complete("%mlops attachment nowhere/1 no") == []
