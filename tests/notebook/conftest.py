"""A real shell, fresh per test, with the extension loaded; what a cell shows."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from nbmlops import load_ipython_extension, unload_ipython_extension


class Notebook:
    """Runs cells, and keeps what the user would see of the last one."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.outputs: list[dict[str, Any]] = []
        self.stdout = ""
        self.stderr = ""
        self.error: BaseException | None = None
        self.value: Any = None

    def run(self, cell: str) -> Any:
        """Run a cell; return its last value."""
        self.value = None
        with self.shell.display_trap, capture_output() as io:
            sys.displayhook = self._hook(sys.displayhook)
            result = self.shell.run_cell(cell, store_history=True)
        # A formatter that displays by itself leaves an empty last value: not shown.
        self.outputs = [output.data for output in io.outputs if output.data]
        self.stdout, self.stderr = io.stdout, io.stderr
        self.error = result.error_before_exec or result.error_in_exec
        return self.value

    def _hook(self, inner: Callable[[Any], None]) -> Callable[[Any], None]:
        """Keep a cell's last value, and show it unless a semicolon ends the cell."""

        def hook(value: Any) -> None:
            self.value = value
            if not self.shell.displayhook.quiet():
                inner(value)

        return hook

    def ok(self, cell: str) -> Any:
        """Run a cell that must not fail."""
        value = self.run(cell)
        assert self.error is None, self.stdout
        return value

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.shell.user_ns[name] = value


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    """An IPython shell without history, colours, or anything of the user's."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    main = sys.modules["__main__"]
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.Completer.use_jedi = False
    config.InteractiveShell.colors = "nocolor"
    made = InteractiveShell.instance(config=config)
    yield made
    made.restore_sys_module_state()
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main


@pytest.fixture
def notebook(shell: InteractiveShell) -> Iterator[Notebook]:
    """A shell with the extension."""
    load_ipython_extension(shell)
    yield Notebook(shell)
    unload_ipython_extension(shell)
