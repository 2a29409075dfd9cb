"""A slice of a session defines what its last cell needs, and leaves out the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notebook.sessions import SessionOf

IMPORTS = """
import random
from contextlib import suppress
import numpy as np
import pandas as pd
"""
NAMES = ("a", "b", "c")
STATEMENTS = (
    "X = N",
    "X = [N, M]",
    "X = Y",
    "X = [Y, Y]",
    "X = {'k': Y}",
    "X = list(Y)",
    "X = sorted(Y)",
    "X = Y[0]",
    "X = Y['k']",
    "X.append(N)",
    "X.append(Y)",
    "X[0] = N",
    "X['k'] = Y",
    "X[0].append(N)",
    "X += [N]",
    "X, Y = Y, X",
    "X, *Y = Y",
    "del X",
    "if X: Y = [N]",
    "for X in Y: X.append(N)",
    "for i in range(2): X = [X]",
    "while X:\n    X.pop()\n    break",
    "[v.append(N) for v in X]",
    "X = [(Y, i) for i in range(2)]",
    "X = (v for v in Y)",
    "X = iter(Y)",
    "X = next(Y)",
    "X = map(lambda v: [v, Y], X)",
    "def f(v=X):\n    v.append(N)\n    return v",
    "def f():\n    return X",
    "def f():\n    X.append(Y)\n    return X",
    "def f():\n    global X\n    X = [N]",
    "def g(v):\n    w = v\n    w.append(N)\n    return [w, X]",
    "def g(v):\n    return f()",
    "f = lambda v=Y: X",
    "X = f",
    "X = f()",
    "f()",
    "X = g(Y)",
    "g(X)",
    "print(g(X))",
    "X = X()",
    "class K:\n    k = X\n    def m(self):\n        self.k.append(N)\n        return Y",
    "X = K()",
    "X = Y.m()",
    "Y.m()",
    "X = K.k",
    "X.k = Y",
    "try:\n    X = Y[5]\nexcept Exception:\n    X = N",
    "with suppress(Exception):\n    Y.pop()\n    X = [N]",
    "match X:\n    case [Y, *rest]:\n        Y.append(N)",
    "exec('X = N')",
    "exec('X = Y')",
    "exec('X.append(N)')",
    "globals()['X'] = Y",
    "X = eval('Y')",
    "random.seed(N)",
    "X = random.random()",
    "random.shuffle(X)",
    "np.random.seed(N)",
    "X = np.random.rand(2)",
    "X = np.array([3, 2, N])",
    "X = Y[:2]",
    "X = Y.reshape(-1)",
    "X.sort()",
    "X = pd.DataFrame({'k': [N, M], 'l': [M, N]})",
    "X = Y.assign(k=N)",
    "X = Y.copy()",
    "X = Y[Y.k > N]",
    "X['z'] = N",
    "X.drop(columns='l', inplace=True)",
    "X.pop('k')",
    "X.head()",
    "X = Y.query('k > @X')",
    "X = setattr(Y, 'k', N) or Y",
    "(X or Y).append(N)",
    "len(X)",
)


@st.composite
def notebooks(draw: st.DrawFn) -> list[str]:
    """Draw cells of a few statements each, over few names, so that they meet."""

    def statement() -> str:
        x, y = draw(st.permutations(NAMES))[:2]
        n, m = draw(st.integers(1, 3)), draw(st.integers(1, 3))
        text = draw(st.sampled_from(STATEMENTS))
        for mark, word in (("X", x), ("Y", y), ("N", str(n)), ("M", str(m))):
            text = text.replace(mark, word)
        return text

    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=12))
    cells = ["\n".join(statement() for _ in range(size)) for size in sizes]
    start = "\n".join(f"{name} = [[{i}], {i}, 5]" for i, name in enumerate(NAMES))
    return [IMPORTS, start, *cells]


SESSIONS = {
    "the latest definition": (["a = 1", "a = 2", "a"], [2, 3]),
    "what was only looked at": (["a = [1]", "len(a)", "print(a)", "a"], [1, 4]),
    "a change in place": (["a = []", "a.append(1)", "a"], [1, 2, 3]),
    "a change by another name": (["a = []", "b = a", "b.append(1)", "a"], [1, 2, 3, 4]),
    "a change inside": (["a = [[]]", "b = a[0]", "b.append(1)", "a"], [1, 2, 3, 4]),
    "a free name, as it is when called": (
        ["def f(): return k", "k = 1", "k = 2", "a = f()", "k = 3", "a"],
        [1, 3, 4, 6],
    ),
    "a global that a function changes": (
        ["log = []", "def f(): log.append(1)", "f()", "b = 1", "log"],
        [1, 2, 3, 5],
    ),
    "what a function returns": (
        ["a = [1]", "f = lambda: a", "b = f()\nb.append(1)", "c = 1", "a"],
        [1, 2, 3, 5],
    ),
    "a function in an object": (
        ["k = 1", "class K:\n    def m(self): return k", "o = K()", "k = 2", "o.m()"],
        [1, 2, 3, 4, 5],  # what makes an object may call its methods
    ),
    "an iterator that was read": (
        ["i = iter([1, 2])", "a = next(i)", "b = next(i)"],
        [1, 2, 3],
    ),
    "a seed, and what was drawn": (
        ["import random", "random.seed(1)", "random.random()", "random.random()"],
        [1, 2, 3, 4],
    ),
    "a seed that a function sets": (
        ["import random", "def s(): random.seed(1)", "s()", "a = 1", "random.random()"],
        [1, 2, 3, 5],
    ),
    "a frame's column, not its copy's": (
        [
            "import pandas as pd",
            "a = pd.DataFrame({'x': [1]})",
            "b = a.copy()",
            "b['y'] = 2",
            "a['z'] = 3",
            "a",
        ],
        [1, 2, 5, 6],
    ),
    "a name in a query": (
        [
            "import pandas as pd",
            "a = pd.DataFrame({'x': [1]})",
            "n = 0",
            "m = 1",
            "a.query('x > @n')",
        ],
        [1, 2, 3, 5],
    ),
    "a cell that failed on its way": (["a = 1", "a = 2; 1 / 0", "a"], [2, 3]),
    "a cell that failed before it did anything": (["a = 1", "a = 1 / 0", "a"], [1, 3]),
    "a name removed, and bound by a function, in a cell that failed": (
        ["def f():\n    global a\n    a = [2]", "a = [1]", "del a; f(); 1 / 0", "a"],
        [1, 2, 3, 4],
    ),
    "a way not taken": (["a = [1]", "if not a: a = [2]", "a"], [1, 3]),
}


@pytest.mark.parametrize("name", SESSIONS, ids=str)
def test_the_slice_holds(name: str) -> None:
    cells, expected = SESSIONS[name]
    assert SessionOf(cells).needed() == expected


def test_a_very_long_cell_is_kept_with_all_before_it() -> None:
    long = "\n".join(f"a{i} = f(a{i - 1})" for i in range(1, 5_000))
    session = SessionOf(["f = abs", "a0 = 1", "b = 2", long, "c = 3", "a4999"])
    assert session.needed() == [1, 2, 3, 4, 6]


def test_functions_that_call_each_other_are_followed_once_each() -> None:
    """Along every way of calls there are 2 ** 60 of them."""
    code = "\n".join(f"def f{i}(): return f{i + 1}() + f{i + 1}()" for i in range(60))
    session = SessionOf([f"{code}\ndef f60(): return k", "k = 1", "k = 2", "f60()"])
    assert session.needed() == [1, 3, 4]


@settings(max_examples=400, deadline=None)
@given(cells=notebooks(), name=st.sampled_from(NAMES))
def test_a_slice_gives_the_value_that_the_whole_session_gave(
    cells: list[str], name: str
) -> None:
    whole = SessionOf([*cells, name])
    kept = whole.needed()
    slice_ = SessionOf(run.code for run in whole.runs if run.count in kept)
    assert slice_.value(name) == whole.value(name)
