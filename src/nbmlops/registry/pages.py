"""Versions that were read together: their keys at once, the rest when it is asked for.

A list of 100,000 versions is a list of small objects over one page. Their tags and
aliases are those of the moment of reading. What else is known of a version is read in
blocks, up to the event that was the newest at that moment: it never changes, or only
grows with the events. Only a description is that of when its block is read.
"""

import gc
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

from nbmlops.errors import NotFound
from nbmlops.profiles.profile import Profile
from nbmlops.registry.records import OWN_EVALUATION, EvaluationRecord, ModelVersion
from nbmlops.registry.unit import Unit

BLOCK = 256
_MOST_BLOCKS = 4  # a long list that is walked through does not end up in memory

_ONE = """
select name, number, seq
from model_version
where name = $name and number = $number
"""
_LIVE = """
select name, number, seq
from model_version
where name = $name and deleted_at is null
order by number desc
"""
_NEWEST_EVENT = "select coalesce(max(seq), 0) from event"
_ALL_TAGS = "select name, number, key, value from tag"
_ALL_ALIASES = "select name, number, alias from alias"
# Numbers first: they leave few rows, of which it is worth to spell the ref.
_TAGS = """
select name, number, key, value
from tag
where list_contains($numbers, number)
  and list_contains($refs, name || '/' || number)
"""
_ALIASES = """
select name, number, alias
from alias
where list_contains($numbers, number)
  and list_contains($refs, name || '/' || number)
"""
# By one column: then DuckDB reads the documents of these rows only.
_VERSIONS = """
select seq, created_at, author, description, digest, size, profile, document,
  deleted_at
from model_version
where seq between $first and $last and list_contains($seqs, seq)
"""
_NOTES = """
select name, number, text
from note
where list_contains($numbers, number)
  and list_contains($refs, name || '/' || number)
  and seq <= $until
order by seq
"""
_EVALUATIONS = """
select name, number, document
from evaluation
where list_contains($numbers, number)
  and list_contains($refs, name || '/' || number)
  and seq <= $until
order by seq desc
"""

Key = tuple[str, int]


class Source(Protocol):
    """Where a page reads on: a place."""

    def reading(self) -> AbstractContextManager[Unit]:
        """Run several reads in one transaction."""
        ...

    def read_profile(self, digest: str) -> Profile:
        """Read a stored profile."""
        ...


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What the tables hold of one version, but for its tags and aliases."""

    created_at: datetime
    author: str
    description: str
    digest: str
    size: int
    profile: str | None
    text: str
    is_deleted: bool
    notes: tuple[str, ...]
    evaluations: tuple[EvaluationRecord, ...]

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """What the event of its registration says."""
        found: Mapping[str, Any] = json.loads(self.text)
        return found

    @property
    def metrics(self) -> Mapping[str, float]:
        """The figures of its own evaluation, else of its newest one."""
        newest = next(iter(self.evaluations), None)
        own = (e for e in self.evaluations if e.name == OWN_EVALUATION)
        shown = next(own, newest)
        return shown.metrics if shown else {}


class Page:
    """Versions that were read in one transaction.

    Parameters
    ----------
    unit
        The open transaction.
    source
        Where what is asked for later is read.
    names, numbers, seqs
        Which versions, and by which events: three sequences of one length.
    """

    def __init__(
        self,
        unit: Unit,
        source: Source,
        names: Sequence[str],
        numbers: Sequence[int],
        seqs: Sequence[int],
    ) -> None:
        self.source = source
        self.names = names
        self.numbers = numbers
        self._seqs = seqs
        self._blocks: dict[int, list[Stored]] = {}
        if len(names) <= BLOCK:
            keys = _keys(names, numbers)
            tags = unit.rows(_TAGS, **keys)
            self._tag_rows: Callable[[], Iterable[tuple[Any, ...]]] = lambda: tags
            self._alias_rows = unit.rows(_ALIASES, **keys)
            self._until = sys.maxsize
            self._blocks[0] = self._read(unit, 0)
        else:
            table = unit.table(_ALL_TAGS)
            self._tag_rows = lambda: zip(
                *(column.to_pylist() for column in table.columns), strict=True
            )
            self._alias_rows = unit.rows(_ALL_ALIASES)
            self._until = unit.rows(_NEWEST_EVENT)[0][0]

    def stored(self, row: int) -> Stored:
        """Give what the tables hold of one version, reading its block if need be."""
        number, within = divmod(row, BLOCK)
        if number not in self._blocks:
            with self.source.reading() as unit:
                block = self._read(unit, number)
            while len(self._blocks) >= _MOST_BLOCKS:
                self._blocks.pop(next(iter(self._blocks)))
            self._blocks[number] = block
        return self._blocks[number][within]

    def tags(self, row: int) -> dict[str, str]:
        """Give a version's tags in the order of their keys."""
        found = self._tags.get((self.names[row], self.numbers[row]), ())
        return dict(sorted(found))

    def aliases(self, row: int) -> tuple[str, ...]:
        """Give a version's aliases in order."""
        found = self._aliases.get((self.names[row], self.numbers[row]), ())
        return tuple(sorted(found))

    @cached_property
    def _tags(self) -> Mapping[Key, Sequence[tuple[str, str]]]:
        pairs = (((n, k), (key, value)) for n, k, key, value in self._tag_rows())
        return _grouped(pairs)

    @cached_property
    def _aliases(self) -> Mapping[Key, Sequence[str]]:
        return _grouped(((n, k), alias) for n, k, alias in self._alias_rows)

    def _read(self, unit: Unit, block: int) -> list[Stored]:
        """Read a block of versions."""
        span = slice(block * BLOCK, (block + 1) * BLOCK)
        names, numbers = self.names[span], self.numbers[span]
        if not names:
            return []
        keys = {**_keys(names, numbers), "until": self._until}
        notes = _grouped(((n, k), text) for n, k, text in unit.rows(_NOTES, **keys))
        documents = _grouped(
            ((n, k), text) for n, k, text in unit.rows(_EVALUATIONS, **keys)
        )
        seqs = self._seqs[span]
        of = {"seqs": seqs, "first": min(seqs), "last": max(seqs)}
        rows = {row[0]: row for row in unit.rows(_VERSIONS, **of)}
        return [
            _stored(
                rows[seq],
                notes=tuple(notes.get(key, ())),
                evaluations=_newest(documents.get(key, ())),
            )
            for key, seq in zip(zip(names, numbers, strict=True), seqs, strict=True)
        ]


