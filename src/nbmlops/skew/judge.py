"""Judging a serving profile against a reference, column by column."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nbmlops.errors import NotFound, UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source, named
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.profile import Profile
from nbmlops.skew import notes, statistics
from nbmlops.skew.bars import bars_of
from nbmlops.skew.causes.evidence import Evidence
from nbmlops.skew.causes.signs import has_sign
from nbmlops.skew.causes.table import WITHOUT_FAULT, name_cause
from nbmlops.skew.decision import ByDays, decide
from nbmlops.skew.mended_bars import mended_bars
from nbmlops.skew.report import ColumnSkew, SkewReport, worst, worst_first
from nbmlops.skew.sorting import Asked, Settings, sort_columns
from nbmlops.skew.summary import summarise

if TYPE_CHECKING:
    from nbmlops.skew.windows.judge import Rows

MOST_TOGETHER = 100  # columns that changed, up to which they are looked at together
MOST_DRAWN = 2_000  # columns, up to which those that did not change are drawn too
MOST_NAMED = 500  # columns that changed, of which a cause is looked for


def check(
    reference: Any,
    serving: Any,
    *,
    weight: str | None = None,
    time: str | None = None,
    columns: str | Sequence[str] | None = None,
    tolerance: float = 0.1,
    alpha: float = 0.05,
    ignore: str | Collection[str] = (),
    windows: "Rows | None" = None,
    **options: Any,
) -> tuple[SkewReport, Profile]:
    """Profile a serving frame like the reference, and judge it.

    Parameters
    ----------
    reference, serving
        A frame, a file, or a Profile.
    weight
        The column with 1 / each row's sampling probability, on the sides that have it.
    time
        The column to which other times have their lag.
    columns, tolerance, alpha, ignore
        As for `judge`.
    windows
        The rows to look at window by window, for a section of the report and, where
        the reference's days are known too, for p-values by whole days.
    **options
        Further arguments of `judge`.

    Returns
    -------
    tuple
        The report and the serving side's profile.
    """
    columns, skipped = named(columns), named(ignore) or ()
    lost = serving.lost if isinstance(serving, Source) else ""
    if not isinstance(reference, Profile):
        reference = _profile(
            reference, "reference", columns=columns, weight=weight, time=time
        )
    if not isinstance(serving, Profile):
        serving = _profile(
            serving,
            "serving frame",
            columns=columns,
            exclude=skipped,
            weight=weight,
            time=time,
            like=reference,
        )
    looked = None
    if windows is not None:  # most checks look at none, and load none of this
        from nbmlops.skew.windows.judge import look

        looked = look(reference, serving, windows, columns, tolerance)
    report = judge(
        reference,
        serving,
        tolerance=tolerance,
        alpha=alpha,
        columns=columns,
        ignore=(*skipped, *([weight] if weight else [])),
        by_window={} if looked is None else looked.tests,
        **options,
    )
    if lost:
        report = replace(report, notes=(lost, *report.notes))
    if looked is not None:
        from nbmlops.skew.windows.judge import section_of

        report = report.with_sections(section_of(looked, report))
    return report, serving


def _profile(
    frame: Any,
    what: str,
    *,
    columns: Sequence[str] | None,
    weight: str | None,
    time: str | None,
    exclude: Collection[str] = (),
    like: Profile | None = None,
) -> Profile:
    """Profile one side, with those of the columns named that it has."""
    source = open_frame(frame, what=what)
    has = set(source.columns)
    for name in (weight, time) if like is not None else ():  # of the serving side
        if name is not None and name not in has:
            raise NotFound("column", name, source.columns)
    return build_profile(
        source,
        columns=None if columns is None else [c for c in columns if c in has],
        exclude=exclude,
        weight=weight if weight in has else None,
        time=time if time in has else None,
        like=like,
        what=what,
    )


def judge(
    reference: Profile,
    serving: Profile,
    *,
    tolerance: float = 0.1,
    alpha: float = 0.05,
    columns: str | Sequence[str] | None = None,
    ignore: str | Collection[str] = (),
    reference_label: str = "training",
    serving_label: str = "serving",
    hints: Mapping[str, Any] | None = None,
    muted: Mapping[str, tuple[str, str]] | None = None,
    by_window: Mapping[str, ByDays] | None = None,
) -> SkewReport:
    """Judge a serving profile against a reference.

    Parameters
    ----------
    reference, serving
        The two profiles; best built with `like=` the reference, so that cells match.
    tolerance
        The Jensen-Shannon distance (base 2) up to which a shift is accepted, 0 to 1.
    alpha
        The share of checks without any drift that may find some, 0 to 1.
    columns
        Only this one or these; all of both sides when None.
    ignore
        The column or columns that are no finding: a target that serving does not have.
    reference_label, serving_label
        What the sides are called; what follows " of " is left out of sentences.
    hints
        What is known of the model's own preparation, by column.
    muted
        Acknowledged columns: until when (ISO date), and why. Their verdicts stay,
        but they do not make `ok` false.
    by_window
        What whole windows say of columns: what is real, or over the tolerance, must be
        so by rows and by windows.

    Returns
    -------
    SkewReport
        Every column's verdict, the worst first.

    Raises
    ------
    UsageError
        If the tolerance or alpha is not between 0 and 1, or a side has no rows.
    """
    for name, value in (("tolerance", tolerance), ("alpha", alpha)):
        if not 0 < value < 1:
            raise UsageError(
                f"{name} is {value!r}", hint=f"give a {name} between 0 and 1"
            )
    for profile, label in ((reference, reference_label), (serving, serving_label)):
        if not profile.rows:
            raise UsageError(
                f"{label} has no rows", hint="check the filter that made the frame"
            )
    settings = Settings(
        tolerance=tolerance,
        alpha=alpha,
        words=(reference_label.split(" of ")[0], serving_label.split(" of ")[0]),
        scales=(_scale(reference), _scale(serving)),
        hints=hints or {},
        muted=muted or {},
        by_window=by_window or {},
    )
    names = _names(reference, serving, named(columns), named(ignore) or ())
    sorted_ = sort_columns(reference, serving, names, settings)
    judged = [*sorted_.settled, *_verdicts(sorted_.tested, settings)]
    judged = [_mute(column, settings) for column in judged]
    changed = [c for c in judged if c.p_value is not None and c.p_value <= alpha]
    return SkewReport(
        verdict=worst(judged),
        columns=worst_first(judged),
        rows=serving.rows,
        effective_rows=float(serving.effective_rows),
        reference_rows=reference.rows,
        reference_effective_rows=float(reference.effective_rows),
        tolerance=tolerance,
        alpha=alpha,
        reference=reference_label,
        serving=serving_label,
        notes=notes.of_check(
            tested=len(sorted_.tested),
            alpha=alpha,
            sides=(reference, serving),
            words=settings.words,
            identifiers=sorted_.identifiers,
            unjudged=sorted_.unjudged,
            by_window=bool(settings.by_window)
            and settings.by_window.keys() >= {t.name for t in sorted_.tested},
            times=[t.name for t in sorted_.tested if t.finding.part == "presence"],
            unnamed=sum(column.cause is None for column in changed),
        ),
        order=tuple(n for n in reference.columns if n not in (named(ignore) or ())),
    )


def _scale(profile: Profile) -> float:
    """Return effective rows per unit of mass (Kish where rows are weighted)."""
    return float(profile.effective_rows) / float(profile.mass) if profile.mass else 0.0


def _names(
    reference: Profile,
    serving: Profile,
    columns: Sequence[str] | None,
    ignore: Collection[str],
) -> list[str]:
    """Return the columns to judge, the reference's order first."""
    known = [
        *reference.columns,
        *(c for c in serving.columns if c not in reference.columns),
    ]
    for name in columns or ():
        if name not in known:
            raise NotFound("column", name, known)
    wanted = set(known if columns is None else columns) - set(ignore)
    return [name for name in known if name in wanted]


