"""Lists print as one small table, and are lists otherwise."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given

from nbmlops.host import used_from
from nbmlops.verbs.listing import LAYOUTS, Listing, Tables, showable
from tests.display.hostile import Elements, hostile_texts


@dataclass
class Gate:
    name: str
    detail: str = ""
    passed: bool | None = True

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name}


def test_a_long_list_is_cut_to_a_screen() -> None:
    listing = showable("gates", tuple(Gate(f"gate {n}") for n in range(100)))
    assert len(listing) == 100
    assert len(repr(listing).splitlines()) == 22
    assert repr(listing).endswith(
        "and 80 more: assign it, and call its to_dict() or to_frame()"
    )
    assert len(listing.to_frame()) == 100
    assert "and 80 more" in listing._repr_html_()
    assert len(listing.to_dict()["gates"]) == 100


def test_a_gate_that_does_not_apply_is_neither_pass_nor_fail() -> None:
    listing = Listing([Gate("skew", passed=None)], LAYOUTS["gates"])
    assert "does not apply" in repr(listing)


def test_what_shows_itself_is_left_as_it_is() -> None:
    result = object()
    assert showable("promote", result) is result
    assert isinstance(showable("catalog", {}), Tables)


@given(hostile_texts())
def test_user_text_stays_text(text: str) -> None:
    markup = Listing([Gate(text, text)], LAYOUTS["gates"])._repr_html_()
    elements = Elements(markup)
    assert elements.unbalanced == []
    assert not {"script", "img", "iframe"} & set(elements.tags)
    assert not [name for name, _ in elements.attributes if name.startswith("on")]


def test_marks_and_counts_are_drawn_not_only_written() -> None:
    gates = [Gate("skew", passed=False), Gate("roc_auc")]
    markup = showable("gates", gates)._repr_html_()
    assert "2 gates" in markup
    assert "nbmlops-bad" in markup
    assert "1 gate<" in showable("gates", gates[:1])._repr_html_()


def test_figures_that_decide_are_never_cut_short() -> None:
    detail = (
        "difference to delays/1 +0.0057 (−0.0010 to 0.0123) by day; a loss of 0.005"
    )
    listing = showable("gates", [Gate("not worse than champion", detail * 2)])
    assert " ".join(repr(listing).split()).count("0.0123") == 2
    assert max(map(len, repr(listing).splitlines())) <= 100
    with used_from("cli", width=80):
        assert max(map(len, repr(listing).splitlines())) <= 80


def test_an_empty_list_says_how_the_first_is_made_here() -> None:
    assert "%mlops register MODEL" in repr(showable("models", []))
    with used_from("cli"):
        assert "nbmlops register MODEL" in repr(showable("models", []))
