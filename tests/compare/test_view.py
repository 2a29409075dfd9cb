# ruff: noqa: E501 - whole lines of output, with the signs that we write
import math
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbmlops.compare import phrases
from nbmlops.compare.comparison import (
    Comparison,
    MetricDifference,
    SliceDifference,
    VersionSide,
    judge,
)
from nbmlops.compare.sentences import headline_of
from nbmlops.compare.settings_view import settings_answer, settings_body
from nbmlops.compare.view import comparison_html, comparison_text, headline_html
from nbmlops.display import numbers
from nbmlops.display.text import width_of
from nbmlops.display.theme import folded, scoped
from tests.compare.samples import (
    GATES,
    ONE,
    TWO,
    Gate,
    curves,
    differences,
    five,
    flights,
    flips,
    slices,
    versions,
)
from tests.display.hostile import Elements, assert_harmless, hostile_texts, visible

LIMIT = 200_000


@given(hostile_texts(), st.booleans())
@example('" onmouseover="alert(1)', True)
@example("<script>alert(1)</script>", True)
@settings(deadline=None, max_examples=40)
def test_every_text_of_a_user_or_of_the_data_stays_text(
    text: str, is_different: bool
) -> None:
    one, two = f"{text}/1", f"{text}/{text if is_different else 2}"
    side = VersionSide(
        ref=one, estimator=text, author=text, created_at=text, aliases=(text,),
        description=text, params={text: text}, environment={text: text}, training=text,
    )  # fmt: skip
    difference = replace(
        differences(by_group=True)[0],
        metric=text, label=text, baseline=one, challenger=two, values={one: 1, two: 2},
        method=text,
    )  # fmt: skip
    part = replace(
        slices()[0], metric=text, baseline=one, challenger=two, column=text, value=text
    )
    small = replace(part, difference=None, interval=None, verdict="too small")
    moved = {
        "column": text,
        "verdict": "over tolerance",
        "distance": 0.2,
        "cause": text,
    }
    alike = {"column": text, "verdict": "no evidence", "distance": 0.0, "cause": None}
    base = flights()
    comparison = Comparison(
        versions=(side, replace(side, ref=two, params={text: "x"})),
        evaluation=text, rows_compared=3, group_column=text, leading=text,
        differences=(difference,), slices=(part, small), data={two: (moved, alike)},
        reported={one: {text: 1.0}}, notes=(text,),
        curves=tuple(replace(c, ref=r) for c, r in zip(base.curves, (one, two), strict=True)),
        flips=tuple(
            replace(f, baseline=one, challenger=two,
                    pairs=(replace(f.pairs[0], baseline_prediction=text),))
            for f in base.flips
        ),
    )  # fmt: skip
    gates = [Gate(text, passed, text) for passed in (True, False, None)]
    html = comparison_html(comparison, gates=gates, candidate=text, alias=text)
    found = assert_harmless(html)
    assert set(found.tags) <= {
        "div", "style",  "p", "b", "h2", "h3", "ul", "li", "span", "i", "table",
        "caption", "thead", "tbody", "tr", "th", "td", "code", "small", "svg", "path",
        "section", "details", "summary",  "figure", "figcaption",
    }  # fmt: skip
    assert all(line.isprintable() for line in comparison_text(comparison).split("\n"))


def test_the_verdict_comes_first_with_its_interval() -> None:
    expected = "delays/2 is better than delays/1: ROC AUC +0.017 (95% 0.008 to 0.027)"
    assert flights().headline == expected
    assert comparison_text(flights()).startswith(f"{expected}\n")
    words = visible(comparison_html(flights()))
    assert words.index(expected) < words.index("Metrics")


def test_buts_follow_the_verdict() -> None:
    assert flights().caveats == (
        "But worse: Recall −0.026 (−0.046 to −0.006).",
        "But worse on a part of the rows: carrier EV, by ROC AUC.",
    )
    words = visible(comparison_html(flights()))
    assert words.index("But worse: Recall") < words.index("Metrics")
    assert "▼ But worse: Recall" in comparison_text(flights())


