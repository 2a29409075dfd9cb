"""A model's rows on one frame, kept so that versions can be paired row by row later."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nbmlops.errors import Tampered
from nbmlops.evaluate.tasks import Array, Classes, Task
from nbmlops.host import typed

FORMAT = 1
_KEY = b"nbmlops.evaluation"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Predictions of one model on one frame, with targets and metrics.

    Attributes
    ----------
    task, classes
        As `infer_task` gives them.
    target_names
        One per output.
    target, prediction
        Shape (n,) or (n, k): numbers, booleans or str.
    probability
        Shape (n, classes), or (n, k) in a multilabel task; None where there is none.
    decision
        Shape (n,): the decision function of a binary classifier without probabilities.
    weight
        Shape (n,), or None.
    fingerprints
        Shape (n,), uint64: which row of the frame it was.
    slices
        Name of the column -> shape (n,), the label of each row's slice.
    groups
        Name of the column and shape (n,), the label of each row's group; or None.
    metrics
        Computed values, finite.
    latency_ms
        Median time of one single-row prediction; None where not measured.
    notes
        What was left out, and why.
    """

    task: Task
    classes: Classes
    target_names: tuple[str, ...] = ("target",)
    target: Array
    prediction: Array
    probability: npt.NDArray[np.float64] | None = None
    decision: npt.NDArray[np.float64] | None = None
    weight: npt.NDArray[np.float64] | None = None
    fingerprints: npt.NDArray[np.uint64]
    slices: Mapping[str, Array] = field(default_factory=dict)
    groups: tuple[str, Array] | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    latency_ms: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.target)

    def __repr__(self) -> str:
        return f"<Scored: {self.task}, {self.rows:,} rows, {len(self.metrics)} metrics>"

    def to_bytes(self) -> bytes:
        """Write one Parquet file; the same rows and metrics give the same bytes."""
        columns: dict[str, pa.Array] = {"row": pa.array(self.fingerprints)}
        for i, name in enumerate(self.target_names):
            columns[f"target:{name}"] = _to_arrow(_column(self.target, i))
            columns[f"prediction:{name}"] = _to_arrow(_column(self.prediction, i))
        if self.probability is not None:
            for i in range(self.probability.shape[1]):
                columns[f"probability:{i}"] = pa.array(self.probability[:, i])
        if self.decision is not None:
            columns["decision"] = pa.array(self.decision)
        if self.weight is not None:
            columns["weight"] = pa.array(self.weight)
        if self.groups is not None:
            columns["group"] = _to_arrow(self.groups[1]).dictionary_encode()
        for name, labels in self.slices.items():
            columns[f"slice:{name}"] = _to_arrow(labels).dictionary_encode()
        table = pa.table(columns).replace_schema_metadata({_KEY: self._metadata()})
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd", write_statistics=False)
        return sink.getvalue()

    def _metadata(self) -> bytes:
        return json.dumps(
            {
                "format": FORMAT,
                "task": self.task,
                "classes": self.classes,
                "target_names": self.target_names,
                "slices": list(self.slices),
                "group": None if self.groups is None else self.groups[0],
                "metrics": dict(self.metrics),
                "latency_ms": self.latency_ms,
                "notes": self.notes,
            },
            allow_nan=False,
        ).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Scored":
        """Read what `to_bytes` wrote.

        Parameters
        ----------
        data
            One Parquet file.

        Returns
        -------
        Scored
            Equal to what was written.

        Raises
        ------
        Tampered
            The bytes are not an evaluation, or one of a newer format.
        """
        try:
            table = pq.read_table(io.BytesIO(data))
            about = json.loads((table.schema.metadata or {})[_KEY])
        except (pa.ArrowException, KeyError, ValueError) as error:
            message = "the stored evaluation cannot be read"
            raise Tampered(message, hint=f"run: {typed('verify')}") from error
        if about["format"] > FORMAT:
            message = f"the stored evaluation has format {about['format']}"
            raise Tampered(message, hint="update nbmlops, which knows up to 1")
        return cls._from_table(table, about)

    @classmethod
    def _from_table(cls, table: pa.Table, about: dict[str, Any]) -> "Scored":
        names = tuple(about["target_names"])
        chances = sum(name.startswith("probability:") for name in table.column_names)
        chance = [_from_arrow(table[f"probability:{i}"]) for i in range(chances)]
        optional = {
            name: _from_arrow(table[name]) if name in table.column_names else None
            for name in ("decision", "weight")
        }
        group = about["group"]
        return cls(
            task=cast(Task, about["task"]),
            classes=tuple(
                tuple(label) if isinstance(label, list) else label
                for label in about["classes"]
            ),
            target_names=names,
            target=_stacked([_from_arrow(table[f"target:{name}"]) for name in names]),
            prediction=_stacked(
                [_from_arrow(table[f"prediction:{name}"]) for name in names]
            ),
            probability=np.column_stack(chance) if chance else None,
            decision=optional["decision"],
            weight=optional["weight"],
            fingerprints=_from_arrow(table["row"]),
            slices={
                name: _from_arrow(table[f"slice:{name}"]) for name in about["slices"]
            },
            groups=None if group is None else (group, _from_arrow(table["group"])),
            metrics=about["metrics"],
            latency_ms=about["latency_ms"],
            notes=tuple(about["notes"]),
        )


def _column(values: Array, index: int) -> Array:
    return values if values.ndim == 1 else values[:, index]


def _stacked(columns: list[Array]) -> Array:
    return columns[0] if len(columns) == 1 else np.column_stack(columns)


def _to_arrow(values: Array) -> pa.Array:
    return pa.array(values)


def _from_arrow(values: pa.ChunkedArray) -> Array:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    return np.asarray(values.to_numpy())
