"""With very many columns a check keeps to what moved, and says what it left out."""

import numpy as np
import pandas as pd
import pytest

from nbmlops.skew import judge
from tests.skew.checking import report_of


@pytest.fixture
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(0)
    names = [f"x{at}" for at in range(8)]
    before, after = (
        pd.DataFrame(np.round(random.normal(50, 9, (900, 8)), 1), columns=names)
        for _ in range(2)
    )
    return before, after.assign(x1=after["x1"] * 1_000, x2=after["x2"] + 20)


def test_columns_that_did_not_change_are_not_drawn(
    frames: tuple[pd.DataFrame, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = report_of(*frames)
    assert all(column.bars for column in few.columns.values())
    monkeypatch.setattr(judge, "MOST_DRAWN", 7)
    many = report_of(*frames)
    assert {name for name, column in many.columns.items() if column.bars} == {
        "x1",
        "x2",
    }
    assert few.columns["x1"] == many.columns["x1"]
    for name, column in few.columns.items():
        assert (column.verdict, column.p_value) == (
            many.columns[name].verdict,
            many.columns[name].p_value,
        )


def test_causes_are_looked_for_where_most_moved_and_this_is_told(
    frames: tuple[pd.DataFrame, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "MOST_NAMED", 1)
    report = report_of(*frames)
    assert report.columns["x1"].cause is not None
    assert report.columns["x2"].cause is None
    assert report.columns["x2"].verdict == "over tolerance"
    assert any("no cause was looked for in 1 of them" in n for n in report.notes)
    assert "x2" in repr(report)
    assert "x2" in report._repr_html_()
