"""Which calls may change what they are given: the rules, by what is called.

A method may change what it is called on, and a function what it is given, unless it
is one of a package whose functions are known to look only. A call whose value is
dropped is made for its effect. What draws random numbers changes what all share.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbmlops.notebook import kinds
from nbmlops.notebook.kinds import DRAWING, LOOKERS, LOOKING, LOOKING_BUILTIN, READERS

if TYPE_CHECKING:
    from nbmlops.notebook.cell_reader import CellReader

_SHELL = "get_ipython"
# Magics that do nothing beside what the code in their text does.
_QUIET_MAGICS = frozenset(
    {
        "autoreload", "capture", "conda", "config", "history", "mamba", "matplotlib",
        "mlops", "pinfo", "pinfo2", "pip", "prun", "pylab", "time", "timeit", "uv",
        "who", "who_ls", "whos",
    }
)  # fmt: skip
_RUN_PYTHON = frozenset({"capture", "prun", "time", "timeit"})
_INSTALLERS = ("pip", "conda", "mamba", "uv ", "python -m pip")
_MADE_CODE = frozenset({"eval", "exec", "globals", "locals"})
_GENERATORS = frozenset(
    {
        "Generator", "MT19937", "PCG64", "Philox", "Random", "RandomState", "SFC64",
        "SeedSequence", "SystemRandom", "check_random_state", "default_rng",
    }
)  # fmt: skip
_IN_PLACE = frozenset({"inplace", "in_place", "out"})


@dataclass(frozen=True, slots=True)
class Callee:
    """What is called: the name that it begins with, and the attributes on the way.

    Attributes
    ----------
    name
        "" where it begins with something else.
    attributes
        `a.b().c` has "b" and "c".
    is_made
        There is a call on the way: the object may be a new one.
    """

    name: str
    attributes: tuple[str, ...] = ()
    is_made: bool = False

    @classmethod
    def of(cls, node: ast.AST) -> "Callee":
        """Follow an expression to the name that it begins with."""
        attributes: list[str] = []
        is_made = False
        while True:
            match node:
                case ast.Name(id=name):
                    return cls(name, tuple(reversed(attributes)), is_made)
                case ast.Attribute(value=inner, attr=attribute):
                    attributes.append(attribute)
                    node = inner
                case ast.Subscript(value=inner) | ast.Await(value=inner):
                    node = inner
                case ast.Call(func=inner):
                    is_made = True
                    node = inner
                case _:
                    return cls("", tuple(reversed(attributes)), is_made)


class Calls:
    """Reads the calls of a cell.

    Parameters
    ----------
    reader
        What walks through the cell.
    """

    def __init__(self, reader: "CellReader") -> None:
        self._reader = reader

    def read(self, call: ast.Call, *, is_dropped: bool) -> None:
        """Note what a call reads, and what it may change.

        Parameters
        ----------
        call
            The call.
        is_dropped
            Nothing is done with its value.
        """
        callee = Callee.of(call.func)
        if callee.name == _SHELL and callee.attributes:
            self._magic(call, callee.attributes[0])
            return
        self._reader.generic_visit(call)
        kind, package = self._reader.kind(callee.name)
        if self._draws(callee, kind, package):
            self._reader.effect()
        elif package == "builtins" and callee.name in _MADE_CODE:
            self._reader.effect(is_opaque=True)
        if package in DRAWING or kind == "plain":
            return
        in_place = any(keyword.arg in _IN_PLACE for keyword in call.keywords)
        if is_dropped and kind in ("module", "function") and not callee.is_made:
            self._dropped(call, callee, kind, package)
        elif callee.attributes and kind not in ("module", "function"):
            self._method(call, callee, package, in_place=in_place)
        elif package not in READERS or in_place:
            if package != "builtins" or callee.name not in LOOKERS:
                self._change(_arguments(call))
            if callee.is_made or not callee.name:
                self._change([call.func])

    def owners_of(self, call: ast.Call) -> set[str]:
        """Find the names whose objects may be part of what a call returns."""
        callee = Callee.of(call.func)
        kind, package = self._reader.kind(callee.name)
        if package in kinds.SEPARATE and self._looks(callee, package):
            return set()
        if callee.name == _SHELL:
            return set()
        every = _arguments(call)
        if not self._looks(callee, package) or package in ("builtins", "numpy"):
            every.append(call.func)  # a shallow copy, or a view
        found = set().union(*map(self._reader.owners_of, every))
        if package in kinds.SEPARATE and kind in ("module", "function"):
            # A frame that was made of a frame is another one.
            kept = (k for k in found if self._reader.kind(k)[1] not in kinds.SEPARATE)
            found = set(kept)
        return found

    def _draws(self, callee: Callee, kind: str, package: str) -> bool:
        if kind not in ("module", "function") or callee.is_made:
            return False
        last = callee.attributes[-1] if callee.attributes else callee.name
        is_random = package == kinds.RANDOM or "random" in callee.attributes
        return is_random and last not in _GENERATORS

    def _dropped(self, call: ast.Call, callee: Callee, kind: str, package: str) -> None:
        """Read a function that is called for its effect."""
        if package == "builtins" and callee.name in LOOKERS:
            return
        self._change(_arguments(call))
        if kind == "module" or package in READERS:
            self._reader.effect()

    def _method(
        self, call: ast.Call, callee: Callee, package: str, *, in_place: bool
    ) -> None:
        if package == "nbmlops" or (self._looks(callee, package) and not in_place):
            return
        receiver = (
            call.func.value if isinstance(call.func, ast.Attribute) else call.func
        )
        whole = self._reader.owners_of(receiver)
        if callee.name:
            whole.add(self._reader.key(callee.name))
        self._reader.change(whole)
        given = _arguments(call)
        if package not in READERS and package != "builtins":
            self._change(given)
        self._reader.link(whole, set().union(*map(self._reader.owners_of, given)))

    def _looks(self, callee: Callee, package: str) -> bool:
        """Tell whether every step on the way only looks at what it is called on."""
        known = LOOKING_BUILTIN if package == "builtins" else LOOKING
        if package != "builtins" and package not in READERS:
            return False
        return bool(callee.attributes) and callee.attributes[-1] in known

    def _change(self, nodes: Sequence[ast.expr]) -> None:
        for node in nodes:
            self._reader.change_data(self._reader.owners_of(node))

    def _magic(self, call: ast.Call, method: str) -> None:
        """Read a line of IPython's: its names may be changed by what it runs."""
        texts = [
            argument.value
            for argument in call.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if not method.endswith("_magic"):
            command = texts[0].strip() if texts else ""
            if not command.startswith(_INSTALLERS):
                self._reader.effect()
            for text in texts:
                self._reader.words(text)
            return
        name, *rest = texts or [""]
        if name not in _QUIET_MAGICS:
            self._reader.effect()
        if name in _RUN_PYTHON and rest and self._runs(rest[-1]):
            rest = rest[:-1]
        for text in rest:
            words = self._reader.words(text)
            if name != "mlops":
                self._reader.change_data(words)

    def _runs(self, text: str) -> bool:
        """Walk through the Python that a magic runs, if it is Python."""
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError):
            return False
        self._reader.cell(body)
        return True


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]
