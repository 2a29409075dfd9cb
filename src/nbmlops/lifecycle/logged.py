"""What a serving log says beside the features: answers, labels, times, weights."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from nbmlops.evaluate.tasks import Array, Classes, encode
from nbmlops.frames.kinds import decoded, kind_of, numbers
from nbmlops.frames.source import Source
from nbmlops.profiles.times import seconds
from nbmlops.registry.records import ModelVersion
from nbmlops.skew import log_columns as log

TASKS = ("binary", "multiclass", "regression")  # one answer per row
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Columns = Mapping[str, pa.Array]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Logged:
    """The rows of a log that one version answered, without its features.

    Attributes
    ----------
    places
        Shape (n,): which rows of the log these are, from 0.
    whole
        How many rows the log has in all.
    prediction
        Shape (n,): codes of the classes, -1 for one not known or missing; or numbers,
        NaN where missing. None where the log has none.
    probability
        Shape (n, classes), NaN in rows without; None where the log has none.
    weight
        Shape (n,); None: all alike.
    at
        Shape (n,): when each was served, in seconds since 1970, NaN where missing;
        None where the log has no times.
    explored
        Shape (n,): whether the answer was drawn at random.
    keys
        `request_id` and `entity` as text, as far as the log has them.
    label
        Shape (n,): the log's own labels, like `prediction`; None where it has none.
    notes
        What was left out, and why.
    """

    places: npt.NDArray[np.int64]
    whole: int
    prediction: Array | None
    probability: Floats | None
    weight: Floats | None
    at: Floats | None
    explored: Bools
    keys: Mapping[str, "pd.Series[Any]"]
    label: Array | None
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows these are."""
        return len(self.places)

    @property
    def scored(self) -> Bools:
        """Shape (n,): where there are probabilities at all, which rows have them."""
        if self.probability is None:
            return self.answered
        return np.asarray(~np.isnan(self.probability[:, 0]))

    @property
    def answered(self) -> Bools:
        """Shape (n,): whether the log tells what was answered."""
        found = np.zeros(self.rows, dtype=bool)
        if self.prediction is not None:
            found |= is_known(self.prediction)
        if self.probability is not None:
            found |= ~np.isnan(self.probability[:, 0])
        return found

    def take(self, which: npt.NDArray[Any]) -> "Logged":
        """Give some of the rows, by position or by truth."""

        def part(values: Any) -> Any:
            return None if values is None else values[which]

        return replace(
            self,
            places=self.places[which],
            prediction=part(self.prediction),
            probability=part(self.probability),
            weight=part(self.weight),
            at=part(self.at),
            explored=self.explored[which],
            keys={
                name: column[which].reset_index(drop=True)
                for name, column in self.keys.items()
            },
            label=part(self.label),
        )


def read_log(
    version: ModelVersion,
    served: Source,
    *,
    beside: Iterable[str],
    weight: str | None,
    time: str | None,
) -> Logged | None:
    """Read the log's own columns of the rows that a version answered.

    Parameters
    ----------
    version
        Whose answers.
    served
        The serving side.
    beside
        Its columns that the model does not read.
    weight, time
        The columns of weights and of times; None: those of the log.

    Returns
    -------
    Logged or None
        None of a stream, which can be read once only, and of a task with several
        answers per row.
    """
    if served.is_stream or version.task not in TASKS:
        return None
    own = set(beside)
    label = _label_column(version, served.columns, own)
    clock = time or log.REQUESTED_AT
    wanted = sorted({*own, *(name for name in (weight, time, label) if name)})
    names = wanted or list(served.columns[:1])  # to count the rows
    fields = [served.schema.field(name) for name in names]
    table = pa.Table.from_batches(served.batches(names), schema=pa.schema(fields))
    columns = {name: _whole(table, name) for name in wanted}
    found = Logged(
        places=np.arange(table.num_rows),
        whole=table.num_rows,
        prediction=_answers(columns.get(log.PREDICTION), version),
        probability=_probability(columns.get(log.PROBABILITY), version),
        weight=numbers(columns[weight]) if weight else None,
        at=_times(columns.get(clock)),
        explored=_truth(columns.get(log.EXPLORED), table.num_rows),
        keys=key_columns(columns),
        label=_answers(columns.get(label or ""), version),
    )
    notes = _unknown(version, found, columns, label)
    return _of_version(version, replace(found, notes=notes), columns)


def key_columns(columns: Columns) -> dict[str, "pd.Series[Any]"]:
    """Give `request_id` and `entity` as text, null where null, as far as they exist."""
    return {
        name: decoded(columns[name]).cast(pa.string()).to_pandas()
        for name in (log.REQUEST_ID, log.ENTITY)
        if name in columns and kind_of(columns[name].type) != "other"
    }


