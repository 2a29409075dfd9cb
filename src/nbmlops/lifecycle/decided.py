"""What people decided that a check goes by, told in each report that goes by it."""

from typing import Any

from nbmlops.refs import parse_ref
from nbmlops.registry.checks import Accepted, accepted_because
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.skew.report import FAILING, SkewReport


def accepted_by(place: Place, version: ModelVersion, given: Any) -> Accepted | None:
    """Return why serving is not compared with training, unless a reference is given."""
    if given is not None:
        return None
    with place.catalog.reading() as unit:
        return accepted_because(unit, parse_ref(version.ref))


def decisions(report: SkewReport, accepted: Accepted | None) -> tuple[str, ...]:
    """Tell of a reference that was accepted, and of mutes that mute nothing now.

    Parameters
    ----------
    report
        What was found; findings that are muted say so themselves.
    accepted
        The reference that it goes by, if it is an accepted one.

    Returns
    -------
    tuple of str
        Sentences without full stops, the reference's first.
    """
    notes = []
    if accepted is not None:
        day = accepted.happened_at.date().isoformat()
        notes.append(
            f"the reference is not training: another was accepted on {day} by "
            f"{accepted.actor}: {accepted.reason}"
        )
    notes += [
        f"{column.name} is acknowledged until {column.muted_until} "
        f"({column.muted_reason}), and shows nothing over tolerance now"
        for column in report.columns.values()
        if column.muted_until and column.verdict not in FAILING
    ]
    return tuple(notes)
