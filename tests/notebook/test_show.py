"""How a comparison is shown: twin and widget with a kernel, text without one."""

import re
from pathlib import Path
from typing import Any

import pytest

from nbmlops.errors import RegistryBusy
from tests.notebook.conftest import Notebook
from tests.notebook.flights import variables

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def compared(notebook: Notebook) -> Notebook:
    """Two versions registered, in a shell that seems to have a kernel."""
    notebook.shell.user_ns.update(variables())
    notebook.ok(
        "%mlops register model --name delays --train train --target late --test test\n"
        "%mlops register stump --name delays --train train --target late --test test"
    )
    notebook.shell.kernel = object()  # type: ignore[attr-defined]
    return notebook


def kinds(notebook: Notebook) -> list[str]:
    return [
        "widget" if WIDGET in output else "html" if "text/html" in output else "text"
        for output in notebook.outputs
    ]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is displayed from now on, in order."""
    found: list[Any] = []
    monkeypatch.setattr(
        "nbmlops.notebook.show.display", lambda value, raw=False: found.append(value)
    )
    return found


@pytest.mark.parametrize("end", ["", "\nx = 1"], ids=["at the end", "in the middle"])
def test_a_static_twin_comes_first_and_then_the_widget(
    compared: Notebook, end: str
) -> None:
    compared.ok(f"%mlops compare delays/1 delays/2{end}")
    assert kinds(compared) == ["html", "widget"]
    twin = compared.outputs[0]["text/html"]
    headline = twin.partition("</summary>")[0]
    assert twin.startswith("<details")
    assert " open" in twin.partition(">")[0]
    assert "delays/2 is worse than delays/1" in headline
    assert "<script" not in twin
    assert "text/html" not in compared.outputs[1]


def test_the_widget_knows_its_twin(compared: Notebook, shown: list[Any]) -> None:
    compared.ok("%mlops compare delays/1 delays/2")
    twin, widget = shown
    assert re.search(r"nbmlops-twin-([0-9a-f]+)", twin["text/html"])[1] == widget.twin  # type: ignore[index]
    assert widget.challenger == "delays/2"
    assert "delays/2 is worse than delays/1" in twin["text/plain"]


def test_a_comparison_made_in_python_is_live_too(compared: Notebook) -> None:
    compared.ok("import nbmlops\nregistry = nbmlops.open_registry()")
    compared.ok("registry.compare('delays/1', 'delays/2')")
    assert kinds(compared) == ["html", "widget"]


def test_a_comparison_from_elsewhere_is_shown_still(
    compared: Notebook, tmp_path: Path
) -> None:
    compared.ok("c = %mlops compare delays/1 delays/2")
    assert compared.outputs == []
    compared.ok("import copy\ncopy.copy(c)")
    assert kinds(compared) == ["html", "widget"]
    compared.ok("%mlops use elsewhere/.nbmlops\ncopy.copy(c)")
    assert kinds(compared) == ["html", "html"]


def test_the_keywords_go_on_to_the_widget(compared: Notebook, shown: list[Any]) -> None:
    compared.ok("c = %mlops compare delays/1 delays/2 --data july")
    compared.ok("%mlops models;\nc")
    assert shown[1]._desk._asked["data"] is compared["july"]


def test_the_twin_is_named_alike_when_run_again(
    compared: Notebook, shown: list[Any]
) -> None:
    for _ in range(2):
        compared.shell.execution_count = 7
        compared.ok("x = 1")
        compared.ok("%mlops compare delays/1 delays/2")
    assert shown[1].twin == shown[3].twin
    compared.ok("%mlops compare delays/1 delays/2")
    assert shown[5].twin != shown[3].twin


def test_a_widget_that_cannot_be_made_leaves_the_report(
    compared: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*arguments: object, **keywords: object) -> None:
        raise RegistryBusy("held by another process")

    monkeypatch.setattr("nbmlops.notebook.compare_widget.Desk", busy)
    compared.ok("%mlops compare delays/1 delays/2")
    assert kinds(compared) == ["html"]


def test_of_several_challengers_the_leading_one_is_up_for_decision(
    compared: Notebook, shown: list[Any]
) -> None:
    compared.ok(
        "%mlops register model --name delays --train train --target late --test test"
    )
    compared.ok("%mlops compare delays/1 delays/2 delays/3")
    assert shown[1].challenger == "delays/3"


def test_without_a_kernel_it_is_text(compared: Notebook) -> None:
    compared.shell.kernel = None  # type: ignore[attr-defined]
    compared.ok("%mlops compare delays/1 delays/2")
    [output] = compared.outputs
    assert output["text/plain"].startswith("delays/2 is worse than delays/1")
