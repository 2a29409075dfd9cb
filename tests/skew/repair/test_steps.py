"""Steps of a repair: each line of pandas does what its step says."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbmlops.skew.repair.steps import (
    Apply,
    Convert,
    Relabel,
    Rename,
    Scale,
    Shift,
    Step,
    Swap,
    Text,
    ToNull,
    lines,
    read_step,
    step_dict,
)

MIDNIGHT = pd.Timestamp("2026-01-01")

CASES: list[tuple[Step, Sequence[Any], Sequence[Any]]] = [
    (Scale(by=1.609344, divides=True), [1.609344], [1.0]),
    (Scale(by=1000), [0.5], [500.0]),
    (Scale(plus=-273.15), [273.15], [0.0]),
    (Scale(plus=-32, by=1.8, divides=True), [212.0], [100.0]),
    (Apply(function="expm1"), [0.0], [0.0]),
    (ToNull(values=(-1,)), [-1, 2], [None, 2]),
    (ToNull(values=("nan", "")), ["nan", "", "a"], [None, None, "a"]),
    (Relabel(labels={"aa": "AA"}), ["aa", "b"], ["AA", "b"]),
    (Text(how="upper"), ["aa", None], ["AA", None]),
    (Text(how="strip"), [" aa "], ["aa"]),
    (Text(how="NFKC"), ["\N{LATIN SMALL LIGATURE FI}n"], ["fin"]),
    (Text(how="utf-8"), ["Z\u00c3\u00bcrich"], ["Z\u00fcrich"]),
    (Text(how="removeprefix", text="id-"), ["id-7"], ["7"]),
    (Text(how="removesuffix", text=".0"), ["7.0"], ["7"]),
    (Text(how="prefix", text="id-"), ["7"], ["id-7"]),
    (Text(how="suffix", text=".0"), ["7"], ["7.0"]),
    (Shift(hours=-5), [MIDNIGHT], [MIDNIGHT - pd.Timedelta(hours=5)]),
    (Convert(to="number", given="text"), ["1.5", "x"], [1.5, None]),
    (Convert(to="number", given="boolean"), [True], [1.0]),
    (Convert(to="time", given="number", unit="ms"), [0], [pd.Timestamp(0)]),
    (Convert(to="text", given="number"), [7], ["7"]),
    (Convert(to="boolean", given="text"), ["True", "0"], [True, False]),
]


@pytest.mark.parametrize(("step", "served", "wanted"), CASES)
def test_the_line_of_a_step_mends_the_column(
    step: Step, served: Sequence[Any], wanted: Sequence[Any]
) -> None:
    column = "it's"
    frame = pd.DataFrame({column: served})
    scope: dict[str, Any] = {"serving": frame, "pandas": pd, "numpy": np}
    exec(lines((step,), column), scope)
    found = scope["serving"][column]
    for one, other in zip(found, wanted, strict=True):
        if other is None:
            assert pd.isna(one)
        elif isinstance(other, float):
            assert one == pytest.approx(other, abs=1e-12)
        else:
            assert one == other


@pytest.mark.parametrize("step", [case[0] for case in CASES])
def test_a_step_is_read_as_it_was_written(step: Step) -> None:
    assert read_step(json.loads(json.dumps(step_dict(step)))) == step


def test_swapped_columns_are_swapped_back_and_a_renamed_one_has_its_name() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4], "c": [5, 6]})
    scope = {"serving": frame}
    exec(lines((Swap(other="b"),), "a"), scope)
    assert lines((Swap(other="a"),), "b") == ""
    assert scope["serving"]["a"].tolist() == [3, 4]
    exec(lines((Rename(given="c"),), "d"), scope)
    assert list(scope["serving"]) == ["a", "b", "d"]
