"""Lists print as one small table, and are lists otherwise."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given

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
    assert repr(listing).endswith("and 80 more: assign the list to see them")
    assert "and 80 more" in listing._repr_html_()
    assert len(listing.to_dict()["gates"]) == 100


def test_a_gate_that_does_not_apply_is_neither_pass_nor_fail() -> None:
    listing = Listing([Gate("skew", passed=None)], LAYOUTS["gates"])
    assert "not applicable" in repr(listing)


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
