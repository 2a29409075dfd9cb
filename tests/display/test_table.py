import typing

from hypothesis import given

from nbmlops.display import table
from nbmlops.display.markup import tag
from tests.display.hostile import Elements, assert_harmless, hostile_texts


@given(hostile_texts())
def test_every_part_escapes_what_users_wrote(text: str) -> None:
    parts = [
        table.table([text, text], [[text, text]], caption=text, numeric=[1]),
        table.definitions([(text, text)]),
        table.details(text, text),
        table.fold(text, text, text, is_open=True),
        table.folds(text),
        table.tally([("over", 1, text)]),
        table.pill(text),
        table.mark(text),
        table.code(text),
        table.hidden(text),
        table.status("over", text),
        table.listed([text] * 9),
    ]
    for part in parts:
        assert_harmless(part)


def test_tables_say_which_header_is_whose() -> None:
    made = table.table(["a", "n"], [["x", 1]], caption="what", numeric=[1])
    found = Elements(made)
    assert found.tags == ["div", "table", "caption", "thead", "tr", "th", "th",
                          "tbody", "tr", "th", "td"]  # fmt: skip
    assert [v for k, v in found.attributes if k == "scope"] == ["col", "col", "row"]
    assert [v for k, v in found.attributes if k == "class"].count("nbmlops-num") == 2


def test_a_table_without_headers_has_no_head() -> None:
    assert "thead" not in Elements(table.table(["", ""], [["a", "b"]])).tags


def test_every_status_has_a_shape_and_a_word_that_survive_without_style() -> None:
    kinds: tuple[table.Status, ...] = typing.get_args(table.Status)
    for kind in kinds:
        shape, word = Elements(table.status(kind)).words.split(" ", 1)
        assert len(shape) == 1
        assert word
    assert set(kinds) == set(table.STATUS)
    assert Elements(table.status("fault", "3 faults")).words.endswith("3 faults")


def test_a_shape_alone_does_not_stick_to_its_words_without_style() -> None:
    assert Elements(tag("p", table.shape("over"), "2 shifts")).words == "▲ 2 shifts"


def test_what_says_the_opposite_has_another_shape() -> None:
    opposites = [("better", "worse"), ("pass", "fail"), ("fault", "over"),
                 ("within", "none"), ("over", "within")]  # fmt: skip
    for one, other in opposites:
        assert table.STATUS[one][0] != table.STATUS[other][0]  # type: ignore[index]


def test_a_tally_leaves_zeros_out() -> None:
    made = Elements(table.tally([("fault", 3, "faults"), ("over", 0, "over")]))
    assert made.words == "✕ 3 faults"


def test_names_beyond_the_first_are_counted() -> None:
    assert Elements(table.listed("abcdefghij", most=2)).words == "a, b and 8 more"
    assert Elements(table.listed("ab")).words == "a, b"


def test_running_text_is_cut_where_endless() -> None:
    assert table.words("a" * 500) == "a" * 399 + "…"
    assert table.words("a\nb") == "a b"


def test_code_to_be_copied_keeps_its_lines_and_can_be_scrolled_by_keyboard() -> None:
    shown = table.source("a = 'two  blanks'\nb = '\x1b'")
    assert "<code>a = 'two  blanks'\nb = '\\x1b'</code>" in shown
    assert 'tabindex="0"' in shown
