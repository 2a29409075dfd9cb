"""`nbmlops demo` on a small notebook: what it prints, leaves behind, and refuses."""

import contextlib
import io
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbmlops import demo
from nbmlops.cli import main
from nbmlops.errors import UsageError


def notebook_of(path: Path, *cells: Any) -> Path:
    """Write a notebook."""
    made = new_notebook(cells=list(cells))  # type: ignore[no-untyped-call]
    nbformat.write(made, path)  # type: ignore[no-untyped-call]
    return path


def code(source: str, *, finding: bool = False, raises: bool = False) -> Any:
    tags = ["finding"] * finding + ["raises-exception"] * raises
    cell = new_code_cell(source)  # type: ignore[no-untyped-call]
    cell.metadata = nbformat.from_dict({"tags": tags})  # type: ignore[no-untyped-call]
    return cell


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook of two chapters."""
    heading = "# A story\n\nWords.\n\n## The loop"
    return notebook_of(
        tmp_path_factory.mktemp("source") / "small.ipynb",
        new_markdown_cell(heading),  # type: ignore[no-untyped-call]
        code("%load_ext nbmlops"),
        code("print('not a finding')"),
        code("import os\nprint('found', 6 * 7)\nos.getcwd()", finding=True),
        new_markdown_cell("### The end"),  # type: ignore[no-untyped-call]
        code("%mlops use the-loop/.nbmlops\n%mlops init", finding=True),
        code(
            "from nbmlops import UsageError\n"
            "raise UsageError('the names: a lambda', hint='none')",
            finding=True,
            raises=True,
        ),
        code(
            "import ipywidgets\nfrom IPython.display import HTML, display\n"
            "display(HTML('<b>bold</b>'))\nipywidgets.IntSlider()",
            finding=True,
        ),
    )


@pytest.fixture(scope="module")
def ran(small: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder after a run, and what was printed."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert demo.run_demo(folder, source=small) == 0
    return folder, printed.getvalue()


def test_a_run_tells_what_it_found_and_where_it_is(ran: tuple[Path, str]) -> None:
    folder, text = ran
    assert "The loop\n--------\nfound 42\n" in text
    assert f"'{folder}'" in text  # the notebook ran in its folder
    assert "The end\n-------\n" in text
    assert "not a finding" not in text
    assert "IPython.core.display" not in text
    assert "UsageError: the names: a lambda\nHint: none" in text
    for name in (demo.NOTEBOOK, demo.PAGE, demo.REGISTRY):
        assert str(folder / name) in text
        assert (folder / name).exists()


def test_the_page_asks_nothing_of_the_network(ran: tuple[Path, str]) -> None:
    page = (ran[0] / demo.PAGE).read_text(encoding="utf-8")
    loads = re.findall(
        r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"']?([^\"'>]+)", page
    )
    assert [url for url in loads if not url.startswith("data:")] == []
    assert not re.search(r"@import|url\(\s*[\"']?https?:", page)
    assert set(re.findall(r"import\((.*?)\)", page)) <= {'""', "elkUrl"}
    assert "unpkg" not in page
    assert "cdnjs" not in page
    assert "<b>bold</b>" in page


def test_the_executed_notebook_holds_its_outputs(ran: tuple[Path, str]) -> None:
    executed = nbformat.read(ran[0] / demo.NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    counts = [c.execution_count for c in executed.cells if c.cell_type == "code"]
    assert counts == [1, 2, 3, 4, 5, 6]
    assert "widgets" not in executed.metadata


def test_a_second_run_takes_the_folder_of_the_first(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    source = notebook_of(tmp_path / "tiny.ipynb", code("print('again')", finding=True))
    assert demo.run_demo(folder, source=source) == 0
    assert demo.run_demo(folder, source=source) == 0


def test_a_folder_that_is_not_ours_is_left_alone(small: Path, tmp_path: Path) -> None:
    mine = tmp_path / "work"
    mine.mkdir()
    (mine / "thesis.ipynb").write_text("mine")
    with pytest.raises(UsageError, match=r"holds other things already\nHint: .*--dir"):
        demo.run_demo(mine, source=small)
    assert [file.name for file in mine.iterdir()] == ["thesis.ipynb"]
    with pytest.raises(UsageError, match="is a file"):
        demo.run_demo(mine / "thesis.ipynb", source=small)


def test_a_cell_that_fails_ends_the_demo_with_its_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = notebook_of(
        tmp_path / "bad.ipynb", code("x = 1"), code("1 / 0"), code("y = 1")
    )
    assert demo.run_demo(tmp_path / "out", source=source) == 1
    text = capsys.readouterr().out
    assert "A cell failed: ZeroDivisionError: division by zero" in text
    assert "Traceback" not in text
    assert (tmp_path / "out" / demo.NOTEBOOK).is_file()


def test_a_missing_extra_says_what_to_install(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"needs nbclient.*\n.*'nbmlops\[demo\]'"):
        demo.run_demo(tmp_path / "out", source=small)
    assert not (tmp_path / "out").exists()


def test_lab_is_that_of_this_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    class Done:
        returncode = 0

    def run(command: list[str], **keywords: object) -> Done:
        commands.append(command)
        return Done()

    monkeypatch.setattr(demo, "_run_lab", run)
    source = notebook_of(tmp_path / "tiny.ipynb", code("1"))
    assert demo.run_demo(tmp_path / "out", source=source, opens_lab=True) == 0
    notebook = str(tmp_path / "out" / demo.NOTEBOOK)
    assert commands == [[sys.executable, "-m", "jupyter", "lab", notebook]]


def test_the_packaged_notebook_is_found() -> None:
    text = demo._packaged().read_text(encoding="utf-8")
    assert nbformat.reads(text, as_version=4).nbformat == 4  # type: ignore[no-untyped-call]


def test_the_command_hands_its_options_over(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Path, bool]] = []

    def run_demo(folder: Path, *, opens_lab: bool) -> int:
        calls.append((folder, opens_lab))
        return 0

    monkeypatch.setattr(demo, "run_demo", run_demo)
    assert main(["demo"]) == 0
    assert main(["demo", "--lab", "--dir", "here"]) == 0
    assert calls == [(Path("nbmlops-demo"), False), (Path("here"), True)]
