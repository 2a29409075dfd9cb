"""Labels that came later, joined to the answers of a log."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from nbmlops.errors import UsageError
from nbmlops.evaluate.tasks import Array
from nbmlops.frames.opening import open_frame
from nbmlops.frames.source import Source
from nbmlops.lifecycle.logged import Floats, Logged, answers_of, is_known, key_columns
from nbmlops.profiles.times import seconds
from nbmlops.registry.records import ModelVersion
from nbmlops.skew import log_columns as log

SHAPE = "give a frame with request_id or entity, and label (and labelled_at)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Labels:
    """Labels as they came: keys, values, and when."""

    key: str
    keys: "pd.Series[Any]"
    values: Array
    at: Floats | None


def join_labels(
    version: ModelVersion, logged: Logged, labels: Any, *, time: str | None
) -> Logged:
    """Give the answers of a log their labels.

    Parameters
    ----------
    version
        Whose answers.
    logged
        The log; labels of its own stay where the frame has none.
    labels
        A frame with `request_id` or `entity`, and `label` or the target's name; an
        entity's answer takes the first label from its own moment on, where both have
        times (`labelled_at`, or what `time` names).
    time
        The column of times.

    Returns
    -------
    Logged
        With labels, and notes on how they were joined.
    """
    given = _read(version, logged, open_frame(labels, what="labels frame"), time)
    notes: list[str] = []
    if given.key == log.REQUEST_ID:
        found = _by_request(logged, given, notes)
    elif given.at is not None and logged.at is not None:
        found = _as_of(logged, given)
    else:
        found = _by_entity(logged, given, notes)
    values = _filled(logged, given, found)
    have = int(is_known(values).sum())
    notes.append(
        f"labels joined by {given.key}: {have:,} of {logged.rows:,} answers have one"
    )
    return replace(logged, label=values, notes=(*logged.notes, *notes))


def _read(
    version: ModelVersion, logged: Logged, source: Source, time: str | None
) -> _Labels:
    """Find keys, labels and times in the labels frame."""
    names = set(source.columns)
    key = next(
        (k for k in (log.REQUEST_ID, log.ENTITY) if k in names and k in logged.keys), ""
    )
    if not key:
        has = ", ".join(logged.keys) or "neither request_id nor entity"
        raise UsageError(
            f"labels cannot be joined: the log has {has}, the labels frame "
            f"{', '.join(source.columns[:6])}",
            hint=SHAPE,
        )
    label = next((n for n in (log.LABEL, *version.target[:1]) if n in names), "")
    if not label:
        raise UsageError("the labels frame has no column 'label'", hint=SHAPE)
    clock = next(
        (n for n in (log.LABELLED_AT, time, log.REQUESTED_AT) if n in names), ""
    )
    if clock and source.kinds[clock] != "time":
        clock = ""
    wanted = [n for n in (key, label, clock) if n]
    table = pa.Table.from_batches(
        source.batches(wanted),
        schema=pa.schema([source.schema.field(n) for n in wanted]),
    ).combine_chunks()
    columns = {
        name: pa.concat_arrays(table.column(name).chunks)
        if table.num_rows
        else pa.array([], table.schema.field(name).type)
        for name in wanted
    }
    return _Labels(
        key=key,
        keys=key_columns(columns)[key],
        values=answers_of(columns[label], version),
        at=seconds(columns[clock]) if clock else None,
    )


def _by_request(logged: Logged, given: _Labels, notes: list[str]) -> Array:
    """Find each request's newest label; -1 where there is none."""
    places = np.arange(len(given.keys))
    if given.at is not None:
        places = np.argsort(given.at, kind="stable")
    keys = given.keys.iloc[places]
    last = ~keys.duplicated(keep="last").to_numpy()
    if not last.all():
        count = int((~last).sum())
        notes.append(f"{count:,} labels were replaced by a later one of their request")
    return _found(logged, given, places[last])


def _by_entity(logged: Logged, given: _Labels, notes: list[str]) -> Array:
    """Find each entity's label where it has one only."""
    once = ~given.keys.duplicated(keep=False).to_numpy()
    if not once.all():
        count = int(given.keys[~once].nunique())
        notes.append(
            f"{count:,} entities have several labels and there is no time to choose "
            "by (labelled_at and requested_at): left out"
        )
    return _found(logged, given, np.flatnonzero(once))


def _found(logged: Logged, given: _Labels, places: Array) -> Array:
    """Look up keys; -1 where there is none, or a null."""
    index = pd.Index(given.keys.iloc[places])
    at = index.get_indexer(pd.Index(logged.keys[given.key]))
    at = np.where(logged.keys[given.key].isna().to_numpy(), -1, at)
    return np.where(at >= 0, places[at] if len(places) else -1, -1)


def _as_of(logged: Logged, given: _Labels) -> Array:
    """Find each answer's first label of its entity from its moment on."""
    answers = pd.DataFrame({"key": logged.keys[log.ENTITY], "at": logged.at})
    answers["row"] = np.arange(len(answers))
    known = pd.DataFrame({"key": given.keys, "at": given.at})
    known["place"] = np.arange(len(known))
    joined = pd.merge_asof(
        answers.dropna().sort_values("at", kind="stable"),
        known.dropna().sort_values("at", kind="stable"),
        on="at",
        by="key",
        direction="forward",
    )
    found = np.full(logged.rows, -1, dtype=np.int64)
    places = joined["place"].fillna(-1).to_numpy(dtype=np.int64)
    found[joined["row"].to_numpy()] = places
    return found


def _filled(logged: Logged, given: _Labels, found: Array) -> Array:
    """Give each answer the label found, else the log's own."""
    missing = -1 if given.values.dtype.kind == "i" else np.nan
    own = logged.label
    start = np.full(logged.rows, missing) if own is None else own.copy()
    start = start.astype(given.values.dtype)
    has = found >= 0
    start[has] = given.values[found[has]]
    return start
