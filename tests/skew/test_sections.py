"""Sections: judged, shown and stored with the report."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import pytest

from nbmlops.display.markup import Markup, tag
from nbmlops.skew import section_kinds, sentences
from nbmlops.skew.joint.section import Joint
from nbmlops.skew.report import SkewReport, Verdict
from tests.skew.samples import july, quiet_columns, report_of


@dataclass(frozen=True)
class Parity:
    """A section as small as one can be."""

    key: ClassVar[str] = "parity"
    title: ClassVar[str] = "Rows by key"
    verdict: Verdict
    headline: str

    def lines(self) -> list[str]:
        return ["origin: 3 of 9"]

    def html(self) -> Markup:
        return tag("p", "in detail")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Parity":
        return cls(**data)


def quiet() -> SkewReport:
    return report_of(quiet_columns())


def test_the_worst_part_decides() -> None:
    bad = quiet().with_sections(Parity("handling fault", "rows differ"))
    assert bad.verdict == "handling fault"
    assert not bad.ok
    fine = july().with_sections(Parity("no evidence", "rows agree"))
    assert fine.verdict == july().verdict


def test_the_headline_names_the_sections_that_fail() -> None:
    bad = quiet().with_sections(Parity("handling fault", "rows differ"))
    assert repr(bad).splitlines()[0].endswith("; rows by key: handling fault")
    assert "; rows by key: handling fault" in bad._repr_html_()
    fine = quiet().with_sections(Parity("within tolerance", "rows agree"))
    assert repr(fine).splitlines()[0] == repr(quiet()).splitlines()[0]


def test_a_section_is_shown_with_its_headline_escaped() -> None:
    shown = quiet().with_sections(Parity("within tolerance", "3 of <9> differ"))
    assert "Rows by key: 3 of <9> differ" in repr(shown)
    assert "origin: 3 of 9" in repr(shown)
    page = shown._repr_html_()
    assert "3 of &lt;9&gt; differ" in page
    assert "in detail" in page


def test_a_stored_report_keeps_its_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(section_kinds.KINDS, "parity", Parity)
    given = quiet().with_sections(Parity("over tolerance", "3 of 9 differ"))
    assert SkewReport.from_dict(json.loads(given.to_json())) == given


def test_sections_that_fail_come_first() -> None:
    fine = Joint(columns=3, auc=0.5, p_value=0.9)
    bad = replace(fine, verdict="over tolerance", p_value=0.001)
    rows = Parity("within tolerance", "rows agree")
    for joint, order in ((fine, ["parity", "joint"]), (bad, ["joint", "parity"])):
        report = quiet().with_sections(joint, rows)
        assert [section.key for section in sentences.sections(report)] == order
        page = report._repr_html_()
        places = [page.index(f"<h3>{report.sections[key].title}") for key in order]
        assert places == sorted(places)


def test_a_long_headline_of_a_section_goes_on_below_itself() -> None:
    said = "3 of 9 differ in what was asked for; " * 4 + "the end"
    lines = repr(quiet().with_sections(Parity("within tolerance", said))).split("\n")
    at = next(k for k, line in enumerate(lines) if line.startswith("Rows by key"))
    assert lines[at + 1].startswith("  ")
    assert lines[at + 1].endswith("the end")
    assert all(len(line) <= 100 for line in lines)
