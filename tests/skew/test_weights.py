"""Importance weights for training rows."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from nbmlops.errors import NbmlopsWarning, NotFound, UsageError
from nbmlops.skew.weights import importance_weights


def rows(seed: int, n: int, mean: float = 0.0) -> pd.DataFrame:
    r = np.random.default_rng(seed)
    x = r.normal(mean, 1, n)
    return pd.DataFrame(
        {"x": x, "z": r.normal(size=n), "c": r.choice(["a", "b"], n)}
    )  # fmt: skip


def test_without_a_shift_all_rows_count_alike() -> None:
    found = importance_weights(rows(1, 2_000), rows(2, 2_000))
    assert found.effective_rows > 0.97 * 2_000
    assert np.isclose(found.weights.mean(), 1)
    assert not found.warning


def test_the_weighted_reference_looks_like_serving() -> None:
    reference, serving = rows(3, 6_000), rows(4, 6_000, mean=0.8)
    found = importance_weights(reference, serving)
    mean = np.average(reference["x"], weights=found.weights)
    assert abs(mean - 0.8) < 0.12
    assert abs(np.average(reference["z"], weights=found.weights)) < 0.1
    truth = np.exp(0.8 * reference["x"] - 0.32)
    ideal = truth.sum() ** 2 / (truth**2).sum()
    assert 0.6 < found.effective_rows / ideal < 1.3
    assert np.corrcoef(np.log(found.weights), np.log(truth))[0, 1] > 0.8


def test_rows_outside_the_sample_get_weights_in_their_place() -> None:
    reference, serving = rows(5, 30_000), rows(6, 3_000, mean=1.0)
    found = importance_weights(reference, serving, columns="x")
    assert len(found.weights) == 30_000
    high = reference["x"].to_numpy() > 1
    assert found.weights[high].mean() > 3 * found.weights[~high].mean()
    assert abs(np.average(reference["x"], weights=found.weights) - 1) < 0.12


def test_serving_that_is_sampled_unevenly_counts_by_its_weight() -> None:
    r = np.random.default_rng(0)
    whole = rows(7, 6_000)
    chance = np.where(whole["x"] > 0, 1.0, 0.25)
    logged = whole[r.random(6_000) < chance].assign(w=lambda f: 1 / chance[f.index])
    found = importance_weights(rows(8, 4_000), logged, weight="w")
    assert found.effective_rows > 0.95 * 4_000


def test_too_little_overlap_is_said() -> None:
    with pytest.warns(NbmlopsWarning, match="serving has little like in the reference"):
        found = importance_weights(rows(1, 600), rows(2, 600, mean=6.0))
    assert found.auc > 0.95
    assert repr(found).endswith(found.warning)
    assert np.isfinite(found.weights).all()


def test_what_cannot_be_weighed_is_refused() -> None:
    frame = rows(1, 300)
    with pytest.raises(UsageError, match="the serving frame has 50 rows"):
        importance_weights(frame, frame[:50])
    with pytest.raises(UsageError, match="share no column of one kind"):
        importance_weights(frame, frame.rename(columns=str.upper))
    with pytest.raises(NotFound, match="'y'"):
        importance_weights(frame, frame, columns=["y"])
    with pytest.raises(NotFound, match="'w'"):
        importance_weights(frame, frame, weight="w")
    with pytest.raises(UsageError, match="is a stream"):
        importance_weights(pa.Table.from_pandas(frame).to_reader(), frame)
