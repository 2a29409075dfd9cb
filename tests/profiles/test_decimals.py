"""Numbers are known by the fewest decimals that they need."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.profiles.decimals import decimal_ways


def ways(*values: float, narrow: bool = False) -> list[int]:
    found: list[int] = decimal_ways(np.array(values), narrow=narrow).tolist()
    return found


@pytest.mark.parametrize(
    ("value", "decimals"),
    [
        (1.0, 0),
        (-7.0, 0),
        (0.5, 1),
        (19.99, 2),
        (-0.001, 3),
        (123456.789, 3),
        (1e-9, 9),
        (10.0, -1),
        (1200.0, -2),
        (5e6, -6),
        (1e15, -6),
        (2.0**53 + 2, 0),
    ],
)
def test_the_fewest_decimals_are_found(value: float, decimals: int) -> None:
    assert ways(value) == [decimals + 6]


@pytest.mark.parametrize(
    "value", [np.pi, 1 / 3, 1e-12, 1e11 + 0.1234, np.sqrt(2) * 1e6]
)
def test_numbers_off_every_lattice_have_none(value: float) -> None:
    assert ways(value) == [16]


@given(st.integers(-(10**6), 10**6).filter(bool), st.integers(0, 5))
def test_it_is_what_the_shortest_decimal_says(digits: int, decimals: int) -> None:
    written = Decimal(digits).scaleb(-decimals).normalize()
    exponent = written.as_tuple().exponent
    assert isinstance(exponent, int)
    assert ways(float(written)) == [max(-exponent, -6) + 6]


def test_hardly_any_continuous_number_seems_to_lie_on_a_lattice() -> None:
    random = np.random.default_rng(0)
    for size in (1e-3, 1.0, 1e3, 1e6):
        found = decimal_ways(random.normal(size=5_000) * size, narrow=False)
        assert (found == 16).mean() > 0.99


def test_narrow_floats_are_read_with_their_own_precision() -> None:
    narrow = float(np.float32(0.1))
    assert ways(narrow) == [16]
    assert ways(narrow, float(np.float32(19.99)), narrow=True) == [7, 8]
