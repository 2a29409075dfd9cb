"""What every test finds: an actor, a trust file and a registry of its own."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from nbmlops.api import Registry, open_registry
from tests.flights import FEATURES, flights, pipeline

# Arrays are small here, and tests run side by side: more threads only wait. What fits a
# model in another process must sum up in the same order.
threadpool_limits(limits=1)
os.environ["OMP_NUM_THREADS"] = "1"

# The same examples each time, and none fails because the machine was busy.
settings.register_profile(
    "suite",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the user's registry, trust file, actor and git."""
    monkeypatch.setenv("NBMLOPS_ACTOR", "ana@example.com")
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(tmp_path / "trusted-digests"))
    monkeypatch.delenv("NBMLOPS_REGISTRY", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def train() -> pd.DataFrame:
    return flights(2_000, seed=1)


@pytest.fixture(scope="session")
def test() -> pd.DataFrame:
    return flights(1_000, seed=2)


@pytest.fixture(scope="session")
def model(train: pd.DataFrame) -> Pipeline:
    return pipeline().fit(train[FEATURES], train["late"])


@pytest.fixture(scope="session")
def weaker(train: pd.DataFrame) -> Pipeline:
    """A model that is clearly worse: it has hardly learnt anything."""
    return pipeline(C=1e-6).fit(train[FEATURES], ~train["late"])


@pytest.fixture
def registry() -> Registry:
    return open_registry()


@pytest.fixture
def add(
    registry: Registry, model: Pipeline, train: pd.DataFrame, test: pd.DataFrame
) -> Callable[..., Any]:
    """Register the usual model as the next version of delays."""

    def register(estimator: Any = model, **changed: Any) -> Any:
        frames = {"train": train, "test": test, "target": "late"}
        return registry.register(estimator, "delays", **{**frames, **changed})

    return register
