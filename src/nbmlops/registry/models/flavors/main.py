"""Names that only the running notebook or script has, which no other process finds."""

from collections.abc import Iterable

from nbmlops.errors import UsageError

MAIN = "__main__"


def refuse_main(types: Iterable[str]) -> None:
    """Refuse names of `__main__`, and say what to do with them.

    Parameters
    ----------
    types
        Names with their modules.

    Raises
    ------
    UsageError
        If one of them is of the running notebook or script.
    """
    missing = sorted(t for t in types if t.partition(".")[0] == MAIN)
    if not missing:
        return
    names = [t.removeprefix(f"{MAIN}.") for t in missing]
    raise UsageError(
        f"the model needs {', '.join(names)}, which only this notebook or script has: "
        "it could not be loaded elsewhere",
        hint=f"move {names[0]} into a module that can be imported "
        f"(from my_module import {names[0]}), and fit again",
    )
