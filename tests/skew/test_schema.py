"""A report's JSON is what its schema says, and a form of later is refused in words."""

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import nbmlops
from nbmlops.errors import NbmlopsError
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
)
from nbmlops.skew.report import Bar, Cause, ColumnSkew, SkewReport
from nbmlops.skew.schema import report_schema
from nbmlops.skew.section_kinds import KINDS
from nbmlops.skew.sections import Section
from nbmlops.skew.storing import SCHEMA
from tests.skew.feedback.loops import judged, log_of
from tests.skew.joint.frames import broken, quiet
from tests.skew.parity.samples import compared, rows
from tests.skew.samples import july, quiet_columns, report_of
from tests.skew.test_log_sections import performance, predictions, slices
from tests.skew.windows.test_windows import changed, days_of

KEPT = json.loads(files("nbmlops.skew").joinpath("report.schema.json").read_text())
VALID = Draft202012Validator(KEPT)
STEPS: tuple[Step, ...] = (
    Scale(by=1.609344, divides=True),
    Apply(function="log1p"),
    ToNull(values=(-1.0, "n/a")),
    Relabel(labels={"a": "b"}),
    Text(how="lower"),
    Shift(hours=-5.0),
    Convert(to="time", given="number", unit="s"),
    Swap(other="dest"),
    Rename(given="distance_km"),
)


def read_back(report: SkewReport) -> Any:
    return json.loads(report.to_json())


def joint() -> Section:
    found = nbmlops.check_skew(quiet(1, 800), broken(quiet(2, 800), 0), joint=True)
    return found.sections["joint"]


def parity() -> Section:
    before = rows()
    return compared(before, before.assign(price=before["price"] * 100, age=-1))


def feedback() -> Section:
    found = judged(log_of(2, 3_000, loop=0.5, explored=0.1))
    assert found is not None
    return found


def windows() -> Section:
    frame = changed(days_of(2, 60, rows=40), 40)
    found = nbmlops.check_skew(frame.iloc[: 40 * 30], frame, time="at")
    return found.sections["windows"]


MADE: dict[str, Callable[[], Section]] = {
    "feedback": feedback,
    "joint": joint,
    "parity": parity,
    "performance": performance,
    "predictions": predictions,
    "slices": slices,
    "windows": windows,
}


def test_the_file_says_what_the_types_say() -> None:
    command = "python -m nbmlops.skew.schema src/nbmlops/skew/report.schema.json"
    assert report_schema() == KEPT, command
    Draft202012Validator.check_schema(KEPT)


@pytest.mark.parametrize(
    "report", [july(), report_of(quiet_columns())], ids=["july", "quiet"]
)
def test_a_report_of_columns_is_valid(report: SkewReport) -> None:
    VALID.validate(read_back(report))


@pytest.mark.parametrize("key", sorted(KINDS))
def test_a_report_with_a_section_is_valid(key: str) -> None:
    section = MADE[key]()
    assert section.key == key
    VALID.validate(read_back(july().with_sections(section)))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_a_report_with_a_repair_is_valid(step: Step) -> None:
    bar = Bar(label="12", reference=0.5, serving=0.5)
    cause = Cause(kind="unit", detail="", mend=(step, step), mended=(bar,))
    column = ColumnSkew(
        name="a", kind="number", verdict="handling fault", cause=cause, bars=(bar,)
    )
    VALID.validate(read_back(report_of([column])))


def every_object(value: Any, root: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    if isinstance(value, dict):
        yield value, root
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from every_object(inner, root)


def test_no_object_may_lack_a_key_or_have_one_more() -> None:
    document = read_back(
        july().with_sections(*(MADE[key]() for key in ("parity", "slices")))
    )
    VALID.validate(document)
    seen = 0
    for found, root in every_object(document, document):
        if found is document["sections"] or "labels" in found:
            continue  # which sections there are, and labels, is the report's to say
        found["surprise"] = 1
        assert not VALID.is_valid(root), sorted(found)
        del found["surprise"]
        key = next(iter(found))
        taken = found.pop(key)
        assert not VALID.is_valid(root), key
        found[key] = taken
        seen += 1
    assert seen > 100


def test_a_report_of_a_later_form_is_refused() -> None:
    later = {**read_back(july()), "schema": SCHEMA + 1}
    with pytest.raises(NbmlopsError) as refused:
        SkewReport.from_dict(later)
    assert str(refused.value) == (
        f"this report is written in form {SCHEMA + 1}, and {SCHEMA} is the newest that "
        "is known here\nHint: read it with the release that wrote it: "
        "pip install -U nbmlops"
    )
    assert not VALID.is_valid(later)


def test_a_report_from_before_there_was_a_version_is_read() -> None:
    stored = read_back(july())
    del stored["schema"]
    assert SkewReport.from_dict(stored) == july()
