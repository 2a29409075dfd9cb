"""`%mlops VERB ...` and `%%mlops run NAME`: lines of the table of verbs as magics."""

import dis
import re
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from IPython.core.inputtransformer2 import make_tokens_by_line
from IPython.core.magic import no_var_expand
from IPython.display import display

from nbmlops.errors import UsageError
from nbmlops.notebook.provenance import Provenance
from nbmlops.notebook.variables import UserVariables
from nbmlops.verbs.help import overview
from nbmlops.verbs.names import Names
from nbmlops.verbs.parsing import Parsed, split
from nbmlops.verbs.session import Outcome, Session

MAGIC = "mlops"
_REMEMBERED = 4
_DROPS = "POP_TOP"
_PRINTS = ("PRINT_EXPR", "CALL_INTRINSIC_1")  # until Python 3.11, from 3.12
_OURS = str(Path(__file__).parents[1])
_RUN_CELL = re.compile(r"%(%mlops\s+run(?:\s|$))")
_QUESTION = re.compile(r"(\s*%{1,2}mlops)(?:\s+([\w-]+))?\s*\?{1,2}\s*$")


class Mlops:
    """The magics of one shell, with their session.

    Parameters
    ----------
    shell
        The IPython shell.
    provenance
        What follows its cells.
    """

    def __init__(self, shell: Any, provenance: Provenance) -> None:
        self.shell = shell
        self.provenance = provenance
        self.session = Session(
            Names(UserVariables(shell)), "notebook", own={"run": self._run}
        )
        self._comparisons: deque[Outcome] = deque(maxlen=_REMEMBERED)

    def magic(self) -> Callable[..., Any]:
        """Make the function that IPython calls.

        Returns
        -------
        callable
            Its docstring is the overview: what `%mlops?` shows.
        """

        @no_var_expand
        def mlops(line: str, cell: str | None = None) -> Any:
            return self.line(line) if cell is None else self.cell(line, cell)

        mlops.__doc__ = overview("notebook")
        return mlops

    def line(self, line: str) -> Any:
        """Run one line; show its result if nothing else will.

        Parameters
        ----------
        line
            What follows `%mlops`.

        Returns
        -------
        object
            What the Python call returns; None where there was only text to print.
        """
        written = line.rstrip()
        is_quiet = written.endswith(";")
        outcome = self.session.run(split(written.removesuffix(";")))
        if outcome.text:
            print(outcome.text)
            return None
        if outcome.made:
            print(f"made the registry {outcome.made}")
        if outcome.saved:
            print(f"written: {outcome.saved}")
        if outcome.verb is not None and outcome.verb.name == "compare":
            self._comparisons.append(outcome)
        if outcome.result is None:
            return None
        frame = _caller(sys._getframe())
        next_step = "" if frame is None else following(frame)
        is_quiet |= isinstance(outcome.result, Path)  # "written" has told it
        if is_quiet and next_step in _PRINTS:
            return None
        if not is_quiet and next_step == _DROPS:
            display(outcome.result)
        return outcome.result

    def origin(self, comparison: object) -> Outcome | None:
        """Find the line that one of the newest comparisons came from."""
        for outcome in self._comparisons:
            if outcome.result is comparison:
                return outcome
        return None

    def cell(self, line: str, cell: str) -> None:
        """Run a cell under a name; reached only where the rewriting below was not.

        Parameters
        ----------
        line
            What follows `%%mlops`.
        cell
            The code.

        Raises
        ------
        UsageError
            If the verb takes no cell.
        """
        words = split(line)
        if not words or words[0] != "run":
            raise UsageError(
                "only `run` takes a cell", hint="write %%mlops run NAME, or %mlops VERB"
            )
        self.session.run(words)
        self.shell.run_cell(cell).raise_error()

    def _run(self, parsed: Parsed) -> None:
        self.provenance.name_run(str(parsed.written["name"]))


def following(frame: FrameType) -> str:
    """Name the instruction after the call that a frame is in.

    It tells what becomes of the value. A magic in the middle of a cell is a call whose
    value is dropped, so it shows its result itself; at the end of the cell IPython
    shows it, and after `x = %mlops ...` nobody should.

    Parameters
    ----------
    frame
        The caller's.

    Returns
    -------
    str
        As `dis` calls it.
    """
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset > frame.f_lasti:
            return instruction.opname
    return ""


def rewrite(lines: list[str]) -> list[str]:
    """Rewrite two ways of writing that IPython would take for something else.

    `%%mlops run NAME` becomes `%mlops run NAME`, so that the rest is an ordinary cell:
    its errors, its last value and `await` behave as ever. `%mlops VERB?` becomes
    `%mlops VERB --help`: IPython would look for a variable of the verb's name.

    Parameters
    ----------
    lines
        The cell's, with their ends.

    Returns
    -------
    list of str
        As many lines.
    """
    start = next((i for i, line in enumerate(lines) if line.strip()), None)
    if start is None:
        return lines
    first = lines[start]
    if first.startswith("%%") and not first.startswith(f"%%{MAGIC}"):
        return lines  # another magic's text; if it is code, it comes here by itself
    asks = {"-h", "--help"}.intersection(first.split())
    if _RUN_CELL.match(first) and not asks:
        lines = [*lines[:start], first[1:], *lines[start + 1 :]]
    if not any(_QUESTION.match(line) for line in lines):
        return lines
    code = _rows_of_magics(lines)
    return [_answered(line) if i in code else line for i, line in enumerate(lines)]


rewrite.has_side_effects = False  # type: ignore[attr-defined]  # what IPython asks for


def _rows_of_magics(lines: list[str]) -> set[int]:
    """Find the lines that begin with % as code, not inside of a text."""
    return {
        token.start[0] - 1
        for tokens in make_tokens_by_line(lines)
        for token in tokens
        if token.string.startswith("%")
        and not lines[token.start[0] - 1][: token.start[1]].strip()
    }


def _answered(line: str) -> str:
    found = _QUESTION.match(line)
    if not found:
        return line
    end = "\n" if line.endswith("\n") else ""
    magic = found[1].replace("%%", "%")
    verb = f" {found[2]}" if found[2] else ""
    return f"{magic}{verb} --help{end}"


def _caller(frame: FrameType | None) -> FrameType | None:
    """Find the innermost frame that is neither ours nor IPython's."""
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_OURS) and "IPython" not in Path(file).parts:
            return frame
        frame = frame.f_back
    return None
