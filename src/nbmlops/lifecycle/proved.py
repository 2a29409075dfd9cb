"""A model that is proved and evaluated while its bytes are written to the disk."""

from dataclasses import dataclass
from typing import Any

from nbmlops.evaluate.importance import Importance, permutation_importance
from nbmlops.evaluate.score import score
from nbmlops.evaluate.scored import Scored
from nbmlops.evaluate.tasks import Task
from nbmlops.lifecycle import estimators
from nbmlops.lifecycle.example import example_rows
from nbmlops.lifecycle.proof import PROOF_ROWS, NotLoadedError, prove
from nbmlops.lifecycle.registration import Registration
from nbmlops.registry.models.serialise import Saved, save, save_by_joblib
from nbmlops.registry.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A model that was proved and written, and how it did on test."""

    saved: Saved
    digest: str
    scored: Scored | None
    importance: Importance | None


def keep_proved(
    place: Place, given: Registration, task: Task, classes: tuple[Any, ...]
) -> Kept:
    """Prove and evaluate the saved bytes while they are written to the disk."""
    try:
        return _keep(place, given, save(given.model), task, classes)
    except NotLoadedError:
        return _keep(place, given, save_by_joblib(given.model), task, classes)


def _keep(
    place: Place,
    given: Registration,
    saved: Saved,
    task: Task,
    classes: tuple[Any, ...],
) -> Kept:
    with place.artifacts.putting(saved.data) as keep:
        loaded = prove(given.model, saved, _sample(given))
        scored = _score(given, loaded, task, classes)
        importance = None
        if scored is not None and given.test is not None:
            importance = permutation_importance(loaded, given.test, scored)
        digest = keep()
    return Kept(saved=saved, digest=digest, scored=scored, importance=importance)


def _score(
    given: Registration, model: Any, task: Task, classes: tuple[Any, ...]
) -> Scored | None:
    """Evaluate what was loaded back: the bytes that are kept are what is measured."""
    if given.test is None:
        return None
    return score(
        model,
        given.test,
        task=task,
        classes=classes,
        scorers=given.scorers,
        slices=given.slices,
        groups=given.groups,
    )


def _sample(given: Registration) -> Any | None:
    """Take the rows for the proof, as the estimator reads them."""
    for data in (given.test, given.train):
        if data is not None:
            return data.features[:PROOF_ROWS]
    if given.input_example is None:
        return None
    rows = example_rows(given.input_example, given.model)
    knows_names = estimators.feature_names(given.model) is not None
    return rows if knows_names else rows.to_numpy()
