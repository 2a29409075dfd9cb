"""The family of errors: each says what is wrong, and what to do about it.

    NbmlopsError
      UsageError      a bad argument                     (also ValueError)
      NotFound        no such thing in the registry      (also LookupError)
      AlreadyExists   the name is taken
      NotAllowed      a rule of the registry forbids it  (also PermissionError)
      GateFailed      the policy forbids it              (raised by gate/)
      Untrusted       loading would run unreviewed code
      Tampered        bytes are not what was recorded
      RegistryBusy    somebody else holds the registry
    NbmlopsWarning    done, but there is something to know    (also UserWarning)

In a notebook they are printed as their message alone, without a traceback.
"""

import sys
import warnings
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

# Control codes, which a terminal would obey: messages quote what others wrote.
_SHOWN = {
    code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))
}


# Whose frames are between a user's line and a warning about it.
_BETWEEN = frozenset({"nbmlops", "IPython", "contextlib"})


class NbmlopsError(Exception):
    """The base of all errors that a user can act on."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message.translate(_SHOWN)
        self.hint = hint.translate(_SHOWN)
        super().__init__(f"{self.message}\nHint: {self.hint}" if hint else self.message)

    def _render_traceback_(self) -> list[str]:
        """Print like this in IPython instead of a traceback."""
        return [
            f"{type(self).__name__}: {line}" if not i else line
            for i, line in enumerate(str(self).splitlines())
        ]


class UsageError(NbmlopsError, ValueError):
    """An argument that cannot be used, and that the caller can mend."""


class NotFound(NbmlopsError, LookupError):
    """A thing that does not exist, with those that do.

    Parameters
    ----------
    kind
        What was looked for: "model", "version", "column".
    name
        The name that was asked for.
    known
        The names that exist, for "did you mean".
    hint
        Replaces the hint built from `known`.
    """

    def __init__(
        self, kind: str, name: str, known: Iterable[str] = (), *, hint: str = ""
    ) -> None:
        super().__init__(
            f"there is no {kind} {name!r}", hint=hint or suggestion(name, known)
        )


class AlreadyExists(NbmlopsError):
    """A name that is taken."""


class NotAllowed(NbmlopsError, PermissionError):
    """A change that a rule of the registry forbids."""


class GateFailed(NbmlopsError):
    """A promotion that the policy forbids.

    Attributes
    ----------
    results
        One result per gate, with `name`, `passed` and `detail`.
    """

    def __init__(
        self, message: str, *, results: tuple[object, ...] = (), hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.results = results


class Untrusted(NbmlopsError):
    """An artifact whose loading would run code that nobody has vouched for."""


class Tampered(NbmlopsError):
    """Bytes or rows that are not those that were recorded."""


class RegistryBusy(NbmlopsError):
    """The registry is held by another process."""


def suggestion(name: str, known: Iterable[str], *, most: int = 8) -> str:
    """Say which of the known names was probably meant, else list them."""
    names = sorted(known)
    by_lower = {n.lower(): n for n in names}
    close = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    if not names:
        return ""
    listed = ", ".join(names[:most])
    rest = len(names) - most
    return f"there is: {listed}" + (f" and {rest} more" if rest > 0 else "")


class NbmlopsWarning(UserWarning):
    """What a user should know of something that was done all the same."""


def warn(message: str) -> None:
    """Warn of something, at the user's own line: whatever of ours called what.

    Parameters
    ----------
    message
        It is told each time: the same line may have done another thing.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and _package(frame.f_globals) in _BETWEEN:
        frame = frame.f_back
    warnings.warn_explicit(
        message.translate(_SHOWN),
        NbmlopsWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__", "<unknown>"),  # None is never told
    )


def _package(names: Mapping[str, object]) -> str:
    return str(names.get("__name__", "")).partition(".")[0]
