"""Rows are paired by what they hold."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nbmlops.compare.align import align, common_classes, rows_of, same_target
from tests.compare.drawn import Stored, stored

PRINTS = st.lists(st.integers(0, 6), max_size=25).map(
    lambda values: np.array(values, dtype=np.uint64) * np.uint64(2**60)
)


@given(st.lists(PRINTS, min_size=2, max_size=4))
def test_common_rows_are_those_that_all_hold_as_often(
    sides: list[np.typing.NDArray[np.uint64]],
) -> None:
    found = align(sides)
    expected = Counter(sides[0].tolist())
    for side in sides[1:]:
        expected &= Counter(side.tolist())
    for side, places, dropped in zip(
        sides, found.positions, found.dropped, strict=True
    ):
        assert len(set(places.tolist())) == len(places)
        assert Counter(side[places].tolist()) == expected
        assert dropped == len(side) - len(places)
        np.testing.assert_array_equal(side[places], sides[0][found.positions[0]])
    assert sorted(found.positions[0].tolist()) == found.positions[0].tolist()


@given(PRINTS)
def test_equal_rows_are_paired_by_occurrence(
    side: np.typing.NDArray[np.uint64],
) -> None:
    found = align([side, side])
    assert found.positions[0].tolist() == list(range(len(side)))
    assert found.positions[1].tolist() == list(range(len(side)))


def test_another_order_of_rows_is_undone() -> None:
    first, second = stored("binary", 300)
    order = np.random.default_rng(4).permutation(300)
    found = align([first.fingerprints, second.fingerprints[order]])
    assert (order[found.positions[1]] == np.arange(300)).all()


def test_labels_become_codes_and_unknown_classes_have_no_chance() -> None:
    first, second = stored("multiclass", 50)
    fewer = Stored(
        task="multiclass",
        classes=(40, 10, 50),
        target=second.target,
        prediction=np.where(second.prediction == 20, 50, second.prediction),
        probability=np.tile([0.5, 0.3, 0.2], (50, 1)),
        fingerprints=second.fingerprints,
    )
    classes = common_classes([first, fewer])
    assert classes == (10, 20, 30, 40, 50)
    every = np.arange(50)
    rows = rows_of(fewer, every, like=first, like_positions=every, classes=classes)
    assert rows.probability is not None
    assert rows.probability[0].tolist() == [0.3, 0.0, 0.0, 0.5, 0.2]
    assert (np.array(classes)[rows.target] == first.target).all()
    assert (np.array(classes)[rows.prediction] == fewer.prediction).all()


def test_targets_are_compared_row_by_row() -> None:
    text = np.array(["a", "b"], dtype=object)
    assert same_target(text, np.array(["a", "c"], object)).tolist() == [True, False]
    assert same_target(text, np.array([1, 2])).tolist() == [False, False]
    both = np.array([[1, 2], [3, 4]])
    assert same_target(both, np.array([[1, 2], [3, 5]])).tolist() == [True, False]
    assert same_target(both, np.array([1, 2])).tolist() == [False, False]
