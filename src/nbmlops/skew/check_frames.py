"""A check of two frames without a registry: columns, and what rows tell beside them."""

from collections.abc import Sequence
from typing import Any

from nbmlops.errors import UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source
from nbmlops.host import option
from nbmlops.profiles.profile import Profile
from nbmlops.skew.feedback.judge import judge_feedback
from nbmlops.skew.joint.judge import judge_joint
from nbmlops.skew.judge import check
from nbmlops.skew.log_columns import beside_features
from nbmlops.skew.report import SkewReport
from nbmlops.skew.windows.opening import time_column, window_rows


def check_frames(
    reference: Any,
    serving: Any,
    *,
    weight: str | None = None,
    time: str | None = None,
    columns: Sequence[str] | None = None,
    joint: bool = False,
    tolerance: float = 0.1,
    alpha: float = 0.05,
) -> SkewReport:
    """Judge a serving frame against a reference.

    Parameters
    ----------
    reference, serving
        Frames, or Profiles. Columns of a serving log that the reference lacks are no
        finding.
    weight, time, columns, tolerance, alpha
        As for `judge.check`.
    joint
        Also look at columns together.

    Returns
    -------
    SkewReport
        With the sections that the rows allow.

    Raises
    ------
    UsageError
        If columns are to be looked at together, and a side is a profile.
    """
    first, second = _opened(reference, "reference"), _opened(serving, "serving frame")
    if joint and (isinstance(first, Profile) or isinstance(second, Profile)):
        raise UsageError(
            f"{option('joint', True)} looks at rows, and a profile has none",
            hint="give both sides as frames or files",
        )
    asked = {weight, time, *((columns,) if isinstance(columns, str) else columns or ())}
    beside = beside_features(second.columns, {*first.columns, *asked})
    column = time_column(second, time, beside)
    report, _ = check(
        first,
        second,
        weight=weight,
        time=time,
        columns=columns,
        tolerance=tolerance,
        alpha=alpha,
        ignore=beside,
        windows=None
        if column is None or isinstance(second, Profile)
        else window_rows(second, column, first, weight=weight),
    )
    if isinstance(second, Profile):
        return report
    if columns is None:
        feedback = judge_feedback(second, report, beside=beside, time=time)
        report = report.with_sections(*([feedback] if feedback else []))
    if joint and isinstance(first, Source):
        report = report.with_sections(judge_joint(first, second, report, weight=weight))
    return report


def _opened(frame: Any, what: str) -> Source | Profile:
    return frame if isinstance(frame, Profile) else open_frame(frame, what=what)
