import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.errors import UsageError
from nbmlops.refs import Ref, check_alias, check_model_name, parse_ref

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}[A-Za-z0-9]", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("delays", Ref("delays")),
        ("delays/2", Ref("delays", number=2)),
        ("delays@champion", Ref("delays", alias="champion")),
        ("delays@newest", Ref("delays", alias="newest")),
        ("models:/delays/12", Ref("delays", number=12)),
        (" delays ", Ref("delays")),
    ],
)
def test_refs_are_read(text: str, ref: Ref) -> None:
    assert parse_ref(text) == ref


@given(NAMES, st.integers(1, 10_000))
def test_printing_and_reading_a_ref_gives_it_back(name: str, number: int) -> None:
    for ref in (Ref(name), Ref(name, number=number), Ref(name, alias="champion")):
        assert parse_ref(str(ref)) == ref


@pytest.mark.parametrize(
    "text",
    ["", "a b", "a/b/c", "a/", "a/0", "a/-1", "a/x", "a/²", "a@", "a@B", "-a", "a.",
     "ä", "../a", "a" * 129, "a/1\n2"],
)  # fmt: skip
def test_what_is_no_ref_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_ref(text)
    assert refused.value.hint


def test_a_ref_is_text() -> None:
    with pytest.raises(UsageError, match="a ref is text, not int"):
        parse_ref(3)


def test_newest_is_reserved_as_an_alias() -> None:
    with pytest.raises(UsageError, match="reserved"):
        check_alias("newest")
    assert check_alias("champion") == "champion"


def test_names_of_128_letters_are_the_longest() -> None:
    assert check_model_name("a" * 128)
    with pytest.raises(UsageError):
        check_model_name("a" * 129)
