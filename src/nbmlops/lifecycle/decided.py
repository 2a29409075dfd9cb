"""What people decide that checks go by: findings that are muted, another reference."""

from datetime import UTC, date, datetime
from typing import Any

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.lifecycle.arguments import needed_reason
from nbmlops.lifecycle.frame_record import described
from nbmlops.lifecycle.kept_checks import newest_check
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.profile import Profile
from nbmlops.refs import parse_ref
from nbmlops.registry import context
from nbmlops.registry.audit.events import Event
from nbmlops.registry.checks import Accepted, accepted_because
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.skew.report import FAILING, SkewReport


def acknowledge(
    place: Place, ref: str, column: str, *, until: str | date | datetime, reason: str
) -> Event:
    """Mute the findings in one column of a model until a day.

    Parameters
    ----------
    place
        The registry.
    ref
        A version of the model.
    column
        The column.
    until
        The last day on which it is muted, as a date or "2026-12-31"; a UsageError if it
        is over.
    reason
        Why it is no fault.

    Returns
    -------
    Event
        What was written.

    Raises
    ------
    NotFound
        If no check of the model has that column.
    """
    reason = needed_reason(reason, what="an acknowledgement")
    day = _day(until)
    version = place.version(ref)
    newest = newest_check(place, version.name)
    if newest is None or column not in newest.report.columns:
        known = newest.report.columns if newest else ()
        raise NotFound("checked column", column, known)
    detail = {"column": column, "until": day.isoformat(), "reason": reason}
    with place.catalog.writing() as writer:
        return writer.write("acknowledge", version.ref, detail)


def rebaseline(place: Place, ref: str, frame: Any, *, reason: str) -> Profile:
    """Accept a frame as the new reference of a version's checks.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version; a bare name only if it has one version.
    frame
        What the world looks like now.
    reason
        Why this is the new normal.

    Returns
    -------
    Profile
        The new reference.

    Raises
    ------
    UsageError
        If no reason is given, or the frame lacks a column of the model.
    """
    reason = needed_reason(reason, what="a new reference")
    version = place.version(parse_ref(ref), to_change=True)
    given = open_frame(frame, what="new reference")
    missing = [n for n in version.signature.names if n not in given.columns]
    if missing:
        raise UsageError(
            f"the new reference lacks the column {missing[0]!r}",
            hint=f"{version.ref} reads: {', '.join(version.signature.names[:8])}",
        )
    wanted = (*version.signature.names, *version.target)
    profile = build_profile(given, columns=[n for n in wanted if n in given.columns])
    if not profile.rows:
        raise UsageError("the new reference has no rows", hint="look at its filter")
    detail = {
        "profile": place.artifacts.put(profile.to_bytes()),
        "reason": reason,
        "data": described(given, variable=context.variable_of(frame)),
    }
    with place.catalog.writing() as writer:
        writer.write("rebaseline", version.ref, detail)
    return profile


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


def _day(until: str | date | datetime) -> date:
    if isinstance(until, datetime):
        day = until.date()
    elif isinstance(until, date):
        day = until
    else:
        try:
            day = date.fromisoformat(until)
        except (TypeError, ValueError):
            raise UsageError(
                f"{until!r} is not a day", hint="write it as 2026-12-31"
            ) from None
    if day < datetime.now(UTC).date():
        raise UsageError(f"{day} is over", hint="name a day to come")
    return day
