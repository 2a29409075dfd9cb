"""A notebook session without IPython: cells run one after another in a namespace."""

import ast
import random
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from nbmlops.notebook.cell_use import use_of
from nbmlops.notebook.kinds import held
from nbmlops.notebook.slicing import Ran, needed


class SessionOf:
    """A session in which some cells were run.

    Attributes
    ----------
    names
        What the cells defined.
    runs
        The runs, with what each did.
    """

    def __init__(self, cells: Iterable[str]) -> None:
        random.seed(0)
        np.random.seed(0)
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.runs: list[Ran] = []
        for count, code in enumerate(cells, 1):
            before = held(self.names)
            failed, shown = self._run(code)
            use = use_of(code, before, held(self.names), failed=failed, shown=shown)
            self.runs.append(Ran(count=count, code=code, use=use))

    def needed(self) -> list[int]:
        """Number the cells that the last one needs."""
        return [run.count for run in needed(self.runs)]

    def value(self, name: str) -> str:
        """Spell a variable's value, without addresses."""
        try:
            return re.sub(r" at 0x\w+", "", repr(self.names.get(name, "nothing")))
        except RecursionError:  # a frame that holds itself
            return "endless"

    def _run(self, code: str) -> tuple[bool, bool]:
        """Run a cell as a notebook does: whether it failed, and showed a value."""
        last = None
        try:
            tree = ast.parse(code)
            if tree.body and isinstance(tree.body[-1], ast.Expr):
                last = ast.Expression(tree.body[-1].value)
                del tree.body[-1]
            exec(compile(tree, "<cell>", "exec"), self.names)
            value = last and eval(compile(last, "<cell>", "eval"), self.names)
        except Exception:
            return True, False
        return False, value is not None
