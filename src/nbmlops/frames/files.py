"""Files and globs of files as sources: which they are, and of which type."""

import glob
from collections.abc import Sequence
from pathlib import Path

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.parquet_files import parquet_source
from nbmlops.frames.source import Source

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
    from nbmlops.frames.text_files import text_source  # loads DuckDB

    return text_source(paths, description, formats.pop())


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
