"""What can be wrong with a serving frame, one fault at a time, and its name."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

ROWS = 600
FEATURES = ["n", "i", "c", "b", "t"]
KOLKATA = "Asia/Kolkata"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A faulty frame.

    `cause` is the kind that must be named for `column`; "" for no finding in it, None
    where only the check as a whole is looked at.
    """

    frame: Any
    column: str = ""
    cause: str | None = None


def sample(seed: int) -> pd.DataFrame:
    """Make rows with a column of each kind."""
    random = np.random.default_rng(seed)
    seconds = random.integers(0, 30 * 86_400, ROWS)
    return pd.DataFrame(
        {
            "n": np.round(random.normal(10, 3, ROWS), 3),
            "i": random.integers(0, 100, ROWS),
            "c": random.choice(list("abcd"), ROWS),
            "b": random.random(ROWS) < 0.3,
            "t": pd.Timestamp("2024-01-01") + pd.to_timedelta(seconds, unit="s"),
        }
    )


def _some(fault: Any, values: Any) -> "pd.Series[Any]":
    """Put a faulty value into every third row."""
    mixed = pd.Series(values).astype(object)
    mixed.iloc[::3] = fault
    return mixed


def faults() -> dict[str, Fault]:
    """Give all of them, by name."""
    rows = sample(2)
    return {**_columns(rows), **_types(rows), **_values(rows), **_arrow(rows)}


def _columns(rows: pd.DataFrame) -> dict[str, Fault]:
    """Break the frame's columns as wholes."""
    empty = {name: Fault(frame=rows.assign(**{name: None}), column=name,
                         cause="empty-column") for name in FEATURES}  # fmt: skip
    constant: dict[str, Any] = {
        "n": 5.0,
        "i": 7,
        "c": "a",
        "t": pd.Timestamp("2024-01-03 08:00"),
    }
    kept = {
        f"{name} is constant": Fault(
            frame=rows.assign(**{name: value}), column=name, cause="constant"
        )
        for name, value in constant.items()
    }
    return {
        "missing": Fault(
            frame=rows.drop(columns="n"), column="n", cause="missing-column"
        ),
        "extra": Fault(frame=rows.assign(z=1.0), column="z", cause="extra-column"),
        "reordered": Fault(frame=rows[FEATURES[::-1]], column="n", cause=""),
        "repeated index": Fault(frame=rows.set_axis([0] * ROWS), column="n", cause=""),
        "one row": Fault(frame=rows[:1], column="n", cause=""),
        "two rows": Fault(frame=rows[:2], column="n", cause=""),
        **{f"{name} is empty": fault for name, fault in empty.items()},
        **kept,
    }  # fmt: skip


def _types(rows: pd.DataFrame) -> dict[str, Fault]:
    """Write a column in another type."""
    changed: dict[str, tuple[str, Any, str | None]] = {
        "numbers as text": ("n", rows["n"].astype(str), "dtype"),
        "text as numbers": ("c", rows["c"].map(ord), "dtype"),
        "booleans as text": ("b", rows["b"].astype(str), "dtype"),
        "booleans as 0 and 1": ("b", rows["b"].astype(int), ""),
        "times as text": ("t", rows["t"].astype(str), "dtype"),
        "times of day only": ("t", rows["t"].dt.time, "dtype"),
        "integers as floats": ("i", rows["i"].astype(float), ""),
        "numbers and text": ("n", _some("none", rows["n"]), "dtype"),
        "lists": ("n", [[x] for x in rows["n"]], "dtype"),
        "lists of lists": ("n", [[[x], []] for x in rows["n"]], "dtype"),
        "structs": ("n", [{"value": x} for x in rows["n"]], "dtype"),
        "sets": ("n", [{x} for x in rows["n"]], "dtype"),
        "arrays": ("n", [np.full(3, x) for x in rows["n"]], "dtype"),
        "complex": ("n", rows["n"] + 1j, "dtype"),
        "bytes": ("c", [b"\xff"] * ROWS, "dtype"),
        "decimals": ("n", [Decimal(str(x)) for x in rows["n"]], ""),
        "decimal NaN": ("n", _some(Decimal("NaN"), rows["n"].map(Decimal)), "nulls"),
        "decimal infinity": ("n", _some(Decimal("Infinity"), rows["n"]), None),
        "time zone": ("t", rows["t"].dt.tz_localize("UTC").dt.tz_convert(KOLKATA), ""),
        "mixed zones": ("t", _mixed_zones(rows["t"]), ""),
        "naive and zoned": ("t", _some(pd.Timestamp("2024-01-01"),
                                       rows["t"].dt.tz_localize("UTC")), None),
        "dates": ("t", rows["t"].dt.date, "truncated"),
        "unused levels": ("c", pd.Categorical(rows["c"], list("abcdefgh")), ""),
        "categories of numbers": ("i", pd.Categorical(rows["i"]), ""),
        "categories of both": ("c", pd.Categorical(_some(1, rows["c"])), "dtype"),
        "sparse": ("n", pd.arrays.SparseArray(rows["n"]), ""),
        "intervals": ("n", pd.cut(rows["n"], 5), "dtype"),
    }  # fmt: skip
    return {
        name: Fault(frame=rows.assign(**{column: values}), column=column, cause=cause)
        for name, (column, values, cause) in changed.items()
    }


