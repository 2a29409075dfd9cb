"""What a model is asked to predict: the task, and the classes where it has any."""

import warnings
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.multiclass import type_of_target

from nbmlops.errors import UsageError, suggestion
from nbmlops.host import option

Array: TypeAlias = npt.NDArray[Any]
Task: TypeAlias = Literal[
    "binary",
    "multiclass",
    "regression",
    "multilabel",
    "multioutput-multiclass",
    "multioutput-regression",
    "unsupervised",
]
#: The labels in the model's order; one tuple per output where there are several.
Classes: TypeAlias = tuple[Any, ...]

UNSUPERVISED: Task = "unsupervised"  # no target to be right about: no metrics
#: The tasks that have a target.
TASKS: tuple[Task, ...] = tuple(t for t in get_args(Task) if t != UNSUPERVISED)
REGRESSION: frozenset[Task] = frozenset({"regression", "multioutput-regression"})


def infer_task(
    target: Array, model: object, *, task: str | None = None
) -> tuple[Task, Classes]:
    """Say what the model predicts, from the target and from the model.

    Parameters
    ----------
    target
        Shape (n,) or (n, k), n >= 1, no missing values.
    model
        A fitted estimator. Its `classes_`, where it has them, decide the order.
    task
        Given by the user: taken instead of the inferred one, and checked.

    Returns
    -------
    tuple
        The task, and the classes: `()` for regression and multilabel, one tuple of
        labels for one output, a tuple of such tuples for several. The positive class
        of a binary task is the second.
    """
    values = plain_array(target, what="the target")
    chosen = given_task(task) if task is not None else _inferred(values, model)
    if chosen in REGRESSION:
        _check_numbers(values, model)
        return chosen, ()
    if chosen == "multilabel":
        return chosen, ()
    if chosen == "multioutput-multiclass":
        return chosen, _classes_by_output(values, model)
    return _single_output(chosen, values, model, given=task is not None)


def plain_array(values: Any, *, what: str) -> Array:
    """Make an array of numbers, booleans or str, one-dimensional where it has 1 column.

    Parameters
    ----------
    values
        An array, or a sequence, series or frame of one or more columns.
    what
        For the message: "the target".

    Returns
    -------
    ndarray
        Shape (n,) or (n, k), k >= 2; text has dtype object.

    Raises
    ------
    UsageError
        A value is missing.
    """
    given = values.to_numpy() if isinstance(values, pd.Series) else values
    array: Array = np.asarray(given)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind in "biu":
        return array
    if array.dtype.kind == "f":
        missing = int(np.isnan(array).sum())
    else:
        missing = int(np.asarray(pd.isna(array)).sum())
    if missing:
        raise UsageError(
            f"{what} has {missing:,} missing {'value' if missing == 1 else 'values'}",
            hint="leave these rows out first",
        )
    if array.dtype.kind == "U":
        return array.astype(object)
    if array.dtype.kind == "O":
        flat = pd.Series(array.ravel()).infer_objects().to_numpy()
        if flat.dtype.kind in "biuf":
            return np.asarray(flat.reshape(array.shape))
    return array


def encode(labels: Array, classes: Sequence[Any]) -> npt.NDArray[np.int64]:
    """Give each label its position among the classes; -1 for a label not among them.

    Parameters
    ----------
    labels
        Shape (n,), or (n, k) where `classes` holds one tuple per output.
    classes
        Distinct labels, or one tuple of them per output.

    Returns
    -------
    ndarray
        int64, of the shape of `labels`.
    """
    if labels.ndim == 2:
        columns = [encode(labels[:, i], own) for i, own in enumerate(classes)]
        return np.column_stack(columns)
    if labels.dtype.kind in "iu" and tuple(classes) == tuple(range(len(classes))):
        known = (labels >= 0) & (labels < len(classes))
        return np.where(known, labels, -1).astype(np.int64)
    return np.asarray(pd.Index(list(classes)).get_indexer(pd.Index(labels)), np.int64)


