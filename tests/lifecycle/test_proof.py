"""The proof: what was saved is loaded back, and must answer the same."""

from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from nbmlops.api import Registry
from nbmlops.errors import UsageError
from nbmlops.lifecycle.proof import prove
from nbmlops.registry.models.serialise import save
from tests.flights import FEATURES, pipeline


class Fickle(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Loaded anew, it answers differently in the rows from `honest_rows` on."""

    def __init__(self, honest_rows: int = 0) -> None:
        self.honest_rows = honest_rows

    def fit(self, X: Any, y: Any) -> Self:
        self.n_features_in_ = np.shape(X)[1]
        self._here = True
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k != "_here"}

    def predict(self, X: Any) -> Any:
        answers = np.zeros(len(X))
        if not hasattr(self, "_here"):
            answers[self.honest_rows :] = 1.0
        return answers


class Unsure(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Loaded anew, it says the same classes with other probabilities."""

    def fit(self, X: Any, y: Any) -> Self:
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = np.shape(X)[1]
        self._here = True
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k != "_here"}

    def predict(self, X: Any) -> Any:
        return np.ones(len(X), dtype=int)

    def predict_proba(self, X: Any) -> Any:
        chance = 0.9 if hasattr(self, "_here") else 0.8
        return np.tile([1 - chance, chance], (len(X), 1))


class Threaded(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Answers with the number of threads that it may use."""

    def fit(self, X: Any, y: Any) -> Self:
        self.n_features_in_ = np.shape(X)[1]
        return self

    def predict(self, X: Any) -> Any:
        assert effective_n_jobs(2) == 1
        return np.zeros(len(X))


X = np.zeros((300, 1))
Y = np.arange(300) % 2


def test_a_difference_in_the_hundredth_row_is_seen(registry: Registry) -> None:
    with pytest.raises(UsageError, match="predicts differently once saved"):
        registry.register(Fickle(99).fit(X, Y), "fickle", train=(X, Y * 1.5))
    assert not registry.location.exists()
    honest = registry.register(Fickle(100).fit(X, Y), "fickle", train=(X, Y * 1.5))
    assert honest.ref == "fickle/1"


def test_other_probabilities_are_seen(registry: Registry) -> None:
    with pytest.raises(UsageError, match="predicts differently once saved"):
        registry.register(Unsure().fit(X, Y), "unsure", train=(X, Y))


def test_an_input_example_is_proof_enough(registry: Registry) -> None:
    assert registry.register(Fickle(0).fit(X, Y), "unproved").ref == "unproved/1"
    with pytest.raises(UsageError, match="predicts differently once saved"):
        registry.register(Fickle(0).fit(X, Y), "proved", input_example=X[:3])


def test_an_input_example_is_read_as_the_model_reads_it(
    registry: Registry, train: pd.DataFrame
) -> None:
    model = pipeline().fit(train[FEATURES], train["late"])
    version = registry.register(model, "delays", input_example=train[:3])
    assert version.ref == "delays/1"


def test_the_proof_adds_up_in_one_order() -> None:
    model = Threaded().fit(X, Y)
    assert prove(model, save(model), X[:5])
