"""Files and globs of files as sources: which they are, and Parquet in batches."""

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.kinds import decoded, is_text
from nbmlops.frames.origin import Origin
from nbmlops.frames.source import (
    BATCH_ROWS,
    Source,
    refuse_bad_columns,
    without_index,
)
from nbmlops.frames.text_files import text_source

READ_BYTES = 131_072
FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
}
COMPRESSIONS = frozenset({".gz"})


def file_source(location: str | Path) -> Source:
    """Open a file, a folder of Parquet files, or a glob that matches some.

    Parameters
    ----------
    location
        A path or a glob. Several files are read in the order of their names and
        matched by column name; a column that a file lacks is null in its rows.

    Returns
    -------
    Source
        Its description is the location as given. Files that cannot be read, are of no
        known type or of several are a UsageError.
    """
    return files_source(_found(location), str(location))


def files_source(paths: Sequence[Path], description: str) -> Source:
    """Open files of one type, read in the order given; `file_source` finds them."""
    formats = {_format(path) for path in paths}
    if len(formats) > 1:
        raise UsageError(
            f"{description!r} matches files of several types: "
            + ", ".join(sorted(formats)),
            hint="narrow the glob to one type, e.g. '*.parquet'",
        )
    if formats == {"parquet"}:
        return parquet_source(paths, description)
    return text_source(paths, description, formats.pop())


def parquet_source(paths: Sequence[Path], description: str) -> Source:
    """Open Parquet files; their rows are read in batches, never all at once."""
    schemas: list[pa.Schema] = []
    rows = 0
    for path in paths:
        with _readable(path), pq.ParquetFile(path) as file:
            schemas.append(without_index(file.schema_arrow))
            rows += file.metadata.num_rows
        refuse_bad_columns(schemas[-1].names, f"file {path}")
    schema, mixed = _united(schemas)

    def reading(
        columns: tuple[str, ...], dictionaries: bool
    ) -> Iterator[pa.RecordBatch]:
        wanted = pa.schema([schema.field(name) for name in columns])
        for path, own in zip(paths, schemas, strict=True):
            yield from _parquet_batches(path, own, wanted, dictionaries)

    return Source(
        description=description,
        schema=schema,
        rows=rows,
        mixed=MappingProxyType(mixed),
        origin=Origin(files=tuple(paths)),
        reading=reading,
    )


def _parquet_batches(
    path: Path, own: pa.Schema, wanted: pa.Schema, dictionaries: bool
) -> Iterator[pa.RecordBatch]:
    there = [name for name in wanted.names if name in own.names]
    encoded = [
        name for name in there if dictionaries and is_text(wanted.field(name).type)
    ]
    with _readable(path), _opened(path, encoded) as file:
        if not there:
            for start in range(0, file.metadata.num_rows, BATCH_ROWS):
                yield _fitted(
                    None, min(BATCH_ROWS, file.metadata.num_rows - start), wanted
                )
            return
        for batch in file.iter_batches(BATCH_ROWS, columns=there):
            if batch.num_rows:
                yield _fitted(batch, batch.num_rows, wanted)


def _opened(path: Path, encoded: Sequence[str]) -> pq.ParquetFile:
    # Read piece by piece: the default holds a whole row group's bytes in memory.
    return pq.ParquetFile(
        path, read_dictionary=encoded, pre_buffer=False, buffer_size=READ_BYTES
    )


def _fitted(
    batch: pa.RecordBatch | None, rows: int, wanted: pa.Schema
) -> pa.RecordBatch:
    """Put the columns in order, cast to the types all the files agree on."""
    arrays = []
    for field in wanted:
        if batch is None or field.name not in batch.schema.names:
            arrays.append(pa.nulls(rows, field.type))
            continue
        array = batch.column(field.name)
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
    for name in dict.fromkeys(name for schema in schemas for name in schema.names):
        types = list(
            dict.fromkeys(s.field(name).type for s in schemas if name in s.names)
        )
        if len(types) > 1:
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
        raise UsageError(f"{path} {reason}", hint=hint) from error


def _found(location: str | Path) -> tuple[Path, ...]:
    text = str(location)
    path = Path(text).expanduser()
    if path.is_file():
        return (path,)
    if path.is_dir():
        inside = sorted(p for p in path.rglob("*.parquet") if p.is_file())
        if inside:
            return tuple(inside)
        raise UsageError(
            f"the folder {text!r} holds no Parquet file",
            hint="name the files, e.g. 'folder/*.csv'",
        )
    if "://" in text:
        raise UsageError(
            f"{text!r} is a URL, and frames are read from files",
            hint="download it, or pass a DuckDB relation or a pyarrow reader over it",
        )
    matched = glob.glob(str(path), recursive=True) if glob.has_magic(text) else []
    paths = sorted(Path(match) for match in matched if Path(match).is_file())
    if not paths:
        folder, near = _near(path)
        nothing = f"the folder {folder} holds no Parquet, CSV or JSON-lines file"
        raise NotFound("file", text, near, hint="" if near else nothing)
    return tuple(paths)


def _near(path: Path) -> tuple[Path, list[str]]:
    """List the files of a known type in the nearest folder that exists."""
    folder = path.parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    try:
        names = [p for p in folder.iterdir() if p.is_file() and _suffix(p) in FORMATS]
    except OSError:
        names = []
    return folder, [str(name) for name in names]


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _format(path: Path) -> str:
    suffix = _suffix(path)
    if suffix not in FORMATS:
        raise UsageError(
            f"{path} is of no known type",
            hint="files that are read end in .parquet, .csv, .tsv or .jsonl",
        )
    return FORMATS[suffix]