def _verdicts(tested: list[Asked], settings: Settings) -> list[ColumnSkew]:
    """Adjust the p-values over columns, and decide."""
    if not tested:
        return []
    by_row = statistics.false_discovery(np.array([t.finding.p_value for t in tested]))
    beyond = np.array([t.finding.p_tolerance for t in tested])
    sure = np.maximum(by_row, statistics.false_discovery(beyond))  # by rows alone
    days = [settings.by_window.get(t.name) for t in tested]
    real = np.maximum(by_row, [d.p_value if d else 0.0 for d in days])
    beyond = np.maximum(beyond, [d.p_tolerance if d else 0.0 for d in days])
    over = statistics.false_discovery(beyond)
    changed = [t for t, p in zip(tested, real, strict=True) if p <= settings.alpha]
    changed.sort(key=lambda t: -t.finding.distance)
    settings = replace(
        settings,
        is_wide=len(tested) > MOST_DRAWN,
        named=frozenset(t.name for t in changed[:MOST_NAMED]),
    )
    others: dict[str, Evidence] = {}
    if len(changed) <= MOST_TOGETHER:
        others |= {t.name: _evidence(t, settings, others) for t in changed}
    return [
        _verdict(asked, p, r, q, len(tested), settings, others)
        for asked, p, r, q in zip(
            tested, real.tolist(), sure.tolist(), over.tolist(), strict=True
        )
    ]