def test_the_headline_says_what_the_table_decides() -> None:
    comparison = flights(by_group=True)
    assert comparison.headline == (
        "No clear difference between delays/2 and delays/1: ROC AUC +0.017 "
        "(95% −0.051 to 0.086 by day)"
    )
    assert comparison.caveats == (
        "On these rows alone: better, 0.008 to 0.027 by row; other days may differ.",
        "But worse on a part of the rows: carrier EV, by ROC AUC.",
    )
    words = visible(comparison_html(comparison))
    assert "95% intervals by day, the thick line by row" in words
    assert "+0.017 (−0.051 to 0.086) by row 0.008 to 0.027 ○ not clear" in words
    assert "▲ 2 is better" not in words[: words.index("Slices")]


def with_lead(low: float, high: float, *, up: bool = True) -> Comparison:
    middle = (low + high) / 2
    lead = MetricDifference(
        metric="rmse", label="RMSE", baseline=ONE, challenger=TWO,
        values={ONE: 10.0, TWO: 10.0 + middle}, difference=middle, interval=(low, high),
        greater_is_better=up, method="paired t",
        verdict=judge((low, high), greater_is_better=up),
    )  # fmt: skip
    return Comparison(versions=versions(), differences=(lead,), leading="rmse")


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        pytest.param(
            with_lead(-2, -1, up=False),
            "delays/2 is better than delays/1: RMSE −1.5 (95% −2.0 to −1.0)",
            id="lower-is-better",
        ),
        pytest.param(
            with_lead(1, 2, up=False),
            "delays/2 is worse than delays/1: RMSE +1.5 (95% 1.0 to 2.0)",
            id="worse",
        ),
        pytest.param(
            with_lead(-1, 2),
            "No clear difference between delays/2 and delays/1: RMSE +0.5 "
            "(95% −1.0 to 2.0)",
            id="not-clear",
        ),
        pytest.param(
            Comparison(versions=versions()),
            "delays/1 and delays/2 share no evaluation",
            id="nothing-common",
        ),
        pytest.param(
            five(),
            "delays/5 is the best of 4 challengers of delays/1: ROC AUC +0.035 "
            "(95% 0.026 to 0.045)",
            id="best-of-four",
        ),
    ],
)
def test_headlines_say_exactly_what_was_found(
    comparison: Comparison, expected: str
) -> None:
    assert comparison.headline == expected
    assert visible(headline_html(comparison)) == expected


def test_without_an_interval_no_certainty_is_claimed() -> None:
    lead = replace(
        with_lead(1, 2).differences[0], interval=None, verdict="no interval", method=""
    )
    comparison = replace(with_lead(1, 2), differences=(lead,))
    expected = "delays/2 against delays/1, how surely is not known: RMSE +1.5"
    assert comparison.headline == expected
    assert "no interval" in visible(comparison_html(comparison))


def test_all_challengers_worse_is_said_so() -> None:
    base = five()
    worse = tuple(
        replace(d, interval=(-0.3, -0.2), difference=-0.25, verdict="worse")
        for d in base.differences
    )
    said = headline_of(replace(base, differences=worse)).sentence
    assert said.startswith("All 4 challengers are worse than delays/1; the nearest is")


def test_right_of_the_line_is_always_better() -> None:
    fewer = with_lead(-2, -1, up=False)
    gain = phrases.gain_interval(fewer.differences[0], (-2, -1))
    assert gain == (0.1, 0.2)
    assert phrases.gain_of(fewer.differences[0]) == 0.15


def test_each_number_drawn_is_in_the_table_as_text() -> None:
    words = visible(comparison_html(flights()))
    for row in (
        "ROC AUC0.6210.638+0.017 (0.008 to 0.027) ▲ 2 is better",
        "Recall0.4860.460−0.026 (−0.046 to −0.006) ▼ 2 is worse",
        "Brier score lower is better0.17330.1726−0.0007 (−0.0023 to 0.0009) ○ not clear",
        "carrier EV3,972−0.060 (−0.090 to −0.030) ▼ 2 is worse",
    ):
        assert row in words


