"""What a word means as a value: a variable of the notebook first, then a file."""

import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nbmlops.errors import UsageError, suggestion
from nbmlops.verbs.model_files import (
    MODEL_SUFFIXES,
    model_code,
    model_module,
    read_model,
)
from nbmlops.verbs.spelling import quoted

DATA_SUFFIXES = (".parquet", ".csv", ".jsonl", ".ndjson", ".json", ".csv.gz", ".tsv")
_REF = re.compile(r"[\w.-]+(?:@[\w-]+|/\d+)$")
_FRAME_ROOMS = frozenset({"pandas", "polars", "pyarrow", "duckdb", "_duckdb"})
_FRAME_CLASSES = frozenset(
    {
        "DataFrame", "LazyFrame", "Table", "RecordBatch", "RecordBatchReader",
        "DuckDBPyRelation",
    }
)  # fmt: skip
_OF_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


@dataclass(frozen=True, slots=True)
class Given:
    """What was given for an argument.

    Attributes
    ----------
    code
        How it is written in Python.
    read
        Returns the value; a model file is not opened before.
    needs
        The module that the code names, or "".
    """

    code: str
    read: Callable[[], Any]
    needs: str = ""


class Names:
    """Looks words up.

    Parameters
    ----------
    variables
        The notebook's; None in a terminal, where only files have names.
    """

    def __init__(self, variables: Mapping[str, Any] | None = None) -> None:
        self._variables = variables

    def data(self, word: str) -> Given:
        """Find a frame: a variable, several as `X,y`, or a file."""
        found = self._variable(word)
        if found is not None:
            return found
        parts = [part.strip() for part in word.split(",")]
        if len(parts) in (2, 3) and not Path(word).exists():
            several = [self._variable(part) for part in parts]
            if all(several):
                given = [one for one in several if one is not None]
                code = ", ".join(one.code for one in given)
                return Given(f"({code})", lambda: tuple(one.read() for one in given))
        if _is_file(word):
            return Given(quoted(word), lambda: word)
        raise self._unknown(word, "frame", DATA_SUFFIXES)

    def dataset(self, word: str) -> Given:
        """Find a frame as `data` does; another word is a known dataset's."""
        found = self._variable(word)
        return found if found is not None else Given(quoted(word), lambda: word)

    def model(self, word: str, trust: Sequence[str] = ()) -> Given:
        """Find an estimator: a variable, or a model file."""
        found = self._variable(word)
        if found is not None:
            return found
        path = Path(word)
        if path.is_file():
            return Given(
                model_code(path),
                lambda: read_model(path, trust=trust),
                needs=model_module(path),
            )
        raise self._unknown(word, "model", MODEL_SUFFIXES)

    def scorer(self, word: str) -> Given:
        """Find a scorer: a variable, or one that scikit-learn knows by name."""
        found = self._variable(word)
        if found is not None:
            return found
        from sklearn.metrics import get_scorer_names

        known = get_scorer_names()
        if word in known:
            return Given(quoted(word), lambda: word)
        kinds = "a number" if self._variables is None else "a number, a variable"
        raise UsageError(
            f"{word!r} is neither {kinds} nor the name of a scorer",
            hint=suggestion(word, [*self.of_kind("scorer"), *known]),
        )

    def of_kind(self, kind: Literal["frame", "model", "scorer"]) -> list[str]:
        """List the variables that could be meant for a frame, a model or a scorer."""
        fits = {"frame": is_frame, "model": is_fitted, "scorer": _is_function}[kind]
        return [name for name, value in self._own() if fits(value)]

    def value(self, name: str) -> Any:
        """Return what a variable holds; None if there is no such variable."""
        given = self._variable(name)
        return None if given is None else given.read()

    def _own(self) -> Iterable[tuple[str, Any]]:
        for name, value in list((self._variables or {}).items()):
            is_ours = not name.startswith("_") and name not in _OF_IPYTHON
            if is_ours and not isinstance(value, types.ModuleType):
                yield name, value

    def _variable(self, word: str) -> Given | None:
        if self._variables is None or not word.isidentifier():
            return None
        if word not in self._variables:
            return None
        value = self._variables[word]
        return Given(word, lambda: value)

    def _unknown(
        self, word: str, kind: Literal["frame", "model"], suffixes: Sequence[str]
    ) -> UsageError:
        if kind == "frame" and _REF.match(word):
            return UsageError(
                f"{word!r} reads as a version, not as a frame",
                hint="the version stands first, then the frame",
            )
        path = Path(word)
        looks_like_path = path.suffix != "" or "/" in word
        if self._variables is None or looks_like_path:
            files = _files_near(path, suffixes)
            hint = suggestion(word, files) or f"files here end in {', '.join(suffixes)}"
            return UsageError(f"there is no file {word!r}", hint=hint)
        names = self.of_kind(kind)
        close = suggestion(word, names)
        if not close.startswith("did"):
            others = suggestion(word, [name for name, _ in self._own()])
            close = others if others.startswith("did") else close
        hint = close or f"put the {kind} into a variable, or name a file"
        return UsageError(f"there is no variable or file {word!r}", hint=hint)


def is_frame(value: Any) -> bool:
    """Tell whether a variable holds a frame, without asking the object itself."""
    if isinstance(value, tuple):
        return len(value) in (2, 3) and (is_frame(value[0]) or _is_array(value[0]))
    kind = type(value)
    room = kind.__module__.partition(".")[0]
    if room in _FRAME_ROOMS and kind.__name__ in _FRAME_CLASSES:
        return True
    return room not in _FRAME_ROOMS and hasattr(kind, "__arrow_c_stream__")


def is_fitted(value: Any) -> bool:
    """Tell whether a variable holds an estimator that looks fitted."""
    if isinstance(value, type) or not hasattr(type(value), "fit"):
        return False
    state = getattr(value, "__dict__", {})
    if any(key.endswith("_") and not key.startswith("_") for key in state):
        return True
    steps = state.get("steps")
    return isinstance(steps, list) and bool(steps) and is_fitted(steps[-1][1])


def _is_function(value: Any) -> bool:
    return callable(value) and not isinstance(value, type)


def _is_array(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "numpy"


def _is_file(word: str) -> bool:
    is_pattern = any(char in word for char in "*?")
    return "://" in word or is_pattern or Path(word).exists()


def _files_near(path: Path, suffixes: Sequence[str]) -> list[str]:
    try:
        found = [f for f in path.parent.iterdir() if f.name.endswith(tuple(suffixes))]
    except OSError:
        return []
    return [str(f) for f in found]
