"""Checking a serving frame against what a version was trained on, and keeping that."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from nbmlops.errors import UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source
from nbmlops.host import option
from nbmlops.lifecycle.arguments import column_names
from nbmlops.lifecycle.decided import accepted_by, decisions
from nbmlops.lifecycle.frame_record import described
from nbmlops.lifecycle.joint import joint_rows
from nbmlops.lifecycle.log_sections import of_log
from nbmlops.lifecycle.log_weight import log_weight
from nbmlops.lifecycle.parity import with_parity
from nbmlops.lifecycle.period import Moment, within
from nbmlops.lifecycle.reference import reference_profile
from nbmlops.lifecycle.sensitivity import tolerance_advice
from nbmlops.lifecycle.windows import rows_of_log
from nbmlops.profiles.profile import Profile
from nbmlops.registry import context
from nbmlops.registry.checks import muted_columns
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.skew.feedback.judge import judge_feedback
from nbmlops.skew.joint.judge import judge_joint
from nbmlops.skew.judge import check
from nbmlops.skew.log_columns import beside_features
from nbmlops.skew.report import FAILING, SkewReport

NOT_STORED = "The registry can only be read: this check was not stored."


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
    version = place.version(ref)
    if serving is None:
        raise UsageError(
            f"nothing was served by {version.ref} yet: there is no serving log",
            hint="name a frame or a file with serving rows",
        )
    opened = serving
    if not isinstance(serving, Profile):
        opened = open_frame(serving, what="serving frame")
    if labels is not None and (only is not None or isinstance(opened, Profile)):
        raise UsageError(
            f"{option('labels')} tells how well the model did, which takes the log's "
            "rows and all of the model's columns",
            hint=f"leave out {option('labels')}, or give the whole log",
        )
    served = within(opened, since, until, time=time)
    beside = _beside(version, served.columns, (target, *(only or ())))
    weighed, notes = (weight, ()) if weight else log_weight(served, beside)
    asked = Asked(
        place=place,
        version=version,
        served=served,
        reference=reference,
        beside=beside,
        absent=absent_targets(version, served.columns, target),
        keys=column_names(key, what="key"),
        weight=weighed,
        time=time,
        columns=only,
    )
    rows = joint_rows(place, version, reference, served) if joint else None
    report, profile = _judged(asked, tolerance=tolerance, alpha=alpha)
    report = replace(report, notes=(*notes, *report.notes))
    came = None if labels is None else open_frame(labels, what="labels frame")
    report = _with_sections(asked, report, labels=came, rows=rows)
    if not place.can_be_changed:
        return replace(report, notes=(NOT_STORED, *report.notes))
    frames = {"data": _known(served, serving)}
    if came is not None:
        frames["labels"] = _known(came, labels)
    _store(asked, report, profile, frames)
    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a check was asked, after the first look at it.

    Attributes
    ----------
    place, version
        The registry, and whose check.
    served
        The serving side.
    reference
        What to compare with instead of the version's own reference, or None.
    beside
        The served columns that are the log's own.
    absent
        The targets that serving does not have.
    keys
        The columns that match rows; () for no match.
    weight, time
        The columns of weights and of times, or None.
    columns
        Only these, or None.
    """

    place: Place
    version: ModelVersion
    served: Source | Profile
    reference: Any
    beside: tuple[str, ...]
    absent: tuple[str, ...]
    keys: tuple[str, ...]
    weight: str | None
    time: str | None
    columns: Sequence[str] | None


def _judged(
    asked: Asked, *, tolerance: float, alpha: float
) -> tuple[SkewReport, Profile]:
    """Judge the columns, each by itself and window by window."""
    place, version = asked.place, asked.version
    accepted = accepted_by(place, version, asked.reference)
    unread = set(asked.keys).difference(version.signature.names)
    report, profile = check(
        _reference(place, version, asked.reference),
        asked.served,
        weight=asked.weight,
        time=asked.time,
        columns=asked.columns,
        tolerance=tolerance,
        alpha=alpha,
        ignore=(*asked.absent, *asked.beside, *unread),
        windows=rows_of_log(
            place,
            version,
            asked.served,
            reference=asked.reference,
            weight=asked.weight,
            time=asked.time,
            beside=asked.beside,
        ),
        reference_label=f"{'baseline' if accepted else 'training'} of {version.ref}",
        muted=_muted(place, version),
        hints=version.preparation,
    )
    told = decisions(report, accepted)
    notes = (*told, *report.notes, *tolerance_advice(version, tolerance))
    return replace(report, notes=notes, order=version.signature.names), profile


def _with_sections(
    asked: Asked, report: SkewReport, *, labels: Any, rows: Source | None
) -> SkewReport:
    """Add what the log, columns together, and rows of the same key tell."""
    place, version, served = asked.place, asked.version, asked.served
    columns = {"weight": asked.weight, "time": asked.time}
    if asked.columns is None and not isinstance(served, Profile):
        sections = of_log(
            place,
            version,
            served,
            report,
            beside=asked.beside,
            labels=labels,
            **columns,
        )
        feedback = judge_feedback(served, report, beside=asked.beside, time=asked.time)
        report = report.with_sections(*sections, *([feedback] if feedback else []))
    if rows is not None and isinstance(served, Source):
        joint = judge_joint(rows, served, report, weight=asked.weight)
        report = report.with_sections(joint)
    if not asked.keys:
        return report
    return with_parity(
        place,
        version,
        report,
        served,
        reference=asked.reference,
        key=asked.keys,
        columns=asked.columns,
        **columns,
    )


def _reference(place: Place, version: ModelVersion, given: Any) -> Any:
    if given is not None:
        return given
    profile = reference_profile(place, version)
    if profile is None:
        raise UsageError(
            f"{version.ref} was registered without {option('train')}: "
            "it has no training profile",
            hint=f"give {option('reference')}, a frame to compare with",
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


def _known(opened: Source | Profile, given: Any) -> dict[str, Any] | None:
    """Describe a frame for the record, as the notebook calls it; a profile is none."""
    if isinstance(opened, Profile):
        return None
    return described(opened, variable=context.variable_of(given))


def _store(
    asked: Asked,
    report: SkewReport,
    profile: Profile,
    frames: Mapping[str, Mapping[str, Any] | None],
) -> None:
    """Keep the report and the serving side's profile, and write the event."""
    place, version, served = asked.place, asked.version, asked.served
    failing = [c for c in report.columns.values() if c.verdict in FAILING]
    ends = [column.muted_until for column in failing] if report.ok else []
    given = served.description if isinstance(served, Source) else "a profile"
    detail = {
        "verdict": report.verdict,
        "ok": report.ok,
        "columns": [column.name for column in failing],
        "muted_until": min(ends, default=""),
        "partial": not set(version.signature.names) <= set(report.columns),
        "rows": report.rows,
        "report": place.artifacts.put(report.to_json().encode()),
        "profile": place.artifacts.put(profile.to_bytes()),
        "serving": given,
        **frames,
    }
    with place.catalog.writing() as writer:
        writer.write("check", version.ref, detail)
