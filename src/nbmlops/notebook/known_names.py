"""The names in the registry for completion: remembered, and never waited for long."""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 0.06
MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What completion offers of a registry."""

    models: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()


class KnownNames:
    """Reads names in the background; while the registry is busy, the last ones count.

    Parameters
    ----------
    place
        Tells where the registry is.
    opened
        Returns it opened.
    """

    def __init__(
        self, place: Callable[[], str | Path], opened: Callable[[], Any]
    ) -> None:
        self._place = place
        self._opened = opened
        self._known = Known()
        self._mark: tuple[str, bytes] | None = None
        self._reader: threading.Thread | None = None

    def now(self) -> Known:
        """Return the names, fresh if they can be read at once.

        Returns
        -------
        Known
            Empty before the api was used: completion imports nothing heavy itself.
        """
        if "nbmlops.api" not in sys.modules:
            return Known()
        mark = self._head()
        if mark is None:
            return Known()
        if mark != self._mark:
            if self._reader is None or not self._reader.is_alive():
                self._reader = threading.Thread(
                    target=self._read, args=(mark,), daemon=True
                )
                self._reader.start()
            self._reader.join(PATIENCE_SECONDS)
        return self._known

    def attachments(self, ref: str) -> tuple[str, ...]:
        """Return the names of a version's attachments, if they can be read at once."""
        found: list[str] = []

        def read() -> None:
            with suppress(Exception):  # as in `_read`
                found.extend(self._opened().get(ref).attachments)

        if "nbmlops.api" in sys.modules:
            reader = threading.Thread(target=read, daemon=True)
            reader.start()
            reader.join(PATIENCE_SECONDS)
        return tuple(found)

    def _head(self) -> tuple[str, bytes] | None:
        """Read the sequence and hash of the newest event: a file, not the database."""
        place = self._place()
        try:
            return str(place), (Path(place) / "head").read_bytes()
        except OSError:
            return None

    def _read(self, mark: tuple[str, bytes]) -> None:
        try:
            registry = self._opened()
            self._known = known_of(
                registry.models(), registry.datasets(), registry.search_fields()
            )
        except Exception:
            # Completion is no place for errors: the next verb will tell.
            return
        self._mark = mark


def known_of(models: list[Any], datasets: list[Any], fields: list[str]) -> Known:
    """Spell the refs of models: each alias, then each version, newest first."""
    refs: list[str] = []
    aliases: dict[str, None] = {}
    for model in models:
        refs.append(model.name)
        refs += [f"{model.name}@{alias}" for alias in model.aliases]
        newest = model.newest or 0
        lowest = max(0, newest - MOST_VERSIONS)
        refs += [f"{model.name}/{number}" for number in range(newest, lowest, -1)]
        aliases |= dict.fromkeys(model.aliases)
    return Known(
        models=tuple(model.name for model in models),
        refs=tuple(refs),
        aliases=tuple(aliases),
        fields=tuple(fields),
        datasets=tuple(dict.fromkeys(name for d in datasets for name in d.names)),
    )
