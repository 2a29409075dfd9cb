"""Evaluating a version on a frame, and keeping the rows for later comparisons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pandas as pd

from nbmlops.errors import AlreadyExists, NbmlopsError, Untrusted, UsageError
from nbmlops.evaluate.evaluation import Evaluation
from nbmlops.evaluate.score import Scorers, score
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import Task
from nbmlops.frames.labelled import Labelled, labelled
from nbmlops.host import option
from nbmlops.lifecycle.arguments import column_name, column_names
from nbmlops.lifecycle.estimators import feature_names
from nbmlops.lifecycle.frame_record import dataset, rows_digest
from nbmlops.lifecycle.load import load_version
from nbmlops.refs import parse_ref
from nbmlops.registry import context
from nbmlops.registry.place import Place
from nbmlops.registry.records import OWN_EVALUATION, EvaluationRecord, ModelVersion


def evaluate(
    place: Place,
    ref: str,
    data: Any,
    *,
    target: str | Sequence[str] | None = None,
    weight: str | None = None,
    slices: Sequence[str] | None = None,
    groups: str | None = None,
    metrics: Scorers | None = None,
    name: str = OWN_EVALUATION,
) -> Evaluation:
    """Evaluate a version and store its predictions, targets and metrics.

    A name stands for one set of rows, with their target and weights, from its first
    evaluation on, and its metrics stand: evaluated again it may gain slices, groups and
    metrics. So nobody can pass a gate by trying easier rows.

    Parameters
    ----------
    place
        The registry.
    ref
        Which version; a bare name only if it has one version.
    data
        A frame that holds the target, or `(X, y)` or `(X, y, weight)`.
    target
        The target columns; None takes those it was registered with.
    weight
        A column of row weights.
    slices
        Columns to tell groups of rows apart by.
    groups
        A column whose equal values make rows that are drawn together.
    metrics
        More scorers by name.
    name
        What to call it; an `AlreadyExists` error if the version has an evaluation of
        that name on other rows.

    Returns
    -------
    Evaluation
        As it was stored.

    """
    slices = column_names(slices, what="slices")
    groups = column_name(groups, what="groups")
    version = place.version(parse_ref(ref), to_change=True)
    rows = read_rows(version, data, target=target, weight=weight, what="data")
    seen = dataset("data", rows, variable=context.variable_of(data))
    digest = rows_digest(rows, seen["digest"])
    earlier = _earlier(version, name, digest)
    scored = score_version(
        place, version, rows, scorers=metrics, slices=slices, groups=groups
    )
    if earlier is not None:
        scored = replace(scored, metrics={**scored.metrics, **earlier.metrics})
    detail = evaluation_detail(place, scored, name=name, dataset=digest, data=seen)
    with place.catalog.writing() as writer:
        _earlier(place.version_in(writer.unit, version.ref), name, digest)
        writer.write("evaluate", version.ref, detail)
    return Evaluation.of(scored, name=name, ref=version.ref)


def _earlier(version: ModelVersion, name: str, dataset: str) -> EvaluationRecord | None:
    """Return the evaluation of that name; refuse it if it was made on other rows."""
    earlier = version.evaluation(name)
    if earlier is not None and earlier.dataset != dataset:
        raise AlreadyExists(
            f"{version.ref} has an evaluation {name!r} on other rows, target or "
            f"weights ({earlier.rows:,} rows): it stands",
            hint=f"give this one another name: {option('name', 'july')}",
        )
    return earlier


def has_evaluation(
    version: ModelVersion, dataset: str, *, slices: Sequence[str], groups: str | None
) -> bool:
    """Tell whether a version was evaluated on rows, with these slices and groups kept.

    Parameters
    ----------
    version
        Which.
    dataset
        The `rows_digest` of the rows.
    slices, groups
        The columns that a comparison would need.

    Returns
    -------
    bool
        False where it would have to be evaluated anew.
    """
    record = newest_on(version, dataset)
    return (
        record is not None
        and set(slices) <= set(record.slices)
        and groups in (None, record.groups)
    )


def newest_on(version: ModelVersion, dataset: str) -> EvaluationRecord | None:
    """Return a version's newest evaluation on rows, by their `rows_digest`."""
    return next((e for e in version.evaluations if e.dataset == dataset), None)


