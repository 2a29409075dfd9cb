"""Checking a serving frame against what a version was trained on, and keeping that."""

import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.lifecycle.arguments import column_names, needed_reason
from nbmlops.lifecycle.decided import accepted_by, decisions
from nbmlops.lifecycle.frame_record import described
from nbmlops.lifecycle.joint import joint_rows
from nbmlops.lifecycle.log_sections import of_log
from nbmlops.lifecycle.log_weight import log_weight
from nbmlops.lifecycle.parity import with_parity
from nbmlops.lifecycle.period import Moment, within
from nbmlops.lifecycle.sensitivity import tolerance_advice
from nbmlops.lifecycle.windows import rows_of_log
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.profile import Profile
from nbmlops.refs import parse_ref
from nbmlops.registry import context
from nbmlops.registry.audit.events import Event
from nbmlops.registry.checks import accepted_baseline, muted_columns, stored_checks
from nbmlops.registry.place import Place
from nbmlops.registry.records import CheckRecord, ModelVersion
from nbmlops.skew.feedback.judge import judge_feedback
from nbmlops.skew.joint.judge import judge_joint
from nbmlops.skew.judge import check
from nbmlops.skew.log_columns import beside_features
from nbmlops.skew.report import FAILING, SkewReport

NOT_STORED = "The registry can only be read: this check was not stored."


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    """A check that was kept: its record, and its report read back."""

    record: CheckRecord
    report: SkewReport


def check_skew(
    place: Place,
    ref: str,
    serving: Any = None,
    *,
    reference: Any = None,
    weight: str | None = None,
    key: str | Sequence[str] | None = None,
    time: str | None = None,
    target: str | None = None,
    columns: Sequence[str] | None = None,
    labels: Any = None,
    since: Moment | None = None,
    until: Moment | None = None,
    joint: bool = False,
    tolerance: float = 0.1,
    alpha: float = 0.05,
) -> SkewReport:
    """Judge a serving frame against a version's training profile, and store the check.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version; a bare name means the champion, else the newest.
    serving
        A frame, a file, or a Profile.
    reference
        A frame or Profile to compare with instead of the stored training profile.
    weight
        The serving column with 1 / each row's sampling probability; by default the
        log's `weight`, where the model does not read a column of that name.
    key
        The column or columns that say which served row is which of the reference's
        rows: these are compared value by value.
    time
        The column that says when a row was served; datetimes are judged by their lag
        to it, columns are looked at day by day (else by the log's `requested_at`), and
        with `key` the newest reference row that is not later is taken.
    target
        The target's column in serving; by default the version's own name for it.
    columns
        Only these; a check that leaves out a column of the model is kept and shown,
        but the skew gate passes over it, and predictions are not looked at.
    labels
        A frame with `request_id` or `entity` (and `labelled_at`), and `label`: what
        came true; by default the log's own labels, if it has any.
    since, until
        Only the rows served from one moment to another, both included, by `time` or
        the log's `requested_at`; a day is meant whole.
    joint
        Also look for a shift of the columns together, which takes the reference's rows.
    tolerance
        The Jensen-Shannon distance that does not matter, 0 to 1.
    alpha
        The share of checks without any drift that may find some.

    Returns
    -------
    SkewReport
        As it was stored; a note says so where the registry can only be read.

    Raises
    ------
    UsageError
        If there is nothing to compare with, or nothing was served.
    """
    only = None if columns is None else column_names(columns, what="columns")
    keys = column_names(key, what="key")
    version = place.version(ref)
    if serving is None:
        raise UsageError(
            f"nothing was served by {version.ref} yet: there is no serving log",
            hint="name a frame or a file with serving rows",
        )
    basis = _reference(place, version, reference)
    given = serving
    if not isinstance(serving, Profile):
        given = open_frame(serving, what="serving frame")
    given = within(given, since, until, time=time)
    absent = absent_targets(version, given.columns, target)
    beside = _beside(version, given.columns, (target, *(only or ())))
    rows = joint_rows(place, version, reference, given) if joint else None
    notes: tuple[str, ...] = ()
    if weight is None:
        weight, notes = log_weight(given, beside)
    accepted = accepted_by(place, version, reference)
    report, profile = check(
        basis,
        given,
        weight=weight,
        time=time,
        columns=only,
        tolerance=tolerance,
        alpha=alpha,
        ignore=(*absent, *beside, *set(keys).difference(version.signature.names)),
        windows=rows_of_log(
            place,
            version,
            given,
            reference=reference,
            weight=weight,
            time=time,
            beside=beside,
        ),
        reference_label=f"{'baseline' if accepted else 'training'} of {version.ref}",
        muted=_muted(place, version),
        hints=version.preparation,
    )
    report = replace(
        report,
        notes=(
            *decisions(report, accepted),
            *notes,
            *report.notes,
            *tolerance_advice(version, tolerance),
        ),
        order=version.signature.names,
    )
    if only is None and not isinstance(given, Profile):
        sections = of_log(
            place,
            version,
            given,
            report,
            beside=beside,
            weight=weight,
            time=time,
            labels=labels,
        )
        feedback = judge_feedback(given, report, beside=beside, time=time)
        report = report.with_sections(*sections, *([feedback] if feedback else []))
    if rows is not None:
        report = report.with_sections(judge_joint(rows, given, report, weight=weight))
    if key is not None:
        report = with_parity(
            place,
            version,
            report,
            given,
            reference=reference,
            key=keys,
            time=time,
            columns=only,
            weight=weight,
        )
    if not place.can_be_changed:
        return replace(report, notes=(NOT_STORED, *report.notes))
    is_profile = isinstance(given, Profile)
    _store(
        place,
        version,
        report,
        profile,
        serving="a profile" if is_profile else given.description,
        data=None
        if is_profile
        else described(given, variable=context.variable_of(serving)),
    )
    return report


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