def _mixed_zones(times: "pd.Series[Any]") -> list[pd.Timestamp]:
    zones = ("UTC", KOLKATA, "America/New_York")
    utc = times.dt.tz_localize("UTC")
    return [time.tz_convert(zones[at % 3]) for at, time in enumerate(utc)]


def _values(rows: pd.DataFrame) -> dict[str, Fault]:
    """Write values that are at the edge of their type, or beyond."""
    changed: dict[str, tuple[str, Any, str | None]] = {
        "infinity": ("n", _some(np.inf, rows["n"]).astype(float), "population"),
        "nothing but infinity": ("n", np.full(ROWS, -np.inf), None),
        "NaN": ("n", _some(np.nan, rows["n"]).astype(float), "nulls"),
        "too large to square": ("n", rows["n"] * 1e307, None),
        "too small to halve": ("n", rows["n"] * 5e-324, None),
        "beyond 2**53": ("i", rows["i"].astype("int64") + 2**53, "population"),
        "unsigned": ("i", np.uint64(2**64 - 1) - rows["i"].to_numpy("uint64"), None),
        "beyond 64 bits": ("i", [10**30 + x for x in rows["i"].tolist()], None),
        "10 MB of text": ("c", ["x" * 10_000_000, *rows["c"][1:]], ""),
        "text with NUL": ("c", rows["c"] + "\0", None),
        "lone surrogates": ("c", pd.Series(["\ud800"] * ROWS, dtype=object), None),
        "year 1": ("t", pd.to_datetime(["0001-01-01"] * ROWS).as_unit("s"), None),
        "year 9999": ("t", pd.to_datetime(["9999-12-31"] * ROWS).as_unit("s"), None),
    }
    return {
        name: Fault(frame=rows.assign(**{column: values}), column=column, cause=cause)
        for name, (column, values, cause) in changed.items()
    }


def _arrow(rows: pd.DataFrame) -> dict[str, Fault]:
    """Write types that only Arrow has."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    words = pa.array(rows["c"])
    numbers = pa.array(rows["n"])
    not_text = pa.array([b"\xff"] * ROWS).buffers()
    changed: dict[str, tuple[str, pa.Array, str | None]] = {
        "map": ("n", pa.array([[("a", 1)]] * ROWS, pa.map_(pa.string(), pa.int8())),
                "dtype"),
        "wide decimals": ("n", numbers.cast(pa.decimal256(40, 3)), ""),
        "months": ("t", pa.array([(1, 2, 3)] * ROWS), "dtype"),
        "bytes that are no text": (
            "c", pa.Array.from_buffers(pa.string(), ROWS, not_text), None),
        "dictionary": ("c", words.dictionary_encode(), ""),
        "null in a dictionary": ("c", pa.DictionaryArray.from_arrays(
            pa.array([0, 1] * (ROWS // 2)), pa.array(["a", None])), None),
        "views": ("c", words.cast(pa.string_view()), ""),
        "runs": ("c", pa.RunEndEncodedArray.from_arrays([ROWS], ["a"]), None),
        "union": ("c", pa.UnionArray.from_sparse(
            pa.array([0] * ROWS, pa.int8()), [numbers, words]), "dtype"),
        "no type": ("n", pa.nulls(ROWS), "empty-column"),
        "time beyond 64 bits": ("t", pa.array([2**62] * ROWS, pa.timestamp("s")), None),
    }  # fmt: skip
    return {
        name: Fault(
            frame=table.set_column(
                table.schema.get_field_index(column), column, values
            ),
            column=column,
            cause=cause,
        )
        for name, (column, values, cause) in changed.items()
    }
