"""Reading what is registered: models, versions, history, lookup."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, overload

import pandas as pd

from nbmlops.display import numbers
from nbmlops.display.saving import save_text
from nbmlops.errors import UsageError
from nbmlops.refs import Ref, parse_ref
from nbmlops.registry import lookup, pages
from nbmlops.registry.audit import events
from nbmlops.registry.audit.events import Event
from nbmlops.registry.checks import stored_checks
from nbmlops.registry.moving.past import documents_of_imported, earlier
from nbmlops.registry.place import Place
from nbmlops.registry.records import CheckRecord, Model, ModelVersion
from nbmlops.registry.tables import schema
from nbmlops.registry.unit import Unit


@dataclass(frozen=True, slots=True)
class History(Sequence[Event]):
    """Events, newest first, that show themselves as a table and a timeline.

    Attributes
    ----------
    events
        What was done here.
    name
        To which model or version; None means to all.
    earlier
        What an export told of the time before its import, with the numbers of there.
    """

    events: tuple[Event, ...]
    name: str | None = None
    earlier: tuple[Event, ...] = ()

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Event, ...]: ...
    def __getitem__(self, index: int | slice) -> Event | tuple[Event, ...]:
        return self.events[index]

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    @property
    def headline(self) -> str:
        """How much happened to what, and when, in one line."""
        what = numbers.amount(len(self.events), "event")
        if self.name is not None:
            what += f" of {self.name}"
        if not self.events:
            return what
        first, last = self.events[-1].happened_at, self.events[0].happened_at
        return f"{what}, {numbers.moment(first)} to {numbers.moment(last)} UTC"

    def to_dict(self) -> dict[str, Any]:
        """Return the events as plain values."""
        return {
            "name": self.name,
            "events": [e.to_dict() for e in self.events],
            "earlier": [e.to_dict() for e in self.earlier],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row per event."""
        columns = ["seq", "happened_at", "actor", "verb", "subject", "detail", "hash"]
        return pd.DataFrame([e.to_dict() for e in self.events], columns=columns)

    def to_jsonl(self) -> str:
        """Write one JSON object per event, oldest first, with all that is hashed."""
        return "".join(f"{event.to_json()}\n" for event in reversed(self.events))

    def __repr__(self) -> str:
        from nbmlops.registry.view import history_text

        return history_text(self.events, self.earlier)

    def _repr_html_(self) -> str:
        from nbmlops.registry.audit.history_view import history_html

        return history_html(self.events, datetime.now(UTC), self.earlier)


def models(place: Place) -> list[Model]:
    """List the models, the one that changed last first."""
    with place.catalog.reading() as unit:
        return lookup.models(unit)


def versions(place: Place, name: str) -> list[ModelVersion]:
    """List a model's versions, newest first.

    Parameters
    ----------
    place
        The registry.
    name
        The model.

    Returns
    -------
    list of ModelVersion
        Deleted ones left out.

    Raises
    ------
    UsageError
        If the name is a ref to one version.
    """
    ref = parse_ref(name)
    if not ref.is_bare:
        raise UsageError(f"{name!r} is one version", hint=f"list them by {ref.name!r}")
    with place.catalog.reading() as unit:
        lookup.known_name(unit, ref.name)
        return pages.live(unit, place, ref.name)


def get(
    place: Place, ref: str, *, as_of: str | date | datetime | None = None
) -> ModelVersion:
    """Return the version that a ref means, or meant then.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version; a bare name means the champion, else the newest.
    as_of
        A moment; naive ones and text without a zone are UTC, a day means its end.

    Returns
    -------
    ModelVersion
        As it is now.
    """
    return place.version(ref, as_of=None if as_of is None else moment_of(as_of))


def checks(place: Place, name: str) -> list[CheckRecord]:
    """List a model's stored skew checks, newest first."""
    with place.catalog.reading() as unit:
        return stored_checks(unit, lookup.known_name(unit, parse_ref(name).name))


def history(
    place: Place, name: str | None = None, *, out: str | Path | None = None
) -> History:
    """List what was done, newest first.

    Parameters
    ----------
    place
        The registry.
    name
        A model, or a ref of one version; None lists all.
    out
        A file to write the events to as well, as JSON lines, oldest first.

    Returns
    -------
    History
        A sequence of events; of a model, those too that removed its artifacts.
    """
    found = _history(place, name)
    if out is not None:
        save_text(out, found.to_jsonl())
    return found


def _history(place: Place, name: str | None) -> History:
    with place.catalog.reading() as unit:
        found = reversed(events.read_all(unit))
        if name is None:
            return History(tuple(found))
        ref = parse_ref(name)
        lookup.known_name(unit, ref.name)
        one = None if ref.is_bare else _one(unit, ref)
        imported = documents_of_imported(unit, one or ref)
    version = None if one is None else str(one)
    return History(
        tuple(event for event in found if events.is_of(event, ref.name, version)),
        name,
        earlier(place, imported, is_whole=one is None),
    )


def _one(unit: Unit, ref: Ref) -> Ref:
    """Find the version that a ref means; what was done to a deleted one is told too."""
    is_known = ref.number is not None and lookup.is_deleted(unit, ref) is not None
    return ref if is_known else lookup.resolve(unit, ref)


def catalog(place: Place) -> dict[str, pd.DataFrame]:
    """Return the tables as plain frames."""
    with place.catalog.reading() as unit:
        return {
            name: unit.table(f"from {name} order by all").to_pandas()
            for name in ("event", *schema.TABLES)
        }


def moment_of(as_of: str | date | datetime, *, start_of_day: bool = False) -> datetime:
    """Read a moment: naive ones are UTC, a day means its end; else a UsageError."""
    if not isinstance(as_of, date):  # a datetime is one
        try:
            as_of = _parsed(as_of)
        except (TypeError, ValueError):
            raise UsageError(
                f"{as_of!r} is not a moment",
                hint="write 2026-11-24 or 2026-11-24T09:30",
            ) from None
    if isinstance(as_of, datetime):
        return lookup.as_utc(as_of)
    edge = time.min if start_of_day else time.max
    return datetime.combine(as_of, edge, tzinfo=UTC)


def _parsed(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)
