"""The checks that were kept, with their reports read back."""

import json
from dataclasses import dataclass

from nbmlops.registry.checks import stored_checks
from nbmlops.registry.place import Place
from nbmlops.registry.records import CheckRecord
from nbmlops.skew.report import SkewReport


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """A check that was kept: its record, and its report read back."""

    record: CheckRecord
    report: SkewReport


def newest_check(place: Place, name: str) -> StoredCheck | None:
    """Read the newest stored check of a model, of whichever version."""
    with place.catalog.reading() as unit:
        records = stored_checks(unit, name)
    return read_check(place, records[0]) if records else None


def newest_whole_check(place: Place, name: str) -> StoredCheck | None:
    """Read the newest stored check that left out no column of its version."""
    with place.catalog.reading() as unit:
        records = stored_checks(unit, name)
    whole = next((record for record in records if not record.is_partial), None)
    return read_check(place, whole) if whole else None


def read_check(place: Place, record: CheckRecord) -> StoredCheck:
    """Read a check's report back from its artifact."""
    data = place.artifacts.get(record.report)
    return StoredCheck(record=record, report=SkewReport.from_dict(json.loads(data)))
