"""Columns as numbers that a classifier reads."""

import math

import numpy as np
import pyarrow as pa

from nbmlops.frames.kinds import Kind
from nbmlops.skew.joint import features
from nbmlops.skew.joint.features import features_of, matrix

KINDS: list[tuple[str, Kind]] = [
    ("x", "number"), ("late", "boolean"), ("at", "time"), ("from", "text"),
]  # fmt: skip
MOMENT = 1_388_534_400 + 6 * 3600  # a Wednesday, 6 o'clock
TABLE = pa.table(
    {
        "x": [1.5, None, math.inf],
        "late": [True, False, None],
        "at": pa.array([MOMENT, MOMENT + 4 * 86_400, None], pa.timestamp("s")),
        "from": ["EWR", None, "rare"],
    }
)


def test_each_kind_becomes_numbers_and_null_is_nan() -> None:
    known = pa.table({**{n: TABLE.column(n) for n in ("x", "late", "at")},
                      "from": ["EWR"] * 3}).take([0, 1, 2] * 3)  # fmt: skip
    found = features_of([TABLE, known], KINDS)
    names = ["x", "late", "hour of at", "weekday of at", "from"]
    assert [feature.name for feature in found] == names
    nan = np.nan
    expected = [[1.5, 1, 6, 2, 0], [nan, 0, 6, 6, nan], [nan, nan, nan, nan, 1]]
    np.testing.assert_array_equal(matrix(TABLE, found), expected)


def test_rare_and_surplus_labels_are_one() -> None:
    words = [f"w{k % 300:03d}" for k in range(3_000)] + ["once"]
    table = pa.table({"from": words})
    (found,) = features_of([table, table.slice(0, 0)], [("from", "text")])
    assert len(found.labels) == features.MOST_LABELS
    codes = matrix(table, [found])[:, 0]
    assert codes[-1] == codes.max() == features.MOST_LABELS
