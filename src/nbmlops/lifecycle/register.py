"""Registering: prove the model's bytes, record where it came from, evaluate, commit."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbmlops.errors import NotFound, warn
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import Task, given_task, infer_task
from nbmlops.frames.labelled import Labelled
from nbmlops.host import option
from nbmlops.lifecycle import estimators
from nbmlops.lifecycle.answers import answered_example
from nbmlops.lifecycle.evaluate import evaluation_detail, has_evaluation, score_holder
from nbmlops.lifecycle.example import example_bytes, example_rows
from nbmlops.lifecycle.facts import plain_classes, task_of
from nbmlops.lifecycle.frame_record import dataset, rows_digest
from nbmlops.lifecycle.preparation import preparation_of
from nbmlops.lifecycle.proved import Kept, keep_proved
from nbmlops.lifecycle.registration import Registration, read_registration
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.profile import Profile
from nbmlops.refs import CHAMPION, Ref
from nbmlops.registry import context, lookup
from nbmlops.registry.audit.events import check_text
from nbmlops.registry.git import PATCH, Code, asking_git
from nbmlops.registry.models.trust import own_digests
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
    given = read_registration(
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
    _check_names(place, given)
    signature = _signature(given)
    task_name, classes = _task(given)
    with asking_git() as code:
        kept = keep_proved(place, given, task_name, classes)
        detail = _detail(place, given, kept, signature, task_name, classes, code())
    called = {"train": context.variable_of(train), "test": context.variable_of(test)}
    frames = _datasets(given, called)
    detail["datasets"] = list(frames.values())
    evaluations = _evaluations(place, given, kept.scored, frames, trust=trust)
    version = _commit(place, given, detail, evaluations)
    _registered.add((place.folder, given.name))
    _trust_own(version)
    return version


def _check_names(place: Place, given: Registration) -> None:
    """Look for what the commit would refuse, before any artifact is written."""
    check_text(given.description, *given.tags, *given.tags.values())
    with suppress(OSError):  # a version stands without the file: a warning tells of it
        own_digests()
    place.catalog.check_makeable()
    if not place.catalog.exists:
        if given.parent is not None:
            raise NotFound("parent", str(given.parent))
        return
    if given.parent is None and (place.folder, given.name) in _registered:
        return  # a name that is taken stays so; the commit looks again
    with place.catalog.reading() as unit:
        lookup.new_number(unit, given.name)
        if given.parent is not None:
            lookup.resolve(unit, given.parent)


def _signature(given: Registration) -> Signature:
    data = given.train or given.test
    if data is not None:
        return signature_of_frame(data.frame, data.feature_names)
    if given.input_example is not None:
        rows = example_rows(given.input_example, given.model)
        return signature_of_frame(rows, list(rows.columns))
    return signature_of_estimator(given.model)


def _task(given: Registration) -> tuple[Task, tuple[Any, ...]]:
    data = given.test or given.train
    if data is not None and data.target_names:
        return infer_task(data.target, given.model, task=given.task)
    task, classes = task_of(given.model)
    return (given_task(given.task) if given.task is not None else task), classes


def _detail(
    place: Place,
    given: Registration,
    kept: Kept,
    signature: Signature,
    task: str,
    classes: tuple[Any, ...],
    code: Code,
) -> dict[str, Any]:
    """Keep the artifacts, and return what the event says of the version."""
    shown = given.train or given.test
    profile = _profile(given.train)
    return {
        "description": given.description,
        "tags": dict(given.tags),
        "params": estimators.parameters(given.model, given.params),
        "reported": dict(given.reported),
        "task": task,
        "target": list(shown.target_names) if shown else [],
        "classes": plain_classes(classes),
        "signature": signature.to_dict(),
        "estimator": estimators.describe(given.model),
        "digest": kept.digest,
        "size": len(kept.saved.data),
        "flavor": kept.saved.flavor,
        "profile": profile and place.artifacts.put(profile.to_bytes()),
        "example": _example(given, signature, profile),
        "importance": kept.importance and kept.importance.to_dict(),
        "preparation": preparation_of(given.model, signature.names),
        "parent": None if given.parent is None else str(given.parent),
        "source": {**code.state, **context.place_in_code()},
        "environment": context.environment(),
        "attachments": {
            **_attachments(place, given),
            **_patch(place, code.patch),
        },
    }


def _datasets(
    given: Registration, variables: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Describe the frames that were given, by role."""
    frames = {"train": given.train, "test": given.test}
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
    given: Registration, signature: Signature, profile: Profile | None
) -> dict[str, Any] | None:
    example = given.input_example
    rows = None if example is None else example_rows(example, given.model)
    return answered_example(given.model, signature, given=rows, profile=profile)


def _attachments(place: Place, given: Registration) -> dict[str, str]:
    kept = {path.name: place.artifacts.put(path.read_bytes()) for path in given.attach}
    results = estimators.search_results(given.model)
    if results is not None:
        kept["cv_results.json"] = place.artifacts.put(results.encode())
    if given.input_example is not None:
        rows = example_rows(given.input_example, given.model)
        kept["input_example.parquet"] = place.artifacts.put(example_bytes(rows))
    return kept


def _patch(place: Place, patch: str) -> dict[str, str]:
    """Keep what differs from the commit that the source names."""
    return {PATCH: place.artifacts.put(patch.encode())} if patch else {}


def _evaluations(
    place: Place,
    given: Registration,
    scored: Scored | None,
    frames: Mapping[str, Mapping[str, Any]],
    *,
    trust: Sequence[str],
) -> list[tuple[ModelVersion | None, dict[str, Any]]]:
    """Return the evaluations to write: the version's own, and the champion's."""
    if scored is None or given.test is None:
        return []
    data = frames["test"]
    digest = rows_digest(given.test, data["digest"])
    own = evaluation_detail(
        place, scored, name=OWN_EVALUATION, dataset=digest, data=data
    )
    holder = _champion(place, given.name)
    if holder is None or has_evaluation(
        holder, digest, slices=given.slices, groups=given.groups
    ):
        return [(None, own)]
    paired, reason = score_holder(
        place,
        holder,
        given.test.frame,
        target=given.test.target_names,
        weight=given.test.weight,
        slices=given.slices,
        groups=given.groups,
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
    given: Registration,
    detail: dict[str, Any],
    evaluations: list[tuple[ModelVersion | None, dict[str, Any]]],
) -> ModelVersion:
    with place.catalog.writing(create=True) as writer:
        unit = writer.unit
        number = lookup.new_number(unit, given.name)
        ref = Ref(given.name, number=number)
        if given.parent is not None:
            detail = {**detail, "parent": str(lookup.resolve(unit, given.parent))}
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
            f"loading it may need {option('trust', [version.ref])}"
        )
