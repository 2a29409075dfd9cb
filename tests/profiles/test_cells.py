"""Cells keep the order of values, and their edges are where they say."""

import struct
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.profiles.cells import Cells, HalfCounter, added, robust_grid

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SPECIAL = st.sampled_from(
    [0.0, -0.0, 1.0, -1.0, 255.0, 256.0, 1e-300, -1e-300, 1e-40, 3.4e38, -3.5e38, 1e300]
)


def cells(values: Sequence[float], centre: float = 0.0, scale: float = 1.0) -> Cells:
    counter = HalfCounter()
    counter.add((np.array(values, dtype=np.float64) - centre) / scale, None)
    return counter.cells(centre, scale)


def code_by_hand(value: float) -> int:
    """Follow the definition bit by bit: the reference that the code is held against."""
    try:
        half = struct.unpack(">H", struct.pack(">f", value)[:2])[0]
    except OverflowError:
        half = 0x7F80 if value > 0 else 0xFF80
    code = half ^ 0xFFFF if half & 0x8000 else half | 0x8000
    return 0x8000 if code == 0x7FFF else int(code)


@given(st.lists(FINITE | SPECIAL, min_size=1, max_size=30))
def test_each_value_falls_into_the_cell_of_its_top_16_bits(values: list[float]) -> None:
    expected = sorted({code_by_hand(value) for value in values})
    assert cells(values).codes.tolist() == expected
    assert cells(values).total == len(values)


@given(FINITE | SPECIAL, FINITE | SPECIAL)
def test_codes_keep_the_order_of_values(left: float, right: float) -> None:
    low, high = sorted((left, right))
    assert cells([low]).codes[0] <= cells([high]).codes[0]


@given(FINITE | SPECIAL)
def test_a_value_lies_between_the_edges_of_its_cell(value: float) -> None:
    found = cells([value])
    rounding = abs(value) * 2.0**-24 + 1e-45
    assert found.low[0] - rounding <= value <= found.high[0] + rounding
    assert found.low[0] <= found.middle[0] <= found.high[0]


def test_edges_touch_and_rise_from_one_end_to_the_other() -> None:
    usable = np.arange(0x8000 - 0x7F80 - 1, 0x8000 + 0x7F80 + 1)
    every = Cells(
        centre=0.0,
        scale=1.0,
        codes=usable[usable != 0x7FFF].astype(np.uint16),
        mass=np.ones(len(usable) - 1),
    )
    assert every.low[0] == -np.inf
    assert every.high[-1] == np.inf
    assert every.low[1] == -(2.0**128)
    assert (every.low[1:] == every.high[:-1]).all()
    assert (every.high > every.low).all()
    assert np.isfinite(every.middle).all()


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (1.0, 1.0, 1 + 2**-7),
        (-1.0, -1 - 2**-7, -1.0),
        (100.0, 100.0, 100.5),
        (0.0, -(2.0**-133), 2.0**-133),
        (1e300, 2.0**128, np.inf),
    ],
)
def test_edges_are_powers_of_two_with_seven_more_bits(
    value: float, low: float, high: float
) -> None:
    found = cells([value])
    assert (found.low[0], found.high[0]) == (low, high)


def test_zero_and_minus_zero_share_a_cell_around_zero() -> None:
    found = cells([0.0, -0.0, 1e-300, -1e-300])
    assert found.codes.tolist() == [0x8000]
    assert found.middle.tolist() == [0.0]


def test_edges_are_in_the_units_of_the_values() -> None:
    found = cells([1_000_001.0], centre=1_000_000.0, scale=4.0)
    assert found.low[0] == 1_000_001.0
    assert found.high[0] == 1_000_001.0 + 4 * 2.0**-9


def test_integers_within_255_of_the_centre_have_a_cell_each() -> None:
    values = np.arange(-255, 256) + 1_700_000_000
    found = cells(values.tolist(), centre=1_700_000_000.0)
    assert len(found.codes) == len(values)
    low = np.where(values < 1_700_000_000, found.high, found.low)
    low[255] = 1_700_000_000  # the cell around the centre
    assert low.tolist() == values.tolist()


def test_nan_is_no_cell_and_what_is_beyond_float32_is_one() -> None:
    found = cells([np.nan, 1.0, 1e300, np.nan])
    assert found.low.tolist() == [1.0, 2.0**128]
    assert found.total == 2.0


@given(st.lists(FINITE), st.lists(FINITE))
def test_adding_is_counting_together(left: list[float], right: list[float]) -> None:
    total = added(cells(left), cells(right))
    assert total is not None
    assert total.codes.tolist() == cells(left + right).codes.tolist()
    assert total.mass.tolist() == cells(left + right).mass.tolist()


def test_other_grids_do_not_add_unless_one_is_empty() -> None:
    left, right = cells([1.0], centre=2.0), cells([1.0], centre=3.0)
    assert added(left, right) is None
    assert added(cells([], centre=2.0), right) is right
    assert added(left, cells([], centre=3.0)) is left


def grid(*sample: float, whole: bool = False) -> tuple[float, float]:
    return robust_grid(np.array(sample), whole=whole)


def test_the_grid_is_robust_and_its_scale_a_power_of_two() -> None:
    assert grid(*np.linspace(99.0, 101.0, 99), 1e9) == (100.0, 1.0)
    assert grid(3000.0, 7000.0, 9000.0, whole=True) == (7000.0, 1.0)
    assert grid(1000.5) == (1000.5, 1.0)
    assert grid(*[90.0] * 9, 98.0) == (90.0, 2.0)
    assert np.isfinite(grid(-1.7e308, 1.7e308, 0.5)).all()


def test_near_zero_the_uncentred_cells_do() -> None:
    assert grid(*np.linspace(-3.0, 5.0, 99)) == (0.0, 1.0)
    assert grid(0.5) == (0.0, 1.0)
    assert grid(*np.linspace(40.0, 72.0, 99)) == (0.0, 1.0)
    assert grid(*np.linspace(160.0, 180.0, 99)) != (0.0, 1.0)
    assert grid(3.0, 7.0, 255.0, whole=True) == (0.0, 1.0)


def test_the_edges_of_cells_are_not_where_decimals_are() -> None:
    sample = np.round(np.random.default_rng(0).normal(100, 5, 999), 1)
    centre, scale = robust_grid(sample, whole=False)
    wide = cells(sample.tolist(), centre, scale)
    narrow = cells(sample.astype(np.float32).astype(float).tolist(), centre, scale)
    assert centre != 0
    assert wide.codes.tolist() == narrow.codes.tolist()
    assert wide.mass.tolist() == narrow.mass.tolist()
