"""What a model answers to a few stored rows: kept at registration, asked again later.

The rows are those that the user gave as an example, else made up from the training
profile: no row of the training data is kept for it.
"""

import json
import math
import warnings
from collections.abc import Mapping
from typing import Any

import pandas as pd
from joblib import parallel_config

from nbmlops.lifecycle.example import as_read_by, given_example, series_of, typical_rows
from nbmlops.profiles.profile import Profile
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.registry.signature import Signature

ROWS = 5  # of an example that the user gave
_SHARES = (0.25, 0.5, 0.75)
_MOST_COLUMNS = 500  # the made-up rows lie in the event
_TOLERANCE = 1e-6  # relative: another BLAS rounds otherwise

Answers = Mapping[str, list[Any]]


def answered_example(
    model: Any,
    signature: Signature,
    *,
    given: pd.DataFrame | None,
    profile: Profile | None,
) -> dict[str, Any] | None:
    """Ask a model a few rows, to be asked again after an upgrade.

    Parameters
    ----------
    model
        A fitted estimator.
    signature
        The columns that it reads.
    given
        The user's example.
    profile
        Of the training frame, from which rows are made up otherwise.

    Returns
    -------
    dict or None
        `answers`, and the made-up rows as `columns`. None where there is nothing to
        make rows from, or the model cannot answer what was made up.
    """
    if given is None and (profile is None or len(signature.columns) > _MOST_COLUMNS):
        return None
    if given is not None:
        rows = given.head(ROWS)
    else:
        assert profile is not None
        rows = typical_rows(profile, signature, shares=_SHARES)
    asked = as_read_by(model, rows, signature)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of values that nobody gave it
            answers = answers_to(model, asked)
        columns = None if given is not None else _plain_columns(rows)
        json.dumps([columns, answers], allow_nan=False)
    except Exception:
        # A model may raise anything at values that nobody gave it, or answer with what
        # no event can hold.
        return None
    return {"columns": columns, "answers": answers}


def stored_rows(place: Place, version: ModelVersion) -> pd.DataFrame | None:
    """Return the rows that a version was asked at registration, if it was asked any."""
    given = given_example(place, version)
    if given is not None:
        return given.head(ROWS)
    columns = version.example.get("columns")
    if not columns:
        return None
    # Events keep their keys sorted; the model wants its own order.
    return pd.DataFrame(
        {
            column.name: series_of(columns[column.name], column.dtype)
            for column in version.signature.columns
            if column.name in columns
        }
    )


def answers_to(model: Any, rows: Any) -> dict[str, list[Any]]:
    """Ask a model, and return its answers as plain values by method."""
    # A few rows are not worth starting threads for.
    with parallel_config(backend="sequential"):
        answers = {"predict": _plain(model.predict(rows))}
        if hasattr(model, "predict_proba"):
            answers["predict_proba"] = _plain(model.predict_proba(rows))
    return answers


def difference(expected: Answers, found: Answers) -> str:
    """Say in which way two sets of answers differ; "" if they do not.

    Parameters
    ----------
    expected, found
        Answers by method. Numbers are equal to a millionth, all else exactly.

    Returns
    -------
    str
        The first difference.
    """
    for method, answers in expected.items():
        others = _flat(found.get(method, []))
        for one, other in zip(_flat(answers), others, strict=False):
            if not _is_same(one, other):
                return f"{method} answers {other!r}, and answered {one!r}"
        if len(_flat(answers)) != len(others):
            return f"{method} answers {len(others)} values"
    return ""


def count(answers: Answers) -> int:
    """Count the single values in a set of answers."""
    return len(_flat(list(answers.values())))


def _plain_columns(rows: pd.DataFrame) -> dict[str, list[Any]]:
    return {
        str(name): [
            value.isoformat() if isinstance(value, pd.Timestamp) else value
            for value in rows[name].astype(object).where(rows[name].notna(), None)
        ]
        for name in rows.columns
    }


def _plain(answers: Any) -> list[Any]:
    if isinstance(answers, list):  # one array per output
        return [answer.tolist() for answer in answers]
    plain: list[Any] = answers.tolist()
    return plain


def _flat(answers: Any) -> list[Any]:
    if not isinstance(answers, list):
        return [answers]
    return [value for item in answers for value in _flat(item)]


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return bool(one == other)
