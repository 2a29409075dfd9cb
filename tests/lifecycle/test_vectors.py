"""Models that read a column of vectors: registered, checked, and nothing else fails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from nbmlops.api import Registry, open_registry
from nbmlops.profiles.profile import Profile
from nbmlops.skew.weights import importance_weights

READ = ["e", "x"]


def frame_of(rows: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(rows, 8))
    vectors[:, 0] += shift
    frame = pd.DataFrame(
        {
            "id": np.arange(rows) + 1000 * seed,
            "at": pd.date_range("2026-03-02", periods=rows, freq="h", tz="UTC"),
            "e": list(vectors),
            "x": random.normal(size=rows),
        }
    )
    return frame.assign(late=(vectors[:, 0] + frame["x"] > 0).astype(int))


TRAIN = frame_of(600, 1)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    registry = open_registry(tmp_path / ".nbmlops", actor="ana@example.com")
    columns = make_column_transformer(
        (FunctionTransformer(np.vstack), "e"), (StandardScaler(), ["x"])
    )
    model = make_pipeline(columns, LogisticRegression()).fit(TRAIN[READ], TRAIN["late"])
    for seed in (2, 3):
        registry.register(
            model,
            "delays",
            train=TRAIN[[*READ, "late"]],
            target="late",
            test=frame_of(200, seed)[[*READ, "late"]],
        )
    return registry


def test_the_training_profile_holds_the_vectors(registry: Registry) -> None:
    profile = registry.get("delays/1").profile
    assert isinstance(profile, Profile)
    assert profile.columns["e"].kind == "vector"


def test_a_check_finds_vectors_that_moved_and_keeps_what_it_found(
    registry: Registry,
) -> None:
    quiet = registry.check_skew("delays/1", frame_of(2_000, 4)[READ])
    assert quiet.ok
    report = registry.check_skew("delays/1", frame_of(2_000, 4, shift=1)[READ])
    found = report.columns["e"]
    assert (found.kind, found.verdict) == ("vector", "over tolerance")
    assert "standard deviations apart" in repr(report)


def by_key(registry: Registry, served: pd.DataFrame) -> Any:
    before = served.assign(x=served["x"] + 1)
    report = registry.check_skew("delays/1", served, reference=before, key="id")
    assert report.columns["x"].cause is not None
    return report


def by_day(registry: Registry, served: pd.DataFrame) -> Any:
    return registry.check_skew("delays/1", served, reference=TRAIN, time="at")


def together(registry: Registry, served: pd.DataFrame) -> Any:
    return registry.check_skew("delays/1", served, reference=TRAIN, joint=True)


@pytest.mark.parametrize("way", [by_key, by_day, together])
def test_everything_else_of_a_check_passes_over_vectors(
    registry: Registry, way: Callable[[Registry, pd.DataFrame], Any]
) -> None:
    report = way(registry, frame_of(500, 5, shift=1).drop(columns="late"))
    assert report.columns["e"].kind == "vector"
    assert len(report.sections) == 1
    report._repr_html_()


def test_versions_compare_and_rows_are_weighed(registry: Registry) -> None:
    assert "delays/2" in repr(
        registry.compare("delays/1", "delays/2", data=frame_of(200, 6), target="late")
    )
    weights = importance_weights(TRAIN[READ], frame_of(600, 7)[READ])
    assert len(weights.weights) == len(TRAIN)


def test_a_version_is_promoted_and_rolled_back(registry: Registry) -> None:
    registry.promote("delays/1", reason="first")
    registry.promote("delays/2", reason="second", force=True)
    registry.rollback("delays", reason="it slipped")
    assert registry.get("delays@champion").number == 1
