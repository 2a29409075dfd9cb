"""The magic as the user meets it: results, errors, help, runs, loading."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbmlops import load_ipython_extension, unload_ipython_extension
from nbmlops.registry import context
from tests.notebook.conftest import Notebook
from tests.notebook.flights import variables

REGISTER = "%mlops register model --name delays --train train --target late --test test"


@pytest.fixture
def flown(notebook: Notebook) -> Notebook:
    """A notebook with frames, models, and delays/1 registered."""
    notebook.shell.user_ns.update(variables())
    notebook.ok(REGISTER)
    return notebook


def delays_1(notebook: Notebook) -> Any:
    return notebook.ok("registry.get('delays/1').datasets")


def texts(notebook: Notebook) -> list[str]:
    return [output["text/plain"] for output in notebook.outputs]


def test_a_magic_at_the_end_of_a_cell_is_shown_once(flown: Notebook) -> None:
    result = flown.ok("x = 1\n%mlops models")
    assert [model.name for model in result] == ["delays"]
    assert len(flown.outputs) == 1
    assert texts(flown)[0].startswith("model ")


def test_a_magic_in_the_middle_of_a_cell_is_shown_once(flown: Notebook) -> None:
    assert flown.ok("%mlops models\nx = 1") is None
    assert len(flown.outputs) == 1
    assert texts(flown)[0].startswith("model ")


def test_each_of_several_magics_is_shown(flown: Notebook) -> None:
    flown.ok("%mlops models\n%mlops versions delays\nif True:\n    %mlops status")
    assert [text.split()[0] for text in texts(flown)] == ["model", "version", "1"]


def test_an_assigned_magic_is_not_shown(flown: Notebook) -> None:
    flown.ok("report = %mlops skew delays/1 serving")
    assert flown.outputs == []
    assert flown.stdout == ""
    assert type(flown["report"]).__name__ == "SkewReport"
    flown.ok("report = %mlops skew delays/1 serving\nx = 1")
    assert flown.outputs == []


def test_a_file_that_out_names_is_told(flown: Notebook) -> None:
    flown.ok("%mlops card delays/1 --out card.md\n%mlops lineage delays --out l.jsonl")
    assert flown.stdout == "written: card.md\nwritten: l.jsonl\n"
    assert Path("card.md").exists()
    assert Path("l.jsonl").exists()


def test_a_registry_that_was_made_is_told_and_kept(
    notebook: Notebook, tmp_path: Path
) -> None:
    notebook.shell.user_ns.update(variables())
    notebook.ok(f"v = {REGISTER}")
    assert notebook.stdout == "made the registry .nbmlops\n"
    notebook.ok(f"import os\nos.chdir('..')\n{REGISTER}")
    assert notebook.stdout == ""
    assert notebook.value.ref == "delays/2"
    assert not (tmp_path.parent / ".nbmlops").exists()


@pytest.mark.parametrize("cell", ["%mlops models;", "%mlops models;\nx = 1"])
def test_a_semicolon_silences(flown: Notebook, cell: str) -> None:
    flown.ok(cell)
    assert flown.outputs == []


def test_the_magic_returns_what_the_python_call_returns(flown: Notebook) -> None:
    flown.ok(
        "import nbmlops\n"
        "magic = %mlops versions delays\n"
        "python = nbmlops.open_registry().versions('delays')"
    )
    assert flown["magic"] == flown["python"]
    assert isinstance(flown["magic"], list)


def test_python_prints_what_can_be_pasted(flown: Notebook) -> None:
    line = "%mlops skew delays/1 serving --tolerance 0.2 --python"
    flown.ok(line)
    opening, _, call = flown.stdout.strip().rpartition("\n")
    assert opening == 'import nbmlops\nregistry = nbmlops.open_registry(".nbmlops")'
    assert call == 'registry.check_skew("delays/1", serving, tolerance=0.2)'
    assert flown.ok(flown.stdout).tolerance == 0.2
    flown.ok(line)
    assert flown.stdout.strip() == call


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "%mlops tenure delays/1",
            "UsageError: 'delays/1' is not the name of a model\n"
            "Hint: %mlops tenure delays --alias champion",
        ),
        (
            "%mlops show delay",
            "NotFound: there is no model 'delay'\nHint: did you mean",
        ),
        ("%mlops skew delays servng", "UsageError: there is no variable or file"),
        (
            "%mlops skwe",
            "UsageError: there is no verb 'skwe'\nHint: did you mean 'skew'",
        ),
        ("%mlops note delays/1 'open", "UsageError: a quote is not closed"),
        ("%%mlops skew delays\nx = 1", "UsageError: only `run` takes a cell"),
        (
            "%mlops promote delays/1 --force",
            "UsageError: force needs a reason\nHint: --reason '...' is kept for ever",
        ),
        (
            "import nbmlops\nnbmlops.open_registry().promote('delays/1', force=True)",
            "UsageError: force needs a reason\nHint: reason='...' is kept for ever",
        ),
    ],
    ids=["call", "ref", "variable", "verb", "quote", "cell", "force", "python"],
)
def test_an_error_is_three_lines_at_most(
    flown: Notebook, line: str, shown: str
) -> None:
    flown.run(line)
    assert flown.error is not None
    assert flown.stdout.strip().startswith(shown)
    assert len(flown.stdout.strip().splitlines()) <= 3
    assert "Traceback" not in flown.stdout


def test_our_own_bugs_show_their_traceback(
    flown: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("nbmlops.api.Registry.models", broken)
    flown.run("%mlops models")
    assert "Traceback" in flown.stdout


@pytest.mark.parametrize(
    "line",
    ["%mlops skew --help", "%mlops skew?", "%mlops skew ?", "%mlops help skew"],
    ids=str,
)
def test_help_of_a_verb_is_one_text(notebook: Notebook, line: str) -> None:
    from nbmlops.verbs.help import help_text
    from nbmlops.verbs.table import VERBS

    notebook["skew"] = "a variable of the verb's name"
    notebook.ok(line)
    assert notebook.stdout.strip() == help_text(VERBS["skew"], "notebook")
    assert notebook.outputs == []


@pytest.mark.parametrize("line", ["%mlops --help", "%mlops?", "%%mlops?"])
def test_the_overview_is_one_text(notebook: Notebook, line: str) -> None:
    from nbmlops.verbs.help import overview

    notebook.ok(line)
    assert notebook.stdout.strip() == overview("notebook")
    magic = notebook.shell.find_line_magic("mlops")
    assert magic.__doc__ == overview("notebook")


def test_a_question_elsewhere_stays_ipythons(notebook: Notebook) -> None:
    notebook["x"] = 1
    assert notebook.shell.transform_cell("x?\n") == (
        "get_ipython().run_line_magic('pinfo', 'x')\n"
    )
    assert "%mlops" in notebook.shell.transform_cell('text = "%mlops skew?"\n')


@pytest.mark.parametrize(
    "cell",
    [
        'text = """\n%mlops skew?\n"""\n',
        "%%writefile notes.txt\n%mlops skew?\n",
        "# %mlops skew?\n",
    ],
    ids=["text", "file", "comment"],
)
def test_a_question_that_is_no_code_is_left_alone(
    notebook: Notebook, cell: str
) -> None:
    assert "--help" not in notebook.shell.transform_cell(cell)


def test_a_question_is_answered_further_down_too(notebook: Notebook) -> None:
    notebook.ok("x = 1\nif x:\n    %mlops skew?\n%mlops show ?")
    assert notebook.stdout.count("usage: ") == 2


def test_nothing_is_substituted_in_a_line(flown: Notebook) -> None:
    flown["x"] = "never"
    flown.ok("%mlops note delays/1 costs $x and {x}")
    assert flown.ok("%mlops show delays/1").version.notes == ("costs $x and {x}",)


def test_an_acknowledgement_is_shown_as_its_event(flown: Notebook) -> None:
    flown.ok("%mlops skew delays/1 july;")
    event = flown.ok(
        '%mlops acknowledge delays/1 b --until 2027-03-01 --reason "it is winter"'
    )
    assert (event.verb, event.subject) == ("acknowledge", "delays/1")
    assert event.detail["reason"] == "it is winter"
    [shown] = texts(flown)
    assert "b until 2027-03-01: it is winter" in shown
    assert flown.ok("%mlops history")[0].hash == event.hash


def test_no_verb_shows_the_status(flown: Notebook) -> None:
    assert type(flown.ok("%mlops")).__name__ == "Status"
    assert len(flown.outputs) == 1


def test_a_version_records_its_cell(flown: Notebook) -> None:
    cell = f'password = "hunter2"\n{REGISTER}'
    version = flown.ok(cell)
    assert version.source["cell"] == f'password = "[redacted]"\n{REGISTER}'
    assert version.source["execution_count"] == 2
    assert version.source["notebook"] == ""
    assert "run" not in version.source


def test_a_version_records_what_its_frames_are_called(flown: Notebook) -> None:
    flown.ok("part = train.head(300)")
    flown.ok("X, y = part.drop(columns='late'), part['late']")
    flown.ok("%mlops register model --name pairs --train X,y")
    flown.ok("import nbmlops\nregistry = nbmlops.open_registry()")
    flown.ok("registry.evaluate('delays/1', test.head(50), name='few')")
    variables = {d["role"]: d["source"].get("variable") for d in delays_1(flown)}
    assert variables == {"train": "train", "test": "test"}
    found = {d.source.get("variable") for d in flown.ok("registry.datasets()")}
    assert found == {"train", "test", "X, y", None}
    assert "train" in repr(flown.ok("%mlops lineage delays/1"))


def test_a_python_call_records_its_cell_too(flown: Notebook) -> None:
    flown.ok(
        "import nbmlops\nv = nbmlops.open_registry().register(model, 'delays', "
        "train=train, target='late')"
    )
    assert flown["v"].source["cell"].startswith("import nbmlops\nv = ")


def test_a_run_names_what_is_registered_in_it(flown: Notebook) -> None:
    version = flown.ok(f"%%mlops run night-flights\ny = 1\n{REGISTER}")
    assert version.source["run"] == "night-flights"
    assert version.source["started_at"].endswith("+00:00")
    assert version.source["seconds"] >= 0
    assert version.source["cell"].startswith("%%mlops run night-flights\n")
    assert flown["y"] == 1
    assert len(flown.outputs) == 1
    assert "run" not in flown.ok(REGISTER).source


def test_a_run_ends_with_its_cell_even_in_error(flown: Notebook) -> None:
    flown.run("%%mlops run broken\n1 / 0")
    assert isinstance(flown.error, ZeroDivisionError)
    assert flown.stdout.count("ZeroDivisionError") == 2  # once in the header
    assert "----> 2 1 / 0" in flown.stdout
    assert "run" not in flown.ok(REGISTER).source


def test_a_run_needs_a_name(notebook: Notebook) -> None:
    notebook.run("%%mlops run\nx = 1")
    assert notebook.stdout.startswith("UsageError: run needs NAME")
    assert "x" not in notebook.shell.user_ns


def test_a_run_can_be_asked_about(notebook: Notebook) -> None:
    notebook.ok("%mlops run --help")
    assert notebook.stdout.startswith("usage: %%mlops run NAME")


def test_a_run_called_as_a_function_works_too(flown: Notebook) -> None:
    flown.shell.run_cell_magic("mlops", "run by-hand", f"v = %mlops {REGISTER[7:]}")
    assert flown["v"].source["run"] == "by-hand"


def test_loading_twice_shows_once(flown: Notebook) -> None:
    load_ipython_extension(flown.shell)
    flown.ok("%mlops models\nx = 1")
    assert len(flown.outputs) == 1


def test_loading_again_keeps_the_registry_in_use(
    notebook: Notebook,
) -> None:
    notebook.ok("%mlops use team/.nbmlops")
    load_ipython_extension(notebook.shell)
    assert str(notebook.ok("%mlops").location).endswith("team/.nbmlops")


def test_unloading_restores_the_shell(shell: InteractiveShell) -> None:
    def before(line: str) -> None:
        del line

    shell.magics_manager.magics["line"]["mlops"] = before
    state = _state(shell)
    load_ipython_extension(shell)
    assert _state(shell) != state
    unload_ipython_extension(shell)
    assert _state(shell) == state
    assert context._notebook is None
    unload_ipython_extension(shell)
    load_ipython_extension(shell)
    unload_ipython_extension(shell)
    assert _state(shell) == state


def _state(shell: InteractiveShell) -> list[Any]:
    assert shell.display_formatter is not None
    formatter = shell.display_formatter.ipython_display_formatter
    return [
        dict(shell.magics_manager.magics["line"]),
        dict(shell.magics_manager.magics["cell"]),
        list(shell.input_transformers_cleanup),
        {name: list(found) for name, found in shell.events.callbacks.items()},
        list(shell.Completer.custom_matchers),
        dict(formatter.deferred_printers),
        dict(formatter.type_printers),
    ]


WARNS = """
import warnings
%load_ext nbmlops
import nbmlops, sklearn.linear_model
model = sklearn.linear_model.LogisticRegression().fit([[0.0], [1.0]], [0, 1])
%mlops register model --name m
nbmlops.open_registry().on("note", lambda event: 1 / 0)
%mlops note m one
nbmlops.open_registry().note("m", "two")
warnings.warn("of others")
%unload_ext nbmlops
nbmlops.open_registry().note("m", "three")
"""


def test_a_warning_is_its_words_without_a_line_of_code(tmp_path: Path) -> None:
    """In a process of its own: pytest keeps warnings from being written."""
    script = tmp_path / "cells.ipy"
    script.write_text(WARNS)
    command = [sys.executable, "-m", "IPython", "--quick", str(script)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    said = "the callback for note m/1 raised ZeroDivisionError: division by zero; "
    first, second, *others = run.stderr.splitlines()
    assert first == second == f"Warning: {said}the change stands"
    assert "UserWarning: of others" in others[0]
    assert f"NbmlopsWarning: {said}the change stands" in run.stderr


def test_what_was_written_is_said_and_its_path_not_shown_again(
    flown: Notebook,
) -> None:
    flown.ok("%mlops audit-report delays delays.html")
    assert flown.stdout == "written: delays.html\n"
    assert flown.outputs == []
    flown.ok("path = %mlops audit-report delays delays.html")
    assert flown["path"].name == "delays.html"
