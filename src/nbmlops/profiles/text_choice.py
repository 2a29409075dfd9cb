"""Whether a column of text holds labels or free text: told by its first texts."""

from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from nbmlops.frames.kinds import texts
from nbmlops.profiles.columns import ColumnProfile, TextColumn
from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.profiles.labels import LabelCounter
from nbmlops.profiles.numbers import Weights

LOOKED_AT = 1_000  # texts
FEWEST = 100  # texts: of fewer nobody can tell
DIFFERENT = 0.5  # of them, at least
LONG = 20  # characters
WORDS = 4
WIDE = 2.5  # bytes per character, of scripts that are written without blanks
LONG_IF_WIDE = 10


def is_free_text(sample: pa.Array) -> bool:
    """Say whether texts are free text: mostly different, of several words each.

    Parameters
    ----------
    sample
        Large strings without nulls.

    Returns
    -------
    bool
        False for fewer than 100 texts.
    """
    if len(sample) < FEWEST or pc.count_distinct(sample).as_py() < DIFFERENT * len(
        sample
    ):
        return False
    lengths = pc.utf8_length(sample).to_numpy(zero_copy_only=False)
    blanks = pc.count_substring_regex(sample, r"\s+").to_numpy(zero_copy_only=False)
    size = pc.binary_length(sample).to_numpy(zero_copy_only=False)
    is_long = (lengths >= LONG) & (blanks >= WORDS - 1)
    is_wide = (lengths >= LONG_IF_WIDE) & (size >= WIDE * lengths)
    return bool((is_long | is_wide).mean() >= DIFFERENT)


class TextCounter(Protocol):
    """Counts a column of text."""

    def update(self, array: pa.Array, weights: Weights) -> None:
        """Count the next rows."""

    def finish(self) -> TextColumn | FreeTextColumn:
        """Give what was counted."""


def text_counter(like: ColumnProfile | None) -> TextCounter:
    """Count text as the reference does; where there is none its first texts tell."""
    if isinstance(like, TextColumn):
        return LabelCounter()
    if isinstance(like, FreeTextColumn):
        return _free_text_counter(like)
    return _Choosing()


class _Choosing:
    """Counts a column of text, as labels or as free text."""

    def __init__(self) -> None:
        self._waiting: list[tuple[pa.Array, Weights]] = []
        self._sample: list[pa.Array] = []
        self._looked_at = 0
        self._chosen: TextCounter | None = None

    def update(self, array: pa.Array, weights: Weights) -> None:
        if self._chosen is not None:
            self._chosen.update(array, weights)
            return
        self._waiting.append((array, weights))
        # Twice as many rows where nulls are few, so that not all need be looked at.
        for part in (array[: 2 * LOOKED_AT], array[2 * LOOKED_AT :]):
            if len(part) and self._looked_at < LOOKED_AT:
                there = texts(part).drop_null()[: LOOKED_AT - self._looked_at]
                self._sample.append(there)
                self._looked_at += len(there)
        if self._looked_at >= LOOKED_AT:
            self._choose()

    def finish(self) -> TextColumn | FreeTextColumn:
        return (self._chosen or self._choose()).finish()

    def _choose(self) -> TextCounter:
        """Choose, and count what waits."""
        is_free = self._sample and is_free_text(pa.concat_arrays(self._sample))
        chosen = self._chosen = _free_text_counter(None) if is_free else LabelCounter()
        for array, weights in self._waiting:
            chosen.update(array, weights)
        self._waiting, self._sample = [], []
        return chosen


def _free_text_counter(like: FreeTextColumn | None) -> TextCounter:
    from nbmlops.profiles.free_texts import FreeTextCounter  # few columns need it

    return FreeTextCounter(like)
