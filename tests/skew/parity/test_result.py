"""The section is judged, shown and stored."""

import json

import numpy as np
import pandas as pd
import pytest

from nbmlops.errors import UsageError
from nbmlops.frames.opening import open_frame
from nbmlops.skew.judge import check
from nbmlops.skew.parity.judge import add_parity
from nbmlops.skew.parity.result import Parity
from nbmlops.skew.report import SkewReport
from tests.skew.parity.samples import compared, rows, shuffled


def faulty(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(
        price=frame["price"].fillna(-1),
        age=frame["age"] * 1.609344,
        carrier=frame["carrier"].str.lower(),
    )


def report_of(
    before: pd.DataFrame, after: pd.DataFrame, **options: object
) -> SkewReport:
    report, _ = check(before, after, **options)  # type: ignore[arg-type]
    return add_parity(report, open_frame(before), open_frame(after), key="id")


def test_a_section_survives_json() -> None:
    found = compared(rows(), faulty(rows()))
    assert Parity.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    report = report_of(rows(), faulty(rows()))
    assert SkewReport.from_dict(json.loads(report.to_json())) == report


def test_a_relation_is_the_cause_of_its_column() -> None:
    """A factor below 10 is growth to the column alone, and a unit to its rows."""
    rng = np.random.default_rng(8)
    before = pd.DataFrame({"id": range(3_000), "x": rng.lognormal(3, 1, 3_000)})
    after = shuffled(before.assign(x=before["x"] * 1.609344))
    alone = check(before, after)[0].columns["x"]
    assert alone.cause is not None
    assert alone.cause.kind == "population"
    report = report_of(before, after)
    column = report.columns["x"]
    assert column.cause is not None
    assert (column.cause.kind, column.verdict) == ("unit", "handling fault")
    assert column.cause.repair == "serving['x'] /= 1.609344"
    assert (report.verdict, report.ok) == ("handling fault", False)
    assert next(iter(report.columns)) == "x"


def test_a_repair_of_nulls_comes_before_that_of_values() -> None:
    before = rows(2_000)
    after = before.assign(price=(before["price"] * 100).fillna(-1))
    cause = report_of(before, after).columns["price"].cause
    assert cause is not None
    assert (cause.kind, cause.also) == ("unit", ("sentinel",))
    assert [type(step).__name__ for step in cause.mend] == ["ToNull", "Scale"]


def test_a_cause_by_structure_stays() -> None:
    before = rows(300)
    report = report_of(before, before.assign(age=before["age"].astype(str)))
    cause = report.columns["age"].cause
    assert cause is not None
    assert cause.kind == "dtype"
    parity = report.sections["parity"]
    assert isinstance(parity, Parity)
    assert "age" in parity.agreeing


def test_an_acknowledged_column_does_not_fail_the_section() -> None:
    before = rows(300)
    after = before.assign(age=before["age"] + 1)
    report = report_of(before, after, muted={"age": ("2027-01-01", "known")})
    parity = report.sections["parity"]
    assert parity.verdict == "within tolerance"
    assert report.ok
    assert "age (muted)" in parity.lines()[1]


def test_rows_that_agree_are_told_in_a_line() -> None:
    found = compared(rows(), shuffled(rows()))
    assert found.headline == "4 columns agree in all 500 pairs"
    assert found.lines()[0] == "500 pairs by id"
    assert "Rows by key: 4 columns agree" in repr(report_of(rows(), rows()))


def test_what_differs_is_told_worst_first() -> None:
    found = compared(rows(), faulty(rows())[:480])
    assert found.headline == "age, carrier and price differ in 480 pairs by key"
    first, second, third, fourth, last = found.lines()
    assert first == "480 pairs by id; training rows left over: 20 without a partner"
    assert second.startswith("age: 100% differ; serving = training x 1.609344 in 100%")
    assert third.startswith("carrier: 100% differ; only upper and lower case")
    assert "serving has -1 where training is null" in fourth
    assert last == "1 column agrees: seen"


def test_html_is_small_and_safe_however_much_differs() -> None:
    count = 60
    names = [f"<b>column {at}</b> & with a long name" for at in range(count)]
    long = "<script>" + "x" * 5_000
    before = pd.DataFrame({name: ["a", "b", "c"] * 30 for name in names})
    after = pd.DataFrame({name: [long, long + "y", "c"] * 30 for name in names})
    found = compared(before.assign(id=range(90)), after.assign(id=range(90)))
    page = found.html()
    assert len(page.encode()) <= 15_000
    assert "<script>" not in page
    assert "<b>column" not in page
    assert len(found.lines()) <= 8
    assert all(len(line) <= 96 for line in found.lines())
    assert "more: see to_dict()" in page


def test_html_shows_single_rows_folded() -> None:
    page = compared(rows(), faulty(rows())).html()
    assert page.count("<details") == 1
    assert "Single rows that differ" in page
    for name in ("age", "carrier", "price"):
        assert f"<caption><b><code>{name}</code></b></caption>" in page
    assert "x 1.609344" in page


def test_a_report_without_common_columns_is_said() -> None:
    found = compared(pd.DataFrame({"id": [1, 2]}), pd.DataFrame({"id": [1, 3]}))
    assert found.headline == "1 pair by key, and no column that both sides have"
    with pytest.raises(
        UsageError, match="no row of serving has the id of a row of training"
    ):
        compared(pd.DataFrame({"id": [1, 2]}), pd.DataFrame({"id": [5, 6]}))


def test_other_columns_than_those_named_are_passed_over() -> None:
    found = compared(rows(), faulty(rows()), columns="age", ignore=["price"])
    assert [c.name for c in found.columns] == ["age"]
    assert found.agreeing == ()
