"""A frame is split into features, target and weight, or refused with a reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbmlops.errors import UsageError
from nbmlops.frames.labelled import labelled


def train() -> pd.DataFrame:
    return pd.DataFrame(
        {"a": [1, 2, 3], "b": ["x", "y", "x"], "late": [0, 1, 0], "w": [1.0, 2.0, 0.5]}
    )


def test_a_frame_is_split_by_names() -> None:
    parts = labelled(train(), target="late", weight="w")
    assert parts.features.columns.tolist() == ["a", "b"]
    assert parts.target.tolist() == [0, 1, 0]
    assert parts.target_names == ("late",)
    assert parts.weight is not None
    assert parts.weight.tolist() == [1.0, 2.0, 0.5]
    assert parts.frame.columns.tolist() == ["a", "b", "late", "w"]
    assert parts.rows == 3


def test_features_come_in_the_order_of_the_model() -> None:
    parts = labelled(train(), target="late", features=["b", "a"])
    assert parts.features.columns.tolist() == ["b", "a"]


@pytest.mark.parametrize("kind", ["polars", "lazy", "arrow", "csv", "parquet"])
def test_features_come_in_the_library_of_the_frame(kind: str, tmp_path: Path) -> None:
    frame: Any = train()
    if kind in ("polars", "lazy"):
        frame = pl.from_pandas(frame)
        frame = frame.lazy() if kind == "lazy" else frame
    elif kind == "arrow":
        frame = pa.Table.from_pandas(frame)
    elif kind == "csv":
        frame.to_csv(tmp_path / "t.csv", index=False)
        frame = tmp_path / "t.csv"
    else:
        frame.to_parquet(tmp_path / "t.parquet")
        frame = str(tmp_path / "t.parquet")
    parts = labelled(frame, target="late", features=["a"])
    expected = pl.DataFrame if kind in ("polars", "lazy") else pd.DataFrame
    assert isinstance(parts.features, expected)
    assert list(parts.features.columns) == ["a"]
    assert parts.target.tolist() == [0, 1, 0]
    assert isinstance(parts.frame, pd.DataFrame)


def test_numpy_stays_numpy_and_is_named_by_number() -> None:
    x = np.arange(6.0).reshape(3, 2)
    parts = labelled((x, [1, 0, 1]))
    assert parts.features is x
    assert parts.frame.columns.tolist() == ["x0", "x1", "target"]
    assert parts.target_names == ("target",)


def test_numpy_takes_the_names_of_the_model() -> None:
    parts = labelled((np.zeros((2, 2)), [1, 0]), features=["a", "b"])
    assert isinstance(parts.features, pd.DataFrame)
    assert parts.features.columns.tolist() == ["a", "b"]


def test_a_pair_keeps_the_target_apart() -> None:
    frame = train()[["a", "b"]]
    parts = labelled((frame, pd.Series([1, 0, 1], name="late", index=[7, 8, 9])))
    assert parts.target_names == ("late",)
    assert parts.features.columns.tolist() == ["a", "b"]
    assert parts.frame["late"].tolist() == [1, 0, 1]


def test_a_pair_of_polars_stays_polars() -> None:
    frame = pl.from_pandas(train()[["a", "b"]])
    parts = labelled((frame, pl.Series("late", [1, 0, 1])))
    assert isinstance(parts.features, pl.DataFrame)
    assert parts.target_names == ("late",)


def test_several_targets_are_columns() -> None:
    parts = labelled(train(), target=["late", "a"])
    assert parts.target.shape == (3, 2)
    assert parts.features.columns.tolist() == ["b", "w"]
    pair = labelled((np.zeros((3, 1)), np.ones((3, 2))), target=["u", "v"])
    assert pair.target_names == ("u", "v")
    assert labelled((np.zeros((3, 1)), np.ones((3, 2)))).target_names == (
        "target0",
        "target1",
    )


def test_a_triple_holds_the_weights() -> None:
    parts = labelled((np.zeros((3, 1)), [0, 1, 0], [1, 2, 3]))
    assert parts.weight is not None
    assert parts.weight.tolist() == [1.0, 2.0, 3.0]
    assert labelled((np.zeros((3, 1)), [0, 1, 0], None)).weight is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.array([1, 0, 1], dtype="Int64"), np.array([1, 0, 1])),
        (pd.array([True, False, True], dtype="boolean"), np.array([True, False, True])),
        (pd.array([1.5, 0.0, 1.0], dtype="Float64"), np.array([1.5, 0.0, 1.0])),
        (pd.Categorical(["x", "y", "x"]), np.array(["x", "y", "x"], dtype=object)),
        (pd.Categorical([3, 1, 3]), np.array([3, 1, 3])),
        (["x", "y", "x"], np.array(["x", "y", "x"], dtype=object)),
        (
            np.array([True, False, True], dtype=object),
            np.array([True, False, True]),
        ),
    ],
)
def test_the_target_is_plain_numpy(values: Any, expected: Any) -> None:
    parts = labelled(pd.DataFrame({"a": [1, 2, 3], "y": values}), target="y")
    assert parts.target.dtype == expected.dtype
    assert parts.target.tolist() == expected.tolist()


def bad(**changes: Any) -> pd.DataFrame:
    return train().assign(**changes)


@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        (train(), {}, "the frame needs a target"),
        (train(), {"target": "lat"}, "'lat' is not a column.*\n.*'late'"),
        (train(), {"target": "late", "weight": "v"}, "the weight 'v' is not a column"),
        (train(), {"target": "late", "features": ["c"]}, "lacks 'c', which the model"),
        (train()[["late"]], {"target": "late"}, "no column besides the target"),
        (train().iloc[:0], {"target": "late"}, "the frame has no rows"),
        (
            bad(b=[1, "x", 2.5]),
            {"target": "late"},
            r"column 'b' of the frame mixes types: float, int and str\n.*astype\(str\)",
        ),
        (
            bad(late=[0, None, 1]),
            {"target": "late"},
            "'late' of the frame is null in 1",
        ),
        (bad(w=[1, 0, 2]), {"target": "late", "weight": "w"}, "1 weights.*not above 0"),
        (bad(w=[1, np.inf, 2]), {"target": "late", "weight": "w"}, "not above 0"),
        (bad(w=[1, None, 2]), {"target": "late", "weight": "w"}, "not above 0"),
        (
            train(),
            {"target": "late", "weight": "b"},
            "weights of the frame are not num",
        ),
        (train(), {"target": "late", "weight": [1.0]}, "3 rows, but 1 weights"),
        ((train(),), {}, "a tuple of 1"),
        ((train(), [1, 2]), {}, "X of the frame has 3 rows, y has 2"),
        ((train(), "late"), {}, "y of the frame is the text 'late'"),
        ((train(), train()["late"]), {}, "holds the target 'late' itself"),
        ((train(), [1, 2, 3], [1, 1, 1]), {"weight": "w"}, "has weights twice"),
        ((np.zeros(3), [1, 2, 3]), {}, "X of the frame has 1 dimensions"),
        ((np.zeros((3, 2)), [1, 2, 3]), {"features": ["a"]}, "2 columns, the model"),
        ((np.zeros((3, 2)), [1, 2, 3]), {"target": ["a", "b"]}, "target= names 2"),
        (pd.concat([train(), train()], axis=1), {"target": "late"}, "more than one"),
    ],
)
def test_what_cannot_be_split_is_refused(
    frame: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        labelled(frame, **options)
    assert "Hint: " in str(refused.value)


def test_messages_call_the_frame_what_the_caller_calls_it() -> None:
    with pytest.raises(UsageError, match="the test frame needs a target"):
        labelled(train(), what="test frame")
