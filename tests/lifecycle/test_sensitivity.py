"""What a shift within the tolerance could cost: advice from a model's importance."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline

from nbmlops.api import Registry
from nbmlops.lifecycle.sensitivity import SHARE, tolerance_advice
from tests.flights import FEATURES, flights

Add = Callable[..., Any]


def test_the_columns_that_the_model_feels_are_named_with_a_tolerance(
    add: Add, registry: Registry
) -> None:
    version = add()
    (advice,) = tolerance_advice(version, 0.1)
    felt = max(version.importance, key=lambda one: float(one["mean"]))
    assert f"may raise the loss: in {felt['feature']} by " in advice
    share = SHARE * float(felt["mean"]) / version.metrics["log_loss"]
    assert f"by {share * 0.1:.0%} ({0.01 / share:.2g})" in advice
    serving = flights(1_500, seed=3)[FEATURES]
    report = registry.check_skew("delays", serving)
    assert report.notes[-1] == advice
    assert report.ok  # advice is no verdict


def test_a_tolerance_finer_than_a_check_can_tell_is_not_advised(
    add: Add, registry: Registry, train: pd.DataFrame, test: pd.DataFrame
) -> None:
    all_of_it = LinearRegression().fit(train[["hour"]], train["hour"])
    frames = [f[["hour"]].assign(y=f["hour"] + 0.01 * f["day"]) for f in (train, test)]
    version = registry.register(
        all_of_it, "hours", train=frames[0], test=frames[1], target="y"
    )
    assert "(under 0.01)" in tolerance_advice(version, 0.1)[0]


def test_a_tolerance_that_costs_little_needs_no_advice(add: Add) -> None:
    version = add()
    assert tolerance_advice(version, 1e-4) == ()


def test_nothing_is_advised_without_a_test_frame(add: Add) -> None:
    assert tolerance_advice(add(test=None), 0.1) == ()


@pytest.mark.parametrize("column", ["hour", "distance"])
def test_rows_that_move_cost_no_more_than_is_said(
    column: str, add: Add, model: Pipeline, test: pd.DataFrame
) -> None:
    version = add()
    said = next(o for o in version.importance if o["feature"] == column)["high"]
    rng = np.random.default_rng(0)
    distance = 0.1
    moved = rng.random(len(test)) < SHARE * distance
    swapped = test.assign(
        **{
            column: test[column].where(
                ~moved, test[column].sample(frac=1, random_state=1).to_numpy()
            )
        }
    )
    before, after = (
        log_loss(test["late"], model.predict_proba(frame[FEATURES])[:, 1])
        for frame in (test, swapped)
    )
    assert after - before < SHARE * distance * said * 1.5
