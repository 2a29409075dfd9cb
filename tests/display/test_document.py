"""A document says the same in HTML, Markdown and text, whatever it is told to say."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nbmlops.display.document import (
    Code,
    Document,
    Facts,
    Grid,
    Items,
    Mark,
    Section,
    Words,
    text,
)
from nbmlops.display.document_html import document_html
from nbmlops.display.markdown import escaped, markdown
from nbmlops.display.table import words
from nbmlops.display.theme import LIMIT
from nbmlops.host import used_from
from tests.display.hostile import FRAGMENTS, Elements, assert_harmless, hostile_texts

READER = MarkdownIt("commonmark", {"html": True}).enable("table")
STRUCTURE = (
    "a | b", "`code`", "**bold**", "_it_", "[x](http://y)", "![i](x)", "# h", "- a",
    "1. a", "> q", "```", "---", "===", "\\", "<b>", "&lt;", "~~~", "    x", "$x$",
)  # fmt: skip


def document(said: str = "plain") -> Document:
    mark = Mark(
        value=0.2, interval=(0.1, 0.3), figure="+0.2", bounds="0.1 to 0.3", word=said
    )
    blocks = (
        Words(said),
        Facts((("term", said), ("", said))),
        Items((("worse", said), (None, said))),
        Grid(headers=("A", "B"), rows=((said, said),), caption=said, numeric=(1,)),
        Grid(headers=("A",), rows=((said,),), marks=(mark,), mark_header="difference"),
        Code("x = 1\n```\n</pre>", "python"),
    )
    return Document(
        eyebrow=said,
        title=said,
        detail=said,
        labels=(said,),
        buts=(("worse", said),),
        lead=said,
        sections=(Section(title=said, answer=said, blocks=blocks, is_open=True),),
    )


def rendered(source: str) -> Elements:
    return Elements(READER.render(source))


@given(st.sampled_from([*STRUCTURE, *FRAGMENTS]) | hostile_texts())
@example("a\\|b")
def test_an_escaped_text_reads_as_it_was_written(said: str) -> None:
    shown = words(said)
    page = rendered(escaped(said))
    expected = shown.strip().encode("utf-8", "replace").decode()
    assert page.words.strip() == expected
    assert set(page.tags) <= {"p"}
    cell = rendered(f"| h |\n| --- |\n| {escaped(said)} |")
    assert cell.words.replace("\n", "") == f"h{expected}"
    assert cell.tags.count("td") == 1


@given(st.sampled_from(STRUCTURE) | hostile_texts())
def test_no_text_changes_what_a_document_is_made_of(said: str) -> None:
    usual, hostile = (rendered(markdown(document(s))) for s in ("plain", said))
    assert hostile.tags == usual.tags
    assert_harmless(document_html(document(said)))


@pytest.mark.parametrize("number", ["0.643", "+0.05", "-0.1", "1,814", "a_b", "a__b"])
def test_numbers_and_names_are_left_as_they_are(number: str) -> None:
    assert escaped(number) == number


def test_code_cannot_end_its_fence() -> None:
    page = rendered(markdown(document()))
    assert "x = 1\n```\n</pre>" in page.words


def test_a_section_too_long_leaves_room_for_the_others() -> None:
    cells = tuple(Code("x = 1\n" * 10_000) for _ in range(60))
    sections = (
        Section(title="Code", answer="60 cells", blocks=cells),
        Section(title="Limits", answer="few", blocks=(Words("only 9 rows"),)),
    )
    shown = document_html(Document(eyebrow="", title="a", sections=sections))
    assert len(shown.encode()) < LIMIT
    for said in ("60 cells", "Too long to be shown", "only 9 rows"):
        assert said in shown


@pytest.mark.parametrize("write", [document_html, markdown, text])
def test_each_way_says_all_of_it(write: Any) -> None:
    shown = write(document("something"))
    assert "+0.2" in shown
    assert "0.1 to 0.3" in shown
    assert "x = 1" in shown


def test_a_terminal_is_not_overrun() -> None:
    with used_from("cli", width=60):
        lines = text(document("a long sentence " * 30)).splitlines()
    assert max(map(len, lines)) <= 60
