"""How a verb's call is written as Python."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

WIDTH = 88


def quoted(text: str) -> str:
    """Write a text as a Python literal, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def spelled_list(parts: Sequence[str]) -> str:
    """Write a list of texts."""
    return f"[{', '.join(quoted(part) for part in parts)}]"


def spelled_dict(pairs: Mapping[str, str]) -> str:
    """Write a dictionary whose values are code already."""
    return f"{{{', '.join(f'{quoted(key)}: {code}' for key, code in pairs.items())}}}"


def call_code(
    function: str,
    positional: Sequence[str],
    keywords: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Write a call, over several lines where one would be too long.

    Parameters
    ----------
    function
        "registry.promote".
    positional, keywords
        The arguments, as code. Keywords that are no identifiers go into `**{...}`.

    Returns
    -------
    str
        Python that can be pasted into a cell.
    """
    odd = {k: code for k, code in keywords.items() if not k.isidentifier()}
    parts = [
        *positional,
        *(f"{key}={code}" for key, code in keywords.items() if key not in odd),
    ]
    if odd:
        parts.append(f"**{spelled_dict(odd)}")
    line = f"{function}({', '.join(parts)})"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{function}(", *(f"    {part}," for part in parts), ")"])
