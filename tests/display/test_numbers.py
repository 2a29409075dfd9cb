import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.display import numbers


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param((0.638, 0.019), 3, id="score"),
        pytest.param((0.1733, 0.0032), 4, id="small-interval"),
        pytest.param((588, 31), 0, id="hundreds"),
        pytest.param((0.0, None, math.nan), 3, id="nothing-to-go-by"),
        pytest.param((1e6, 1e-9), 0, id="not-twenty-digits"),
    ],
)
def test_places_follow_the_interval(
    values: tuple[float | None, ...], expected: int
) -> None:
    assert numbers.places(*values) == expected


@given(st.lists(st.floats(), max_size=4))
def test_places_are_always_usable(values: list[float]) -> None:
    decimals = numbers.places(*values)
    assert 0 <= decimals <= 8
    for value in values:
        numbers.signed(value, decimals)


def test_differences_have_signs_and_zero_has_none() -> None:
    assert numbers.signed(0.017, 3) == "+0.017"
    assert numbers.signed(-28, 0) == "−28"
    assert numbers.signed(0.0001, 3) == "0.000"
    assert numbers.signed(-0.0001, 3) == "0.000"
    assert numbers.signed(math.inf, 3) == "+∞"
    assert numbers.signed(None, 3) == "–"


def test_intervals_read_well_with_negative_ends() -> None:
    assert numbers.interval((-0.007, 0.002), 3) == "−0.007 to 0.002"
    assert numbers.interval(None, 3) == ""


def test_a_column_has_one_precision() -> None:
    texts = numbers.column([0.5, 0.1234, 0.25])
    assert {len(text.split(".")[1]) for text in texts} == {3}
    assert numbers.column([1.0, 12488]) == ["1", "12,488"]
    assert numbers.column([]) == []


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_column_of_anything_can_be_written(values: list[float]) -> None:
    assert len(numbers.column(values)) == len(values)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.609344, "1.609"),
        (4162.0, "4,162"),
        (-1.0, "−1"),
        (0.0, "0"),
        (1e12, "1.000e+12"),
        (math.nan, "–"),
    ],
)
def test_a_number_of_unknown_size_has_no_needless_digits(
    value: float, text: str
) -> None:
    assert numbers.number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0%"),
        (0.0001, "<0.1%"),
        (0.04, "4.0%"),
        (0.126, "13%"),
        (0.9961, "99.6%"),
        (0.99999, ">99.9%"),
        (1.0, "100%"),
        (None, "–"),
    ],
)
def test_percentages_never_round_to_none_or_all(share: float | None, text: str) -> None:
    assert numbers.percent(share) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "p < 0.001"),
        (0.0123, "p = 0.012"),
        (0.3, "p = 0.30"),
        (None, ""),
    ],
)
def test_p_values_are_never_zero(p: float | None, text: str) -> None:
    assert numbers.p_value(p) == text


def test_amounts_agree_with_their_nouns() -> None:
    assert numbers.amount(1, "row") == "1 row"
    assert numbers.amount(12488, "row") == "12,488 rows"
    assert numbers.amount(0, "entry", "entries") == "0 entries"


def test_sizes_use_the_next_unit_in_time() -> None:
    sizes = [0, 999, 6900, 282_000, 999_499, 999_600, 5e9, 5e12]
    assert [numbers.size(size) for size in sizes] == [
        "0 B", "999 B", "6.9 KB", "282 KB", "999 KB", "1.0 MB", "5.0 GB", "5.0 TB",
    ]  # fmt: skip
    assert numbers.size(None) == "–"


def test_durations_use_the_next_unit_in_time() -> None:
    spans = [0.00085, 0.0052, 3.4, 720, 18_000, 260_000]
    assert [numbers.duration(span) for span in spans] == [
        "850 µs", "5.2 ms", "3.4 s", "12 min", "5 h", "3 d",
    ]  # fmt: skip
    assert numbers.duration(None) == "–"


def test_ages_count_from_the_given_now() -> None:
    now = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
    assert numbers.age(now, now) == "just now"
    assert numbers.age(now - timedelta(minutes=12), now) == "12 min ago"
    assert numbers.age(datetime(2026, 11, 21, 9, 12), now) == "3 d ago"
    assert numbers.age(now + timedelta(hours=5), now) == "in 5 h"


def test_moments_are_written_for_people_in_utc() -> None:
    assert numbers.moment("2026-11-24T10:12:33+01:00") == "24 Nov 2026, 09:12"
    assert numbers.moment("2026-11-24") == "24 Nov 2026"
    assert numbers.moment("yesterday") == "yesterday"
    assert numbers.moment(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2 Jan 2026, 03:04"
