import ast
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbmlops.display.text import width_of
from nbmlops.skew import sentences
from nbmlops.skew.report import VERDICTS, Bar, Cause, ColumnSkew, SkewReport
from nbmlops.skew.view import report_html, report_text
from tests.display.hostile import Elements, assert_harmless, hostile_texts, visible
from tests.skew.samples import (
    bars_of,
    july,
    labels_of,
    moved_columns,
    quiet_columns,
    report_of,
)

LIMIT = 200_000


@given(hostile_texts())
@example('" onmouseover="alert(1)')
@example("<script>alert(1)</script>")
@settings(deadline=None, max_examples=30)
def test_every_text_of_a_user_or_of_the_data_stays_text(text: str) -> None:
    columns = [
        ColumnSkew(
            name=f"{text}{verdict}{muted}",
            kind=text,
            verdict=verdict,
            distance=0.3,
            interval=(0.2, 0.4),
            p_value=0.01,
            detectable=0.2,
            cause=Cause(kind=text, detail=text, also=(text,), repair=text),
            summary=text,
            bars=labels_of(("a", 0.5, 0.2), (text, 0.0, 0.5), ("b", 0.5, 0.3)),
            muted_until=muted,
            muted_reason=text,
        )
        for verdict in VERDICTS
        for muted in ("", "2026-12-31", text)
    ]
    report = report_of(columns, notes=(text,), reference=text, serving=text)
    found = assert_harmless(report_html(report))
    assert set(found.tags) <= {
        "div", "style",  "p", "b", "h2", "h3", "ul", "li", "span", "i",
        "table", "caption", "thead", "tbody", "tr", "th", "td", "code", "small", "svg",
        "path", "meter", "section", "details", "summary", "dl", "dt", "dd", "pre",
    }  # fmt: skip
    lines = report_text(report).replace("\t", " ").split("\n")
    assert all(line.isprintable() for line in lines)


def test_the_verdict_comes_first() -> None:
    expected = "4 handling faults and 3 shifts over tolerance in 17 columns; 1 muted"
    assert sentences.headline(july()) == expected
    assert report_text(july()).startswith(f"{expected}\n")
    html = report_html(july())
    assert html.index(expected) < html.index("<table")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        pytest.param([], "No column was compared", id="none"),
        pytest.param(
            quiet_columns()[-2:], "No evidence of a shift in 2 columns", id="quiet"
        ),
        pytest.param(
            quiet_columns()[3:4],
            "Nothing over tolerance in 1 column; 1 small shift within it",
            id="within",
        ),
        pytest.param(
            quiet_columns()[4:5], "Not enough data to judge 1 column", id="short"
        ),
        pytest.param(
            quiet_columns()[3:6],
            "Nothing over tolerance in 3 columns, but 1 has too few rows",
            id="some-short",
        ),
        pytest.param(
            moved_columns()[:1], "1 handling fault in 1 column", id="one-fault"
        ),
        pytest.param(
            moved_columns()[3:4], "1 shift over tolerance in 1 column", id="one-shift"
        ),
        pytest.param(
            moved_columns()[-1:],
            "Nothing new over tolerance in 1 column; 1 muted",
            id="muted",
        ),
    ],
)
def test_headlines_say_exactly_what_was_found(
    columns: list[ColumnSkew], expected: str
) -> None:
    report = report_of(columns)
    assert sentences.headline(report) == expected
    assert expected in report_html(report)
    assert expected in report_text(report)


def test_what_moved_is_shown_worst_first_by_verdict() -> None:
    words = visible(report_html(july()))
    body = words[words.index("What moved") :]
    order = ["4 handling faults", "Another unit.", "A number where", "3 over tolerance",
             "New labels.", "1 muted"]  # fmt: skip
    places = [body.index(text) for text in order]
    assert places == sorted(places)


def test_a_row_says_distance_interval_p_cause_and_repair() -> None:
    html = report_html(july())
    row = html[html.index(">distance</code>") :]
    words = Elements(row[: row.index("</tr>")]).words
    for part in (
        "0.55 0.55 to 0.56 p < 0.001",
        "serving = training x 1.609344: kilometres, not miles.",
        'serving["distance"] /= 1.609344',
        "Fits as well: moved.",
        "94 to 4,162",
    ):
        assert part in words