def reference_profile(place: Place, version: ModelVersion) -> Profile | None:
    """Return what serving data are compared with: accepted, else trained on."""
    with place.catalog.reading() as unit:
        accepted = accepted_baseline(unit, parse_ref(version.ref))
    return place.read_profile(accepted) if accepted else version.profile


def _reference(place: Place, version: ModelVersion, given: Any) -> Any:
    if given is not None:
        return given
    profile = reference_profile(place, version)
    if profile is None:
        raise UsageError(
            f"{version.ref} was registered without train=: it has no training profile",
            hint="give reference=, a frame to compare with",
        )
    return profile


def absent_targets(
    version: ModelVersion, served: Container[str], target: str | None = None
) -> tuple[str, ...]:
    """Name the targets that serving does not have, which is no finding."""
    names = version.target if target is None else (*version.target, target)
    return tuple(name for name in names if name not in served)


def _beside(
    version: ModelVersion, served: Iterable[str], meant: Iterable[str | None]
) -> tuple[str, ...]:
    """Name the log's own columns, unless the model reads them or they are meant."""
    own = {*version.signature.names, *version.target, *meant}
    return beside_features(served, own)


def _muted(place: Place, version: ModelVersion) -> dict[str, tuple[str, str]]:
    with place.catalog.reading() as unit:
        return muted_columns(unit, version.name, datetime.now(UTC))


def _store(
    place: Place,
    version: ModelVersion,
    report: SkewReport,
    profile: Profile,
    *,
    serving: str,
    data: dict[str, Any] | None,
) -> None:
    failing = [c for c in report.columns.values() if c.verdict in FAILING]
    ends = [column.muted_until for column in failing] if report.ok else []
    detail = {
        "verdict": report.verdict,
        "ok": report.ok,
        "columns": [column.name for column in failing],
        "muted_until": min(ends, default=""),
        "partial": not set(version.signature.names) <= set(report.columns),
        "rows": report.rows,
        "report": place.artifacts.put(report.to_json().encode()),
        "profile": place.artifacts.put(profile.to_bytes()),
        "serving": serving,
        "data": data,
    }
    with place.catalog.writing() as writer:
        writer.write("check", version.ref, detail)


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
