"""What is loaded when, and that every public name is there."""

import importlib
import json
import pkgutil
import subprocess
import sys

import pytest

import nbmlops

HEAVY = (
    "duckdb", "pandas", "numpy", "sklearn", "pyarrow", "ipywidgets", "anywidget",
    "skops", "scipy", "filelock", "joblib", "polars", "platformdirs", "rich",
    "nbclient", "nbconvert", "nbformat", "lark", "packaging", "urllib3", "cryptography",
)  # fmt: skip
SHELL = """
import os
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
before = set(sys.modules)
"""


def loaded(code: str) -> set[str]:
    """Run code in a new interpreter and list the modules that it has then."""
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def heavy(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} & set(HEAVY)


def test_import_loads_nothing_of_ours_but_the_root() -> None:
    modules = loaded("import nbmlops")
    assert heavy(modules) == set()
    assert {m for m in modules if m.startswith("nbmlops")} == {"nbmlops"}
    assert "IPython" not in modules
    assert "typing" not in modules


def test_loading_the_extension_loads_nothing_heavy() -> None:
    modules = loaded(f"{SHELL}shell.run_line_magic('load_ext', 'nbmlops')")
    assert "nbmlops.notebook.extension" in modules
    assert heavy(modules) == set()
    # What draws, reads cells or asks git waits for its first use.
    waiting = ("api", "display.table", "notebook.slicing", "registry.git")
    assert not {f"nbmlops.{name}" for name in waiting} & modules


def test_help_in_a_notebook_loads_nothing_heavy() -> None:
    modules = loaded(
        f"{SHELL}shell.run_line_magic('load_ext', 'nbmlops')\n"
        "shell.run_cell('%mlops skew?')"
    )
    assert heavy(modules) == set()


def test_completion_before_the_registry_is_used_loads_nothing_heavy() -> None:
    modules = loaded(
        f"{SHELL}shell.run_line_magic('load_ext', 'nbmlops')\n"
        "from IPython.core.completer import provisionalcompleter\n"
        "with provisionalcompleter():\n"
        "    for line in ('%mlops ', '%mlops promote ', '%mlops skew a '):\n"
        "        list(shell.Completer.completions(line, len(line)))"
    )
    assert heavy(modules) == set()


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["skew", "--help"]])
def test_the_command_answers_simple_questions_lightly(words: list[str]) -> None:
    modules = loaded(f"from nbmlops.cli import main\nassert main({words}) == 0")
    assert heavy(modules) == set()
    assert "IPython" not in modules


def test_the_command_never_needs_ipython(tmp_path: object) -> None:
    code = (
        "sys.modules['IPython'] = None\n"
        "from nbmlops.cli import main\n"
        f"assert main(['init', '--registry', {str(tmp_path)!r} + '/.nbmlops']) == 0"
    )
    assert "nbmlops.api" in loaded(code)


def test_every_public_name_resolves() -> None:
    for name in nbmlops.__all__:
        assert getattr(nbmlops, name) is not None
    assert set(dir(nbmlops)) == set(nbmlops.__all__)
    assert sorted(nbmlops.__all__) == sorted(set(nbmlops.__all__))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'chek_skew'"):
        nbmlops.chek_skew  # type: ignore[attr-defined]  # noqa: B018


def test_no_public_name_is_a_rooms_name() -> None:
    rooms = {module.name for module in pkgutil.iter_modules(nbmlops.__path__)}
    assert "skew" in rooms
    assert rooms.isdisjoint(nbmlops.__all__)


def test_every_module_can_be_imported_alone() -> None:
    for module in pkgutil.walk_packages(nbmlops.__path__, "nbmlops."):
        importlib.import_module(module.name)
