"""Looking for a joint shift in the rows of both sides."""

from collections.abc import Sequence

import numpy as np

from nbmlops.frames.kinds import Kind
from nbmlops.frames.source import Source
from nbmlops.skew import statistics
from nbmlops.skew.decision import Finding, decide
from nbmlops.skew.joint.classifier import GROUPS, Judged, Side, judged
from nbmlops.skew.joint.features import Feature, features_of, matrix
from nbmlops.skew.joint.sample import sample_rows
from nbmlops.skew.joint.section import Joint, Region
from nbmlops.skew.joint.where import regions
from nbmlops.skew.report import FAILING, SkewReport

FEWEST_ROWS = 200
NORMAL_95 = 1.959964


def judge_joint(
    reference: Source, serving: Source, report: SkewReport, *, weight: str | None = None
) -> Joint:
    """Look for a shift of all columns together that no single column shows.

    Parameters
    ----------
    reference, serving
        The rows of both sides.
    report
        What was found column by column: columns that moved are left out, as they are
        known already.
    weight
        The column with 1 / each row's sampling probability, on the sides that have it.

    Returns
    -------
    Joint
        With its own verdict, by the report's tolerance and level.
    """
    if serving.is_stream or reference.is_stream:
        return Joint(missing="a stream can be read only once: give a file or a table")
    kinds = _comparable(reference, serving, report)
    moved = tuple(name for name, _ in kinds if _has_moved(report, name))
    rest = len(kinds) - len(moved)
    if rest < 2:
        beside = " beside those that moved" if moved else ""
        return Joint(missing=f"it takes two columns, there is {rest}{beside}")
    names = [name for name, _ in kinds]
    samples = [
        sample_rows(
            source, names, side=at, weight=weight if weight in source.columns else None
        )
        for at, source in enumerate((reference, serving))
    ]
    fewest = min(len(sample.places) for sample in samples)
    if fewest < FEWEST_ROWS:
        return Joint(missing=f"it takes {FEWEST_ROWS} rows a side, one has {fewest:,}")
    features = features_of([sample.table for sample in samples], kinds)
    first, second = (
        Side(values=matrix(s.table, features), weights=s.weights) for s in samples
    )
    return _found((first, second), features, moved, report)


def _comparable(
    reference: Source, serving: Source, report: SkewReport
) -> list[tuple[str, Kind]]:
    """Name the judged columns that both sides have in one kind."""
    # An identifier, or a column that the model does not read, tells the sides apart by
    # itself: the report has them, unjudged.
    judged_alone = {
        column.name
        for column in report.columns.values()
        if column.p_value is not None or column.verdict in FAILING
    }
    return [
        (name, kind)
        for name, kind in reference.kinds.items()
        if name in judged_alone and kind != "other" and serving.kinds.get(name) == kind
    ]


def _has_moved(report: SkewReport, name: str) -> bool:
    column = report.columns[name]
    is_real = column.p_value is not None and column.p_value <= report.alpha
    return is_real or column.verdict in FAILING


def _found(
    sides: tuple[Side, Side],
    features: Sequence[Feature],
    moved: tuple[str, ...],
    report: SkewReport,
) -> Joint:
    """Judge the columns that have not moved, and say where the sides differ."""
    which = [at for at, f in enumerate(features) if f.column not in moved]
    kept = tuple(features[at] for at in which)
    quiet = (sides[0].columns(which), sides[1].columns(which))
    found = judged(quiet, kept)
    whole = judged(sides, features) if moved else None
    finding = _finding(found, report)
    detectable = statistics.detectable_distance(found.size, 1, 2 * report.alpha)
    where: tuple[Region, ...] = ()
    if found.p_value <= report.alpha:
        where = regions(quiet, found, kept, report.alpha)
    elif whole is not None and whole.p_value <= report.alpha:
        where = regions(sides, whole, features, report.alpha)
    reach = NORMAL_95 * found.error
    return Joint(
        verdict=decide(
            finding,
            p=finding.p_value,
            p_tolerance=finding.p_tolerance,
            detectable=detectable,
            alpha=report.alpha,
            tolerance=report.tolerance,
        ),
        columns=len({feature.column for feature in kept}),
        without=moved,
        auc=found.auc,
        interval=(max(0.0, found.auc - reach), min(1.0, found.auc + reach)),
        p_value=found.p_value,
        distance=finding.distance,
        detectable=detectable,
        all_auc=None if whole is None else whole.auc,
        rows=len(sides[1].values),
        reference_rows=len(sides[0].values),
        alpha=report.alpha,
        regions=where,
    )


def _finding(found: Judged, report: SkewReport) -> Finding:
    """Measure the scores as if they were one more column."""
    # No function of the rows moves by more than the rows (data processing inequality).
    a, b = (np.maximum(count, 0.0) for count in found.counts)
    return Finding(
        part="values",
        p_value=found.p_value,
        p_tolerance=statistics.tolerance_tail(a, b, report.tolerance),
        distance=statistics.distance(a, b),
        interval=statistics.distance_interval(a, b),
        size=found.size,
        df=GROUPS - 1,
        weight=1.0,
    )
