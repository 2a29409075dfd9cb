"""Registering: prove the model's bytes, record where it came from, evaluate, commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbmlops.errors import NotFound, warn
from nbmlops.evaluate.importance import Importance, permutation_importance
from nbmlops.evaluate.score import score
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import Task, given_task, infer_task
from nbmlops.frames.labelled import Labelled
from nbmlops.lifecycle import estimators
from nbmlops.lifecycle.answers import answered_example
from nbmlops.lifecycle.evaluate import evaluation_detail, has_evaluation, score_holder
from nbmlops.lifecycle.example import example_bytes, example_rows
from nbmlops.lifecycle.facts import plain_classes, task_of
from nbmlops.lifecycle.frame_record import dataset, rows_digest
from nbmlops.lifecycle.proof import PROOF_ROWS, NotLoadedError, prove
from nbmlops.lifecycle.request import Request, read_request
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.profile import Profile
from nbmlops.refs import CHAMPION, Ref
from nbmlops.registry import context, lookup
from nbmlops.registry.audit.events import check_text
from nbmlops.registry.git import PATCH, Code, asking_git
from nbmlops.registry.models.serialise import Saved, save, save_by_joblib
from nbmlops.registry.models.trust import trust as vouch_for
from nbmlops.registry.place import Place
from nbmlops.registry.records import OWN_EVALUATION, ModelVersion
from nbmlops.registry.signature import (
    Signature,
    signature_of_estimator,
    signature_of_frame,
)

_registered: set[tuple[Path, str]] = set()  # names that this process registered under


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
    request = read_request(
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
    _check_names(place, request)
    signature = _signature(request)
    task_name, classes = _task(request)
    with asking_git() as code:
        kept = _keep_model(place, request, task_name, classes)
        detail = _detail(place, request, kept, signature, task_name, classes, code())
    called = {"train": context.variable_of(train), "test": context.variable_of(test)}
    frames = _datasets(request, called)
    detail["datasets"] = list(frames.values())
    evaluations = _evaluations(place, request, kept.scored, frames, trust=trust)
    version = _commit(place, request, detail, evaluations)
    _registered.add((place.folder, request.name))
    _trust_own(version)
    return version


def _check_names(place: Place, request: Request) -> None:
    """Look for what the commit would refuse, before any artifact is written."""
    check_text(request.description, *request.tags, *request.tags.values())
    place.catalog.check_makeable()
    if not place.catalog.exists:
        if request.parent is not None:
            raise NotFound("parent", str(request.parent))
        return
    if request.parent is None and (place.folder, request.name) in _registered:
        return  # a name that is taken stays so; the commit looks again
    with place.catalog.reading() as unit:
        lookup.new_number(unit, request.name)
        if request.parent is not None:
            lookup.resolve(unit, request.parent)


def _sample(request: Request) -> Any | None:
    """Take the rows for the proof, as the estimator reads them."""
    for data in (request.test, request.train):
        if data is not None:
            return data.features[:PROOF_ROWS]
    if request.input_example is None:
        return None
    rows = example_rows(request.input_example, request.model)
    knows_names = estimators.feature_names(request.model) is not None
    return rows if knows_names else rows.to_numpy()


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
    if data is not None and data.target_names:
        return infer_task(data.target, request.model, task=request.task)
    task, classes = task_of(request.model)
    return (given_task(request.task) if request.task is not None else task), classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A model that was proved and written, and how it did on test."""

    saved: Saved
    digest: str
    scored: Scored | None
    importance: Importance | None


def _keep_model(
    place: Place, request: Request, task: Task, classes: tuple[Any, ...]
) -> Kept:
    """Prove and evaluate the saved bytes while they are written to the disk."""
    try:
        return _keep(place, request, save(request.model), task, classes)
    except NotLoadedError:
        return _keep(place, request, save_by_joblib(request.model), task, classes)


