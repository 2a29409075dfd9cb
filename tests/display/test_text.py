from hypothesis import given
from hypothesis import strategies as st

from nbmlops.display import text
from tests.display.hostile import hostile_texts


@given(hostile_texts())
def test_clean_text_is_one_printable_line(value: str) -> None:
    line = text.clean(value)
    assert "\n" not in line
    assert line.isprintable()
    line.encode("utf-8")


def test_what_hides_is_made_visible() -> None:
    assert text.clean("a\x1b[31m\u202eb") == "a\\x1b[31m\\u202eb"


@given(hostile_texts(), st.integers(0, 30))
def test_short_text_fits(value: str, width: int) -> None:
    assert text.width_of(text.shorten(value, width)) <= width
    assert text.width_of(text.middle_shorten(value, max(width, 4))) <= max(width, 4)


def test_wide_characters_count_twice() -> None:
    assert text.width_of("漢字") == 4
    assert text.shorten("漢字漢字", 5) == "漢字…"


def test_the_end_survives_where_it_tells_as_much() -> None:
    assert text.middle_shorten("customer_lifetime_value_2019", 16) == "customer_l…_2019"


def test_numbers_stand_to_the_right() -> None:
    table = text.text_table(["name", "n"], [["a", "1"], ["b", "1,000"], ["c", "–"]])
    assert table.splitlines() == [
        "name      n",
        "a         1",
        "b     1,000",
        "c         –",
    ]


def test_given_columns_stand_to_the_right() -> None:
    table = text.text_table(["k", "v"], [["x", "n/a"], ["y", "12345"]], numeric=[1])
    assert table.splitlines()[1] == "x    n/a"


def test_no_headers_no_header_line() -> None:
    assert text.text_table(["", ""], [["a", "b"]], indent=2) == "  a  b"


def test_short_rows_are_filled_up() -> None:
    assert text.text_table(["a", "b"], [["x"]]).splitlines() == ["a  b", "x"]


@given(
    st.lists(st.lists(hostile_texts(), min_size=3, max_size=3), max_size=4),
    st.integers(30, 120),
)
def test_tables_keep_to_their_width(rows: list[list[str]], width: int) -> None:
    lines = text.text_table(["a", "b", "c"], rows, width=width).splitlines()
    assert len(lines) == len(rows) + 1
    assert all(text.width_of(line) <= width for line in lines)


def test_running_text_goes_on_below_itself_and_gives_way_first() -> None:
    said = "the hour is known to be off until Monday; the airline moved its schedule"
    for times, lines in ((1, 2), (2, 3), (40, 3)):
        rows = [["delays/2", said * times, "ana@example.com"], ["delays/1", "", "b"]]
        shown = text.text_table(["on", "detail", "by"], rows, width=80, running=1)
        assert len(shown.splitlines()) == 1 + lines + 1
        assert "ana@example.com" in shown
        assert max(map(len, shown.splitlines())) <= 80
        assert ("…" in shown) == (times == 40)
