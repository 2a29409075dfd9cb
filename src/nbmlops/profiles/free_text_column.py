"""What a profile keeps of a column of free text, in a form that adds up: no text."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nbmlops.profiles.columns import NumberColumn, frozen

MOST_WORDS = 20_000
MOMENTS = 5  # of new and of different words, in `fresh`

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FreeTextColumn:
    """A column of free text: long texts of several words that hardly ever repeat.

    Of the texts nothing is kept but counts. Words are lower-cased and known by 18 bits
    of their hash; of scripts that are written without blanks each character is one.

    Attributes
    ----------
    rows, mass, nulls
        As in `NumberColumn`.
    lengths, words
        Characters per text, null where there is none; words per text.
    scripts
        The mass of texts by the script of most of their letters: "latin", "none".
    signs
        The mass of texts by what they hold: "capitals, digits", "nothing".
    word, word_rows, word_mass
        Shape (k,), k <= 20,000: hashes of the words that most texts hold, ascending,
        how many texts hold each, and their mass.
    others, others_most
        The mass of (text, word) pairs whose word was not kept, and the most texts that
        hold one of these words.
    known_by
        Of which vocabulary `fresh` tells, or "".
    fresh
        Shape (5,): of x new words among the t different ones of each text the sums of
        x, t, x squared, x t, and t squared.
    """

    rows: int
    mass: float
    nulls: float
    lengths: NumberColumn
    words: NumberColumn
    scripts: Mapping[str, float]
    signs: Mapping[str, float]
    word: NDArray[np.uint32]
    word_rows: Floats
    word_mass: Floats
    others: float
    others_most: float
    known_by: str
    fresh: Floats
    kind: Literal["free text"] = "free text"

    @property
    def distinct(self) -> float | None:
        """None: not counted."""
        return None

    @property
    def is_identifier(self) -> bool:
        """Never: it is judged by what texts are made of."""
        return False

    @property
    def pairs(self) -> float:
        """The mass of (text, different word in it) pairs."""
        return float(self.word_mass.sum()) + self.others

    @property
    def vocabulary(self) -> str:
        """What tells this vocabulary from others; "" where there is no word."""
        if not len(self.word):
            return ""
        return hashlib.sha256(self.word.astype("<u4").tobytes()).hexdigest()[:16]

    def share_with(self, sign: str) -> float:
        """Give the share of texts that hold a sign; 0 where there is no text."""
        total = sum(self.signs.values())
        held = sum(
            mass for name, mass in self.signs.items() if sign in name.split(", ")
        )
        return held / total if total else 0.0

    @property
    def unseen(self) -> tuple[float, float]:
        """The share of words that are new in a text of this column, left out itself.

        Returns
        -------
        tuple
            The share, each text judged by all the others (Good 1953: what one text
            only holds is new in it), and how much more it varies than a share of as
            many words does (McAllester and Schapire 2000).
        """
        most = max(1.0, self.others_most)
        once = self.others + float(self.word_mass[self.word_rows <= most].sum())
        twice = float(self.word_mass[self.word_rows == most + 1].sum())
        if not self.pairs or not once:
            return 0.0, 1.0
        return once / self.pairs, 1 + twice / once


def add_free_texts(
    columns: Sequence[FreeTextColumn],
    counts: dict[str, Any],
    add_numbers: Callable[[list[NumberColumn]], NumberColumn],
) -> FreeTextColumn:
    """Add columns of free text.

    Parameters
    ----------
    columns
        At least one.
    counts
        The added rows, mass and nulls.
    add_numbers
        Adds columns of numbers.

    Returns
    -------
    FreeTextColumn
        New words are told only where all were compared with one vocabulary.
    """
    every, at = np.unique(
        np.concatenate([column.word for column in columns]), return_inverse=True
    )
    rows, mass = (
        np.bincount(at, np.concatenate(parts), len(every)).astype(np.float64)
        for parts in (
            [column.word_rows for column in columns],
            [column.word_mass for column in columns],
        )
    )
    told = [column for column in columns if column.pairs] or columns
    known = {column.known_by for column in told}
    is_alike = len(known) == 1
    return FreeTextColumn(
        **counts,
        lengths=add_numbers([column.lengths for column in columns]),
        words=add_numbers([column.words for column in columns]),
        scripts=_added([column.scripts for column in columns]),
        signs=_added([column.signs for column in columns]),
        **kept_words(
            every,
            rows,
            mass,
            others=sum(column.others for column in columns),
            others_most=sum(column.others_most for column in columns),
        ),
        known_by=known.pop() if is_alike else "",
        fresh=np.sum([column.fresh for column in columns], axis=0) * is_alike,
    )


def kept_words(
    word: NDArray[Any],
    rows: Floats,
    mass: Floats,
    *,
    others: float = 0.0,
    others_most: float = 0.0,
) -> dict[str, Any]:
    """Keep the 20,000 words that most texts hold; of equal ones the lowest hashes.

    Parameters
    ----------
    word, rows, mass
        Shape (k,): hashes in ascending order, texts, and their mass.
    others, others_most
        Of words that were left out before.

    Returns
    -------
    dict
        The fields of a FreeTextColumn.
    """
    order = np.lexsort((word, -rows))
    kept, lost = np.sort(order[:MOST_WORDS]), order[MOST_WORDS:]
    if len(lost):
        others += float(mass[lost].sum())
        others_most += float(rows[lost].max())
    return {
        "word": word[kept].astype(np.uint32),
        "word_rows": rows[kept],
        "word_mass": mass[kept],
        "others": others,
        "others_most": others_most,
    }


def _added(labels: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    total: dict[str, float] = {}
    for one in labels:
        for label, mass in one.items():
            total[label] = total.get(label, 0.0) + mass
    return frozen(total)
