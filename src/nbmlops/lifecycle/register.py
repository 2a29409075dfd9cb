"""Registering: prove the model's bytes, record where it came from, evaluate, commit."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import Any

from nbmlops.errors import UsageError, suggestion
from nbmlops.evaluate.score import score
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import TASKS, Task, infer_task
from nbmlops.frames.fingerprints import content_digest
from nbmlops.frames.labelled import Labelled, labelled
from nbmlops.lifecycle import estimators
from nbmlops.lifecycle.datasets import dataset
from nbmlops.lifecycle.evaluate import evaluation_detail, score_holder
from nbmlops.lifecycle.example import example_bytes, example_rows
from nbmlops.lifecycle.proof import PROOF_ROWS, prove
from nbmlops.profiles.building import build_profile
from nbmlops.refs import CHAMPION, Ref, check_model_name, parse_ref
from nbmlops.registry import catalog as tables
from nbmlops.registry import context
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.serialise import Packed
from nbmlops.registry.signature import (
    Signature,
    signature_of_estimator,
    signature_of_frame,
)
from nbmlops.registry.trust import trust
from nbmlops.registry.versions import OWN_EVALUATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the caller of `register` gave, after the first look at it.

    Attributes
    ----------
    scorers, reported
        `metrics=` split into what is computed on test and what is only kept.
    features
        The estimator's own input columns; None where it knows none.
    """

    model: Any
    name: str
    train: Labelled | None
    test: Labelled | None
    test_as_given: Any
    target: str | Sequence[str] | None
    weight: str | None
    groups: str | None
    task: str | None
    slices: tuple[str, ...]
    scorers: Mapping[str, Any]
    reported: Mapping[str, float]
    params: Mapping[str, Any]
    description: str
    tags: Mapping[str, str]
    parent: Ref | None
    input_example: Any
    attach: tuple[Path, ...]
    notes: list[str] = field(default_factory=list)


def register(
    place: Place,
    model: Any,
    name: str,
    *,
    train: Any = None,
    target: str | Sequence[str] | None = None,
    test: Any = None,
    weight: str | None = None,
    groups: str | None = None,
    task: str | None = None,
    slices: Sequence[str] | None = None,
    metrics: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    description: str = "",
    tags: Mapping[str, Any] | None = None,
    parent: str | None = None,
    input_example: Any = None,
    attach: Sequence[str | Path] = (),
    trust: Sequence[str] = (),
) -> ModelVersion:
    """Register a fitted estimator as the next version of a model.

    Everything slow happens before the lock is taken: saving, proving, profiling,
    evaluating. Then one transaction writes the version and its evaluations.

    Parameters
    ----------
    place
        The registry; made if it does not exist yet.
    model
        A fitted scikit-learn estimator or pipeline.
    name
        The model.
    train, test
        Frames that hold the target, or `(X, y)`, or `(X, y, weight)`.
    target
        The target column, or several.
    weight
        A column of row weights in train and test.
    groups
        A column of test whose equal values make rows that are drawn together.
    task
        One of `evaluate.tasks.TASKS`; None reads it off the target and the model.
    slices
        Columns of test to tell groups of rows apart by.
    metrics
        Name to number (kept as reported), or to a scorer (computed on test).
    params
        Added to the estimator's own parameters.
    description, tags
        Words for people, and for search.
    parent
        The ref of the version it was made from.
    input_example
        A few rows as the model reads them, kept with the version.
    attach
        Files to keep with the version.
    trust
        Refs or digests vouched for when the champion is loaded to be paired.

    Returns
    -------
    ModelVersion
        As it was committed.
    """
    request = _read(
        model=model,
        name=name,
        train=train,
        target=target,
        test=test,
        weight=weight,
        groups=groups,
        task=task,
        slices=slices,
        metrics=metrics,
        params=params,
        description=description,
        tags=tags,
        parent=parent,
        input_example=input_example,
        attach=attach,
    )
    packed = prove(model, _sample(request))
    signature = _signature(request)
    task_name, classes = _task(request)
    scored = _score(request, packed.loaded, task_name, classes)
    detail = _detail(place, request, packed, signature, task_name, classes)
    evaluations = _evaluations(place, request, scored)
    version = _commit(place, request, detail, evaluations)
    _trust_own(version)
    return version


