"""A report with every section at its fullest: whole, and small enough to be saved."""

from dataclasses import replace

import pandas as pd

from nbmlops.skew import section_kinds
from nbmlops.skew.feedback.section import Effect, Feedback
from nbmlops.skew.joint.section import Joint, Region
from nbmlops.skew.parity.result import Parity
from nbmlops.skew.windows.section import ColumnWindows, Windows
from tests.skew.parity.samples import compared
from tests.skew.samples import moved_columns, report_of
from tests.skew.test_log_sections import performance, predictions, slices


def test_thirty_columns_with_every_section_at_its_fullest_stay_under_200_kb() -> None:
    """What leaves no room would be cut: here nothing is."""
    faults = [replace(moved_columns()[0], name=f"column_{at}") for at in range(30)]
    given = (performance(), predictions(), slices(), whole_windows(30, 40))
    joint = Joint(
        columns=9,
        auc=0.7,
        interval=(0.69, 0.71),
        p_value=0.001,
        regions=(Region(where="hour >= 18 and " * 9, serving=0.3, reference=0.1),) * 8,
    )
    effect = Effect(
        name="spend",
        difference=0.2,
        interval=(0.1, 0.3),
        p_value=0.01,
        p_tolerance=0.2,
        rows=(99, 99),
    )
    loop = Feedback(method="exploration", effects=(effect,) * 60, detectable=0.1)
    rows = parity_of(30)
    report = report_of(faults).with_sections(*given, joint, loop, rows)
    assert set(report.sections) == set(section_kinds.KINDS)
    page = report._repr_html_()
    assert len(page.encode()) < 200_000
    assert "too long to be shown" not in page
    assert all(f"<h3>{part.title}" in page for part in given)
    assert "How this was measured" in page


def whole_windows(columns: int, count: int) -> Windows:
    return Windows(
        unit="day",
        size=1,
        windows=count,
        together=1,
        starts=tuple(f"2026-07-{1 + at % 30:02}" for at in range(count)),
        columns=tuple(
            ColumnWindows(
                name=f"column_{at}",
                verdict="over tolerance",
                distances=(0.123,) * count,
                over=tuple(range(0, count, 2)),
                how="since",
                first="2026-07-01",
                before=0.1,
                after=0.2,
            )
            for at in range(columns)
        ),
        tolerance=0.1,
        alpha=0.05,
    )


def parity_of(columns: int) -> Parity:
    before = pd.DataFrame({f"column_{at}": range(99) for at in range(columns)})
    key = {"id": range(99)}
    return compared(before.assign(**key), (before * 1.609344).assign(**key))
