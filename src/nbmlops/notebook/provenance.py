"""What a version records of the notebook: the file, the running cell, and its slice."""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmlops.notebook.kinds import Held, held

if TYPE_CHECKING:
    from nbmlops.notebook.slicing import Ran

_MOST_CELLS = 200
_MOST_CODE = 200_000  # characters of all cells together


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A cell that is running.

    Attributes
    ----------
    info
        What IPython says of it: the same object until it ends.
    count, next_count
        Its number, and the shell's own while it runs.
    before
        What the names held when it began.
    started_at, clock
        When that was.
    """

    info: Any
    count: int
    next_count: int
    before: Held
    started_at: datetime
    clock: float


class Provenance:
    """Follows the shell's cells, and answers what a version should record.

    Parameters
    ----------
    shell
        The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._running: Running | None = None
        self._run = ""
        self._count = int(shell.execution_count)
        self._before = Held()
        self._ran: list[Ran] = []

    @property
    def execution_count(self) -> int:
        """The running cell's number, as the notebook shows it."""
        return self._count

    def watch(self) -> None:
        """Follow the shell's cells from now on; look at what was run before."""
        self._shell.events.register("pre_run_cell", self._begins)
        self._shell.events.register("post_run_cell", self._ends)
        now = self._held()
        history = getattr(self._shell.history_manager, "input_hist_raw", ())
        for count, code in enumerate(history):
            if code.strip() and count < self._count:
                # What it bound is not known: what it may have, while it ran, is.
                self._add(count, code, Held(), Held(kinds=now.kinds))
        self._before = now

    def leave(self) -> None:
        """Follow them no more."""
        self._shell.events.unregister("pre_run_cell", self._begins)
        self._shell.events.unregister("post_run_cell", self._ends)

    def name_run(self, name: str) -> None:
        """Give the running cell a run's name."""
        self._run = name

    def __call__(self) -> Mapping[str, Any]:
        """Describe the notebook and the cell that is running."""
        from nbmlops.registry.secrets import without_secrets

        running = self._running
        found: dict[str, Any] = {
            "notebook": notebook_path(self._shell.user_ns),
            "cell": without_secrets(running.info.raw_cell if running else ""),
            "execution_count": self._count,
        }
        if self._run:
            found["run"] = self._run
        if running is not None:
            found["started_at"] = running.started_at.isoformat()
            found["seconds"] = round(time.perf_counter() - running.clock, 3)
            found |= self._slice(running)
        peak = peak_memory()
        if peak is not None:
            found["process_peak_bytes"] = peak
        return found

    def _slice(self, running: Running) -> dict[str, Any]:
        """Give the cells that the running one needs, the newest if there are many."""
        from nbmlops.notebook.slicing import needed
        from nbmlops.registry.secrets import without_secrets

        now = self._running_as_run(running)
        runs = needed([*self._ran, now])
        kept: list[dict[str, Any]] = []
        room = _MOST_CODE
        for run in reversed(runs[-_MOST_CELLS:]):
            room -= len(run.code)
            if room < 0 and kept:
                break
            code = without_secrets(run.code, most=_MOST_CODE)
            kept.append({"count": run.count, "code": code})
        left_out = len(runs) - len(kept)
        more = {"cells_left_out": left_out} if left_out else {}
        return {"cells": kept[::-1], **more}

    def _running_as_run(self, running: Running) -> "Ran":
        code = self._transformed(running.info)
        raw, before = running.info.raw_cell, running.before
        return _ran(running.count, raw, code, before, before)

    def _begins(self, info: Any) -> None:
        count = int(self._shell.execution_count)
        if self._running is None or self._running.next_count != count:
            # Otherwise it is a cell that the running one runs.
            self._running = Running(
                info=info,
                count=self._count,
                next_count=count,
                before=self._held(),
                started_at=datetime.now(UTC),
                clock=time.perf_counter(),
            )

    def _ends(self, result: Any) -> None:
        """Keep what has run, and note which number the next cell has."""
        running = self._running
        if running is not None and result is not None and result.info != running.info:
            return  # a cell that the running one has run
        self._running, self._run = None, ""
        if result is None:  # it was broken off
            return
        raw = result.info.raw_cell or ""
        if running is None and self._ran and self._ran[-1].count == self._count - 1:
            self._ran.pop()  # the cell that loaded us: now we know what it did
            self._count -= 1
        if raw.strip():
            self._add(
                self._count,
                raw,
                self._before if running is None else running.before,
                self._held(),
                info=result.info,
                failed=not result.success,
                shown=result.result is not None,
            )
        if result.execution_count is not None:
            self._count = result.execution_count + bool(result.info.store_history)

    def _add(
        self,
        count: int,
        raw: str,
        before: Held,
        after: Held,
        *,
        info: Any = None,
        failed: bool = False,
        shown: bool = False,
    ) -> None:
        code = self._transformed(info) if info else self._shell.transform_cell(raw)
        ran = _ran(count, raw, code, before, after, failed=failed, shown=shown)
        self._ran.append(ran)

    def _transformed(self, info: Any) -> str:
        known = getattr(info, "transformed_cell", None)
        return known or str(self._shell.transform_cell(info.raw_cell))

    def _held(self) -> Held:
        variables = self._shell.user_ns
        hidden = self._shell.user_ns_hidden
        own = {k: v for k, v in variables.items() if hidden.get(k, self) is not v}
        return held(own)


def _ran(
    count: int, raw: str, code: str, before: Held, after: Held, **ended: bool
) -> "Ran":
    """Read what a cell used and changed."""
    from nbmlops.notebook.cell_use import use_of  # first needed when a cell has run
    from nbmlops.notebook.slicing import Ran

    use = use_of(code, before, after, **ended)
    return Ran(count=count, code=raw, use=use)


def peak_memory() -> int | None:
    """Return the most memory that this process has held since it started, in bytes.

    Returns
    -------
    int or None
        Of the whole process (ru_maxrss), not of a cell alone; None on Windows.
    """
    if find_spec("resource") is None:
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def notebook_path(variables: Mapping[str, Any]) -> str:
    """Find the notebook's file: relative to the working folder where it is below it.

    Parameters
    ----------
    variables
        The user's: VS Code leaves the path there.

    Returns
    -------
    str
        "" where the host does not say.
    """
    candidates = (
        variables.get("__vsc_ipynb_file__"),
        os.environ.get("JPY_SESSION_NAME"),
        variables.get("__session__"),
        os.environ.get("PAPERMILL_OUTPUT_PATH"),
    )
    for candidate in candidates:
        if isinstance(candidate, str) and candidate.endswith(".ipynb"):
            try:
                return Path(candidate).relative_to(Path.cwd()).as_posix()
            except ValueError:
                return candidate
    return ""
