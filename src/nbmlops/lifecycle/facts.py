"""What an estimator is, without a frame: its task, classes, columns, parameters."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nbmlops.evaluate.tasks import UNSUPERVISED, Task
from nbmlops.lifecycle import estimators


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an estimator says of itself, as plain values.

    Attributes
    ----------
    estimator
        As `estimators.describe`.
    task, classes
        As `task_of`, the classes as JSON can hold them.
    params
        Its parameters as text.
    names
        The columns that it was fitted on, or x0, x1, ...; empty if it knows not even
        how many.
    """

    estimator: str
    task: str
    classes: list[Any]
    params: dict[str, str]
    names: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return them as plain values."""
        return asdict(self)


def facts_of(model: Any) -> Facts:
    """Ask a fitted estimator."""
    task, classes = task_of(model)
    names = estimators.feature_names(model)
    count = int(getattr(model, "n_features_in_", 0))
    return Facts(
        estimator=estimators.describe(model),
        task=task,
        classes=plain_classes(classes),
        params=estimators.parameters(model, None),
        names=list(names if names is not None else (f"x{i}" for i in range(count))),
    )


def task_of(model: Any) -> tuple[Task, tuple[Any, ...]]:
    """Tell the task from the estimator alone.

    Parameters
    ----------
    model
        Fitted.

    Returns
    -------
    tuple
        The task, and the classes in the estimator's order: one tuple per output where
        there are several.
    """
    classes = tuple(getattr(model, "classes_", ()))
    if estimators.is_unsupervised(model):
        return UNSUPERVISED, ()
    if any(isinstance(one, np.ndarray) for one in classes):
        return "multioutput-multiclass", tuple(map(tuple, classes))
    if not classes:
        return "regression", ()
    return ("binary" if len(classes) == 2 else "multiclass"), classes


def plain_classes(classes: Iterable[Any]) -> list[Any]:
    """Return classes as JSON can hold them."""
    return [
        [estimators.plain(label) for label in item]
        if isinstance(item, tuple)
        else estimators.plain(item)
        for item in classes
    ]