def test_what_is_drawn_is_also_there_as_text() -> None:
    """An untrusted notebook drops the drawings."""
    html = report_html(report_of(moved_columns()[2:3]))
    assert "training \u2588\u2588\u2587" in html
    table = visible(html)
    for bar in moved_columns()[2].bars:
        assert bar.label in table
    assert "8.0%3.5%" in table


def test_a_column_that_cannot_be_compared_says_so() -> None:
    html = report_html(july())
    row = html[html.index(">origin_gate</code>") :]
    assert "not comparable" in row[: row.index("</tr>")]
    assert "svg" not in row[: row.index("</tr>")]


def test_a_muted_finding_is_shown_as_muted_with_its_reason() -> None:
    words = visible(report_html(july()))
    assert "Muted until 31 Dec 2026: summer is humid; retraining is planned" in words
    line = "Muted: humid until 2026-12-31: summer is humid; retraining is planned"
    assert line in report_text(july())


def test_a_mute_that_is_noted_as_expired_counts_again() -> None:
    column = replace(moved_columns()[-1], muted_until="")
    assert (
        sentences.headline(report_of([column])) == "1 shift over tolerance in 1 column"
    )


def test_what_could_not_have_been_shown_is_named() -> None:
    names = [column.name for column in sentences.blind(july())]
    assert names == ["weekday", "seats", "visib", "precip", "dep_delay"]
    words = visible(report_html(july()))
    assert "In 5 columns a shift over tolerance could have passed unseen" in words
    assert "weekday below 0.71, seats below 0.37, visib below 0.30" in report_text(
        july()
    )


def test_quiet_columns_are_folded_and_named() -> None:
    html = report_html(july())
    assert "4 within tolerance" in visible(html)
    found = Elements(html)
    details = found.tags.count("details")
    assert details >= 5
    assert ("open", None) not in found.attributes


def test_notes_and_weights_are_shown() -> None:
    for shown in (visible(report_html(july())), report_text(july())):
        assert "Rows are taken as independent" in shown
        assert "effective 10,038 of 12,441 rows" in shown
        assert "tolerance 0.1" in shown
        assert "false alarms in 5% of checks" in shown


def test_repairs_can_be_copied_whole_from_the_terminal() -> None:
    assert '\n    serving["distance"] /= 1.609344\n' in report_text(july())


def with_repair(repair: str) -> SkewReport:
    column = moved_columns()[0]
    assert column.cause is not None
    return report_of([replace(column, cause=replace(column.cause, repair=repair))])


def test_a_repair_of_several_lines_keeps_its_lines() -> None:
    """On one line it would be no Python."""
    lines = "serving['score'] *= 0.15\nserving['score'] = serving['score'] + 0.28"
    report = with_repair(lines)
    assert f"<code>{lines}</code></pre>" in report_html(report)
    assert "\n    ".join(["", *lines.split("\n")]) in report_text(report)


def test_half_a_repair_is_never_shown() -> None:
    labels = {f"label {at}": f"LABEL {at}" for at in range(200)}
    repair = f"serving['distance'] = serving['distance'].replace({labels})"
    report = with_repair(repair)
    where = "print(report.columns['distance'].cause.repair)"
    for shown in (visible(report_html(report)), report_text(report)):
        assert where in shown
        assert ".replace(" not in shown


def test_a_long_line_is_broken_where_it_stays_python() -> None:
    labels = {"a, b": "A", "it's": 'B, "b"'} | {f"c {at}": f"C{at}" for at in range(9)}
    repair = f"serving['x'] = serving['x'].replace({labels})"
    text = report_text(with_repair(repair))
    start = text.index("serving['x'] =")
    shown = text[start : text.index("})") + 2]
    assert shown.count("\n") == 2
    assert all(width_of(line) <= 100 for line in text.split("\n"))
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(repair))
    assert repair in report_html(with_repair(repair)).replace("&quot;", '"')


def test_a_long_headline_goes_on_below_itself() -> None:
    columns = [*moved_columns(), *quiet_columns()]
    report = report_of(columns, serving="s" * 300)
    assert all(width_of(line) <= 100 for line in report_text(report).split("\n"))