def read_rows(
    version: ModelVersion,
    data: Any,
    *,
    target: str | Sequence[str] | None,
    weight: Any,
    what: str,
) -> Labelled:
    """Split a frame as a version needs it.

    Parameters
    ----------
    version
        Whose columns and target.
    data, target, weight
        As in `evaluate`.
    what
        What to call the frame in an error.

    Returns
    -------
    Labelled
        Features in the version's order.

    Raises
    ------
    UsageError
        If neither the caller nor the version names the target.
    """
    names = target if target is not None else (version.target or None)
    if names is None and not isinstance(data, tuple):
        raise UsageError(
            f"{version.ref} was registered without a target",
            hint=f"name it: {option('target')}, or give (X, y)",
        )
    features = None if _has_own_names(version, data) else version.signature.names
    return labelled(data, target=names, weight=weight, features=features, what=what)


def _has_own_names(version: ModelVersion, data: Any) -> bool:
    """Tell whether an `(X, y)` brings the x0, x1, ... that the version reads."""
    return isinstance(data, tuple) and version.signature.names == tuple(
        f"x{number}" for number in range(len(version.signature.names))
    )


def score_version(
    place: Place,
    version: ModelVersion,
    rows: Labelled,
    *,
    scorers: Scorers | None = None,
    slices: Iterable[str] = (),
    groups: str | None = None,
    trust: Sequence[str] = (),
) -> Scored:
    """Load a version and score it on rows."""
    model = load_version(place, version, trust=trust)
    return score(
        model,
        replace(rows, features=as_fitted(model, rows.features, rows.feature_names)),
        task=cast(Task, version.task),
        classes=version.classes,
        scorers=scorers,
        slices=slices,
        groups=groups,
    )


def as_fitted(model: Any, features: Any, names: Sequence[str]) -> Any:
    """Give bare numbers to an estimator that was fitted on them."""
    bare = tuple(f"x{number}" for number in range(len(names)))
    is_frame = isinstance(features, pd.DataFrame)
    if is_frame and tuple(names) == bare and feature_names(model) is None:
        return features.to_numpy()
    return features


def evaluation_detail(
    place: Place, scored: Scored, *, name: str, dataset: str, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Keep the rows as an artifact, and return what the event says of them.

    Parameters
    ----------
    place, scored
        The registry, and the rows with their predictions.
    name
        The evaluation's.
    dataset
        The `rows_digest` of the rows.
    data
        What `datasets.dataset` says of their frame.

    Returns
    -------
    dict
        The event's detail.
    """
    return {
        "evaluation": name,
        "digest": place.artifacts.put(scored.to_bytes()),
        "rows": scored.rows,
        "metrics": dict(scored.metrics),
        "dataset": dataset,
        "data": dict(data),
        "slices": list(scored.slices),
        "groups": scored.groups[0] if scored.groups else "",
        "latency_ms": scored.latency_ms,
        "notes": list(scored.notes),
    }


def read_scored(place: Place, record: EvaluationRecord) -> Scored:
    """Read the stored rows of an evaluation."""
    return Scored.from_bytes(place.artifacts.get(record.digest))


def score_holder(
    place: Place,
    holder: ModelVersion,
    data: Any,
    *,
    target: str | Sequence[str] | None,
    weight: Any,
    slices: Sequence[str],
    groups: str | None,
    trust: Sequence[str] = (),
) -> tuple[Scored | None, str]:
    """Score the present champion on a newcomer's test frame, where it fits.

    Parameters
    ----------
    place, holder
        The registry, and the version that holds the alias.
    data, target, weight, slices, groups
        The newcomer's test frame, as in `evaluate`.
    trust
        Refs or digests vouched for.

    Returns
    -------
    tuple
        The scored rows, or None and the reason why there are none.
    """
    try:
        rows = read_rows(holder, data, target=target, weight=weight, what="test")
        scored = score_version(
            place, holder, rows, slices=slices, groups=groups, trust=trust
        )
    except Untrusted as error:
        return None, f"the champion {holder.ref} was not evaluated: {error.message}"
    except NbmlopsError as error:
        return None, f"the champion {holder.ref} does not fit test: {error.message}"
    return scored, ""
