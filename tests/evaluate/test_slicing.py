"""Slice columns become a few readable labels."""

import numpy as np
import pandas as pd

from nbmlops.evaluate.slicing import group_labels, slice_labels


def test_few_values_keep_their_names() -> None:
    assert slice_labels(pd.Series([1, 2, 1])).tolist() == ["1", "2", "1"]
    assert slice_labels(pd.Series([0.5, None])).tolist() == ["0.5", "(missing)"]
    assert slice_labels(pd.Series([True, False])).tolist() == ["True", "False"]
    labels = slice_labels(pd.Series(["b", None, "a"], dtype="category"))
    assert labels.tolist() == ["b", "(missing)", "a"]


def test_many_numbers_become_quarters_of_the_rows() -> None:
    labels = slice_labels(pd.Series(np.arange(1000.0)))
    names, counts = np.unique(labels.astype(str), return_counts=True)
    assert sorted(counts.tolist()) == [250, 250, 250, 250]
    assert set(names) == {
        "up to 249.75",
        "249.75 to 499.5",
        "499.5 to 749.25",
        "above 749.25",
    }


def test_many_names_keep_the_most_frequent() -> None:
    names = [f"c{i:02}" for i in range(60) for _ in range(60 - i)]
    labels = slice_labels(pd.Series(names))
    kept = set(labels)
    assert len(kept) == 40
    assert "c38" in kept
    assert "c39" not in kept
    assert (labels == "(other)").sum() == sum(60 - i for i in range(39, 60))


def test_times_become_days_or_months() -> None:
    hours = pd.Series(pd.date_range("2013-01-01", periods=48, freq="h"))
    assert set(slice_labels(hours)) == {"2013-01-01", "2013-01-02"}
    days = pd.Series(pd.date_range("2013-01-01", periods=90))
    assert set(slice_labels(days)) == {"2013-01", "2013-02", "2013-03"}


def test_groups_are_all_kept() -> None:
    assert len(set(group_labels(pd.Series(range(500))))) == 500
    assert group_labels(pd.Series(["a", None])).tolist() == ["a", "(missing)"]
