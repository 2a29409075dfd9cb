"""Asking the registered bytes again for rows that a log has answers to."""

from dataclasses import replace
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from joblib import parallel_config

from nbmlops.errors import NbmlopsError
from nbmlops.evaluate.predict import Predictions, predict
from nbmlops.evaluate.tasks import Task, encode
from nbmlops.frames.fingerprints import fingerprint_rows
from nbmlops.frames.opening import to_pandas
from nbmlops.frames.source import Source
from nbmlops.lifecycle.browse import versions
from nbmlops.lifecycle.evaluate import as_fitted
from nbmlops.lifecycle.load import load_version
from nbmlops.lifecycle.logged import Logged
from nbmlops.registry.place import Place
from nbmlops.registry.records import ModelVersion
from nbmlops.skew import mismatch
from nbmlops.skew.log_columns import REQUEST_ID
from nbmlops.skew.mismatch import Answers
from nbmlops.skew.predictions import Mismatch

ROWS = 5_000
SEED = np.uint64(20130101)
OTHERS = 5  # other versions that are asked whether the answers are theirs
ANOTHER = "another version"

Places = npt.NDArray[np.int64]


def score_again(
    place: Place, version: ModelVersion, served: Source, logged: Logged
) -> tuple[Mismatch | None, tuple[str, ...]]:
    """Compare logged answers with those of the registered bytes.

    Parameters
    ----------
    place, version
        The registry, and whose answers they should be.
    served
        The log.
    logged
        Its answers.

    Returns
    -------
    tuple
        What differs, and notes; None where the rows could not be scored.
    """
    missing = [n for n in version.signature.names if n not in served.columns]
    if missing:
        names = ", ".join(missing[:3])
        return None, (
            f"not scored again: the log lacks what the model reads ({names})",
        )
    which = logged.scored & ~logged.explored
    if not which.any():
        return None, ()
    sample = _sample(version, served, logged.take(which))
    rows = rows_at(served, sample.places, version.signature.names)
    try:
        own = _asked(place, version, sample, rows)
    except NbmlopsError as error:
        return None, (f"not scored again: {error.message}",)
    given = _given(sample, own.kind, version)
    found = mismatch.compare(given, own)
    if found.verdict != "handling fault" or found.kind:
        return found, ()
    return _of_another(place, version, sample, rows, (given, own), found), ()


def rows_at(source: Source, places: Places, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read single rows of a source.

    Parameters
    ----------
    source
        Any that can be read again.
    places
        Which rows, ascending.
    columns
        Which columns.

    Returns
    -------
    DataFrame
        In the order of `places`.
    """
    first, parts = 0, []
    for batch in source.batches(columns):
        low, high = np.searchsorted(places, [first, first + batch.num_rows])
        if low < high:
            parts.append(batch.take(pa.array(places[low:high] - first)))
        first += batch.num_rows
    schema = pa.schema([source.schema.field(name) for name in columns])
    return to_pandas(pa.Table.from_batches(parts, schema=schema))


def _sample(version: ModelVersion, served: Source, logged: Logged) -> Logged:
    """Keep the rows with the smallest hashes: the same ones in whatever order."""
    if logged.rows <= ROWS:
        return logged
    if REQUEST_ID in logged.keys:
        keys = fingerprint_rows(logged.keys[REQUEST_ID].to_frame())
    else:
        keys = np.concatenate(
            [
                fingerprint_rows(batch.to_pandas())
                for batch in served.batches(version.signature.names)
            ]
        )[logged.places]
    smallest = np.argpartition(keys ^ SEED, ROWS)[:ROWS]
    return logged.take(np.sort(smallest))


def _asked(
    place: Place, version: ModelVersion, sample: Logged, rows: pd.DataFrame
) -> Answers:
    """Ask a version for the kind of answer that the log has."""
    said = answers(place, version, rows)
    if sample.probability is not None and said.probability is not None:
        return Answers(values=said.probability, kind="probability")
    if version.task == "regression":
        values = np.asarray(said.prediction, dtype=np.float64)[:, None]
        return Answers(values=values, kind="number")
    codes = encode(said.prediction, version.classes).astype(np.float64)
    return Answers(values=codes[:, None], kind="class")


def answers(place: Place, version: ModelVersion, rows: pd.DataFrame) -> Predictions:
    """Give a version's `Predictions` of rows; UsageError where it fails on them."""
    model = load_version(place, version)
    # In one thread: several add up a forest's trees in the order they come.
    with parallel_config(backend="sequential"):
        return predict(
            model,
            as_fitted(model, rows, version.signature.names),
            rows=len(rows),
            task=cast(Task, version.task),
            classes=version.classes,
        )


def _given(sample: Logged, kind: str, version: ModelVersion) -> Answers:
    if kind == "probability" and sample.probability is not None:
        return Answers(values=sample.probability, kind=kind)
    given = sample.prediction
    if given is None and sample.probability is not None:
        given = sample.probability.argmax(axis=1)
    values = np.asarray(given, dtype=np.float64)[:, None]
    return Answers(values=values, kind=kind)


def _of_another(
    place: Place,
    version: ModelVersion,
    sample: Logged,
    rows: pd.DataFrame,
    both: tuple[Answers, Answers],
    found: Mismatch,
) -> Mismatch:
    """Ask the model's other versions, the newest first, whether these are theirs."""
    given, own = both
    others = [v for v in versions(place, version.name) if v.number != version.number]
    for other in others[:OTHERS]:
        if other.signature.names != version.signature.names:
            continue
        try:
            said = _asked(place, other, sample, rows)
        except NbmlopsError:
            continue  # another version that cannot be asked says nothing of this one
        is_alike = said.kind == own.kind and said.values.shape == own.values.shape
        if is_alike and mismatch.explains(given, own, said):
            return replace(found, kind=ANOTHER, detail=f"those of {other.ref}")
    return found