def test_what_is_clear_stands_before_what_is_not() -> None:
    html = comparison_html(flights())
    clear, rest = html[html.index("<tbody") :].split('<tbody class="nbmlops-rest"')[:2]
    rest = rest[: rest.index("</tbody>")]
    assert [clear.count(word) for word in (">2 is better<", ">2 is worse<")] == [3, 1]
    assert "not clear<" not in clear
    assert rest.count(">not clear<") == 3


def test_values_and_difference_share_their_decimals() -> None:
    assert [phrases.decimals(d) for d in differences()] == [3, 3, 3, 3, 3, 4, 4]


def test_another_python_is_no_package_and_is_said() -> None:
    plain = flights()
    first, second = plain.versions
    versions = (replace(first, python="3.11.9"), replace(second, python="3.13.1"))
    page = visible(comparison_html(replace(plain, versions=versions)))
    assert "Environment Python differs; 2 of 4 packages differ" in page
    assert "Python3.11.93.13.1" in page
    assert "Python differs" not in visible(comparison_html(plain))


def test_each_fold_says_its_answer() -> None:
    words = visible(comparison_html(flights()))
    for answer in (
        "Slices better on 9E, UA and DL; worse on EV; 14 not clear; 2 too small to judge",
        "Curves 2 above 1 in ROC everywhere; promises are off: 1 by 3.7% and 2 by 5.5%",
        "Flips 2 and 1 disagree on 3,148 rows (25%), 2 is right on 58% of them",
        "Training data pressure and temp moved, 3 columns alike",
        "Parameters 1 of 2 shared parameters differs: max_iter; 2 only in 1, 2 only in 2",
        "Environment 2 of 4 packages differ: scikit-learn and pandas",
        "Size and speed 6.9 KB → 282 KB; 5.8 ms → 5.2 ms per row",
        "Reported cv_score, given at registering and not computed here",
    ):
        assert answer in words
    for answer in ("Slices: better on 9E", "Flips: 2 and 1 disagree on 3,148"):
        assert answer in comparison_text(flights())


def test_a_column_that_a_version_no_longer_reads_has_not_moved() -> None:
    lost = {"verdict": "handling fault", "distance": None, "cause": "missing-column"}
    base = flights()
    columns = ({**lost, "column": "plane"}, *base.data["delays/2"])
    text = comparison_text(replace(base, data={"delays/2": columns}))
    assert (
        "Training data: pressure and temp moved, plane left out, 3 columns alike"
        in text
    )


def test_a_version_that_is_worse_is_also_worse_on_a_part() -> None:
    worse = replace(flights(), differences=differences(shift=-0.2))
    assert "Also worse on a part of the rows: carrier EV" in comparison_text(worse)


def test_several_challengers_are_answered_together() -> None:
    text = comparison_text(five())
    assert "Slices: 2, 3, 4 and 5: better on 9E, UA and DL, worse on EV" in text
    assert "2, 3, 4 and 5: pressure and temp moved, 3 columns alike" in text
    assert "Curves: 2, 3 and 4 above 1 in ROC everywhere" in text


def test_one_row_per_challenger_under_one_name() -> None:
    found = Elements(comparison_html(five()))
    spans = [value for name, value in found.attributes if name == "rowspan"]
    assert spans == ["4"] * 2 * 7
    assert "5 is better" in found.words


def test_folds_without_content_are_left_out() -> None:
    html = comparison_html(Comparison(versions=versions()))
    words = visible(html)
    for title in ("Slices", "Curves", "Flips", "Reported", "Metrics"):
        assert title not in words
    assert_harmless(html)


def test_the_slices_nearest_to_a_loss_are_drawn_the_rest_is_listed() -> None:
    html = comparison_html(flights())
    drawn = html[html.index("by slice") : html.index("9 slices more")]
    assert drawn.count("<svg") == 4 + 5
    rest = html[html.index("9 slices more") : html.index("Too small to judge")]
    assert rest.count("<svg") == 0
    assert rest.count("not clear") == 9


