"""What runs in the process of `reproduce`: recorded cells, or a script, once more.

`python -m nbmlops.notebook.rerun FOLDER` reads job.json there, and writes outcome.json:
what raised. Where versions are registered to is not decided here: see rerunning.py.
"""

import json
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbmlops.display.text import shorten
from nbmlops.lifecycle.rerunning import JOB, OUTCOME
from nbmlops.notebook.keeping import keep

_MOST_OF_AN_ERROR = 300
# To run a notebook again is not to change what is installed.
_NOT_AGAIN = ("conda", "mamba", "pip", "uv")


def main(folder: Path) -> None:
    """Run what the job says, and write what failed."""
    job = json.loads((folder / JOB).read_text(encoding="utf-8"))
    keep(Path(job["keep"]))
    failures = list(_cells(job["cells"]) if "cells" in job else _script(job["script"]))
    (folder / OUTCOME).write_text(json.dumps(failures), encoding="utf-8")


def _cells(cells: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Run cells, and tell which raise; as in a notebook the next ones run all the same.

    Parameters
    ----------
    cells
        With their numbers. Some were recorded for what they did before they raised.

    Yields
    ------
    str
        One per cell that raises.
    """
    shell = _shell()
    for cell in cells:
        shell.execution_count = cell["count"]
        result = shell.run_cell(cell["code"], store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            yield f"In [{cell['count']}] {_said(error)}"


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from nbmlops import load_ipython_extension

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell: Any = InteractiveShell.instance(config=config)
    for name in _NOT_AGAIN:
        shell.register_magic_function(lambda line: None, "line", name)
    load_ipython_extension(shell)
    return shell


def _script(path: str) -> Iterator[str]:
    sys.argv = [path]
    sys.path[0] = str(Path(path).parent)
    try:
        runpy.run_path(path, run_name="__main__")
    except Exception as error:
        # Whatever the script raises is what there is to tell.
        yield f"{path} {_said(error)}"


def _said(error: BaseException) -> str:
    text = f"raised {type(error).__name__}: {error}"
    return shorten(" ".join(text.split()), _MOST_OF_AN_ERROR)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
