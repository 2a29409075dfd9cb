import re

from hypothesis import given

from nbmlops.display import theme
from nbmlops.display.markup import tag
from tests.display.hostile import Elements, assert_harmless, hostile_texts


@given(hostile_texts())
def test_a_page_holds_what_it_was_given_as_text(text: str) -> None:
    found = assert_harmless(theme.page(theme.scoped(text), text))
    assert found.tags.count("style") == 2
    assert found.tags[:4] == ["html", "head", "meta", "meta"]


@given(hostile_texts())
def test_a_fold_shows_its_headline(text: str) -> None:
    found = assert_harmless(theme.folded(text, theme.scoped("inside"), key="k1"))
    assert found.tags[:2] == ["details", "summary"]
    assert ("class", "nbmlops-twin nbmlops-twin-k1") in found.attributes
    assert ("open", None) in found.attributes


def test_one_style_per_output() -> None:
    assert Elements(theme.scoped(tag("p", "a"))).tags == ["div", "style", "p"]


def test_a_fold_can_start_closed() -> None:
    assert "open" not in dict(
        Elements(theme.folded("a", theme.scoped(), is_open=False)).attributes
    )


def test_nothing_is_loaded_and_every_class_has_the_prefix() -> None:
    assert "url(" not in theme.STYLE
    assert "@import" not in theme.STYLE
    named = re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", theme.STYLE))
    assert named
    assert {name for name in named if not name.startswith("nbmlops")} == set()


def test_each_own_colour_is_mixed_from_the_hosts_text() -> None:
    """So that no second theme is needed; paper is white, whatever the host is."""
    screen, paper = theme.STYLE.split("@media print{")
    assert "--nbmlops-bg:#fff" in paper
    for line in screen.splitlines():
        if "#" in line and "--jp-" not in line:
            assert "var(--nbmlops-fg)" in line, line


def test_the_style_is_small() -> None:
    assert len(theme.STYLE) < 20_000
    assert theme.STYLE.count("{") == theme.STYLE.count("}")


def test_the_style_outweighs_the_hosts_rules_for_tables_and_lists() -> None:
    """JupyterLab says `.jp-RenderedHTMLCommon:not(.jp-RenderedMarkdown) td`."""
    assert theme.STYLE.startswith(".nbmlops.nbmlops.nbmlops{")
    inner = theme.STYLE[: theme.STYLE.index(".nbmlops-twin")].splitlines()[1:-1]
    openings = [line for line in inner if "{" in line and not line.startswith("@")]
    assert all(line.startswith("&") for line in openings)


def test_what_no_longer_fits_is_left_out_and_said() -> None:
    parts = [tag("p", "x" * 4_000) for _ in range(100)]
    markup = theme.scoped(tag("h2", "First"), parts)
    assert len(markup.encode()) < theme.LIMIT
    assert "First" in markup
    assert "The rest is too long to be shown: assign it" in markup
    assert "too long" not in theme.scoped(parts[:40])
