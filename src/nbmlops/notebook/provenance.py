"""What a version records of the notebook: the file, the running cell, the run."""

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SECRET = "[redacted]"
MOST_CHARACTERS = 20_000

# The end of a name that speaks of a secret, as a variable, a keyword or a key ...
_NAME = (
    r"(?:passw(?:or)?d|passphrase|secret|credential|private_?key|api_?key|access_?key|"
    r"auth_?key|(?<![a-z])token(?![a-z])|(?<![a-z])dsn|connection_?string)[\w\-]{0,40}"
)
# ... then = or :, perhaps an annotation before, and a text, which the cut may have left
# open. Each part is bounded: a cell of any shape is read in linear time.
_STRING = (
    r"[rbfu]{0,2}(?:\"{3}[\s\S]*?(?:\"{3}|\Z)|'{3}[\s\S]*?(?:'{3}|\Z)|"
    r"\"(?:\\.|[^\"\\\n])*(?:\"|$)|'(?:\\.|[^'\\\n])*(?:'|$))"
)
_ASSIGNED = re.compile(
    rf"({_NAME}['\"]?\]?[ \t]{{0,20}}(?::[ \t]{{0,20}}[\w.\[\]| ]{{1,60}})?"
    rf"(?:=|:)\s{{0,20}}\(?\s{{0,20}}){_STRING}",
    re.IGNORECASE | re.MULTILINE,
)
_SHELL = re.compile(
    rf"^([ \t]*(?:%env|%set_env|![ \t]*export|export)[ \t]+\w{{0,40}}?{_NAME}"
    r"(?:[ \t]*=[ \t]*|[ \t]+)).+$",
    re.IGNORECASE | re.MULTILINE,
)
_IN_URL = re.compile(r"(://[^\s:/@'\"]{1,80}:)[^\s@/'\"]{1,200}(?=@)")
_KNOWN_SHAPES = re.compile(
    r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|AKIA[0-9A-Z]{16}|"
    r"sk-[\w-]{20,}|hf_\w{20,}|xox[abprs]-[\w-]{10,}|"
    r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A cell that was given a name, from its first line to its end."""

    name: str
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
        self._cell = ""
        self._run: Run | None = None
        self._count = int(shell.execution_count)

    @property
    def execution_count(self) -> int:
        """The running cell's number, as the notebook shows it."""
        return self._count

    def watch(self) -> None:
        """Follow the shell's cells from now on."""
        self._shell.events.register("pre_run_cell", self._begins)
        self._shell.events.register("post_run_cell", self._ends)

    def leave(self) -> None:
        """Follow them no more."""
        self._shell.events.unregister("pre_run_cell", self._begins)
        self._shell.events.unregister("post_run_cell", self._ends)

    def name_run(self, name: str) -> None:
        """Give the running cell, from here to its end, a run's name."""
        self._run = Run(
            name=name, started_at=datetime.now(UTC), clock=time.perf_counter()
        )

    def __call__(self) -> Mapping[str, Any]:
        """Describe the notebook and the cell that is running."""
        found: dict[str, Any] = {
            "notebook": notebook_path(self._shell.user_ns),
            "cell": redacted(self._cell),
            "execution_count": self._count,
        }
        if self._run is not None:
            found["run"] = self._run.name
            found["started_at"] = self._run.started_at.isoformat()
            found["seconds"] = round(time.perf_counter() - self._run.clock, 3)
        return found

    def _begins(self, info: Any) -> None:
        self._cell = getattr(info, "raw_cell", None) or ""

    def _ends(self, result: Any) -> None:
        """Note which number the next cell has: the shell's own has moved on in it."""
        self._run = None
        if result.execution_count is not None:
            self._count = result.execution_count + bool(result.info.store_history)


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


def redacted(source: str) -> str:
    """Take what looks like a secret out of a cell's source.

    Parameters
    ----------
    source
        The cell.

    Returns
    -------
    str
        The texts assigned to names such as `api_key`, passwords in URLs, and tokens of
        known shapes are replaced; a very long cell is cut. No proof that none is left.
    """
    text = source[:MOST_CHARACTERS]
    text = _ASSIGNED.sub(rf'\1"{SECRET}"', text)
    text = _SHELL.sub(rf"\1{SECRET}", text)
    text = _IN_URL.sub(rf"\1{SECRET}", text)
    text = _KNOWN_SHAPES.sub(SECRET, text)
    return f"{text}\n# ... cut" if len(source) > MOST_CHARACTERS else text
