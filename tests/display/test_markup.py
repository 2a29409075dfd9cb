import pytest
from hypothesis import given

from nbmlops.display.markup import Markup, classes, join, link, tag
from tests.display.hostile import Elements, assert_harmless, hostile_texts


@given(hostile_texts())
def test_children_stay_text(text: str) -> None:
    found = assert_harmless(tag("td", text))
    assert found.tags == ["td"]
    kept = (
        text.encode("utf-8", "replace")
        .decode()
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
    assert found.words == kept


@given(hostile_texts())
def test_attribute_values_stay_inside_their_quotes(text: str) -> None:
    found = assert_harmless(tag("td", "x", title=text))
    assert [name for name, _ in found.attributes] == ["title"]


def test_attribute_values_are_escaped_even_if_they_claim_to_be_markup() -> None:
    assert tag("p", title=Markup('"<b>')) == '<p title="&quot;&lt;b&gt;"></p>'


@given(hostile_texts())
def test_separators_are_escaped_too(text: str) -> None:
    assert Elements(join("a", "b", between=text)).tags == []


def test_markup_is_not_escaped_again() -> None:
    assert tag("p", tag("b", "&")) == "<p><b>&amp;</b></p>"


def test_children_may_be_nested_and_missing() -> None:
    assert tag("p", ["a", None, [1, 0.5]]) == "<p>a10.5</p>"


def test_attributes_are_spelt_for_html() -> None:
    made = tag("p", class_="a", aria_label="b", hidden=True, open=False, title=None)
    assert made == '<p class="a" aria-label="b" hidden></p>'


def test_void_elements_have_no_end() -> None:
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_an_attribute_may_be_called_name() -> None:
    assert tag("meta", name="viewport") == '<meta name="viewport">'


def test_empty_pieces_are_not_joined() -> None:
    assert join("a", None, "", "b", between=", ") == "a, b"


def test_classes_carry_the_prefix() -> None:
    assert classes("a", "", "b") == "nbmlops-a nbmlops-b"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "//x",
        "file:///",
    ],
)
def test_addresses_that_could_run_code_are_plain_text(url: str) -> None:
    assert link("a<b", url) == "a&lt;b"


def test_web_addresses_are_links_that_leak_nothing() -> None:
    assert link("x", "https://a.b/?c&d") == Markup(
        '<a href="https://a.b/?c&amp;d" rel="noopener noreferrer" target="_blank">x</a>'
    )
