"""Models that read free text: registered, checked, and nothing else fails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nbmlops.api import Registry, importance_weights, open_registry
from nbmlops.profiles.profile import Profile
from tests.skew.test_free_texts import written

READ = ["review", "x"]


def frame_of(rows: int, seed: int, mean: float = 14) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    texts = written(rows, seed, mean=mean)
    return pd.DataFrame(
        {
            "id": np.arange(rows) + 1000 * seed,
            "at": pd.date_range("2026-03-02", periods=rows, freq="h", tz="UTC"),
            "review": texts,
            "x": random.normal(size=rows),
            "bad": [int("a" in text[:6]) for text in texts],
        }
    )


TRAIN = frame_of(600, 1)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    registry = open_registry(tmp_path / ".nbmlops", actor="ana@example.com")
    columns = make_column_transformer(
        (TfidfVectorizer(), "review"), (StandardScaler(), ["x"])
    )
    model = make_pipeline(columns, LogisticRegression()).fit(TRAIN[READ], TRAIN["bad"])
    for seed in (2, 3):
        registry.register(
            model,
            "reviews",
            train=TRAIN[[*READ, "bad"]],
            target="bad",
            test=frame_of(200, seed)[[*READ, "bad"]],
        )
    return registry


def test_a_check_finds_texts_that_moved(registry: Registry) -> None:
    profile = registry.get("reviews/1").profile
    assert isinstance(profile, Profile)
    assert profile.columns["review"].kind == "free text"
    assert registry.check_skew("reviews/1", frame_of(1_000, 4)[READ]).ok
    report = registry.check_skew("reviews/1", frame_of(1_000, 4, mean=45)[READ])
    found = report.columns["review"]
    assert (found.kind, found.verdict) == ("free text", "over tolerance")
    assert "longer" in repr(report)


def by_key(registry: Registry, served: pd.DataFrame) -> Any:
    before = served.assign(review=served["review"].str.upper())
    return registry.check_skew("reviews/1", served, reference=before, key="id")


def by_day(registry: Registry, served: pd.DataFrame) -> Any:
    return registry.check_skew("reviews/1", served, reference=TRAIN, time="at")


def together(registry: Registry, served: pd.DataFrame) -> Any:
    return registry.check_skew("reviews/1", served, reference=TRAIN, joint=True)


@pytest.mark.parametrize("way", [by_key, by_day, together])
def test_everything_else_of_a_check_passes_over_free_text(
    registry: Registry, way: Callable[[Registry, pd.DataFrame], Any]
) -> None:
    report = way(registry, frame_of(500, 5).drop(columns="bad"))
    assert report.columns["review"].kind == "free text"
    assert len(report.sections) == 1
    report._repr_html_()


def test_versions_compare_and_rows_are_weighed(registry: Registry) -> None:
    assert "reviews/2" in repr(
        registry.compare("reviews/1", "reviews/2", data=frame_of(200, 6), target="bad")
    )
    weights = importance_weights(TRAIN[READ], frame_of(600, 7)[READ])
    assert len(weights.weights) == len(TRAIN)


def test_a_version_is_promoted_and_rolled_back_without_a_text_kept(
    registry: Registry,
) -> None:
    registry.promote("reviews/1", reason="first")
    registry.promote("reviews/2", reason="second", force=True)
    registry.rollback("reviews", reason="it slipped")
    assert registry.get("reviews@champion").number == 1
