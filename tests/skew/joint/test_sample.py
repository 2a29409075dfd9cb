"""A bounded sample of rows in one pass."""

import numpy as np
import pandas as pd
import pyarrow as pa

from nbmlops.frames.opening import open_frame
from nbmlops.skew.joint.sample import sample_rows

ROWS = pd.DataFrame({"x": np.arange(200_000.0), "name": ["a", "b"] * 100_000})


def test_all_rows_come_where_there_are_few() -> None:
    sample = sample_rows(open_frame(ROWS[:500]), ["x"], side=0)
    assert sorted(sample.table.column("x").to_pylist()) == list(range(500))
    assert sample.total == 500
    assert list(sample.places) != list(range(500))  # in random order


def test_a_place_goes_with_its_row() -> None:
    sample = sample_rows(open_frame(ROWS), ["x"], side=1, most=1_000)
    assert sample.table.num_rows == 1_000
    assert sample.table.column("x").to_pylist() == list(map(float, sample.places))


def test_every_part_of_a_long_frame_is_drawn_from_alike() -> None:
    places = sample_rows(open_frame(ROWS), ["x"], side=0, most=10_000).places
    counts = np.bincount(places // 20_000, minlength=10)
    assert abs(counts - 1_000).max() < 5 * np.sqrt(1_000)


def test_the_two_sides_draw_other_rows() -> None:
    first, second = (
        set(sample_rows(open_frame(ROWS), ["x"], side=side, most=1_000).places)
        for side in (0, 1)
    )
    assert len(first & second) < 30


def test_batches_make_no_difference() -> None:
    table = pa.Table.from_pandas(ROWS[:100_000])
    small = pa.Table.from_batches(table.to_batches(max_chunksize=777))
    first, second = (
        sample_rows(open_frame(t), ["name"], side=0, most=500) for t in (table, small)
    )
    assert list(first.places) == list(second.places)
    assert first.table == second.table


def test_rows_without_a_weight_are_left_out() -> None:
    frame = ROWS[:400].assign(w=[2.0, 0.0, np.nan, 1.0] * 100)
    sample = sample_rows(open_frame(frame), ["x"], side=1, weight="w")
    assert set(sample.places % 4) == {0, 3}
    assert set(sample.weights) == {1.0, 2.0}
    assert sample.total == 400


def test_labels_of_differing_dictionaries_are_decoded() -> None:
    parts = [
        pa.record_batch({"c": pa.array(words).dictionary_encode()})
        for words in (["a", "b"], ["b", "c", None])
    ]
    sample = sample_rows(open_frame(pa.Table.from_batches(parts)), ["c"], side=0)
    words = sample.table.column("c").to_pylist()
    assert sorted(map(str, words)) == ["None", "a", "b", "b", "c"]
