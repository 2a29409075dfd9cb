"""Columns of vectors: what is counted of them, in any order and in any batches."""

from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmlops.frames import source
from nbmlops.profiles import vectors
from nbmlops.profiles.building import build_profile
from nbmlops.profiles.columns import OtherColumn
from nbmlops.profiles.profile import Profile
from nbmlops.profiles.vector_column import AMPLITUDE, FREQUENCIES, VectorColumn
from nbmlops.profiles.vectors import frequencies
from tests.profiles.strategies import close

VALUES = st.sampled_from([-2.0, -0.5, 0.0, 0.25, 1.0, 3.0, np.nan, np.inf])
VECTORS = st.one_of(st.none(), st.lists(VALUES, min_size=3, max_size=3))
ROWS = st.lists(VECTORS, min_size=1, max_size=40)
few = settings(max_examples=25, deadline=None)


def drawn(rows: int, dimensions: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(1, 2, (rows, dimensions))


def table_of(rows: Any) -> pa.Table:
    values = [None if row is None else list(row) for row in rows]
    size = next((len(row) for row in values if row is not None), 3)
    return pa.table({"e": pa.array(values, type=pa.list_(pa.float64(), size))})


def column_of(frame: Any, **options: Any) -> VectorColumn:
    column = build_profile(frame, columns="e", **options).columns["e"]
    assert isinstance(column, VectorColumn)
    return column


REFERENCE = build_profile(table_of(drawn(300)))


def assert_same(left: VectorColumn, right: VectorColumn) -> None:
    assert left.dimensions == right.dimensions
    close([left.mass, left.nulls, left.broken], [right.mass, right.nulls, right.broken])
    assert left.has_features_of(right)
    assert np.array_equal(left.sums, right.sums)
    assert np.array_equal(left.products, right.products)
    assert left.lengths.raw.codes.tolist() == right.lengths.raw.codes.tolist()
    assert left.lengths.raw.mass.tolist() == right.lengths.raw.mass.tolist()
    assert left.lengths.nulls == right.lengths.nulls


def test_features_are_the_characteristic_function_at_fixed_frequencies() -> None:
    values = drawn(500)
    column = column_of(table_of(values))
    angles = (values - column.centre) / column.scale @ frequencies(3)
    mean, covariance = column.moments()
    close(mean[:FREQUENCIES], AMPLITUDE * np.cos(angles).mean(axis=0), relative=0.01)
    waves = np.concatenate([np.cos(angles), np.sin(angles)], axis=1) * AMPLITUDE
    assert np.abs(covariance - np.cov(waves.T, bias=True)).max() < AMPLITUDE


def test_lengths_are_euclidean_norms() -> None:
    column = column_of(table_of([[3.0, 4.0], [0.0, 0.0], [6.0, 8.0]]))
    assert column.lengths.atoms_mass.sum() == 0
    assert (column.lengths.minimum, column.lengths.maximum) == (0.0, 10.0)
    assert column.lengths.mean == 5.0
    assert column_of(table_of([[1e-9, 0.0]])).lengths.maximum == 0.0


@few
@given(ROWS, ROWS)
def test_parts_add_up_to_the_whole(first: list[Any], second: list[Any]) -> None:
    parts = [build_profile(table_of(rows), like=REFERENCE) for rows in (first, second)]
    whole = build_profile(table_of(first + second), like=REFERENCE)
    added, expected = (parts[0] + parts[1]).columns["e"], whole.columns["e"]
    assert isinstance(added, VectorColumn)
    assert isinstance(expected, VectorColumn)
    assert_same(added, expected)


@few
@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 9))
def test_order_and_batches_change_nothing(
    rows: list[Any], random: Any, size: int
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    whole = column_of(table_of(rows), like=REFERENCE)
    with (
        patch.object(source, "BATCH_ROWS", size),
        patch.object(vectors, "ROWS_AT_ONCE", 2),
    ):
        assert_same(column_of(table_of(shuffled), like=REFERENCE), whole)


def test_features_are_scaled_alike_in_any_order() -> None:
    values = drawn(200)
    assert_same(column_of(table_of(values[::-1])), column_of(table_of(values)))


def test_sums_of_many_rows_are_exact() -> None:
    column = column_of(table_of(np.full((5_001, 2), 3.0)))
    assert set(column.products.tolist()) == {0.0, AMPLITUDE**2 * 5_001.0}


@few
@given(ROWS)
def test_bytes_hold_everything(rows: list[Any]) -> None:
    profile = build_profile(table_of(rows))
    read = Profile.from_bytes(profile.to_bytes())
    assert read == profile
    assert repr(read) == repr(profile)


def test_a_profile_without_vectors_keeps_its_bytes_format() -> None:
    plain = build_profile(pd.DataFrame({"x": [1.0, 2.0]}))
    assert plain.to_bytes()[8:10] == b"\x01\x00"
    assert REFERENCE.to_bytes()[8:10] == b"\x02\x00"


@pytest.mark.parametrize("kind", ["arrays", "lists", "tuples", "polars", "arrow"])
def test_every_form_of_a_vector_column_gives_the_same_profile(kind: str) -> None:
    values = drawn(50)
    frame: Any
    if kind == "polars":
        polars = pytest.importorskip("polars")
        frame = polars.DataFrame({"e": values.tolist()})
    elif kind == "arrow":
        frame = pa.table({"e": pa.array(values.tolist(), pa.large_list(pa.float64()))})
    else:
        form: Any = {"arrays": np.asarray, "lists": list, "tuples": tuple}[kind]
        frame = pd.DataFrame({"e": [form(row) for row in values]})
    assert_same(column_of(frame), column_of(table_of(values)))


def test_weights_count_as_rows_would() -> None:
    values = drawn(40)
    weights = np.arange(1, 41) % 3 + 1.0
    once = table_of(values).append_column("w", pa.array(weights))
    often = table_of(np.repeat(values, weights.astype(int), axis=0))
    like = REFERENCE
    weighted = column_of(once, weight="w", like=like)
    repeated = column_of(often, like=like)
    close(weighted.sums, repeated.sums)
    close(weighted.products, repeated.products)
    close(weighted.lengths.raw.mass, repeated.lengths.raw.mass)


def test_vectors_that_are_not_finite_are_counted_apart() -> None:
    column = column_of(table_of([[1.0, 2.0], [np.nan, 1.0], None, [np.inf, 0.0]]))
    assert (column.mass, column.nulls, column.broken, column.whole) == (4, 1, 2, 1)
    assert column.lengths.nulls == 3


def test_weights_of_vectors_that_are_not_finite_go_with_them() -> None:
    rows = [[np.nan, 1.0], [3.0, 4.0], [np.inf, 0.0], [6.0, 8.0]]
    weights = pa.array([8.0, 1.0, 4.0, 2.0])
    column = column_of(table_of(rows).append_column("w", weights), weight="w")
    assert (column.mass, column.broken, column.whole) == (15, 12, 3)
    assert (column.lengths.at_minimum, column.lengths.at_maximum) == (1, 2)


def test_lists_of_several_lengths_are_no_vectors() -> None:
    column = build_profile(pd.DataFrame({"e": [[1.0], [1.0, 2.0], None]})).columns["e"]
    assert isinstance(column, OtherColumn)
    assert column.types == "list<item: double> of 1 to 2"
    assert (column.rows, column.nulls) == (3, 1)


@pytest.mark.parametrize("size", [0, 4_097])
def test_lists_of_no_or_too_many_numbers_are_no_vectors(size: int) -> None:
    rows = pa.array([[0.5] * size] * 3, type=pa.list_(pa.float64()))
    column = build_profile(pa.table({"e": rows})).columns["e"]
    assert isinstance(column, OtherColumn)
    assert column.types == f"list<item: double> of {size}"


def test_a_column_of_nulls_takes_the_kind_of_the_reference() -> None:
    column = column_of(pd.DataFrame({"e": [None, None]}), like=REFERENCE)
    assert (column.dimensions, column.nulls, column.whole) == (3, 2, 0)
    both = (REFERENCE + build_profile(pd.DataFrame({"e": [None]}))).columns["e"]
    assert isinstance(both, VectorColumn)
    assert both.nulls == 1
    broken = build_profile(table_of([[1.0, 2.0, np.nan], [1.0, 2.0, 3.0]]))
    assert column_of(pd.DataFrame({"e": [None]}), like=broken).broken == 0


def test_a_column_that_was_not_judged_stays_so() -> None:
    ragged = build_profile(pd.DataFrame({"e": [[1.0], [1.0, 2.0]]}))
    column = build_profile(table_of(drawn(5)), like=ragged).columns["e"]
    assert isinstance(column, OtherColumn)


def test_other_dimensions_add_up_to_no_kind() -> None:
    both = REFERENCE + build_profile(table_of(drawn(5, 2)))
    column = both.columns["e"]
    assert isinstance(column, OtherColumn)
    assert column.types == "vectors of 2 and vectors of 3"


EIGHTHS = np.rint(drawn(300) * 8) / 8  # so that a shift changes no other digit


@pytest.mark.parametrize("other", [EIGHTHS * 2, EIGHTHS + 4], ids=["scale", "centre"])
def test_other_features_are_dropped_and_counts_added(other: np.ndarray) -> None:
    both = build_profile(table_of(EIGHTHS)) + build_profile(table_of(other))
    column = both.columns["e"]
    assert isinstance(column, VectorColumn)
    assert not column.has_features_of(column)
    assert (column.mass, column.lengths.raw.total) == (600, 600)
    assert not column.sums.any()
    assert not column.products.any()
    more = column_of(table_of(drawn(5)), like=both)
    assert more.whole == 5
    assert not more.sums.any()


@pytest.mark.parametrize("is_first", [True, False])
def test_a_part_without_a_whole_vector_changes_no_features(is_first: bool) -> None:
    broken, whole = build_profile(table_of([[np.nan] * 3] * 2)), REFERENCE.columns["e"]
    both = broken + REFERENCE if is_first else REFERENCE + broken
    column = both.columns["e"]
    assert isinstance(column, VectorColumn)
    assert isinstance(whole, VectorColumn)
    assert (column.broken, column.has_features_of(whole)) == (2, True)
    assert np.array_equal(column.sums, whole.sums)


@pytest.mark.parametrize("value", [0.0, 7.5, 1e200, -1e-200])
def test_vectors_that_never_vary_can_be_counted(value: float) -> None:
    column = column_of(table_of(np.full((20, 4), value)))
    assert column.whole == 20
    assert np.isfinite(column.sums).all()
    _, covariance = column.moments()
    assert abs(covariance).max() < 1e-6
    assert (column.scale > 0).all()


def test_where_most_vectors_are_the_same_the_others_tell_the_scale() -> None:
    values = drawn(200, 2) * [1.0, 1_000.0]
    values[40:] = 0.0
    column = column_of(table_of(values))
    assert (column.scale > 0).all()
    assert column.scale[1] > 5 * column.scale[0]


def test_a_dimension_that_hardly_varies_is_not_blown_up() -> None:
    column = column_of(table_of(drawn(200) * [1.0, 1.0, 1e-9]))
    assert column.scale[2] > 0.05 * column.scale[0]


def test_the_largest_numbers_can_be_counted() -> None:
    column = column_of(table_of(np.sign(drawn(50)) * 1.7e308))
    assert (column.whole, column.lengths.positive_infinite) == (50, 50)
    assert np.isfinite(column.sums).all()
    assert np.isfinite(column.products).all()


def test_the_view_shows_dimensions_and_lengths() -> None:
    assert "3 numbers, length" in repr(REFERENCE)
    assert "vector" in REFERENCE._repr_html_()
    shown = REFERENCE.to_dict()["columns"]["e"]
    assert (shown["dimensions"], shown["not_finite"]) == (3, 0)
    assert shown["length"]["minimum"] > 0
