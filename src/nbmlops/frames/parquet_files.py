"""Parquet files as sources, read in batches, also where a part is damaged."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq

from nbmlops.errors import UsageError
from nbmlops.frames.kinds import decoded, is_text
from nbmlops.frames.origin import Origin
from nbmlops.frames.source import (
    BATCH_ROWS,
    Reading,
    Source,
    batch_rows,
    refuse_bad_columns,
    regrouped,
    without_index,
)

READ_BYTES = 131_072
MOST_LOST_NAMED = 4

Groups = Mapping[Path, Sequence[int]]


class UnreadableFile(UsageError):
    """A Parquet file that cannot be read, or not all of it."""


def parquet_source(paths: Sequence[Path], description: str) -> Source:
    """Open Parquet files; their rows are read in batches, never all at once."""
    schemas: dict[Path, pa.Schema] = {}
    rows = 0
    for path in paths:
        with _readable(path), pq.ParquetFile(path) as file:
            schemas[path] = without_index(file.schema_arrow)
            rows += file.metadata.num_rows
        refuse_bad_columns(schemas[path].names, f"file {path}")
    schema, mixed = _united(list(schemas.values()))
    return Source(
        description=description,
        schema=schema,
        rows=rows,
        mixed=MappingProxyType(mixed),
        origin=Origin(files=tuple(paths)),
        reading=_reading(paths, schema, None),
    )


def whole_part(source: Source) -> Source | None:
    """Leave out the row groups of Parquet files that cannot be read in all columns.

    Parameters
    ----------
    source
        Of Parquet files; all of it is read once.

    Returns
    -------
    Source or None
        Of the other row groups, `lost` says which are left out; None where no row is
        left.
    """
    whole: dict[Path, list[int]] = {}
    lost: list[str] = []
    rows = lost_rows = 0
    for path in source.origin.files:
        with _readable(path), _opened(path, ()) as file:
            whole[path] = []
            for group in range(file.num_row_groups):
                size = file.metadata.row_group(group).num_rows
                rows += size
                if _is_whole(file, group):
                    whole[path].append(group)
                else:
                    lost_rows += size
                    lost.append(f"row group {group + 1} of {path.name}")
    if lost_rows == rows:
        return None
    named = ", ".join(lost[:MOST_LOST_NAMED])
    if len(lost) > MOST_LOST_NAMED:
        named += f" and {len(lost) - MOST_LOST_NAMED} more"
    return replace(
        source,
        rows=None,
        lost=f"{lost_rows:,} of {rows:,} rows are lost, the figures are of the others: "
        f"damaged and not read: {named}",
        reading=_reading(source.origin.files, source.schema, whole),
    )


def _is_whole(file: pq.ParquetFile, group: int) -> bool:
    try:
        for batch in file.iter_batches(BATCH_ROWS, row_groups=[group]):
            batch.validate(full=True)
    except (pa.ArrowException, OSError):
        return False
    return True


def _reading(
    paths: Sequence[Path], schema: pa.Schema, groups: Groups | None
) -> Reading:
    """Read these files one after another; of each all row groups, or those given."""

    def reading(
        columns: tuple[str, ...], dictionaries: bool
    ) -> Iterator[pa.RecordBatch]:
        wanted = pa.schema([schema.field(name) for name in columns])
        for path in paths:
            chosen = None if groups is None else groups[path]
            yield from _batches(path, chosen, wanted, dictionaries)

    return reading


def _batches(
    path: Path, groups: Sequence[int] | None, wanted: pa.Schema, dictionaries: bool
) -> Iterator[pa.RecordBatch]:
    texts = [field.name for field in wanted if dictionaries and is_text(field.type)]
    with _readable(path), _opened(path, texts) as file:
        if groups is None:
            groups = range(file.num_row_groups)
        own = set(file.schema_arrow.names)
        there = [name for name in wanted.names if name in own]
        if there:
            most = batch_rows(len(there))
            for run, rows in _runs(file, groups, most):
                size = math.ceil(rows / math.ceil(rows / most))
                read = file.iter_batches(size, run, columns=there)
                for batch in regrouped(read, most):
                    yield _fitted(batch, batch.num_rows, wanted)
            return
        rows = sum(file.metadata.row_group(group).num_rows for group in groups)
        for start in range(0, rows, BATCH_ROWS):
            yield _fitted(None, min(BATCH_ROWS, rows - start), wanted)


def _runs(
    file: pq.ParquetFile, groups: Sequence[int], most: int
) -> Iterator[tuple[list[int], int]]:
    # A batch ends where a row group does: read one after another, large ones would
    # leave a small rest each.
    run: list[int] = []
    rows = 0
    for group in groups:
        size = file.metadata.row_group(group).num_rows
        if run and rows + size > most:
            yield run, rows
            run, rows = [], 0
        if size:
            run.append(group)
            rows += size
    if run:
        yield run, rows


def _opened(path: Path, encoded: Sequence[str]) -> pq.ParquetFile:
    # Read piece by piece: the default holds a whole row group's bytes in memory.
    return pq.ParquetFile(
        path,
        read_dictionary=encoded,
        pre_buffer=False,
        buffer_size=READ_BYTES,
        page_checksum_verification=True,  # where the writer left checksums
    )


def _fitted(
    batch: pa.RecordBatch | None, rows: int, wanted: pa.Schema
) -> pa.RecordBatch:
    """Put the columns in order, cast to the types all the files agree on."""
    arrays = []
    at = {} if batch is None else {n: k for k, n in enumerate(batch.schema.names)}
    for field in wanted:
        if batch is None or field.name not in at:
            arrays.append(pa.nulls(rows, field.type))
            continue
        array = batch.column(at[field.name])
        if array.type != field.type and not (
            is_text(field.type) and pa.types.is_dictionary(array.type)
        ):
            array = decoded(array).cast(field.type)
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, names=wanted.names)


def _united(schemas: Sequence[pa.Schema]) -> tuple[pa.Schema, dict[str, str]]:
    """Find one type per column name over all the files; text where there is none."""
    fields: dict[str, pa.Field] = {}
    mixed: dict[str, str] = {}
    every: dict[str, dict[pa.DataType, None]] = {}
    for schema in schemas:
        for field in schema:
            every.setdefault(field.name, {})[field.type] = None
    for name, found in every.items():
        types = list(found)
        if len(types) == 1:
            fields[name] = pa.field(name, types[0])
            continue
        types = [t.value_type if pa.types.is_dictionary(t) else t for t in types]
        try:
            one = pa.unify_schemas(
                [pa.schema([pa.field(name, type_)]) for type_ in types],
                promote_options="permissive",
            )
            fields[name] = one.field(name)
        except pa.ArrowException:
            fields[name] = pa.field(name, pa.string())
            mixed[name] = " and ".join(str(type_) for type_ in types)
    return pa.schema(list(fields.values())), mixed


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, PermissionError):
            reason, hint = "may not be read by you", "check the file's permissions"
        else:
            reason = "is not a whole Parquet file"
            hint = "it may be truncated or still being written: write it again"
        raise UnreadableFile(f"{path} {reason}", hint=hint) from error
