"""Counting the rows of a column, with and without a value."""

from typing import Any

import numpy as np
import pyarrow as pa

from nbmlops.profiles.numbers import Weights


class RowCounter:
    """Counts rows, their mass, and the mass of those that are null."""

    def __init__(self) -> None:
        self._rows = 0
        self._mass = self._nulls = 0.0

    def add(self, array: pa.Array, weights: Weights) -> None:
        """Count the next rows, with one weight per row, or None for 1."""
        self._rows += len(array)
        if weights is None:
            self._mass += len(array)
            self._nulls += array.null_count
        else:
            self._mass += float(weights.sum())
            self._nulls += float(weights[_is_null(array)].sum())

    @property
    def counts(self) -> dict[str, Any]:
        """What was counted: the rows, mass and nulls of a column's profile."""
        return {"rows": self._rows, "mass": self._mass, "nulls": self._nulls}


def present(array: pa.Array, weights: Weights) -> tuple[pa.Array, Weights]:
    """Leave out the rows that are null, and their weights."""
    if not array.null_count:
        return array, weights
    is_there = ~_is_null(array)
    return array.drop_null(), None if weights is None else weights[is_there]


def _is_null(array: pa.Array) -> np.ndarray:
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False))
