"""An evaluation as it is handed out: metrics of one version on one named frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nbmlops.display.markup import Markup, tag
from nbmlops.display.numbers import amount, column
from nbmlops.display.table import table
from nbmlops.display.text import text_table
from nbmlops.display.theme import scoped
from nbmlops.evaluate.compute import compute_metrics
from nbmlops.evaluate.metrics import metrics_for
from nbmlops.evaluate.scored import Scored


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceMetrics:
    """The metrics on one slice.

    Attributes
    ----------
    rows
        How many rows the slice has.
    metrics
        Computed values, finite; what is not defined on these rows is left out.
    """

    rows: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One version on one named frame.

    Attributes
    ----------
    name, ref
        "test", "delays/2".
    rows
        The number of rows.
    metrics
        Computed values, the leading metric first.
    slices
        Column -> label -> metrics on these rows.
    labels
        How metrics are written: "roc_auc" -> "ROC AUC".
    notes
        What was left out, and why.
    """

    name: str
    ref: str
    rows: int
    metrics: Mapping[str, float]
    slices: Mapping[str, Mapping[str, SliceMetrics]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, scored: Scored, *, name: str, ref: str) -> "Evaluation":
        """Sum scored rows up, over all and by slice.

        Parameters
        ----------
        scored
            The rows.
        name
            What the frame is called: "test".
        ref
            The version: "delays/2".

        Returns
        -------
        Evaluation
            With every slice, however small.
        """
        return cls(
            name=name,
            ref=ref,
            rows=scored.rows,
            metrics=scored.metrics,
            slices={
                column: _by_label(scored, labels)
                for column, labels in scored.slices.items()
            },
            labels={
                metric.name: metric.label
                for metric in metrics_for(scored.task).values()
            },
            notes=scored.notes,
        )

    def to_frame(self) -> pd.DataFrame:
        """Give one line for all rows, then one per slice; a column per metric."""
        lines: list[dict[str, Any]] = [
            {"slice": "", "value": "all", "rows": self.rows, **self.metrics}
        ]
        lines += [
            {"slice": name, "value": label, "rows": part.rows, **part.metrics}
            for name, by_label in self.slices.items()
            for label, part in by_label.items()
        ]
        return pd.DataFrame(lines)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values, ready for JSON."""
        return {
            "name": self.name,
            "ref": self.ref,
            "rows": self.rows,
            "metrics": dict(self.metrics),
            "slices": {
                name: {
                    label: {"rows": part.rows, "metrics": dict(part.metrics)}
                    for label, part in by_label.items()
                }
                for name, by_label in self.slices.items()
            },
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        """Print a headline and a table."""
        lines = text_table(self._headers(), self._lines())
        return "\n".join([self._headline(), lines, *self.notes])

    def _repr_html_(self) -> Markup:
        """Show the same as a table."""
        numbers = range(1, 2 + len(self.metrics))
        return scoped(
            tag("p", tag("strong", self._headline())),
            table(self._headers(), self._lines(), numeric=numbers),
            [tag("p", note) for note in self.notes],
        )

    def _headline(self) -> str:
        return f"{self.ref} on {self.name}: {amount(self.rows, 'row')}"

    def _headers(self) -> list[str]:
        return ["", "Rows", *(self.labels.get(name, name) for name in self.metrics)]

    def _lines(self) -> list[list[str]]:
        frame = self.to_frame()
        names = [
            "all" if not slice_ else f"{slice_} = {value}"
            for slice_, value in zip(frame["slice"], frame["value"], strict=True)
        ]
        columns = [names, [f"{rows:,}" for rows in frame["rows"]]]
        columns += [column(frame[name].tolist()) for name in self.metrics]
        return [list(cells) for cells in zip(*columns, strict=True)]


def _by_label(scored: Scored, labels: Any) -> dict[str, SliceMetrics]:
    codes, names = pd.factorize(labels, sort=True)
    parts = {}
    for code, name in enumerate(names):
        own = np.flatnonzero(codes == code)
        values, _ = compute_metrics(
            scored.task,
            scored.classes,
            target=scored.target[own],
            prediction=scored.prediction[own],
            probability=None if scored.probability is None else scored.probability[own],
            decision=None if scored.decision is None else scored.decision[own],
            weight=None if scored.weight is None else scored.weight[own],
        )
        parts[str(name)] = SliceMetrics(rows=len(own), metrics=values)
    return parts
