"""Datasets as entries of their own: known by digest, named, and used by versions."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nbmlops.errors import NotFound, UsageError
from nbmlops.host import call
from nbmlops.refs import check_model_name
from nbmlops.registry.unit import Unit

PREFIX = "dataset:"
SHORT = 12  # digits of a digest that are shown
_DIGEST = re.compile(r"[0-9a-f]{8,64}\Z")

_DATASETS = """
select d.digest, e.happened_at, d.rows, d.columns, d.description, d.source
from dataset d
join event e on e.seq = d.seq
where list_contains($digests, d.digest)
order by d.seq desc
"""
_DIGESTS = "select digest from dataset order by seq desc"
_NAMES = "select name, digest from dataset_name order by seq desc"
_USES = """
select u.digest, e.happened_at, u.name, u.number, u.role
from dataset_use u
join event e on e.seq = u.seq
where list_contains($digests, u.digest)
order by u.seq desc
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetUse:
    """One use of a dataset by a version.

    Attributes
    ----------
    ref
        The version.
    role
        "train" or "test" at its registration, the name of an evaluation, "serving" for
        a check, "baseline" for an accepted reference.
    happened_at
        When (UTC).
    """

    ref: str
    role: str
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A frame that the registry has seen: its content is its identity.

    Attributes
    ----------
    digest
        Of its column names, kinds and rows; the same for a frame and a file of it.
    names
        What it was called, the newest first.
    rows, columns
        How many rows; each column's name and type.
    description
        What somebody said of it.
    source
        Where it was read from when it was first seen: `frame` in words, `files` with
        path, size and time, `query`, and the notebook's `variable`.
    first_seen
        When (UTC).
    uses
        By which versions, the newest first.
    """

    digest: str
    names: tuple[str, ...]
    rows: int
    columns: tuple[tuple[str, str], ...]
    description: str
    source: Mapping[str, Any]
    first_seen: datetime
    uses: tuple[DatasetUse, ...]

    @property
    def name(self) -> str:
        """Its newest name, or ""."""
        return self.names[0] if self.names else ""

    @property
    def shown(self) -> str:
        """What to call it: its name, else what the notebook or the file system does."""
        files = self.source.get("files", ())
        file = files[0]["path"].rpartition("/")[2] if len(files) == 1 else ""
        guessed = self.source.get("variable") or file or self.source.get("frame", "")
        return self.name or str(guessed)

    @property
    def used_by(self) -> tuple[str, ...]:
        """The refs of the versions that used it, the newest use first."""
        return tuple(dict.fromkeys(use.ref for use in self.uses))

    def to_dict(self) -> dict[str, Any]:
        """Return the dataset as plain values."""
        return {
            "digest": self.digest,
            "names": list(self.names),
            "rows": self.rows,
            "columns": [{"name": name, "type": type_} for name, type_ in self.columns],
            "description": self.description,
            "source": dict(self.source),
            "first_seen": self.first_seen.isoformat(),
            "uses": [
                {
                    "ref": use.ref,
                    "role": use.role,
                    "happened_at": use.happened_at.isoformat(),
                }
                for use in self.uses
            ],
        }

    def __repr__(self) -> str:
        from nbmlops.registry.lineage.dataset_view import dataset_text

        return dataset_text(self)

    def _repr_html_(self) -> str:
        from nbmlops.registry.lineage.dataset_view import dataset_html

        return dataset_html(self)


def subject(digest: str) -> str:
    """Name a dataset as the subject of an event."""
    return f"{PREFIX}{digest[:SHORT]}"


def is_digest(text: str) -> bool:
    """Tell whether a text could be a digest, or the beginning of one."""
    return _DIGEST.match(text) is not None


def check_dataset_name(name: object) -> str:
    """Return the name if it may name a dataset.

    Parameters
    ----------
    name
        The name to check.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    UsageError
        If it is not of the form of a model's name, or could be taken for a digest.
    """
    name = check_model_name(name, what="dataset")
    if is_digest(name):
        raise UsageError(
            f"{name!r} cannot name a dataset: it could be the digest of another",
            hint="choose a name with a letter after f, or a '-'",
        )
    return name


def dataset_names(unit: Unit) -> dict[str, str]:
    """Return each name and the digest that it was given last, the newest first."""
    found: dict[str, str] = {}
    for name, digest in unit.rows(_NAMES):
        found.setdefault(name, digest)
    return found


def digests_named(unit: Unit, name: str) -> list[str]:
    """Return every digest that a name was given, the newest first."""
    digests = (digest for known, digest in unit.rows(_NAMES) if known == name)
    return list(dict.fromkeys(digests))


def find_digest(unit: Unit, start: str) -> str:
    """Find the whole digest that begins so.

    Parameters
    ----------
    unit
        The open transaction.
    start
        At least 8 hexadecimal digits.

    Returns
    -------
    str
        The digest.

    Raises
    ------
    NotFound
        If no dataset has it.
    UsageError
        If several have.
    """
    known = [row[0] for row in unit.rows(_DIGESTS)]
    found = [digest for digest in known if digest.startswith(start)]
    if not found:
        hint = f"{call('datasets')} lists those that are known"
        raise NotFound("dataset", start, hint=hint)
    if len(found) > 1:
        listed = ", ".join(digest[: len(start) + 4] for digest in found[:4])
        raise UsageError(f"{start!r} begins several digests", hint=f"one of: {listed}")
    return str(found[0])


def read_datasets(unit: Unit, digests: Iterable[str] | None = None) -> list[Dataset]:
    """Read datasets, the last seen first.

    Parameters
    ----------
    unit
        The open transaction.
    digests
        Which; None reads all.

    Returns
    -------
    list of Dataset
        Those that there are.
    """
    wanted = (
        [row[0] for row in unit.rows(_DIGESTS)] if digests is None else list(digests)
    )
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for name, digest in unit.rows(_NAMES):
        names[digest][name] = None
    uses: dict[str, list[DatasetUse]] = defaultdict(list)
    for digest, happened_at, name, number, role in unit.rows(_USES, digests=wanted):
        use = DatasetUse(
            ref=f"{name}/{number}",
            role=role,
            happened_at=happened_at.replace(tzinfo=UTC),
        )
        uses[digest].append(use)
    return [
        Dataset(
            digest=digest,
            names=tuple(names[digest]),
            rows=rows,
            columns=tuple((name, type_) for name, type_ in json.loads(columns)),
            description=description,
            source=json.loads(source),
            first_seen=happened_at.replace(tzinfo=UTC),
            uses=tuple(uses[digest]),
        )
        for digest, happened_at, rows, columns, description, source in unit.rows(
            _DATASETS, digests=wanted
        )
    ]
