"""A bounded sample of a frame's rows, in random order, read in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from nbmlops.frames.kinds import decoded, numbers
from nbmlops.frames.source import Source

MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Rows of one side.

    Attributes
    ----------
    table
        The rows, in random order.
    places
        Shape (n,): the place of each in the frame, from 0.
    weights
        Shape (n,), > 0: 1 / the probability that the frame holds the row.
    total
        The frame's rows.
    """

    table: pa.Table
    places: NDArray[np.int64]
    weights: NDArray[np.float64]
    total: int

    def first(self, rows: int) -> "Sample":
        """Take so many of the rows, which are a sample as well."""
        return Sample(
            table=self.table.slice(0, rows),
            places=self.places[:rows],
            weights=self.weights[:rows],
            total=self.total,
        )


def sample_rows(
    source: Source,
    columns: Sequence[str],
    *,
    side: int,
    weight: str | None = None,
    most: int = MOST_ROWS,
) -> Sample:
    """Take the rows whose places have the smallest hashes (a bottom-k sample).

    Samples of parts merge into a sample of the whole: of both, the smallest hashes.

    Parameters
    ----------
    source
        The frame.
    columns
        What is read of it.
    side
        Told apart in the hash: 0 the reference, 1 serving.
    weight
        The column with 1 / each row's sampling probability; rows without a weight
        above 0 are left out.
    most
        The size of the sample; memory is bounded by it.

    Returns
    -------
    Sample
        All rows where there are no more than `most`.
    """
    wanted = list(dict.fromkeys([*columns, *([weight] if weight else [])]))
    schema = pa.schema([source.schema.field(name) for name in wanted])
    pool = _Pool(pa.schema([_plain(field) for field in schema]), most)
    total = 0
    for batch in source.batches(wanted):
        places = np.arange(total, total + batch.num_rows, dtype=np.int64)
        total += batch.num_rows
        usable = np.ones(batch.num_rows, dtype=bool)
        if weight:
            usable = numbers(batch.column(wanted.index(weight))) > 0
        pool.add(batch, places, _hashes(places, side), usable)
    table, places = pool.drawn()
    weights = np.ones(len(places))
    if weight:
        weights = np.array(numbers(table.column(weight).combine_chunks()))
    return Sample(
        table=table.select(list(columns)), places=places, weights=weights, total=total
    )


class _Pool:
    """The rows with the smallest hashes so far."""

    def __init__(self, schema: pa.Schema, most: int) -> None:
        self._schema, self._most = schema, most
        self._table = schema.empty_table()
        self._places = np.zeros(0, dtype=np.int64)
        self._hashes = np.zeros(0, dtype=np.uint64)
        self._bound = np.uint64(2**64 - 1)

    def add(
        self,
        batch: pa.RecordBatch,
        places: NDArray[np.int64],
        hashes: NDArray[np.uint64],
        usable: NDArray[np.bool_],
    ) -> None:
        """Add the rows of a batch that may be among them."""
        kept = np.flatnonzero(usable & (hashes <= self._bound))
        if not len(kept):
            return
        taken = batch.take(pa.array(kept))
        rows = pa.Table.from_arrays(
            [decoded(column) for column in taken.columns], schema=self._schema
        )
        self._table = pa.concat_tables([self._table, rows])
        self._places = np.append(self._places, places[kept])
        self._hashes = np.append(self._hashes, hashes[kept])
        if len(self._hashes) > 2 * self._most:
            self._shrink()

    def drawn(self) -> tuple[pa.Table, NDArray[np.int64]]:
        """Give them, ordered by their hashes."""
        self._shrink()
        return self._table.combine_chunks(), self._places

    def _shrink(self) -> None:
        order = np.argsort(self._hashes, kind="stable")[: self._most]
        self._table = self._table.take(pa.array(order))
        self._places, self._hashes = self._places[order], self._hashes[order]
        if len(order) == self._most:
            self._bound = self._hashes[-1]


def _plain(field: pa.Field) -> pa.Field:
    """Give a field as it is after decoding."""
    is_coded = pa.types.is_dictionary(field.type)
    return pa.field(field.name, field.type.value_type if is_coded else field.type)


def _hashes(places: NDArray[np.int64], side: int) -> NDArray[np.uint64]:
    """Spread places over 64 bits (SplitMix64; Steele, Lea and Flood 2014)."""
    salted = places.astype(np.uint64) + np.uint64((side + 1) << 40)
    bits = salted * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(bits ^ (bits >> np.uint64(31)))
