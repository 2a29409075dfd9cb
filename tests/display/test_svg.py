import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.display import bars, curves, points, svg
from tests.display.hostile import Elements, assert_harmless, hostile_texts

shares = st.floats(0, 1)


@given(hostile_texts())
def test_drawings_escape_their_labels(text: str) -> None:
    course = [(0.0, 0.0), (1.0, 1.0)]
    for drawing in (
        points.forest(1, (0, 2), limit=3, status="better", label=text),
        points.distance(0.2, (0.1, 0.3), status="over", label=text),
        bars.histogram([(0.5, 0.5)], label=text),
        bars.strip([0.1, None], limit=0.1, label=text),
        curves.lines(
            [(text, course)], title=text, x_name=text, y_name=text, label=text
        ),
        svg.ticks([(1, text, True)]),
    ):
        assert_harmless(drawing)


def test_drawings_leave_no_loose_text_when_the_element_is_dropped() -> None:
    for drawing in (
        points.forest(9, (-9, 20), limit=3, status="better", label="x"),
        points.distance(0.2, None, status="over", label="x", blind=0.1, repaired=0.05),
        bars.histogram([(0.5, 0.5)], label="x", hot=[0]),
        bars.strip([0.1, 0.4], limit=0.1, hot=[1], label="x"),
        svg.ticks([(1, "tol", True)]),
    ):
        assert Elements(drawing).words == ""


def test_curves_leave_only_their_title() -> None:
    course = [(0.0, 0.0), (1.0, 1.0)]
    drawing = curves.lines(
        [("2", course)], title="ROC", x_name="x", y_name="y", label=""
    )
    assert Elements(drawing).words == "ROC"


def test_drawings_say_what_they_show() -> None:
    drawing = points.distance(0.2, None, status="over", label="distance 0.20")
    assert 'role="img" aria-label="distance 0.20"' in drawing


def test_right_of_zero_is_better() -> None:
    drawing = points.forest(1, (0.5, 1.5), limit=2, status="better", label="")
    assert "M75 13h0" in drawing
    assert "M62.5 13H87.5" in drawing


def test_what_lies_beyond_the_axis_gets_an_arrow() -> None:
    beyond = points.forest(1, (-5, 5), limit=2, status="unclear", label="")
    assert 'data-l="‹"' in beyond
    assert 'data-l="›"' in beyond
    assert "data-l" not in points.forest(1, (0, 2), limit=2, status="unclear", label="")


@given(st.floats(), st.floats(), st.floats(), st.floats(0, 1e9))
def test_forests_stay_inside_their_box(
    gain: float, low: float, high: float, limit: float
) -> None:
    drawing = points.forest(gain, (low, high), limit=limit, status="worse", label="")
    for path in re.findall(r' d="([^"]*)"', drawing):
        assert all(0 <= float(n) <= 100 for n in re.findall(r"-?[\d.]+", path))


@pytest.mark.parametrize(("value", "at"), [(0, 0), (0.1, 31.6), (1, 100), (2, 100)])
def test_distances_stand_on_a_square_root_axis(value: float, at: float) -> None:
    assert svg.root(value) == at


def test_steps_join_and_categories_stand_apart() -> None:
    drawing = bars.histogram([(0.5, 0), (1, 0), (1, 1)], label="", apart=[2])
    assert '"M0 30V15.5H10V1H20V30M21 30V1H29V30" class="nbmlops-old"' in drawing
    assert '"M21 30V1H29V30" class="nbmlops-new"' in drawing


@given(st.lists(st.tuples(shares, shares), max_size=40), st.sets(st.integers(0, 39)))
def test_any_shares_can_be_drawn_in_little_room(
    pairs: list[tuple[float, float]], chosen: set[int]
) -> None:
    drawing = bars.histogram(pairs, label="", apart=chosen, hot=[*chosen][:1])
    assert len(drawing) < 2_600
    heights = re.findall(r"V([\d.]+)", drawing)
    assert all(0 < float(height) <= 30 for height in heights)


def test_curves_are_thinned_but_keep_their_ends() -> None:
    course = [(i / 9999, (i / 9999) ** 2) for i in range(10_000)]
    drawing = curves.lines([("a", course)], title="", x_name="", y_name="", label="")
    assert len(drawing) < 4_000
    assert "M0 100L" in drawing
    assert "100 0" in drawing


def test_a_curve_without_points_or_span_is_no_error() -> None:
    curves.lines([("a", [])], title="", x_name="", y_name="", label="")
    curves.lines(
        [("a", [(1.0, 1.0)])],
        title="", x_name="", y_name="", label="", x_range=(1, 1), is_percent=False,
    )  # fmt: skip


def test_a_strip_shows_what_is_hot_by_size_and_by_colour() -> None:
    drawing = str(bars.strip([0.04, None, 0.16], limit=0.09, hot=[2], label="x"))
    calm, hot = re.findall(r'd="M(\d+) 30V([\d.]+)h8V30"', drawing)
    assert (calm[0], hot[0]) == ("1", "21")
    assert float(hot[1]) < 30 - 0.29 * svg.root(0.09) < float(calm[1])
    assert "nbmlops-hot" in drawing.split("M21")[1]


def test_values_over_time_keep_their_places_and_their_intervals() -> None:
    drawing = curves.over_time(
        [(0.1, (0.05, 0.2)), None, (0.4, (0.3, 0.9)), (0.2, None)],
        level=0.1,
        level_name="test",
        ends=("1 Jul", "4 Jul"),
        title="Brier score",
        label="x",
        hot=[2],
    )
    assert '"M12.5 90V60" class="nbmlops-span nbmlops-blue"' in drawing
    assert '"M12.5 80h0M87.5 60h0" class="nbmlops-dot nbmlops-blue"' in drawing
    assert '"M62.5 40V0" class="nbmlops-span nbmlops-bad"' in drawing  # cut at the edge
    assert '"M62.5 20h0" class="nbmlops-box nbmlops-bad"' in drawing
    assert '"M0 80H100" class="nbmlops-dash"' in drawing
    assert Elements(drawing).words == "Brier score"


def test_nothing_over_time_is_no_error() -> None:
    curves.over_time(
        [None], level=None, level_name="", ends=("", ""), title="", label=""
    )


def test_a_margin_is_marked_on_the_axis() -> None:
    drawing = points.forest(1, None, limit=2, status="worse", label="", line=0.5)
    assert '"M62.5 0V26" class="nbmlops-dash"' in drawing
