"""How predictions and performance are said and shown: short, whole, and escaped."""

import json
from dataclasses import replace

import pytest

from nbmlops.skew.performance import Change, Figure, Performance, Span
from nbmlops.skew.predictions import ClassShare, Mismatch, Predictions, ScoreShift
from nbmlops.skew.report import Bar
from nbmlops.skew.slices import Contrast, Group, Slices
from tests.display.hostile import FRAGMENTS, assert_harmless, visible

EVIL = "<b>\x1b[31m" + "long " * 60
INTERVAL = (0.123456, 0.234567)


def predictions() -> Predictions:
    scores = tuple(
        ScoreShift(
            name=f"probability of {EVIL}",
            verdict="over tolerance",
            distance=0.2,
            interval=INTERVAL,
            p_value=0.001,
            p_tolerance=0.01,
            detectable=0.05,
            summary=EVIL,
            bars=tuple(
                Bar(label=EVIL, reference=0.0123, serving=0.0456) for _ in range(40)
            ),
        )
        for _ in range(20)
    )
    share = ClassShare(
        label=EVIL,
        test=0.5,
        test_interval=INTERVAL,
        logged=0.6,
        logged_interval=INTERVAL,
    )
    mismatch = Mismatch(
        rows=5_000,
        differing=4_999,
        interval=INTERVAL,
        worst=0.5,
        answer="probability",
        kind="rounded",
        detail="rounded to 2 decimals",
        verdict="handling fault",
    )
    return Predictions(
        verdict="handling fault",
        rows=5_000,
        test_rows=1_000,
        alpha=0.05,
        scores=scores,
        shares=(share,) * 50,
        mismatch=mismatch,
        notes=(EVIL,) * 10,
    )


def performance() -> Performance:
    figures = tuple(
        Figure(metric=name, label=name, value=0.7654321, interval=INTERVAL, test=0.7)
        for name in ("accuracy", "roc_auc", "log_loss", "brier_score")
    )
    span = Span(
        name="2026-06-29 to 2026-07-05",
        rows=1_234_567,
        labelled=1_234_567,
        loss=0.123456,
        interval=INTERVAL,
        said="over tolerance",
        figures=figures,
    )
    return Performance(
        verdict="over tolerance",
        rows=10,
        labelled=10,
        alpha=0.05,
        tolerance=0.1,
        loss="Brier score",
        whole=figures[0],
        detectable=0.01,
        figures=figures,
        spans=(span,) * 62,
        changes=(Change(since="2026-07-01 10:00", before=0.1, after=0.2),) * 30,
        drift="concept",
        expected=0.1,
        now=0.2,
        quiet=True,
        notes=(EVIL,) * 10,
    )


def slices() -> Slices:
    contrast = Contrast(
        other=0.4812345,
        difference=0.1312345,
        interval=(0.0512345, 0.2112345),
        p_value=0.001,
        said="over tolerance",
    )
    group = Group(
        column=EVIL, value=EVIL, rows=1_234_567, loss=0.61, gap=contrast, rise=contrast
    )
    return Slices(
        verdict="over tolerance",
        loss="absolute error",
        labelled=1_234_567,
        alpha=0.05,
        margin=0.03,
        groups=(group,) * 100,
        small=(Group(column=EVIL, value=EVIL, rows=3),) * 100,
        notes=(EVIL,) * 10,
    )


@pytest.mark.parametrize("section", [predictions(), performance(), slices()])
def test_a_section_of_everything_fits(
    section: Predictions | Performance | Slices,
) -> None:
    page = section.html()
    assert len(page.encode()) <= 15_000
    assert "<b>\x1b" not in page
    assert "&lt;b&gt;" in page
    lines = section.lines()
    assert len(lines) <= 8
    assert max(map(len, lines)) <= 96
    assert "\x1b" not in "".join(lines)
    stored = json.loads(json.dumps(section.to_dict(), allow_nan=False))
    assert type(section).from_dict(stored) == section


def test_the_headline_fits_beside_its_title() -> None:
    said = performance().headline
    assert said == (
        "worse by more than 10% since 2026-07-01 10:00: Brier score 0.2, 0.7 on test"
    )
    assert predictions().headline.startswith(
        ">99.9% of 5,000 logged answers are not the model's: they are rounded"
    )


def test_sections_without_figures_say_why() -> None:
    empty = Performance(
        verdict="no evidence",
        rows=9,
        labelled=3,
        alpha=0.05,
        tolerance=0.1,
        refused="the test has 9 rows",
    )
    assert empty.headline == "too few labels, and no estimate: the test has 9 rows"
    assert empty.lines() == []
    assert empty.html() == ""
    nothing = Predictions(verdict="no evidence", rows=9, test_rows=0, alpha=0.05)
    assert nothing.headline == "nothing could be compared"


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_group_may_have_any_name(name: str) -> None:
    group = replace(slices().groups[0], column=name, value=name)
    section = replace(slices(), groups=(group,), small=(group,), notes=())
    assert_harmless(section.html())
    assert section.headline.isprintable()
    stored = json.loads(json.dumps(section.to_dict(), allow_nan=False))
    assert Slices.from_dict(stored) == section


def test_a_group_that_got_worse_is_said_with_both_losses() -> None:
    group = replace(slices().groups[0], column="carrier", value="UA")
    section = replace(slices(), loss="log loss", groups=(group,))
    assert section.headline == (
        "worse than on test in carrier = 'UA': log loss 0.610, was 0.481 "
        "(+0.051 to +0.211)"
    )


def test_answers_are_shown_as_columns_are() -> None:
    score = replace(
        predictions().scores[0],
        name="probability of 1",
        summary="Median 0.06 -> 0.07",
        cause="Median 0.06 -> 0.07; no known handling of the data explains it",
    )
    page = replace(predictions(), scores=(score,), tolerance=0.2).html()
    assert 'class="nbmlops-findings" style="--nbmlops-at:0.447"' in page
    words = visible(page)
    assert "tol .2" in page
    assert "on test in the log" in words
    assert "Moved. Median 0.06 \N{RIGHTWARDS ARROW} 0.07." in words
    assert "no known handling" not in words


def test_losses_are_drawn_beside_the_one_on_test() -> None:
    section = performance()
    page = section.html()
    assert "squares: surely worse, 31 of 31" in page
    assert page.count("h0") == 31
    assert 'data-l="test"' in page
    few = replace(section, spans=section.spans[:2])
    assert "<figure" not in few.html()
    assert "2 spans in numbers" in few.html()


def test_numbers_of_one_metric_have_the_same_decimals() -> None:
    figure = replace(performance().figures[0], value=0.13, interval=(0.093, 0.14))
    section = replace(performance(), figures=(replace(figure, test=0.0734),), spans=())
    assert "0.1300.093 to 0.1400.073" in visible(section.html())


def test_groups_are_drawn_beside_the_margin_and_the_rest_is_folded() -> None:
    group = replace(slices().groups[0], column="carrier", value="UA")
    page = replace(slices(), groups=(group,)).html()
    drawn, folded = page.split("<details")
    assert "nbmlops-dash" in drawn
    assert "nbmlops-dash" not in folded
    assert "+0.131" in drawn
    assert "over tolerance" in drawn
    assert "Against the rest of the log: harder in 1 of 1" in folded
    new = replace(slices(), groups=(replace(group, rise=None),)).html()
    assert '<details class="nbmlops-more" open>' in new
