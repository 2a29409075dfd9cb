"""The signature: which columns a model reads, of which kinds, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nbmlops.errors import UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.host import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One input column: name, logical kind, the dtype it was seen with, nulls seen."""

    name: str
    kind: str
    dtype: str = ""
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The input columns in the model's order.

    Attributes
    ----------
    columns
        In the order that the estimator expects.
    is_partial
        True where only names are known, since no frame was shown at registration.
    """

    columns: tuple[Column, ...]
    is_partial: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)

    def to_dict(self) -> dict[str, Any]:
        """Return the signature as plain values."""
        return {
            "columns": [
                {
                    "name": c.name,
                    "kind": c.kind,
                    "dtype": c.dtype,
                    "nullable": c.nullable,
                }
                for c in self.columns
            ],
            "is_partial": self.is_partial,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Signature":
        """Read what `to_dict` wrote."""
        return cls(
            columns=tuple(Column(**column) for column in data["columns"]),
            is_partial=data["is_partial"],
        )


def signature_of_frame(frame: pd.DataFrame, names: Sequence[str]) -> Signature:
    """Read the signature off a frame that the model was shown."""
    kinds = open_frame(frame[list(names)]).kinds
    return Signature(
        columns=tuple(
            Column(
                name=str(name),
                kind=kinds[str(name)],
                dtype=str(frame[name].dtype),
                nullable=bool(frame[name].isna().any()),
            )
            for name in names
        )
    )


def signature_of_estimator(model: Any) -> Signature:
    """Read what an estimator itself knows of its input: names, no kinds.

    Parameters
    ----------
    model
        A fitted estimator.

    Returns
    -------
    Signature
        Marked partial.

    Raises
    ------
    UsageError
        If the estimator does not even know how many columns it reads.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        count = getattr(model, "n_features_in_", None)
        if count is None:
            raise UsageError(
                f"{type(model).__name__} does not say which columns it reads",
                hint=f"give {option('train')} or {option('input_example')}",
            )
        names = [f"x{i}" for i in range(int(count))]
    return Signature(
        columns=tuple(Column(name=str(name), kind="unknown") for name in names),
        is_partial=True,
    )
