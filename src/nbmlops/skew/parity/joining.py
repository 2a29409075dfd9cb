"""Joining both sides by key in DuckDB: what matches, what differs, and samples."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from nbmlops.frames.kinds import Kind
from nbmlops.skew.parity.result import SideRows
from nbmlops.skew.parity.sides import Side

TOLERANCE = 1e-6  # relative, of numbers; as 32-bit floats are near to 64-bit ones
NOTHING = 1e-12  # absolute: what rounding leaves of a sum that is 0
# Columns in one join: as many as hold so many values, which bounds its memory; DuckDB
# takes long to plan more than some dozens.
VALUES_AT_ONCE, LEAST_AT_ONCE, MOST_AT_ONCE = 8_000_000, 8, 32
HASHES = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A column that both sides have.

    Attributes
    ----------
    name, kind
        The column, and the kind as which it is compared.
    whole
        Whether both sides hold integers, which must be the same.
    """

    name: str
    kind: Kind
    whole: bool = False

    def differs(self, serving: str, reference: str) -> str:
        """Write the test that two values differ; null where one is null."""
        unequal = f"{serving} <> {reference}"
        if self.kind != "number" or self.whole:
            return unequal
        largest = f"greatest(abs({serving}), abs({reference}))"
        # An infinity beside a number: both sides of >= are infinite.
        apart = f"abs({serving} - {reference}) >= {TOLERANCE} * {largest} + {NOTHING}"
        return f"{unequal} and {apart}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many pairs have two other values, and a value on one side alone."""

    mismatching: int
    only_serving: int
    only_reference: int

    @property
    def differing(self) -> int:
        """The pairs that differ in any way."""
        return self.mismatching + self.only_serving + self.only_reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Both sides and how their rows belong together.

    Attributes
    ----------
    connection
        Where both sides are.
    reference, serving
        The sides.
    key
        The columns of the key, with the kind as which each is compared.
    time
        The column by which the newest reference row not after serving's is taken; ""
        where the key alone decides.
    """

    connection: duckdb.DuckDBPyConnection
    reference: Side
    serving: Side
    key: tuple[Compared, ...]
    time: str = ""

    @property
    def keys(self) -> list[str]:
        """What the parts of the key are called in the queries."""
        return [f"k{at}" for at in range(len(self.key))]

    def rows(
        self, side: Side, columns: Iterable[Compared] = (), where: str = "true"
    ) -> str:
        """Write the rows of a side that have a key, with these columns as v0, v1 ..."""
        chosen = [
            f"{side.expression(part.name, part.kind, whole=part.whole)} as k{at}"
            for at, part in enumerate(self.key)
        ]
        if self.time:
            chosen.append(f"{side.expression(self.time, 'time')} as moment")
        names = [*self.keys, *(["moment"] if self.time else [])]
        values = [
            f"{side.expression(c.name, c.kind, whole=c.whole)} as v{at}"
            for at, c in enumerate(columns)
        ]
        there = " and ".join(f"{name} is not null" for name in names)
        listed = ", ".join([*chosen, *values])
        return (
            f"(select * from (select {listed} from {side.relation}) "
            f"where {there} and {where})"
        )

    def prepare(self) -> tuple[int, SideRows, SideRows]:
        """Find the keys that are not unique, and count rows and pairs.

        Returns
        -------
        tuple
            Pairs; what became of the reference's rows and of serving's.
        """
        names = ", ".join([*self.keys, *(["moment"] if self.time else [])])
        # With times, serving may have a key as often as it likes.
        sides = [self.reference] if self.time else [self.reference, self.serving]
        found = " union ".join(
            f"select {names} from {self.rows(side)} group by all having count(*) > 1"
            for side in sides
        )
        self.connection.execute(f"create temp table repeated as {found}")
        pairs = self._number(f"select count(*) from {self.pairs()}")
        return pairs, self._of(self.reference, pairs), self._of(self.serving, pairs)

    def pairs(
        self, columns: Sequence[Compared] = (), *, least_hash: float = 0.0
    ) -> str:
        """Write the joined rows h (serving) and t (reference).

        Parameters
        ----------
        columns
            The columns wanted, as h.v0 and t.v0 ...
        least_hash
            The share of keys to leave out, by their hash: 0 takes all.

        Returns
        -------
        str
            What follows "from".
        """
        keys = ", ".join(self.keys)
        some = "true"
        if least_hash > 0:
            names = [*self.keys, *(["moment"] if self.time else [])]
            some = f"{hashed(names)} >= {int(least_hash * HASHES)}"
        if self.time:
            again = " and ".join(
                f"t.{name} = r.{name}" for name in (*self.keys, "moment")
            )
            return f"{self._earlier(columns, some)} anti join repeated r on {again}"
        sides = [
            f"(from {self.rows(side, columns, some)} anti join repeated using ({keys}))"
            for side in (self.serving, self.reference)
        ]
        return f"{sides[0]} h join {sides[1]} t using ({keys})"

    def _earlier(self, columns: Sequence[Compared] = (), some: str = "true") -> str:
        """Write serving's rows, each with the newest reference row not after it."""
        same = " and ".join(f"h.{name} = t.{name}" for name in self.keys)
        return (
            f"{self.rows(self.serving, columns, some)} h asof join "
            f"{self.rows(self.reference, columns)} t "
            f"on {same} and h.moment >= t.moment"
        )

    def count(self, columns: Sequence[Compared], pairs: int) -> dict[str, Counted]:
        """Count the pairs that differ, column by column."""
        found: dict[str, Counted] = {}
        for some in portions(columns, pairs):
            counts = ", ".join(
                f"count_if({c.differs(f'h.v{at}', f't.v{at}')}), "
                f"count_if(t.v{at} is null and h.v{at} is not null), "
                f"count_if(h.v{at} is null and t.v{at} is not null)"
                for at, c in enumerate(some)
            )
            row = self._row(f"select {counts} from {self.pairs(some)}")
            for at, column in enumerate(some):
                # Where every test is null, so is their count.
                other, here, there = (n or 0 for n in row[3 * at : 3 * at + 3])
                found[column.name] = Counted(
                    mismatching=other, only_serving=here, only_reference=there
                )
        return found

    def sample(
        self,
        columns: Sequence[Compared],
        *,
        share: float,
        most: int,
        differing: Sequence[float] = (),
    ) -> pa.Table:
        """Read pairs in the order of their keys' hashes, the same ones each time.

        Parameters
        ----------
        columns
            The columns, whose values come as h0, t0, h1, t1 ...
        share
            The share of pairs to choose from.
        most
            The most rows.
        differing
            Where given: only pairs that differ in a column, of each column this share.

        Returns
        -------
        Table
            The key's parts as text, and the values; times as microseconds since 1970.
        """
        names = [f"h.{name}" for name in self.keys]
        order = hashed([*names, *(["h.moment"] if self.time else [])])
        chosen = [f"cast(h.{name} as varchar) as {name}" for name in self.keys]
        if self.time:
            chosen.append("cast(h.moment as varchar) as moment")
        for at, column in enumerate(columns):
            for side in "ht":
                value = f"{side}.v{at}"
                if column.kind == "time":
                    value = f"epoch_us({value})"
                chosen.append(f"{value} as {side}{at}")
        where = "true"
        if differing:
            where = " or ".join(
                f"({order} >= {int((1 - part) * HASHES)} "
                f"and (h.v{at} is distinct from t.v{at}) and coalesce("
                f"{c.differs(f'h.v{at}', f't.v{at}')}, true))"
                for at, (c, part) in enumerate(zip(columns, differing, strict=True))
            )
        query = (
            f"select {', '.join(chosen)} "
            f"from {self.pairs(columns, least_hash=1 - share)} where {where} "
            f"order by {order} desc limit {most}"
        )
        return self.connection.sql(query).to_arrow_table()

    def _of(self, side: Side, pairs: int) -> SideRows:
        """Count what became of a side's rows."""
        rows = self._number(f"select count(*) from {side.relation}")
        keyed = self._number(f"select count(*) from {self.rows(side)}")
        if self.time and side is self.serving:
            earlier = self._number(f"select count(*) from {self._earlier()}")
            repeated, alone = earlier - pairs, keyed - earlier
        else:
            names = ", ".join([*self.keys, *(["moment"] if self.time else [])])
            again = f"{self.rows(side)} semi join repeated using ({names})"
            repeated = self._number(f"select count(*) from {again}")
            alone = keyed - repeated - pairs
        if self.time and side is self.reference:
            keys = ", ".join(self.keys)
            other = f"{self.rows(side)} anti join {self.rows(self.serving)}"
            alone = self._number(f"select count(*) from {other} using ({keys})")
        return SideRows(
            rows=rows, without_key=rows - keyed, repeated=repeated, alone=alone
        )

    def _number(self, query: str) -> int:
        return int(self._row(query)[0])

    def _row(self, query: str) -> tuple[int, ...]:
        row: tuple[int, ...] = self.connection.execute(query).fetchall()[0]
        return row


def portions(columns: Sequence[Compared], rows: int) -> Iterator[Sequence[Compared]]:
    """Cut columns into as many as are joined at once, with so many rows."""
    at_once = min(max(VALUES_AT_ONCE // rows, LEAST_AT_ONCE), MOST_AT_ONCE)
    for start in range(0, len(columns), at_once):
        yield columns[start : start + at_once]


def hashed(names: Sequence[str]) -> str:
    """Write the hash that orders pairs."""
    return f"hash({', '.join(names)})"