def many(count: int, verdict: str = "over tolerance") -> list[ColumnSkew]:
    return [
        ColumnSkew(
            name=f"a_rather_long_column_name_with_its_number_{i}",
            kind="number",
            verdict=verdict,  # type: ignore[arg-type]  # plain words
            distance=0.2 + i / 10_000,
            interval=(0.15, 0.25),
            p_value=0.0001,
            p_tolerance=0.001,
            detectable=0.2,
            cause=Cause(
                kind="unit",
                detail="x" * 300 + " & <much> " * 20,
                repair="serving['a'] /= 2 " * 10,
            ),
            summary="median 1 to 2, and a little more than that " * 3,
            bars=bars_of((i % 90, 10), (i % 90 + 5, 12), ends=(-50, 300), count=40),
        )
        for i in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "verdict"),
    [*((200, verdict) for verdict in VERDICTS), (1_000, "handling fault")],
)
def test_any_number_of_columns_fits_into_200_kb(count: int, verdict: str) -> None:
    columns = many(count, verdict)
    html = report_html(report_of(columns))
    assert len(html.encode()) < LIMIT
    assert_harmless(html)
    assert f"{count:,}" in visible(html)


def test_what_has_no_room_is_counted_not_dropped() -> None:
    words = visible(report_html(report_of(many(2_000))))
    assert "columns more moved" in words
    assert "more: see to_frame()" in words


@pytest.mark.parametrize("count", [0, 1, 17, 200])
def test_text_stays_within_a_terminal(count: int) -> None:
    notes = tuple(f"note {i} " * 30 for i in range(5))
    lines = report_text(report_of(many(count), notes=notes)).split("\n")
    assert len(lines) <= 46
    assert all(width_of(line) <= 100 for line in lines)


@given(
    st.lists(
        st.builds(
            Bar,
            label=hostile_texts(),
            low=st.none() | st.floats(-1e12, 1e12),
            high=st.none() | st.floats(-1e12, 1e12),
            reference=st.floats(0, 1),
            serving=st.floats(0, 1),
        ),
        max_size=5,
    ),
    st.none() | st.floats(0, 1),
    st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.sampled_from(VERDICTS),
)
@settings(deadline=None, max_examples=30)
def test_whatever_a_check_gives_can_be_shown(
    bars: list[Bar],
    distance: float | None,
    interval: tuple[float, float] | None,
    verdict: str,
) -> None:
    column = ColumnSkew(
        name="x",
        kind="time",
        verdict=verdict,  # type: ignore[arg-type]  # plain words
        distance=distance,
        interval=interval,
        bars=tuple(bars),
    )
    report = report_of([column])
    assert_harmless(report_html(report))
    assert "1 column" in report_text(report)


def test_reports_show_themselves() -> None:
    assert july()._repr_html_() == report_html(july())
    assert repr(july()) == report_text(july())


def test_what_the_world_did_is_not_said_twice() -> None:
    figures = "Median 36 -> 81"
    detail = f"{figures}; no known handling of the data explains it"
    column = replace(
        moved_columns()[3],
        summary=figures,
        cause=Cause(kind="population", detail=detail),
    )
    words = visible(report_html(report_of([column])))
    assert words.count("Median 36 \N{RIGHTWARDS ARROW} 81.") == 1
    assert "no known handling" not in words
    unsure = f"{figures}; too few rows to tell a unit from a change"
    told = replace(column, cause=Cause(kind="population", detail=unsure))
    assert sentences.said_of(told) == (
        "Moved.",
        "Too few rows to tell a unit from a change.",
        "Median 36 \N{RIGHTWARDS ARROW} 81.",
    )
    fault = replace(column, cause=Cause(kind="unit", detail=detail))
    assert sentences.said_of(fault) == (
        "Another unit.",
        f"{detail}.".replace("->", "\N{RIGHTWARDS ARROW}"),
        "",
    )


def test_the_ends_of_an_axis_name_single_values() -> None:
    bars = (
        Bar(label="-1 to -1", low=-1.0, high=-1.0, reference=0.0, serving=0.1),
        Bar(label="20 to 30", low=20.0, high=30.0, reference=0.9, serving=0.9),
        Bar(label="null", reference=0.1, serving=0.0),
    )
    html = report_html(report_of([replace(moved_columns()[1], bars=bars)]))
    assert "\N{MINUS SIGN}1 to 30 \N{MIDDLE DOT} null" in visible(html)
    assert html.count("nbmlops-new nbmlops-hot") == 1


def test_a_sentence_that_begins_with_a_column_keeps_its_name() -> None:
    notes = ("air_time is acknowledged", "rows count as independent")
    report = report_of([*moved_columns()], notes=notes)
    for shown in (visible(report_html(report)), report_text(report)):
        assert "air_time is acknowledged." in shown
        assert "Rows count as independent." in shown
