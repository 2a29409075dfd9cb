"""The order of packages' versions."""

import operator
from collections.abc import Callable, Iterable
from typing import Any

from packaging.version import InvalidVersion, Version

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def is_release(text: str) -> bool:
    """Tell whether a text is a version that has a place in the order."""
    return _parsed(text) is not None


def fitting(releases: Iterable[str], sign: str, wanted: str) -> list[str]:
    """Select the versions that stand to the wanted one as the sign says.

    Parameters
    ----------
    releases
        As recorded; one that is no version at all fits nothing.
    sign
        One of = < <= > >=.
    wanted
        A version.

    Returns
    -------
    list of str
        In the order given.
    """
    limit = _parsed(wanted)
    found = []
    for release in releases:
        parsed = _parsed(release)
        if parsed is not None and limit is not None and _ORDER[sign](parsed, limit):
            found.append(release)
    return found


def _parsed(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
