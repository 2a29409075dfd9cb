"""Queries are read as they are written, and errors point at the character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.errors import UsageError
from nbmlops.registry.search.language import (
    Comparison,
    Joined,
    Name,
    Negation,
    Query,
    Value,
    parse,
)
from tests.registry.search.queries import written

HOSTILE = st.lists(
    st.sampled_from(["'", '"', ";", "--", "/*", "%", "_", "$p0", "\\", "\n", "\0", "é"])
    | st.text(max_size=3),
    max_size=6,
).map("".join)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.builds(Value, HOSTILE | NUMBERS | st.booleans())
NAMES = st.builds(Name, st.just("created")) | st.builds(
    Name, st.just("tags"), HOSTILE.filter(bool)
)
COMPARISONS = st.one_of(
    st.builds(
        Comparison,
        NAMES,
        st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "~"]),
        st.tuples(VALUES),
    ),
    st.builds(
        Comparison,
        NAMES,
        st.sampled_from(["in", "not in"]),
        st.lists(VALUES, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(Comparison, NAMES, st.sampled_from(["present", "missing"])),
)


def joined(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Joined, st.sampled_from(["and", "or"]), several) | st.builds(
        Negation, parts
    )


@given(st.recursive(COMPARISONS, joined, max_leaves=6))
def test_a_query_that_is_written_is_read_back(query: Query) -> None:
    assert parse(written(query)) == query


def test_and_binds_more_than_or_and_not_more_than_and() -> None:
    assert parse("not a = 1 and b = 2 or c = 3") == parse(
        "((not (a = 1)) and (b = 2)) or (c = 3)"
    )


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("a == 1", "a = 1"),
        ('tags.team = "ops"', "tags.team = 'ops'"),
        ("A = TRUE AND NOT b IN ('x')", "A = true and not b in ('x')"),
        ("order = 1 and android = 2", "order=1 and(android=2)"),
        ("a IS Missing", "a is missing"),
        ("tags.a-b.c = 1", 'tags."a-b.c" = 1'),
        ("a = -1.5e3", "a=-1500"),
    ],
)
def test_what_is_meant_can_be_written_in_other_ways(query: str, same: str) -> None:
    assert parse(query) == parse(same)


@pytest.mark.parametrize(
    ("query", "marked", "said"),
    [
        ("a", "a^", "a comparison is expected"),
        ("a =", "a =^", "a value is expected"),
        ("a = ops", "a = ^ops", "text in quotes"),
        ("a = 'ops", "a = ^'ops", "has no end"),
        ("a = 2026-01-01", "a = ^2026-01-01", "text in quotes"),
        ("a = 1 b = 2", "a = 1 ^b = 2", "and, or, or the end"),
        ("a = 1 and", "a = 1 and^", "a field is expected"),
        ("(a = 1", "(a = 1^", "a closing parenthesis"),
        ("a = 1)", "a = 1^)", "should end here"),
        ("a in 1", "a in ^1", "a list in parentheses"),
        ("a in (1 2)", "a in (1 ^2)", "a comma"),
        ("a is null", "a is ^null", "present or missing"),
        ("a not = 1", "a not ^= 1", "in (...) is expected"),
        ("metrics. > 1", "metrics^. > 1", "a name is expected after the dot"),
        ("a = 1; drop table model", "a = 1^; drop table model", "and, or"),
        ("a\t= \x00", "a = ^ ", "a value is expected"),
    ],
)
def test_an_error_points_at_the_character(query: str, marked: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(query)
    message, line, caret = str(caught.value).splitlines()
    assert said in message
    at = caret.index("^")
    assert line[2:at] + "^" + line[at:] == marked
    assert line[:2] == "  "


def test_an_error_in_a_long_query_shows_the_part_around_it() -> None:
    query = " or ".join(f"number = {number}" for number in range(200)) + " or number"
    with pytest.raises(UsageError, match="a comparison is expected") as caught:
        parse(query)
    _, line, caret = str(caught.value).splitlines()
    assert len(line) < 110
    assert line[: caret.index("^")].endswith("or number")


def test_wide_characters_move_the_caret_by_two() -> None:
    with pytest.raises(UsageError) as caught:
        parse("日本 x")
    assert str(caught.value).splitlines()[2] == "  " + " " * 5 + "^"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("a = '" + "x" * 10_000 + "'", "longer than 10,000"),
        ("not " * 60 + "a = 1", "nested deeper"),
        ("a = '\ud800'", "half a character"),
    ],
)
def test_what_cannot_be_a_query_is_refused(query: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse(query)


def test_parentheses_alone_are_no_depth() -> None:
    assert parse("(" * 3_000 + "a = 1" + ")" * 3_000) == parse("a = 1")
