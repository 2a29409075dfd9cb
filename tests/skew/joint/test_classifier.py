"""Telling the sides apart on rows that were not seen."""

import numpy as np

from nbmlops.skew.joint.classifier import judged
from tests.skew.joint.frames import broken, quiet, sides_of


def test_without_a_shift_the_level_holds() -> None:
    z = []
    for seed in range(25):
        frame = quiet(seed, 600)
        found = judged(*sides_of(frame[:300], frame[300:]))
        z.append((found.auc - 0.5) / found.error)
    assert abs(np.mean(z)) < 3 / np.sqrt(25)
    assert 0.6 < np.std(z) < 1.4  # 3 standard errors of the deviation of 25
    assert np.sum(np.array(z) > 1.645) <= 5  # 1.25 expected, 6 or more: 1 in 500


def test_a_broken_dependence_is_found() -> None:
    for seed in range(3):
        frame = quiet(seed, 2_000)
        found = judged(*sides_of(frame[:1_000], broken(frame[1_000:], seed)))
        assert found.p_value < 1e-4


def test_the_same_frame_on_both_sides_is_no_shift() -> None:
    frame = quiet(5, 1_000)
    assert judged(*sides_of(frame, frame)).p_value > 0.05


def test_the_same_rows_give_the_same_figures() -> None:
    frame = quiet(6, 600)
    first, second = (judged(*sides_of(frame[:300], frame[300:])) for _ in range(2))
    assert first.auc == second.auc


def test_a_constant_and_an_empty_column_are_borne() -> None:
    frame = quiet(7, 600).assign(same=1.0, none=np.nan)
    assert 0 < judged(*sides_of(frame[:300], frame[300:])).p_value < 1
