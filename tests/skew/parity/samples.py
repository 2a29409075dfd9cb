"""Pairs of frames with a key, and their comparison."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nbmlops.frames.opening import open_frame
from nbmlops.skew.parity.judge import compare_rows
from nbmlops.skew.parity.result import ColumnParity, Parity, Relation


def rows(count: int = 500, seed: int = 0) -> pd.DataFrame:
    """Make rows with a key, a price with nulls, an age, a label and a time."""
    rng = np.random.default_rng(seed)
    price = np.round(rng.lognormal(3, 1, count), 2)
    price[rng.random(count) < 0.1] = np.nan
    labels = np.array(["AA", "B6", "EV", "UA", "WN"], dtype=object)
    seconds = rng.integers(0, 30 * 86400, count)
    return pd.DataFrame(
        {
            "id": np.arange(count),
            "price": price,
            "age": rng.integers(18, 90, count),
            "carrier": rng.choice(labels, count),
            "seen": pd.to_datetime(seconds, unit="s", origin="2025-03-01"),
        }
    )


def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=1).reset_index(drop=True)


def compared(before: Any, after: Any, key: Any = "id", **options: Any) -> Parity:
    return compare_rows(open_frame(before), open_frame(after), key=key, **options)


def column_of(before: Any, after: Any) -> ColumnParity:
    """Compare one column; it must differ."""
    sides = [
        pd.DataFrame({"id": np.arange(len(values)), "x": values})
        for values in (before, after)
    ]
    (column,) = compared(*sides).columns
    return column


def relation_of(before: Any, after: Any) -> Relation:
    """Give the one relation of a column."""
    (relation,) = column_of(before, after).relations
    return relation


def as_kind(kind: str, frame: pd.DataFrame, path: Path) -> Any:
    """Give a frame in another library or file."""
    if kind == "polars":
        import polars as pl

        return pl.from_pandas(frame)
    if kind == "arrow":
        import pyarrow as pa

        return pa.Table.from_pandas(frame, preserve_index=False)
    if kind == "pandas":
        return frame
    path = path.with_suffix(f".{kind}")
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True, date_format="iso")
    else:
        frame.to_parquet(path)
    return path