def one(unit: Unit, source: Source, name: str, number: int) -> ModelVersion:
    """Read one version.

    Parameters
    ----------
    unit
        The open transaction.
    source
        Where what is asked for later is read.
    name, number
        Which.

    Returns
    -------
    ModelVersion
        Deleted or not.

    Raises
    ------
    NotFound
        If it was never registered.
    """
    keys = unit.rows(_ONE, name=name, number=number)
    if not keys:
        raise NotFound("version", f"{name}/{number}")
    return ModelVersion(Page(unit, source, *zip(*keys, strict=True)), 0)


def live(unit: Unit, source: Source, name: str) -> list[ModelVersion]:
    """Read a model's versions, newest first, deleted ones left out."""
    return selected(unit, source, _LIVE, name=name)


def selected(
    unit: Unit, source: Source, sql: str, **parameters: Any
) -> list[ModelVersion]:
    """Read the versions that a statement selects, in its order.

    Parameters
    ----------
    unit
        The open transaction.
    source
        Where what is asked for later is read.
    sql, parameters
        A select of name, number and seq from `model_version`.

    Returns
    -------
    list of ModelVersion
        One per row.
    """
    keys = unit.table(sql, **parameters)
    page = Page(unit, source, *(column.to_pylist() for column in keys.columns))
    with _no_collection():
        return [ModelVersion(page, row) for row in range(len(page.names))]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Put off the search for garbage while very many objects are made."""
    # Among 100,000 new ones it takes twenty times as long as making them.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _keys(names: Sequence[str], numbers: Sequence[int]) -> dict[str, Any]:
    refs = [f"{name}/{number}" for name, number in zip(names, numbers, strict=True)]
    return {"refs": refs, "numbers": sorted(set(numbers))}


def _grouped(pairs: Iterable[tuple[Key, Any]]) -> Mapping[Key, list[Any]]:
    groups: dict[Key, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _newest(documents: Iterable[str]) -> tuple[EvaluationRecord, ...]:
    """Keep the first evaluation of each name; they come newest first."""
    newest: dict[str, EvaluationRecord] = {}
    for text in documents:
        record = _evaluation(json.loads(text))
        newest.setdefault(record.name, record)
    return tuple(newest.values())


def _stored(
    row: tuple[Any, ...],
    *,
    notes: tuple[str, ...],
    evaluations: tuple[EvaluationRecord, ...],
) -> Stored:
    _, created_at, author, description, digest, size, profile, text, deleted_at = row
    return Stored(
        created_at=created_at.replace(tzinfo=UTC),
        author=author,
        description=description,
        digest=digest,
        size=size,
        profile=profile,
        text=text,
        is_deleted=deleted_at is not None,
        notes=notes,
        evaluations=evaluations,
    )


def _evaluation(detail: Mapping[str, Any]) -> EvaluationRecord:
    """Read an evaluation from its event's detail."""
    return EvaluationRecord(
        name=detail["evaluation"],
        digest=detail["digest"],
        rows=detail["rows"],
        metrics=detail["metrics"],
        dataset=detail["dataset"],
        slices=tuple(detail["slices"]),
        groups=detail["groups"],
        latency_ms=detail["latency_ms"],
        notes=tuple(detail["notes"]),
    )
