"""From sampled pairs of a column to the relations in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nbmlops.skew.causes.tokens import is_token
from nbmlops.skew.causes.words import exact
from nbmlops.skew.parity import label_relations, number_relations, time_relations
from nbmlops.skew.parity.joining import Compared
from nbmlops.skew.parity.null_relations import Filling, null_relations
from nbmlops.skew.parity.relations import Pairs, Sampled, Values, best_relation
from nbmlops.skew.parity.result import Relation, Sample
from nbmlops.skew.repair.steps import ToNull

MOST_CODES = 50  # different numbers that may be codes of something
MOST_SAMPLES = 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NUMBERS = Filling(
    kind="sentinel",
    is_token=lambda value: float(value) in number_relations.TOKENS,
    write=lambda value: exact(float(value)),
    mend=lambda value: (ToNull(values=(float(value),)),),
)
TEXTS = Filling(
    kind="null-token",
    is_token=is_token,
    write=repr,
    mend=lambda value: (ToNull(values=(str(value),)),),
)
BOOLEANS = Filling(
    kind="sentinel", is_token=lambda _: False, write=str, mend=lambda _: ()
)
TIMES = Filling(
    kind="sentinel",
    is_token=lambda value: value == 0,
    write=lambda value: written(value, "time"),
    mend=lambda _: (),
)
FILLINGS = {"number": NUMBERS, "text": TEXTS, "boolean": BOOLEANS, "time": TIMES}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """Sampled pairs of one column with their keys.

    Attributes
    ----------
    column
        Which.
    keys
        The key's parts of each pair, as text.
    sampled
        The values.
    common
        The values of the pairs that were sampled for all columns alike.
    """

    column: Compared
    keys: Sequence[tuple[str, ...]]
    sampled: Sampled
    common: Sampled

    def with_differing(self, other: "Table") -> "Table":
        """Take the pairs that differ from another sample; the others stay."""
        stay = np.flatnonzero(~self.sampled.differs)
        come = np.flatnonzero(other.sampled.differs)
        mine, theirs = self.sampled.at(stay), other.sampled.at(come)
        keys = [
            *(self.keys[at] for at in stay.tolist()),
            *(other.keys[at] for at in come.tolist()),
        ]
        return replace(self, keys=keys, sampled=mine.followed_by(theirs))

    def relations(self) -> tuple[Relation, ...]:
        """Fit a relation to the values, and one to the nulls; the commonest first."""
        kind = self.column.kind
        found = list(null_relations(self.sampled, FILLINGS[kind]))
        relation = _values(self.sampled.valued(), kind)
        if relation is not None:
            found.append(relation)
        return tuple(sorted(found, key=lambda r: -r.pairs))

    def samples(self) -> tuple[Sample, ...]:
        """Give the first pairs that differ."""
        sampled, kind = self.sampled, self.column.kind
        return tuple(
            Sample(
                key=self.keys[at],
                reference=None
                if sampled.lost[at]
                else written(sampled.before[at], kind),
                serving=None if sampled.gone[at] else written(sampled.after[at], kind),
            )
            for at in np.flatnonzero(sampled.differs)[:MOST_SAMPLES].tolist()
        )


def column_table(
    column: Compared,
    columns: tuple[pa.ChunkedArray, pa.ChunkedArray],
    keys: Sequence[tuple[str, ...]],
    words: tuple[str, str],
) -> Table:
    """Read one column's pairs as DuckDB gave them.

    Parameters
    ----------
    column
        Which.
    columns
        The reference's values, and serving's.
    keys
        The key of each pair.
    words
        What the sides are called.

    Returns
    -------
    Table
        With arrays of numpy.
    """
    lost, gone = (
        np.asarray(pc.is_null(values).to_numpy(), dtype=bool) for values in columns
    )
    before, after = (_plain(values, column.kind) for values in columns)
    if column.whole:
        same = np.asarray(pc.fill_null(pc.equal(*columns), False).to_numpy())
    elif column.kind == "number":
        same = number_relations.near(before, after)
    else:
        same = np.asarray(before == after, dtype=bool)
    differs = np.where(lost | gone, lost != gone, ~same)
    sampled = Sampled(
        before=before, after=after, lost=lost, gone=gone, differs=differs, words=words
    )
    return Table(column=column, keys=keys, sampled=sampled, common=sampled)


def written(value: Any, kind: str) -> str:
    """Write one value for a reader."""
    if kind == "number":
        return exact(float(value)) if np.isfinite(value) else str(value)
    if kind == "time":
        return str((EPOCH + timedelta(seconds=float(value))).replace(tzinfo=None))
    return str(value)


def _plain(values: pa.ChunkedArray, kind: str) -> Values:
    """Give values as numpy holds them; times in seconds, booleans as text."""
    if kind == "number":
        floats = pc.cast(values, pa.float64(), safe=False)
        return np.asarray(pc.fill_null(floats, 0.0).to_numpy())
    if kind == "time":
        return np.asarray(pc.fill_null(values, 0).to_numpy() / 1e6)
    if kind == "boolean":
        values = pc.cast(values, pa.string())
    return np.array(pc.fill_null(values, "").to_pylist(), dtype=object)


def _values(pairs: Pairs, kind: str) -> Relation | None:
    """Fit a relation to the pairs that have two values."""
    if not pairs.differs.any():
        return None
    if kind == "time":
        return best_relation(pairs, time_relations.guesses(pairs))
    if kind != "number":
        is_text = kind == "text"
        guesses = label_relations.guesses(pairs, is_text=is_text)
        return best_relation(pairs, guesses)
    finite = np.isfinite(pairs.before) & np.isfinite(pairs.after)
    if not (finite & pairs.differs).any():
        return None
    pairs = Pairs(
        before=pairs.before[finite],
        after=pairs.after[finite],
        differs=pairs.differs[finite],
        words=pairs.words,
    )
    found = best_relation(pairs, number_relations.guesses(pairs))
    if found is None and len(np.unique(pairs.before)) <= MOST_CODES:
        codes = Pairs(
            before=_codes(pairs.before),
            after=_codes(pairs.after),
            differs=pairs.differs,
            words=pairs.words,
        )
        found = best_relation(codes, label_relations.recoded(codes, is_text=False))
    return found


def _codes(values: Values) -> Values:
    return np.array([f"{value:.12g}" for value in values], dtype=object)
