"""A frame of any kind, opened: its columns, their kinds, and its rows in batches."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pyarrow as pa

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.kinds import Kind, kind_of
from nbmlops.frames.origin import Origin

BATCH_ROWS = 122_880  # as DuckDB's row groups: so many that calls hardly cost
LEAST_ROWS = 16_384
MOST_VALUES = 1 << 25  # of a batch: where rows are wide, fewer come at once
_INDEX = re.compile(r"__index_level_\d+__")

Reading = Callable[[tuple[str, ...], bool], Iterator[pa.RecordBatch]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A frame of any kind, ready to be read in batches.

    Attributes
    ----------
    description
        What it is, for provenance: "pandas frame", or the path of a file.
    schema
        The Arrow type of each column as the batches deliver it.
    rows
        The number of rows, or None where only reading tells.
    mixed
        Columns that hold several Python types, with these in words ("int and str").
        Their batches deliver each value as text, and their kind is "other".
    origin
        The files or the query that it is read from.
    is_stream
        It can be read once only.
    lost
        What of its files could not be read and is left out, in words; "" for nothing.
    kinds
        The logical kind of each column: number, boolean, text, time or other.
    reading
        Opens the frame: called with the columns wanted and whether text should come
        dictionary-encoded where that is cheaper.
    """

    description: str
    schema: pa.Schema
    rows: int | None
    mixed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    origin: Origin = field(default_factory=Origin)
    is_stream: bool = False
    lost: str = ""
    reading: Reading = field(repr=False)
    kinds: Mapping[str, Kind] = field(init=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in the frame's order."""
        return tuple(self.schema.names)

    def __post_init__(self) -> None:
        kinds: dict[str, Kind] = {
            column.name: "other" if column.name in self.mixed else kind_of(column.type)
            for column in self.schema
        }
        object.__setattr__(self, "kinds", MappingProxyType(kinds))

    def batches(
        self, columns: Iterable[str] | None = None, *, dictionaries: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """Read the rows, in order, in batches of at most 122,880 rows.

        Parameters
        ----------
        columns
            The columns to read, in this order; all when None.
        dictionaries
            Let text columns come dictionary-encoded where that saves time (Parquet);
            otherwise they come as the frame has them.

        Returns
        -------
        iterator of RecordBatch
            With exactly these columns. A frame that is a stream can be read once.

        Raises
        ------
        NotFound
            When there is no such column.
        """
        wanted = self.columns if columns is None else tuple(columns)
        for name in wanted:
            if name not in self.kinds:
                raise NotFound("column", name, self.columns)
        return self.reading(wanted, dictionaries)


def named(columns: Iterable[str] | None) -> tuple[str, ...] | None:
    """Give names of columns without repeats; a text is one name, None stays None."""
    if columns is None:
        return None
    return (columns,) if isinstance(columns, str) else tuple(dict.fromkeys(columns))


def table_source(
    table: pa.Table, description: str, mixed: Mapping[str, str] | None = None
) -> Source:
    """Make a source of a table in memory."""

    def reading(
        columns: tuple[str, ...], dictionaries: bool
    ) -> Iterator[pa.RecordBatch]:
        del dictionaries
        return regrouped(table.select(columns).to_batches(max_chunksize=BATCH_ROWS))

    return Source(
        description=description,
        schema=table.schema,
        rows=table.num_rows,
        mixed=MappingProxyType(dict(mixed or {})),
        reading=reading,
    )


def batch_rows(columns: int) -> int:
    """Say how many rows of so many columns make a batch that is read from a file."""
    return max(LEAST_ROWS, min(BATCH_ROWS, MOST_VALUES // max(1, columns)))


def regrouped(
    batches: Iterable[pa.RecordBatch], most: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Join small batches until they are worth a pass; empty ones are left out."""
    most = BATCH_ROWS if most is None else most
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        if waiting and rows + batch.num_rows > most:
            yield waiting[0] if len(waiting) == 1 else pa.concat_batches(waiting)
            waiting, rows = [], 0
        if batch.num_rows:
            waiting.append(batch)
            rows += batch.num_rows
    if waiting:
        yield waiting[0] if len(waiting) == 1 else pa.concat_batches(waiting)


def without_index(schema: pa.Schema) -> pa.Schema:
    """Leave out an unnamed index that pandas wrote beside its columns."""
    if b"pandas" not in (schema.metadata or {}):
        return schema
    return pa.schema(field for field in schema if not _INDEX.fullmatch(field.name))


def refuse_bad_columns(names: Iterable[str], what: str) -> None:
    """Refuse a frame without columns, or with two columns of one name.

    Raises
    ------
    UsageError
        When there are no columns, or naming those that are there more than once.
    """
    counted = Counter(names)
    if not counted:
        raise UsageError(
            f"the {what} has no columns", hint="pass a table with at least one column"
        )
    twice = [name for name, times in counted.items() if times > 1]
    if twice:
        raise UsageError(
            f"the {what} has more than one column named "
            + ", ".join(repr(name) for name in twice),
            hint="rename or drop the duplicates, so that each name means one column",
        )