def _read(
    *,
    train: Any,
    test: Any,
    target: str | Sequence[str] | None,
    weight: str | None,
    slices: Sequence[str] | None,
    metrics: Mapping[str, Any] | None,
    params: Mapping[str, Any] | None,
    tags: Mapping[str, Any] | None,
    parent: str | None,
    attach: Sequence[str | Path],
    model: Any,
    name: str,
    **rest: Any,
) -> Request:
    """Check every argument before anything is done."""
    check_model_name(name)
    estimators.check_estimator(model)
    reported, scorers = _split_metrics(metrics)
    if scorers and test is None:
        raise UsageError(
            f"the scorer {next(iter(scorers))!r} has nothing to be computed on",
            hint="give test=, or numbers instead of scorers",
        )
    features = estimators.feature_names(model)
    frames = {
        what: None
        if frame is None
        else labelled(
            frame,
            target=target,
            weight=weight,
            features=None if isinstance(frame, tuple) else features,
            ignore=_not_features(rest["groups"]),
            what=what,
        )
        for what, frame in (("train", train), ("test", test))
    }
    _warn_of_equal(frames["train"], frames["test"])
    return Request(
        model=model,
        name=name,
        train=frames["train"],
        test=frames["test"],
        test_as_given=test,
        target=target,
        weight=weight,
        slices=(slices,) if isinstance(slices, str) else tuple(slices or ()),
        reported=reported,
        scorers=scorers,
        params=params or {},
        tags={str(key): str(value) for key, value in (tags or {}).items()},
        parent=parse_ref(parent) if parent else None,
        attach=tuple(_file(path) for path in _listed(attach)),
        **rest,
    )


def _not_features(groups: str | None) -> tuple[str, ...]:
    return (groups,) if isinstance(groups, str) else ()


def _listed(attach: Sequence[str | Path]) -> Iterable[str | Path]:
    return (attach,) if isinstance(attach, (str, Path)) else attach


def _file(path: str | Path) -> Path:
    found = Path(path)
    if not found.is_file():
        raise UsageError(
            f"there is no file {str(path)!r} to attach", hint="check attach="
        )
    return found


def _split_metrics(
    metrics: Mapping[str, Any] | None,
) -> tuple[dict[str, float], dict[str, Any]]:
    """Tell numbers, which are only kept, from scorers, which are computed."""
    reported, scorers = {}, {}
    for key, value in (metrics or {}).items():
        if isinstance(value, Real):
            if value != value or value in (float("inf"), float("-inf")):
                raise UsageError(f"the metric {key!r} is {value}", hint="leave it out")
            reported[str(key)] = float(value)
        elif callable(value) or isinstance(value, str):
            scorers[str(key)] = value
        else:
            raise UsageError(
                f"the metric {key!r} is a {type(value).__name__}",
                hint="give a number, or a scorer(estimator, X, y)",
            )
    return reported, scorers


def _warn_of_equal(train: Labelled | None, test: Labelled | None) -> None:
    if train is None or test is None or train.rows != test.rows:
        return
    if content_digest(train.frame) == content_digest(test.frame):
        warnings.warn(
            "test equals train: the metrics say how well the model remembers, "
            "not how well it predicts",
            UserWarning,
            stacklevel=5,
        )


def _sample(request: Request) -> Any | None:
    for data in (request.test, request.train):
        if data is not None:
            return data.features[:PROOF_ROWS]
    return None


def _signature(request: Request) -> Signature:
    data = request.train or request.test
    if data is not None:
        return signature_of_frame(data.frame, data.feature_names)
    if request.input_example is not None:
        rows = example_rows(request.input_example, request.model)
        return signature_of_frame(rows, list(rows.columns))
    return signature_of_estimator(request.model)


def _task(request: Request) -> tuple[Task, tuple[Any, ...]]:
    data = request.test or request.train
    if data is not None:
        return infer_task(data.target, request.model, task=request.task)
    classes = getattr(request.model, "classes_", None)
    if request.task is not None:
        return _known_task(request.task), () if classes is None else tuple(classes)
    if classes is None:
        return "regression", ()
    return ("binary" if len(classes) == 2 else "multiclass"), tuple(classes)


def _known_task(name: str) -> Task:
    if name not in TASKS:
        raise UsageError(f"{name!r} is no task", hint=suggestion(name, TASKS))
    return name


def _score(
    request: Request, model: Any, task: Task, classes: tuple[Any, ...]
) -> Scored | None:
    """Evaluate what was loaded back: the bytes that are kept are what is measured."""
    if request.test is None:
        return None
    return score(
        model,
        request.test,
        task=task,
        classes=classes,
        scorers=request.scorers,
        slices=request.slices,
        groups=request.groups,
    )