def as_codes(labels: Array, classes: Classes) -> npt.NDArray[np.int64]:
    """Give labels their position among the classes, -1 for what is none of them.

    Parameters
    ----------
    labels
        Shape (n,).
    classes
        The model's. Labels that came back from a file as text ("True", "1") are
        understood.

    Returns
    -------
    ndarray
        Shape (n,).
    """
    codes = encode(labels, classes)
    unknown = codes < 0
    if unknown.any():
        texts = {str(label).lower(): code for code, label in enumerate(classes)}
        read = pd.Series(labels[unknown]).astype(str).str.lower().map(texts)
        codes[unknown] = read.fillna(-1).to_numpy(dtype=np.int64)
    return codes


def is_known(answers: Array) -> Bools:
    """Tell which answers are there: a class of the model's, or a number."""
    return np.asarray(answers >= 0 if answers.dtype.kind == "i" else ~np.isnan(answers))


def answers_of(values: pa.Array, version: ModelVersion) -> Array:
    """Read predictions or labels as `Logged` has them."""
    if version.task == "regression":
        is_number = kind_of(values.type) == "number"
        return numbers(values) if is_number else np.full(len(values), np.nan)
    labels = decoded(values).to_pandas().to_numpy(dtype=object)
    return as_codes(labels, version.classes)


def _answers(values: pa.Array | None, version: ModelVersion) -> Array | None:
    return None if values is None else answers_of(values, version)


def _whole(table: pa.Table, name: str) -> pa.Array:
    found = table.column(name).combine_chunks()
    return pa.concat_arrays(found.chunks) if hasattr(found, "chunks") else found


def _unknown(
    version: ModelVersion, found: Logged, columns: Columns, label: str | None
) -> tuple[str, ...]:
    """Say which predictions and labels are none that the model knows."""
    notes = []
    for name, answers in ((log.PREDICTION, found.prediction), (label, found.label)):
        if name is None or answers is None:
            continue
        strange = ~is_known(answers) & columns[name].is_valid().to_numpy(False)
        if strange.any():
            value = columns[name][int(np.argmax(strange))].as_py()
            known = ", ".join(map(str, version.classes[:4])) or "numbers"
            notes.append(
                f"{int(strange.sum()):,} values of {name!r} such as {value!r} are none "
                f"of {version.ref} ({known}): left out"
            )
    return tuple(notes)


def _label_column(
    version: ModelVersion, served: Collection[str], own: set[str]
) -> str | None:
    """Name the column with the log's own labels."""
    if log.LABEL in own:
        return log.LABEL
    target = version.target[0] if len(version.target) == 1 else None
    return target if target is not None and target in served else None


def _probability(values: pa.Array | None, version: ModelVersion) -> Floats | None:
    """Read probabilities: of the positive class, or a list of all classes."""
    if values is None or not version.classes:
        return None
    count = len(version.classes)
    if kind_of(values.type) == "number":
        if count != 2:
            return None
        positive = numbers(values)
        return np.column_stack([1 - positive, positive])
    lists = decoded(values).to_pandas()
    found = np.full((len(lists), count), np.nan)
    for row, given in enumerate(lists):
        if isinstance(given, (list, np.ndarray)) and len(given) == count:
            found[row] = np.asarray(given, dtype=np.float64)
    return None if np.isnan(found).all() else found


def _times(values: pa.Array | None) -> Floats | None:
    is_time = values is not None and kind_of(values.type) == "time"
    return seconds(values) if is_time else None


def _truth(values: pa.Array | None, rows: int) -> Bools:
    if values is None or not pa.types.is_boolean(values.type):
        return np.zeros(rows, dtype=bool)
    return np.asarray(values.fill_null(False).to_numpy(zero_copy_only=False))


def _of_version(version: ModelVersion, found: Logged, columns: Columns) -> Logged:
    """Keep the rows that the log says are this version's."""
    kept = np.ones(found.rows, dtype=bool)
    for name, meant in (
        (log.MODEL, {version.name}),
        (log.VERSION, {str(version.number), version.ref}),
    ):
        if name in columns and kind_of(columns[name].type) != "other":
            said = decoded(columns[name]).cast(pa.string()).to_pandas()
            kept &= said.isna().to_numpy() | said.isin(meant).to_numpy()
    if kept.all():
        return found
    others = int((~kept).sum())
    note = (
        f"{others:,} of {found.rows:,} rows were answered by another version than "
        f"{version.ref}: left out of predictions and performance"
    )
    return replace(found.take(kept), notes=(*found.notes, note))