def test_the_decision_lists_what_fails_first_and_counts() -> None:
    words = visible(comparison_html(flights(), gates=GATES))
    panel = words[words.index("Make delays/2 champion?") :]
    assert panel.startswith(
        "Make delays/2 champion?Not yet. 5 of 7 gates pass; skew within tolerance and "
        "approvals at least 1 fail."
    )
    places = [panel.index(s) for s in ("✕ fails", "– not applicable", "✓ pass")]
    assert places == sorted(places)
    assert "Make delays/2 champion?" not in visible(comparison_html(flights()))


def test_gates_that_pass_allow_and_do_not_recommend() -> None:
    words = visible(comparison_html(flights(), gates=GATES[2:], candidate="delays/9"))
    assert "Make delays/9 champion?Gates allow it: 5 of 5 pass." in words
    none = visible(comparison_html(flights(), gates=[]))
    assert "Gates allow it: none applies." in none
    skipped = visible(comparison_html(flights(), gates=GATES[-1:], alias="live"))
    assert "Make delays/2 live?Gates allow it: none applies." in skipped
    for panel in (words, none, skipped):
        assert "Yes" not in panel


def test_marks_are_numbers_where_they_tell_the_versions_apart() -> None:
    assert phrases.marks_of(["a/1", "a/12"]) == {"a/1": "1", "a/12": "12"}
    assert phrases.marks_of(["a/1", "b/1"]) == {"a/1": "A", "b/1": "B"}
    assert phrases.marks_of(["a/1", "b/2"]) == {"a/1": "A", "b/2": "B"}


@pytest.mark.parametrize("count", [40, 400])
def test_many_slices_and_challengers_fit_into_200_kb(count: int) -> None:
    html = comparison_html(five(slice_count=count), gates=GATES)
    assert len(html.encode()) < LIMIT
    assert_harmless(html)


def test_long_texts_fit_into_200_kb() -> None:
    long = "<b>" * 3000
    sides = tuple(
        replace(
            side,
            description=long,
            estimator=long,
            params={f"{long}{i}{side.ref}": long for i in range(300)},
            environment={f"p{i}": f"{side.ref}{long}" for i in range(300)},
        )
        for side in versions()
    )
    comparison = replace(flights(), versions=sides, notes=(long,) * 50)
    assert len(comparison_html(comparison).encode()) < LIMIT


@pytest.mark.parametrize("comparison", [flights(), flights(by_group=True), five()])
def test_text_stays_within_a_terminal(comparison: Comparison) -> None:
    lines = comparison_text(comparison).split("\n")
    assert len(lines) <= 42
    assert all(width_of(line) <= 100 for line in lines)


anything = st.floats()


@given(anything, anything, anything, st.none() | st.tuples(anything, anything))
@settings(deadline=None, max_examples=40)
def test_whatever_a_comparison_gives_can_be_shown(
    one: float, two: float, difference: float, interval: tuple[float, float] | None
) -> None:
    found = replace(
        differences()[0],
        values={ONE: one, TWO: two},
        difference=difference,
        interval=interval,
        group_interval=interval,
        verdict=judge(interval, greater_is_better=True),
    )
    part: SliceDifference = replace(
        slices()[0], difference=difference, interval=interval, verdict=found.verdict
    )
    comparison = replace(flights(), differences=(found,), slices=(part,))
    html = comparison_html(comparison)
    assert_harmless(html)
    assert "NaN" not in html
    assert 'd="Mnan' not in html
    comparison_text(comparison)


def test_nobody_disagreeing_is_no_error() -> None:
    alike = replace(flips(), disagree=0, baseline_right=0, challenger_right=0, pairs=())
    words = visible(comparison_html(replace(flights(), flips=(alike,))))
    assert "2 and 1 disagree on 0 rows (0%)" in words


@given(st.floats(0, 1e6))
def test_ticks_are_round_numbers(reach: float) -> None:
    end = numbers.nice_end(reach)
    digits = f"{end:.0e}"[0]
    assert digits in "125"
    assert end >= 0.69 * reach
    assert math.isfinite(end)