def _verdict(
    asked: Asked,
    p: float,
    sure_by_row: float,
    p_tolerance: float,
    columns: int,
    settings: Settings,
    others: Mapping[str, Evidence],
) -> ColumnSkew:
    """Decide one column, and name its cause where it differs."""
    finding, days = asked.finding, settings.by_window.get(asked.name)
    if days is not None:
        finding = replace(finding, interval=days.interval)
    detectable = finding.detectable(settings.alpha, columns)
    if days is not None and p > settings.alpha:
        # Days vary by as much as was seen: so much at least could not have been found.
        detectable = max(detectable, finding.distance)
    verdict = decide(
        finding,
        p=p,
        p_tolerance=p_tolerance,
        detectable=detectable,
        alpha=settings.alpha,
        tolerance=settings.tolerance,
    )
    is_shown = p <= settings.alpha or not settings.is_wide
    cause = None
    found = others.get(asked.name) or _evidence(asked, settings, others, is_shown)
    if p <= settings.alpha:
        cause = name_cause(found) if asked.name in settings.named else None
    elif sure_by_row <= settings.alpha or has_sign(found):
        # Not beyond what days vary: but a fault of one day is a fault.
        signed = name_cause(found)
        cause = None if signed.kind in WITHOUT_FAULT else signed
    sides = (asked.reference, asked.serving, settings.scales)
    with np.errstate(over="ignore", invalid="ignore"):  # the range of 1e308
        bars = bars_of(*sides) if is_shown or cause is not None else ()
    if cause is not None and cause.kind not in WITHOUT_FAULT:
        verdict = "handling fault"
        cause = replace(cause, mended=mended_bars(found, cause.mend))
    return ColumnSkew(
        name=asked.name,
        kind=asked.kind,
        verdict=verdict,
        distance=finding.distance,
        interval=finding.interval,
        p_value=p,
        p_tolerance=p_tolerance,
        detectable=detectable,
        cause=cause,
        summary=found.summary,
        bars=bars,
    )


def _evidence(
    asked: Asked,
    settings: Settings,
    others: Mapping[str, Evidence],
    is_shown: bool = True,
) -> Evidence:
    """Gather what is known of a column that differs."""
    return Evidence(
        name=asked.name,
        kind=asked.kind,
        reference=asked.reference,
        serving=asked.serving,
        scales=settings.scales,
        words=settings.words,
        summary=_summary(asked, settings) if is_shown else "",
        hints=settings.hints.get(asked.name, {}),
        others=others,
    )


def _summary(asked: Asked, settings: Settings) -> str:
    """Say what moved."""
    sides = (asked.reference, asked.serving, settings.scales)
    with np.errstate(over="ignore", invalid="ignore"):  # the range of 1e308
        return summarise(*sides, settings.words)


def _mute(column: ColumnSkew, settings: Settings) -> ColumnSkew:
    """Mark a column that was acknowledged."""
    if column.name not in settings.muted:
        return column
    until, reason = settings.muted[column.name]
    return replace(column, muted_until=until, muted_reason=reason)