def given_task(task: str) -> Task:
    """Take the task that the user named; UsageError where there is none of the name."""
    if task not in TASKS:
        raise UsageError(f"there is no task {task!r}", hint=suggestion(task, TASKS))
    return task


def _inferred(values: Array, model: object) -> Task:
    several = values.ndim == 2
    if _is(is_classifier, model) or hasattr(model, "classes_"):
        kind = _kind(values)
        if kind.startswith("continuous"):
            raise UsageError(
                f"the target is continuous, and {type(model).__name__} is a classifier",
                hint=f"name another target, or say {option('task', 'regression')}",
            )
        if not several:
            return "binary" if len(_labels(values, model)) <= 2 else "multiclass"
        indicator = values.dtype.kind in "biuf" and bool(np.isin(values, (0, 1)).all())
        return "multilabel" if indicator else "multioutput-multiclass"
    if _is(is_regressor, model):
        return "multioutput-regression" if several else "regression"
    raise UsageError(
        f"{type(model).__name__} is neither a classifier nor a regressor, so the task"
        f" is not plain (the target is {_kind(values)})",
        hint=f"say which: {option('task', 'regression')}, binary, multiclass ...",
    )


def _is(question: Any, model: object) -> bool:
    try:
        return bool(question(model))
    except AttributeError:  # no scikit-learn tags: not one of its estimators
        kind = question.__name__.removeprefix("is_")
        return bool(getattr(model, "_estimator_type", None) == kind)


def _kind(values: Array) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "more than 50% unique classes"
        try:
            return str(type_of_target(values))
        except (TypeError, ValueError):  # the columns of one target mix types
            return "unknown"


def _labels(values: Array, model: object) -> tuple[Any, ...]:
    known = getattr(model, "classes_", None)
    if known is None or isinstance(known, list):
        known = np.unique(values)
    return _scalars(known)


def _scalars(labels: Any) -> tuple[Any, ...]:
    return tuple(
        label.item() if isinstance(label, np.generic) else label for label in labels
    )


def _single_output(
    task: Task, values: Array, model: object, *, given: bool
) -> tuple[Task, Classes]:
    if values.ndim == 2:
        raise UsageError(
            f"the target has {values.shape[1]} columns, and {task} has one",
            hint=f"say {option('task', 'multilabel')}, or multioutput-multiclass",
        )
    classes = _labels(values, model)
    if len(classes) < 2 or (task == "binary" and len(classes) > 2):
        expected = "needs two" if task == "binary" else "needs more"
        count = "is 1 class" if len(classes) == 1 else f"are {len(classes)} classes"
        shown = ", ".join(map(repr, classes[:5]))
        raise UsageError(
            f"there {count} ({shown}), and {task} {expected}",
            hint=f"say {option('task', 'multiclass')}"
            if given
            else "fit it on rows of each class",
        )
    unknown = np.unique(values[encode(values, classes) < 0].astype(str))
    if len(unknown) and (task == "binary" or len(unknown) >= len(np.unique(values))):
        raise UsageError(
            f"the target holds {str(unknown[0])!r}, which the model does not know",
            hint="it knows " + ", ".join(repr(label) for label in classes[:8]),
        )
    return task, classes


def _classes_by_output(values: Array, model: object) -> Classes:
    if values.ndim != 2:
        raise UsageError(
            "the target has one column, and multioutput-multiclass has several",
            hint=f"name all target columns, or say {option('task', 'multiclass')}",
        )
    known = getattr(model, "classes_", None)
    if isinstance(known, (list, tuple)) and len(known) == values.shape[1]:
        return tuple(_scalars(labels) for labels in known)
    return tuple(_scalars(np.unique(values[:, i])) for i in range(values.shape[1]))


def _check_numbers(values: Array, model: object) -> None:
    if values.dtype.kind not in "biuf":
        raise UsageError(
            f"the target holds {values.ravel()[0]!r}, and a regression needs numbers"
            f" ({type(model).__name__})",
            hint="name a numeric target, or fit a classifier",
        )