def _keep(
    place: Place,
    request: Request,
    saved: Saved,
    task: Task,
    classes: tuple[Any, ...],
) -> Kept:
    with place.artifacts.putting(saved.data) as keep:
        loaded = prove(request.model, saved, _sample(request))
        scored = _score(request, loaded, task, classes)
        importance = None
        if scored is not None and request.test is not None:
            importance = permutation_importance(loaded, request.test, scored)
        digest = keep()
    return Kept(saved=saved, digest=digest, scored=scored, importance=importance)


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
    kept: Kept,
    signature: Signature,
    task: str,
    classes: tuple[Any, ...],
    code: Code,
) -> dict[str, Any]:
    """Keep the artifacts, and return what the event says of the version."""
    shown = request.train or request.test
    profile = _profile(request.train)
    return {
        "description": request.description,
        "tags": dict(request.tags),
        "params": estimators.parameters(request.model, request.params),
        "reported": dict(request.reported),
        "task": task,
        "target": list(shown.target_names) if shown else [],
        "classes": plain_classes(classes),
        "signature": signature.to_dict(),
        "estimator": estimators.describe(request.model),
        "digest": kept.digest,
        "size": len(kept.saved.data),
        "flavor": kept.saved.flavor,
        "profile": profile and place.artifacts.put(profile.to_bytes()),
        "example": _example(request, signature, profile),
        "importance": kept.importance and kept.importance.to_dict(),
        "parent": None if request.parent is None else str(request.parent),
        "source": {**code.state, **context.place_in_code()},
        "environment": context.environment(),
        "attachments": {
            **_attachments(place, request),
            **_patch(place, code.patch),
        },
    }


def _datasets(
    request: Request, variables: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Describe the frames that were given, by role."""
    frames = {"train": request.train, "test": request.test}
    return {
        role: dataset(role, data, variable=variables[role])
        for role, data in frames.items()
        if data is not None
    }


def _profile(train: Labelled | None) -> Profile | None:
    if train is None:
        return None
    names = [*train.feature_names, *train.target_names]
    return build_profile(train.frame, columns=names)


def _example(
    request: Request, signature: Signature, profile: Profile | None
) -> dict[str, Any] | None:
    given = request.input_example
    rows = None if given is None else example_rows(given, request.model)
    return answered_example(request.model, signature, given=rows, profile=profile)


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


def _patch(place: Place, patch: str) -> dict[str, str]:
    """Keep what differs from the commit that the source names."""
    return {PATCH: place.artifacts.put(patch.encode())} if patch else {}


def _evaluations(
    place: Place,
    request: Request,
    scored: Scored | None,
    frames: Mapping[str, Mapping[str, Any]],
    *,
    trust: Sequence[str],
) -> list[tuple[ModelVersion | None, dict[str, Any]]]:
    """Return the evaluations to write: the version's own, and the champion's."""
    if scored is None or request.test is None:
        return []
    data = frames["test"]
    digest = rows_digest(request.test, data["digest"])
    own = evaluation_detail(
        place, scored, name=OWN_EVALUATION, dataset=digest, data=data
    )
    holder = _champion(place, request.name)
    if holder is None or has_evaluation(
        holder, digest, slices=request.slices, groups=request.groups
    ):
        return [(None, own)]
    paired, reason = score_holder(
        place,
        holder,
        request.test.frame,
        target=request.test.target_names,
        weight=request.test.weight,
        slices=request.slices,
        groups=request.groups,
        trust=trust,
    )
    if paired is None:
        own["notes"] = [*own["notes"], reason]
        return [(None, own)]
    theirs = evaluation_detail(
        place, paired, name=OWN_EVALUATION, dataset=digest, data=data
    )
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
        number = lookup.new_number(unit, request.name)
        ref = Ref(request.name, number=number)
        if request.parent is not None:
            detail = {**detail, "parent": str(lookup.resolve(unit, request.parent))}
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
        vouch_for(version.digest)
    except OSError as error:
        warn(
            f"{version.ref} could not be added to your trusted digests ({error}): "
            f"loading it may need trust=[{version.ref!r}]"
        )
