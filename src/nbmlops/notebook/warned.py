"""How a warning of ours is written in a notebook: as its words alone."""

import warnings
from typing import Any

from nbmlops.errors import NbmlopsWarning


class Warned:
    """Python's way to write a warning, but for ours.

    Python adds the file and the line of code, which in a notebook are a temporary file
    and what IPython made of the cell.
    """

    def __init__(self) -> None:
        self._before: Any = None

    def add(self) -> None:
        """Write warnings of ours this way from now on, and leave the others."""
        self._before = warnings.formatwarning
        warnings.formatwarning = self._format

    def remove(self) -> None:
        """Write them as before, unless somebody has changed that since."""
        if warnings.formatwarning == self._format:
            warnings.formatwarning = self._before

    def _format(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        line: str | None = None,
    ) -> str:
        if issubclass(category, NbmlopsWarning):
            return f"Warning: {message}\n"
        written: str = self._before(message, category, filename, lineno, line)
        return written
