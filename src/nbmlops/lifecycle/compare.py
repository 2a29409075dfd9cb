"""Comparing versions: what they were evaluated on, trained on, and cost to run."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from nbmlops.compare.build import Findings, compare_scored
from nbmlops.compare.comparison import Comparison, VersionSide
from nbmlops.display.numbers import amount
from nbmlops.errors import NbmlopsError, UsageError
from nbmlops.evaluate.latency import single_row_latency
from nbmlops.evaluate.metrics import metrics_for
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import Task
from nbmlops.host import call, option
from nbmlops.lifecycle.arguments import column_name, column_names
from nbmlops.lifecycle.evaluate import newest_on, read_rows, read_scored, score_version
from nbmlops.lifecycle.example import example_of
from nbmlops.lifecycle.load import load_version
from nbmlops.registry.place import Place
from nbmlops.registry.records import OWN_EVALUATION, EvaluationRecord, ModelVersion
from nbmlops.skew.judge import judge


def compare(
    place: Place,
    *refs: str,
    data: Any = None,
    target: str | Sequence[str] | None = None,
    groups: str | None = None,
    slices: Sequence[str] | None = None,
    metric: str | None = None,
    timed: bool = True,
) -> Comparison:
    """Compare two or more versions.

    Parameters
    ----------
    place
        The registry.
    *refs
        The versions; the first is the baseline.
    data
        A frame to evaluate all of them on now. None takes the last version's own
        evaluation, made at registration, where all were evaluated on its rows; else
        its earliest other one of which that holds. The gates read the same.
    target
        The target's column in `data`.
    groups
        The column whose rows are drawn together; None takes the evaluation's own.
    slices
        Columns by which to tell rows apart; None takes those that were kept.
    metric
        The metric of the headline and the slices; None takes the task's first.
    timed
        Whether single-row predictions are timed, the versions in turns.

    Returns
    -------
    Comparison
        Shows itself as text and as HTML.
    """
    slices = None if slices is None else column_names(slices, what="slices")
    groups = column_name(groups, what="groups")
    versions = _versions(place, refs)
    baseline, *challengers = versions
    if data is not None:
        scored, evaluation = _scored_now(
            place, versions, data, target=target, groups=groups, slices=slices
        )
    else:
        scored, evaluation = _scored_before(place, versions)
    findings = _findings(
        baseline, challengers, scored, groups=groups, slices=slices, metric=metric
    )
    latencies = _latencies(place, versions) if timed else {}
    return Comparison(
        versions=tuple(_side(version, latencies) for version in versions),
        evaluation=evaluation if findings.rows_compared else "",
        data={v.ref: _data(baseline, v) for v in challengers},
        reported={v.ref: dict(v.reported) for v in versions if v.reported},
        **findings.parts(),
    )


def _versions(place: Place, refs: Sequence[str]) -> list[ModelVersion]:
    """Read the versions, each once."""
    with place.catalog.reading() as unit:
        found = [place.version_in(unit, ref) for ref in refs]
    distinct = list({version.ref: version for version in found}.values())
    if len(distinct) < 2:
        raise UsageError(
            "a comparison needs two different versions",
            hint=call("compare", "delays/1", "delays/2"),
        )
    return distinct


def _scored_now(
    place: Place,
    versions: Sequence[ModelVersion],
    data: Any,
    *,
    target: str | Sequence[str] | None,
    groups: str | None,
    slices: Sequence[str] | None,
) -> tuple[dict[str, Scored], str]:
    scored = {
        version.ref: score_version(
            place,
            version,
            read_rows(version, data, target=target, weight=None, what="data"),
            slices=slices or (),
            groups=groups,
        )
        for version in versions
    }
    rows = next(iter(scored.values())).rows
    return scored, f"data, {amount(rows, 'row')}"


def _scored_before(
    place: Place, versions: Sequence[ModelVersion]
) -> tuple[dict[str, Scored], str]:
    """Read the evaluations of the same rows that all versions have, else the own."""
    common = _common_dataset(versions)
    records = {v.ref: _of_dataset(v, common) for v in versions}
    scored = {
        ref: read_scored(place, record)
        for ref, record in records.items()
        if record is not None
    }
    last = records[versions[-1].ref]
    name = f"{last.name}, {amount(last.rows, 'row')}" if last else ""
    return scored, name


def _common_dataset(versions: Sequence[ModelVersion]) -> str:
    """Return the digest of rows that all were evaluated on; "" if there is none."""
    shared = set.intersection(*({e.dataset for e in v.evaluations} for v in versions))
    last = versions[-1]
    own = last.evaluation(OWN_EVALUATION)
    # What is evaluated later must not take the place of what would have decided before.
    candidates = [*([own] if own else []), *reversed(last.evaluations)]
    return next((e.dataset for e in candidates if e.dataset in shared), "")


def _of_dataset(version: ModelVersion, digest: str) -> EvaluationRecord | None:
    if digest:
        return newest_on(version, digest)
    return version.evaluation(OWN_EVALUATION) or next(iter(version.evaluations), None)


def _findings(
    baseline: ModelVersion,
    challengers: Sequence[ModelVersion],
    scored: Mapping[str, Scored],
    *,
    groups: str | None,
    slices: Sequence[str] | None,
    metric: str | None,
) -> Findings:
    missing = [v.ref for v in (baseline, *challengers) if v.ref not in scored]
    if missing:
        note = f"{', '.join(missing)} was never evaluated: give data= to compare on"
        return Findings(notes=(note,))
    first = scored[baseline.ref]
    return compare_scored(
        baseline.ref,
        first,
        {v.ref: scored[v.ref] for v in challengers},
        metrics_for(cast(Task, baseline.task)),
        groups=_groups(first, groups),
        slices=slices,
        leading=metric or "",
    )


def _groups(scored: Scored, name: str | None) -> tuple[str, Any] | None:
    """Find a group column among what an evaluation keeps."""
    if name is None or (scored.groups is not None and scored.groups[0] == name):
        return scored.groups
    if name in scored.slices:
        return name, scored.slices[name]
    kept = [scored.groups[0]] if scored.groups else []
    raise UsageError(
        f"the evaluation does not keep the group column {name!r}",
        hint=f"it keeps: {', '.join([*kept, *scored.slices]) or 'none'}; name it with "
        f"{option('groups')} when registering or evaluating",
    )


def _latencies(place: Place, versions: Sequence[ModelVersion]) -> dict[str, float]:
    """Time one row through each version in turns; nothing where one does not load."""
    try:
        models = [load_version(place, version) for version in versions]
        rows = [
            example_of(place, version, model)
            for version, model in zip(versions, models, strict=True)
        ]
        times = single_row_latency(models, rows)
    except (NbmlopsError, ValueError, TypeError):
        # A made-up row may not suit every estimator: then there is no figure.
        return {}
    return dict(zip((version.ref for version in versions), times, strict=True))


def _side(version: ModelVersion, latencies: Mapping[str, float]) -> VersionSide:
    own = version.evaluation(OWN_EVALUATION)
    return VersionSide(
        ref=version.ref,
        estimator=version.estimator,
        author=version.author,
        created_at=version.created_at.isoformat(),
        aliases=version.aliases,
        description=version.description,
        params=version.params,
        environment=version.environment.get("packages", {}),
        python=version.environment.get("python", ""),
        training=_training(version),
        size=version.size,
        latency_ms=latencies.get(version.ref, own.latency_ms if own else None),
    )


def _training(version: ModelVersion) -> str:
    train = next((d for d in version.datasets if d["role"] == "train"), None)
    columns = amount(len(version.signature.columns), "column")
    return f"{amount(train['rows'], 'row')}, {columns}" if train else ""


def _data(
    baseline: ModelVersion, challenger: ModelVersion
) -> tuple[Mapping[str, Any], ...]:
    """Judge a challenger's training profile against the baseline's."""
    before, after = baseline.profile, challenger.profile
    if before is None or after is None:
        return ()
    report = judge(
        before,
        after,
        reference_label=f"training of {baseline.ref}",
        serving_label=f"training of {challenger.ref}",
    )
    return tuple(
        {
            "column": column.name,
            "verdict": column.verdict,
            "distance": column.distance,
            "cause": column.cause.kind if column.cause else "",
            "summary": column.summary,
        }
        for column in report.columns.values()
    )
