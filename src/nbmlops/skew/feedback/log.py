"""A serving log as a study of loops needs it: what each entity's next request held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nbmlops.frames.kinds import decoded, kind_of, numbers
from nbmlops.frames.source import Source
from nbmlops.profiles.times import seconds
from nbmlops.skew import log_columns as log

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requests:
    """The requests of a log, ordered by entity and time. All shapes are (n,).

    Attributes
    ----------
    entity
        A number for each entity.
    at
        When each was served, in seconds since 1970; all 0 where the log has no times.
    score
        The probability of the answer 1, else the prediction as a number; NaN if null.
    action
        1 and 0: the two values of the prediction, 1 the one of the higher scores; NaN
        where null. None where it has not two values.
    explored
        The answer was drawn at random.
    chance
        The probability with which the answer that was given was drawn; 1 where the log
        does not say.
    has_next
        The row after it is the next request of the same entity.
    features
        Numbers and booleans by name, NaN where null.
    label
        The label as a number; None where the log has none.
    has_times, has_exploration
        Whether the log has these columns at all.
    """

    entity: Ints
    at: Floats
    score: Floats
    action: Floats | None
    explored: Bools
    chance: Floats
    has_next: Bools
    features: Mapping[str, Floats]
    label: Floats | None
    has_times: bool
    has_exploration: bool


def has_log(source: Source, beside: Sequence[str]) -> bool:
    """Say whether a frame is a log in which loops can be looked for at all.

    Parameters
    ----------
    source
        The serving frame.
    beside
        Its columns that the model does not read.

    Returns
    -------
    bool
        It has an entity and a score, and can be read again.
    """
    if source.is_stream or log.ENTITY not in beside:
        return False
    scored = log.PROBABILITY in beside or log.PREDICTION in beside
    return scored and source.kinds[log.ENTITY] != "other"


def read_requests(
    source: Source, *, beside: Sequence[str], time: str | None = None
) -> Requests:
    """Read a log, and find each entity's next request.

    Parameters
    ----------
    source
        A frame for which `has_log` is true.
    beside
        Its columns that the model does not read.
    time
        The column of times; None: `requested_at`.

    Returns
    -------
    Requests
        Without rows whose entity or time is null.
    """
    clock = time or log.REQUESTED_AT
    features = [
        name
        for name, kind in source.kinds.items()
        if name not in beside and name != clock and kind in ("number", "boolean")
    ]
    own = [name for name in source.columns if name in beside or name == clock]
    names = [*own, *features]
    fields = [source.schema.field(name) for name in names]
    table = pa.Table.from_batches(source.batches(names), schema=pa.schema(fields))
    columns = {name: _whole(table.column(name)) for name in names}
    entity, _ = pd.factorize(decoded(columns[log.ENTITY]).to_pandas())
    at = _times(columns.get(clock))
    known = entity >= 0
    if at is not None:
        known &= ~np.isnan(at)
    order = np.lexsort((np.zeros(len(entity)) if at is None else at, entity))
    order = order[known[order]]
    score, action = _answers(columns)
    drawn = _explored(columns)
    ordered = entity[order].astype(np.int64)
    return Requests(
        entity=ordered,
        at=np.zeros(len(order)) if at is None else at[order],
        score=score[order],
        action=None if action is None else action[order],
        explored=drawn[0][order],
        chance=drawn[1][order],
        has_next=np.append(ordered[1:] == ordered[:-1], False)[: len(order)],
        features={name: _numbers(columns[name])[order] for name in features},
        label=_label(columns.get(log.LABEL), order),
        has_times=at is not None,
        has_exploration=log.EXPLORED in columns or log.PROPENSITY in columns,
    )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if hasattr(found, "chunks") else found


def _times(values: pa.Array | None) -> Floats | None:
    if values is None or kind_of(values.type) not in ("time", "number"):
        return None
    found = seconds(values) if kind_of(values.type) == "time" else numbers(values)
    return None if np.isnan(found).all() else found


def _numbers(values: pa.Array) -> Floats:
    if kind_of(values.type) == "boolean":
        truth = pc.cast(decoded(values), pa.float64())
        return np.array(truth.to_numpy(zero_copy_only=False), dtype=np.float64)
    found = np.array(numbers(values))
    found[~np.isfinite(found)] = np.nan
    return found


def _answers(columns: Mapping[str, pa.Array]) -> tuple[Floats, Floats | None]:
    """Read the score, and the prediction as 1 and 0 where it has two values."""
    rows = len(next(iter(columns.values())))
    score = np.full(rows, np.nan)
    given = columns.get(log.PROBABILITY)
    if given is not None:
        score = _probability(given)
    prediction = columns.get(log.PREDICTION)
    if prediction is None or kind_of(prediction.type) == "other":
        return score, None
    two = _two_valued(prediction)
    if two is not None and not np.isnan(score).all():
        means = [_mean(score[two == value]) for value in (0.0, 1.0)]
        two = 1 - two if means[0] > means[1] else two
    if np.isnan(score).all() and kind_of(prediction.type) == "number":
        score = _numbers(prediction)
    return score, two


def _mean(values: Floats) -> float:
    present = values[~np.isnan(values)]
    return float(present.mean()) if len(present) else 0.0


def _probability(values: pa.Array) -> Floats:
    """Read probabilities: of the positive class, or of both classes in a list."""
    if kind_of(values.type) == "number":
        return _numbers(values)
    if not (pa.types.is_list(values.type) or pa.types.is_large_list(values.type)):
        return np.full(len(values), np.nan)
    two = pc.equal(pc.list_value_length(values), 2)
    kept = pc.if_else(two, values, pa.scalar(None, type=values.type))
    found = np.full(len(values), np.nan)
    present = kept.is_valid().to_numpy(zero_copy_only=False)
    if present.any():
        found[present] = numbers(pc.list_element(kept.drop_null(), 1))
    return found


def _two_valued(values: pa.Array) -> Floats | None:
    """Give 0 and 1 for the lower and the higher of exactly two values."""
    coded = pc.dictionary_encode(decoded(values).drop_null())
    known = sorted(coded.dictionary.to_pylist())
    if len(known) != 2:
        return None
    words = decoded(values).to_pandas().to_numpy(dtype=object)
    found = np.where(words == known[1], 1.0, 0.0)
    return np.where(pd.isna(words), np.nan, found)


def _explored(columns: Mapping[str, pa.Array]) -> tuple[Bools, Floats]:
    """Read which answers were drawn at random, and with which probability."""
    rows = len(next(iter(columns.values())))
    chance = np.ones(rows)
    given = columns.get(log.PROPENSITY)
    if given is not None and kind_of(given.type) == "number":
        chance = numbers(given)
    is_chance = (chance > 0) & (chance <= 1)
    flags = columns.get(log.EXPLORED)
    if flags is not None and kind_of(flags.type) in ("boolean", "number"):
        drawn = _numbers(flags) == 1
    else:
        drawn = chance < 1
    return np.asarray(drawn & is_chance), np.where(is_chance, chance, 1.0)


def _label(values: pa.Array | None, order: Ints) -> Floats | None:
    if values is None or kind_of(values.type) in ("other", "time"):
        return None
    if kind_of(values.type) == "text":
        two = _two_valued(values)
        return None if two is None else two[order]
    found = _numbers(values)[order]
    return None if np.isnan(found).all() else found
