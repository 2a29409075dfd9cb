"""Counting a column of labels, batch by batch."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nbmlops.frames.kinds import texts
from nbmlops.profiles.cells import massed
from nbmlops.profiles.columns import (
    MOST_LABELS,
    TextColumn,
    frozen,
    heaviest,
)
from nbmlops.profiles.distinct import DistinctCounter, empty_sketch, hashed_texts

LONGEST_LABEL = 256  # characters; what is longer is a document, not a label
KEPT_OF_LONG = 200
MOST_WAITING = 2 * MOST_LABELS


class LabelCounter:
    """Count a column of text.

    Up to 10,000 different labels all are counted; of more, the heaviest, as lower
    bounds, with what was dropped added up in `others` (the idea of Misra and Gries
    1982, batch by batch: a label that makes up more than `others_most` is kept).
    """

    def __init__(self) -> None:
        self._rows = 0
        self._mass = 0.0
        self._nulls = 0.0
        self._labels: dict[str, float] = {}
        self._others = 0.0
        self._others_most = 0.0
        self._lengths: tuple[int, int] | None = None
        self._distinct: DistinctCounter | None = None
        self._kept: pa.Array = pa.array([], type=pa.large_string())
        self._lightest = 0.0
        self._words: pa.Array | None = None
        self._waiting = np.zeros(0)

    def update(self, array: pa.Array, weights: NDArray[np.float64] | None) -> None:
        """Count the next rows.

        Parameters
        ----------
        array
            Text, dictionary-encoded or not.
        weights
            One per row, or None for 1.
        """
        if not pa.types.is_dictionary(array.type):
            array = texts(array).dictionary_encode()
        words = array.dictionary
        codes = pc.fill_null(array.indices, len(words)).to_numpy(zero_copy_only=False)
        if words.null_count:  # a dictionary may hold a null itself
            holes = words.is_null().to_numpy(zero_copy_only=False)
            codes = np.append(
                np.where(holes, len(words), np.arange(len(words))), len(words)
            )[codes]
        counted = massed(codes, weights, len(words) + 1)
        self._rows += len(array)
        self._mass += float(counted.sum())
        self._nulls += float(counted[-1])
        if self._words is not None and self._words.equals(words):
            self._waiting += counted[:-1]  # batches of one row group share it
            return
        self._count_waiting()
        self._words, self._waiting = words, counted[:-1]

    def finish(self) -> TextColumn:
        """Give what was counted."""
        self._count_waiting()
        self._prune(MOST_LABELS)
        return TextColumn(
            rows=self._rows,
            mass=self._mass,
            nulls=self._nulls,
            labels=frozen(self._labels),
            others=self._others,
            others_most=self._others_most,
            minimum_length=None if self._lengths is None else self._lengths[0],
            maximum_length=None if self._lengths is None else self._lengths[1],
            sketch=empty_sketch()
            if self._distinct is None
            else self._distinct.sketch(),
        )

    def _count_waiting(self) -> None:
        """Count the labels of the last dictionary."""
        words, self._words = self._words, None
        used = np.flatnonzero(self._waiting)
        if words is not None and len(used):
            if len(used) < len(words):
                words = words.take(pa.array(used))
            self._count(texts(words), self._waiting[used])

    def _count(self, words: pa.Array, mass: NDArray[np.float64]) -> None:
        lengths = pc.min_max(pc.utf8_length(words)).as_py()
        low, high = self._lengths or (lengths["min"], lengths["max"])
        self._lengths = (min(low, lengths["min"]), max(high, lengths["max"]))
        if lengths["max"] > LONGEST_LABEL:
            short = [shortened(label) for label in words.to_pylist()]
            words = pa.array(short, type=pa.large_string())
        if self._distinct is not None:
            every = words.to_numpy(zero_copy_only=False).astype(object)
            self._distinct.add(hashed_texts(every))
            words, mass = self._worth_counting(words, mass)
        labels = words.to_pylist()
        known = self._labels
        for label, more in zip(labels, mass.tolist(), strict=True):
            known[label] = known.get(label, 0.0) + more
        if len(known) > MOST_WAITING:
            self._prune(MOST_LABELS)

    def _worth_counting(
        self, words: pa.Array, mass: NDArray[np.float64]
    ) -> tuple[pa.Array, NDArray[np.float64]]:
        """Drop the labels that are not kept and lighter here than any that is."""
        if len(self._kept) != len(self._labels):
            self._kept = pa.array(list(self._labels), type=pa.large_string())
            self._lightest = min(self._labels.values())
        is_kept = pc.is_in(words, value_set=self._kept).to_numpy(zero_copy_only=False)
        chosen = is_kept | (mass > self._lightest)
        lost = mass[~chosen]
        if len(lost):
            self._others += float(lost.sum())
            self._others_most += float(lost.max())
        at = np.flatnonzero(chosen)
        return words.take(pa.array(at)), mass[at]

    def _prune(self, most: int) -> None:
        if len(self._labels) <= most:
            return
        if self._distinct is None:
            self._distinct = DistinctCounter()
            every = np.array(list(self._labels), dtype=object)
            self._distinct.add(hashed_texts(every))
        kept = heaviest(self._labels, most)
        lost = [mass for label, mass in self._labels.items() if label not in kept]
        self._others += sum(lost)
        self._others_most += max(lost)
        self._labels = kept
        self._kept = self._kept[:0]


def shortened(label: str) -> str:
    """Cut a label that is too long to keep, so that different ones stay different."""
    if len(label) <= LONGEST_LABEL:
        return label
    mark = hashlib.sha256(label.encode()).hexdigest()[:16]
    return f"{label[:KEPT_OF_LONG]}\N{HORIZONTAL ELLIPSIS}{mark}"
