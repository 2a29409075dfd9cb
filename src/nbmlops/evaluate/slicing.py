"""Slice columns as labels: not too many slices, each with a readable name."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

#: A column with more distinct values than this is put into fewer groups.
MOST_VALUES = 40
MISSING = "(missing)"
REST = "(other)"


def slice_labels(column: pd.Series) -> npt.NDArray[np.object_]:
    """Name the slice that each row belongs to.

    Parameters
    ----------
    column
        Any values. Numbers and times with more than 40 distinct values become quarters
        of the rows, other values beyond the 39 most frequent become "(other)".

    Returns
    -------
    ndarray
        Shape (n,), of str; a missing value is "(missing)".
    """
    missing = column.isna().to_numpy(dtype=bool)
    known = column[~missing]
    labels = np.full(len(column), MISSING, dtype=object)
    if len(known):
        labels[~missing] = _labels(known)
    return labels


def group_labels(column: pd.Series) -> npt.NDArray[np.object_]:
    """Name the group of each row; every distinct value is one, a missing one too."""
    missing = column.isna().to_numpy(dtype=bool)
    labels = column.astype(str).to_numpy(dtype=object, copy=True)
    labels[missing] = MISSING
    return labels


def _labels(known: pd.Series) -> npt.NDArray[np.object_]:
    number = pd.api.types.is_numeric_dtype(known.dtype)
    time = pd.api.types.is_datetime64_any_dtype(known.dtype)
    if time:
        days = known.dt.normalize()
        if days.nunique() <= MOST_VALUES:
            return _objects(days.dt.strftime("%Y-%m-%d"))
        return _objects(known.dt.strftime("%Y-%m"))
    if number and not pd.api.types.is_bool_dtype(known.dtype):
        values = known.to_numpy(dtype=np.float64)
        if len(np.unique(values)) > MOST_VALUES:
            return _quarters(values)
        return np.array([f"{value:.10g}" for value in values], dtype=object)
    text = known.astype(str)
    counts = text.value_counts()
    if len(counts) > MOST_VALUES:
        # Equal counts in the order of the names, so that both versions agree.
        order = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
        kept = {name for name, _ in order[: MOST_VALUES - 1]}
        text = text.where(text.isin(kept), REST)
    return _objects(text)


def _objects(text: pd.Series) -> npt.NDArray[np.object_]:
    return np.asarray(text.to_numpy(dtype=object), dtype=object)


def _quarters(values: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    cuts = np.unique(np.quantile(values, (0.25, 0.5, 0.75)))
    shown = [f"{cut:.6g}" for cut in cuts]
    names = [f"up to {shown[0]}"]
    names += [f"{a} to {b}" for a, b in pairwise(shown)]
    names.append(f"above {shown[-1]}")
    return np.array(names, dtype=object)[np.searchsorted(cuts, values, side="left")]
