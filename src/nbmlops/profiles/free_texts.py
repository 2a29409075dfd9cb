"""Counting a column of free text, batch by batch: lengths, words, scripts, signs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nbmlops.frames.kinds import texts
from nbmlops.profiles import characters
from nbmlops.profiles.characters import CLASSES, FIRST_SCRIPT, SCRIPTS
from nbmlops.profiles.columns import frozen
from nbmlops.profiles.free_text_column import MOMENTS, FreeTextColumn, kept_words
from nbmlops.profiles.numbers import NumberCounter, Weights
from nbmlops.profiles.rows import RowCounter, present

WORD_BITS = 18
WORDS = 1 << WORD_BITS
MOST_READ = 10_000  # characters of one text; its length is told in full
ROWS_AT_ONCE = 8_192
SIGNS = ("capitals", "digits", "punctuation", "emoji", "unreadable")
_TOLD = (
    characters.DIGIT,
    characters.PUNCTUATION,
    characters.EMOJI,
    characters.BROKEN,
)  # as SIGNS after the capitals
NOTHING = "nothing"
NO_SCRIPT = "none"
_DISTANT = 64  # characters of a word from which its hash takes no notice of order
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_POWERS = np.cumprod(np.full(_DISTANT, _FACTOR), dtype=np.uint64)
_IDEOGRAPH = FIRST_SCRIPT + SCRIPTS.index("han")
_ALONE = tuple(FIRST_SCRIPT + SCRIPTS.index(s) for s in characters.WITHOUT_BLANKS)

Ints = NDArray[np.int64]


class FreeTextCounter:
    """Count a column of free text.

    Parameters
    ----------
    like
        The reference's column, of whose words the new ones are told; None: of none.
    """

    def __init__(self, like: FreeTextColumn | None) -> None:
        self._like = like
        self._counted = RowCounter()
        self._lengths = NumberCounter(
            None if like is None else like.lengths, narrow=False
        )
        self._words = NumberCounter(None if like is None else like.words, narrow=False)
        self._scripts = np.zeros(len(SCRIPTS) + 1)
        self._signs = np.zeros(1 << len(SIGNS))
        self._word_rows, self._word_mass = np.zeros(WORDS), np.zeros(WORDS)
        self._fresh = np.zeros(MOMENTS)
        self._is_new = np.ones(WORDS, dtype=bool)
        if like is not None:
            self._is_new[like.word] = False

    def update(self, array: pa.Array, weights: Weights) -> None:
        """Count the next rows.

        Parameters
        ----------
        array
            Text, dictionary-encoded or not.
        weights
            One per row, or None for 1.
        """
        array = texts(array)
        self._counted.add(array, weights)
        array, weights = present(array, weights)
        for start in range(0, len(array), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            own = None if weights is None else weights[part]
            self._add(array[part], own)

    def finish(self) -> FreeTextColumn:
        """Give what was counted."""
        counts = self._counted.counts
        used = np.flatnonzero(self._word_rows)
        named = [*SCRIPTS, NO_SCRIPT]
        return FreeTextColumn(
            **counts,
            lengths=replace(self._lengths.finish(), **counts),
            words=self._words.finish(),
            scripts=_labelled(named, self._scripts),
            signs=_labelled(
                [_signs_in_words(k) for k in range(1 << len(SIGNS))], self._signs
            ),
            **kept_words(used, self._word_rows[used], self._word_mass[used]),
            known_by="" if self._like is None else self._like.vocabulary,
            fresh=self._fresh,
        )

    def _add(self, array: pa.Array, weights: Weights) -> None:
        """Count texts without nulls."""
        lengths = pc.utf8_length(array).to_numpy(zero_copy_only=False)
        self._lengths.update(lengths.astype(np.float64), weights)
        if lengths.max(initial=0) > MOST_READ:
            array = pc.utf8_slice_codeunits(array, 0, MOST_READ)
            lengths = np.minimum(lengths, MOST_READ)
        read = Characters.of(array, lengths)
        rows = len(array)
        mass = np.ones(rows) if weights is None else weights
        self._scripts += np.bincount(read.scripts(), mass, len(self._scripts))
        self._signs += np.bincount(read.signs(), mass, len(self._signs))
        row, word = read.words()
        counted = np.bincount(row, minlength=rows).astype(np.float64)
        self._words.update(counted, weights)
        pairs = np.unique(row * WORDS + word)
        row, word = pairs // WORDS, pairs % WORDS
        self._word_rows += np.bincount(word, minlength=WORDS)
        self._word_mass += np.bincount(word, mass[row], WORDS)
        if self._like is not None:
            every = np.bincount(row, minlength=rows).astype(np.float64)
            new = np.bincount(row, self._is_new[word], rows)
            moments = (new, every, new * new, new * every, every * every)
            self._fresh += [float((mass * part).sum()) for part in moments]


@dataclass(frozen=True, slots=True, kw_only=True)
class Characters:
    """The characters of several texts, one after another.

    Attributes
    ----------
    code, lower, classes, row
        Shape (characters,): code point, that of its lower case, class, and number of
        the text.
    counts
        Shape (rows, classes): the characters of each class in each text.
    """

    code: NDArray[np.uint32]
    lower: NDArray[np.uint32]
    classes: NDArray[np.uint8]
    row: Ints
    counts: Ints

    @classmethod
    def of(cls, array: pa.Array, lengths: Ints) -> "Characters":
        """Read texts without nulls, of so many characters each."""
        if not isinstance(array, pa.LargeStringArray):
            raise AssertionError("texts come as large strings")
        whole = "".join(array.to_pylist())
        code = np.frombuffer(whole.encode("utf-32-le"), dtype="<u4").astype(np.uint32)
        tables = characters.tables()
        known = np.minimum(code, characters.PLANES - 1)
        classes, lower = tables.classes.take(known), tables.lower.take(known)
        beyond = np.flatnonzero(code >= characters.PLANES)
        classes[beyond], lower[beyond] = _IDEOGRAPH, code[beyond]
        row = np.repeat(np.arange(len(array)), lengths)
        counts = np.bincount(row * CLASSES + classes, minlength=len(array) * CLASSES)
        return cls(
            code=code,
            lower=lower,
            classes=classes,
            row=row,
            counts=counts.reshape(-1, CLASSES),
        )

    def scripts(self) -> Ints:
        """Give the script of most letters of each text; the last number is none."""
        letters = self.counts[:, FIRST_SCRIPT:]
        return np.where(letters.any(axis=1), letters.argmax(axis=1), len(SCRIPTS))

    def signs(self) -> Ints:
        """Say as bits what each text holds, see `SIGNS`."""
        of_capitals = self.row[self.lower != self.code]
        capitals = np.bincount(of_capitals, minlength=len(self.counts))
        held = (capitals, *self.counts[:, _TOLD].T)
        bits = [(count > 0).astype(np.int64) << at for at, count in enumerate(held)]
        return np.asarray(np.sum(bits, axis=0))

    def words(self) -> tuple[Ints, Ints]:
        """Find the words.

        Returns
        -------
        tuple
            The number of the text and the hash (18 bits) of each word, in order.
        """
        kinds = self.classes
        is_word = (kinds == characters.DIGIT) | (kinds >= characters.MARK)
        at = np.flatnonzero(is_word)
        if not len(at):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        row, kinds = self.row[at], kinds[at]
        alone = np.isin(kinds, _ALONE)
        begins = np.ones(len(at), dtype=bool)
        begins[1:] = (np.diff(at) > 1) | (np.diff(row) > 0) | alone[1:] | alone[:-1]
        starts = np.flatnonzero(begins)
        number = np.cumsum(begins) - 1
        place = np.minimum(np.arange(len(at)) - starts[number], _DISTANT - 1)
        letters = self.lower[at].astype(np.uint64)
        hashes = np.add.reduceat(letters * _POWERS[place], starts)
        hashes ^= hashes >> np.uint64(29)
        hashes *= _FACTOR
        found = (hashes >> np.uint64(64 - WORD_BITS)).astype(np.int64)
        return row[starts], found


def _labelled(names: list[str], mass: NDArray[np.float64]) -> Any:
    return frozen({name: float(m) for name, m in zip(names, mass, strict=True) if m})


def _signs_in_words(bits: int) -> str:
    held: Iterator[str] = (sign for at, sign in enumerate(SIGNS) if bits >> at & 1)
    return ", ".join(held) or NOTHING
