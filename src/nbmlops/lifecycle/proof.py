"""The proof before a version is committed: its bytes load, and predict the same."""

from typing import Any

import numpy as np

from nbmlops.errors import UsageError
from nbmlops.registry.serialise import Packed, pack

PROOF_ROWS = 100


def prove(model: Any, sample: Any | None) -> Packed:
    """Save an estimator, load it back, and compare the two on a sample.

    Parameters
    ----------
    model
        A fitted estimator.
    sample
        Up to 100 rows as the estimator reads them; None where no frame was given.

    Returns
    -------
    Packed
        The bytes to keep, and the estimator loaded from them.

    Raises
    ------
    UsageError
        If it cannot be saved, or predicts something else after loading.
    """
    packed = pack(model)
    if sample is not None:
        expected, found = _answers(model, sample), _answers(packed.loaded, sample)
        if not all(map(_same, expected, found)):
            raise UsageError(
                f"this {type(model).__name__} predicts differently once saved and "
                "loaded: it was not registered",
                hint="an estimator must answer from its fitted state alone",
            )
    return packed


def _answers(model: Any, sample: Any) -> list[Any]:
    answers = [model.predict(sample)]
    if hasattr(model, "predict_proba"):
        answers.append(model.predict_proba(sample))
    return answers


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list):  # one array per output
        return len(one) == len(other) and all(map(_same, one, other))
    first, second = np.asarray(one), np.asarray(other)
    if first.dtype.kind == "f" and second.dtype.kind == "f":
        return bool(np.array_equal(first, second, equal_nan=True))
    return bool(np.array_equal(first, second))