def _detail(
    place: Place,
    request: Request,
    packed: Packed,
    signature: Signature,
    task: str,
    classes: tuple[Any, ...],
) -> dict[str, Any]:
    """Keep the artifacts, and return what the event says of the version."""
    frames = {"train": request.train, "test": request.test}
    shown = request.train or request.test
    return {
        "description": request.description,
        "tags": dict(request.tags),
        "params": estimators.parameters(request.model, request.params),
        "reported": dict(request.reported),
        "task": task,
        "target": list(shown.target_names) if shown else [],
        "classes": _plain_classes(classes),
        "signature": signature.to_dict(),
        "estimator": estimators.describe(request.model),
        "digest": place.artifacts.put(packed.data),
        "size": len(packed.data),
        "flavor": packed.flavor,
        "profile": _profile(place, request.train),
        "parent": None if request.parent is None else str(request.parent),
        "source": context.source(),
        "environment": context.environment(),
        "datasets": [dataset(role, d) for role, d in frames.items() if d is not None],
        "attachments": _attachments(place, request),
    }


def _profile(place: Place, train: Labelled | None) -> str | None:
    if train is None:
        return None
    names = [*train.feature_names, *train.target_names]
    profile = build_profile(train.frame, columns=names)
    return place.artifacts.put(profile.to_bytes())


def _attachments(place: Place, request: Request) -> dict[str, str]:
    kept = {
        path.name: place.artifacts.put(path.read_bytes()) for path in request.attach
    }
    results = estimators.search_results(request.model)
    if results is not None:
        kept["cv_results.json"] = place.artifacts.put(results.encode())
    if request.input_example is not None:
        rows = example_rows(request.input_example, request.model)
        kept["input_example.parquet"] = place.artifacts.put(example_bytes(rows))
    return kept


def _plain_classes(classes: Iterable[Any]) -> list[Any]:
    return [
        [estimators.plain(label) for label in item]
        if isinstance(item, tuple)
        else estimators.plain(item)
        for item in classes
    ]


def _evaluations(
    place: Place, request: Request, scored: Scored | None
) -> list[tuple[ModelVersion | None, dict[str, Any]]]:
    """Return the evaluations to write: the version's own, and the champion's."""
    if scored is None or request.test is None:
        return []
    digest = content_digest(request.test.frame)
    own = evaluation_detail(place, scored, name=OWN_EVALUATION, dataset=digest)
    holder = _champion(place, request.name)
    if holder is None or any(e.dataset == digest for e in holder.evaluations):
        return [(None, own)]
    paired, reason = score_holder(
        place,
        holder,
        request.test_as_given,
        target=request.target,
        weight=request.weight,
        slices=request.slices,
        groups=request.groups,
    )
    if paired is None:
        own["notes"] = [*own["notes"], reason]
        return [(None, own)]
    theirs = evaluation_detail(place, paired, name=OWN_EVALUATION, dataset=digest)
    return [(None, own), (holder, theirs)]


def _champion(place: Place, name: str) -> ModelVersion | None:
    if not place.catalog.exists:
        return None
    with place.catalog.reading() as unit:
        return place.champion_in(unit, name, CHAMPION)


def _commit(
    place: Place,
    request: Request,
    detail: dict[str, Any],
    evaluations: list[tuple[ModelVersion | None, dict[str, Any]]],
) -> ModelVersion:
    with place.catalog.writing(create=True) as writer:
        unit = writer.unit
        number = tables.new_number(unit, request.name)
        ref = Ref(request.name, number=number)
        if request.parent is not None:
            detail = {**detail, "parent": str(tables.resolve(unit, request.parent))}
        writer.write("register", str(ref), detail)
        for version, evaluation in evaluations:
            if version is None:
                writer.write("evaluate", str(ref), evaluation)
            else:
                named = {**evaluation, "evaluation": f"{OWN_EVALUATION} of {ref}"}
                writer.write("evaluate", version.ref, named)
        return place.version_in(unit, ref)


def _trust_own(version: ModelVersion) -> None:
    """Vouch for what this user has just written."""
    try:
        trust(version.digest)
    except OSError as error:
        warnings.warn(
            f"{version.ref} could not be added to your trusted digests ({error}): "
            f"loading it may need trust=[{version.ref!r}]",
            UserWarning,
            stacklevel=4,
        )
