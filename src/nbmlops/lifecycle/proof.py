"""The proof before a version is committed: its bytes load, and predict the same."""

from typing import Any

import numpy as np
from joblib import parallel_config

from nbmlops.errors import NbmlopsError, UsageError
from nbmlops.evaluate.predict import decides_by_probability, explained
from nbmlops.registry.models.serialise import Saved, load

PROOF_ROWS = 100


class NotLoadedError(Exception):
    """Bytes that could be written and cannot be read: another format may do."""


def prove(model: Any, saved: Saved, sample: Any | None) -> Any:
    """Load saved bytes back, and compare the two estimators on a sample.

    Parameters
    ----------
    model
        A fitted estimator.
    saved
        Its bytes.
    sample
        Up to 100 rows as the estimator reads them; None where no frame was given.

    Returns
    -------
    object
        The estimator that came of the bytes.

    Raises
    ------
    UsageError
        If they need what only this notebook has, or predict something else.
    NotLoadedError
        If the format lets them be saved but not loaded.
    """
    try:
        loaded = load(saved.data, saved.flavor, is_trusted=True)
    except Exception as error:
        if isinstance(error, NbmlopsError):
            raise
        # Whatever an estimator's own way to take its state raises.
        raise NotLoadedError from error
    if sample is not None:
        # In one thread: several add up a forest's trees in the order they come.
        with parallel_config(backend="sequential"):
            with explained(type(model).__name__, sample):
                expected = _answers(model, sample)
            found = _answers(loaded, sample)
        if not all(map(_same, expected, found)):
            raise UsageError(
                f"this {type(model).__name__} predicts differently once saved and "
                "loaded: it was not registered",
                hint="an estimator must answer from its fitted state alone",
            )
    return loaded


def _answers(model: Any, sample: Any) -> list[Any]:
    if decides_by_probability(model):
        return [model.predict_proba(sample), model.classes_]
    answers = [model.predict(sample)]
    if hasattr(model, "predict_proba"):
        answers.append(model.predict_proba(sample))
    return answers


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list):  # one array per output
        return len(one) == len(other) and all(map(_same, one, other))
    first, second = np.asarray(one), np.asarray(other)
    if first.dtype.kind == "f" and second.dtype.kind == "f":
        # Not to the last bit: arrays that lie otherwise in memory round otherwise.
        return first.shape == second.shape and bool(
            np.allclose(first, second, rtol=1e-9, atol=1e-12, equal_nan=True)
        )
    return bool(np.array_equal(first, second))