def test_comparisons_show_themselves() -> None:
    assert flights()._repr_html_() == comparison_html(flights())
    assert repr(flights()) == comparison_text(flights())


def test_a_comparison_folds_under_its_headline() -> None:
    html = folded(headline_html(flights()), comparison_html(flights()))
    found = assert_harmless(html)
    assert found.tags[:3] == ["details", "summary", "small"]
    assert html.count("<style") == scoped().count("<style")


def test_changed_parameters_stand_before_those_that_one_lacks() -> None:
    sides = [{"a__b__c": "1", "x": "1", "z": "1"}, {"a__b__c": "2", "y": "1", "z": "1"}]
    answer = settings_answer(sides, "parameter", ["1", "2"])
    assert answer == "1 of 2 shared parameters differs: b__c; 1 only in 1, 1 only in 2"
    words = Elements(settings_body(sides, "parameter", ["1", "2"])).words
    assert "a__b__c12" in words
    assert "2 parameters not in all" in words
    assert (
        words.index("a__b__c")
        < words.index("not in all")
        < words.index("1 parameter alike")
    )


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ([{}, {}], ""),
        ([{"a": "1"}, {"a": "1"}], "1 package, all alike"),
        ([{"a": "1"}, {"a": "1", "b": "1"}], "1 shared package alike; 1 only in 2"),
        ([{"a": "1"}, {"a": "2"}], "1 of 1 package differs: a"),
        ([{"a": "1"}, {"b": "1"}], "1 only in 1, 1 only in 2"),
        ([{"a": "1"}, {"b": "1"}, {}], "2 not in all"),
    ],
)
def test_packages_are_answered_in_a_line(
    sides: list[dict[str, str]], expected: str
) -> None:
    assert settings_answer(sides, "package", ["1", "2", "3"][: len(sides)]) == expected


def test_a_method_is_named_once() -> None:
    found = tuple(
        replace(d, method="jackknife; by day: 14 groups") for d in differences()
    )
    words = visible(comparison_html(replace(flights(), differences=found)))
    assert words.count("by day: 14 groups") == 1


def test_an_interval_without_0_is_not_written_as_if_it_had_it() -> None:
    near = replace(differences()[3], interval=(-0.0092, -0.00002))
    assert phrases.decimals(near) == 5
    across = replace(differences()[3], interval=(-0.0092, 0.0))
    assert phrases.decimals(across) == 4


def test_a_pipeline_is_known_by_its_last_step() -> None:
    one, two = versions()
    sides = (replace(one, estimator="Pipeline: Scaler, LogisticRegression"), two)
    text = comparison_text(replace(flights(), versions=sides))
    assert "Pipeline: LogisticRegression" in text
    assert "Scaler" not in text


@pytest.mark.parametrize(
    ("roc", "expected"),
    [
        (((0.0, 0.0), (1.0, 1.0)), "2 below 1 in ROC everywhere"),
        (curves(ONE, 0.7).roc, "2 as good as 1 in ROC"),
        (((0.0, 0.3), (0.8, 0.8), (1.0, 1.0)), "2 crosses 1 in ROC"),
        ((), "2 below 1 in ROC everywhere"),
    ],
)
def test_curves_say_which_lies_above(
    roc: tuple[tuple[float, float], ...], expected: str
) -> None:
    first = replace(curves(ONE, 0.7), calibration=(), scores=())
    second = replace(first, ref=TWO, roc=roc)
    comparison = replace(flights(), curves=(first, second))
    words = visible(comparison_html(comparison))
    assert f"Curves {expected}" in words
    assert "promises are off" not in words
    assert "Scores" not in words


def test_many_buts_are_counted_and_named() -> None:
    worse = tuple(
        d
        if d.metric == "roc_auc"
        else replace(d, interval=(-0.3, -0.2), greater_is_better=True, verdict="worse")
        for d in differences()
    )
    caveats = replace(flights(), differences=worse).caveats
    assert len(caveats) == 5
    assert caveats[3] == "Also worse: Average precision, Log loss and Brier score."
