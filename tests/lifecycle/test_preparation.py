"""What a pipeline does first to its columns is read, kept, and told to the checks."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from nbmlops.api import Registry
from nbmlops.lifecycle.preparation import MOST_COLUMNS, preparation_of

ROWS = 400


def frame(seed: int = 1) -> pd.DataFrame:
    r = np.random.default_rng(seed)
    age = np.rint(r.normal(41, 13, ROWS))
    return pd.DataFrame(
        {
            "age": age,
            "price": np.round(r.lognormal(3, 0.5, ROWS), 2),
            "place": r.choice(["a", "b"], ROWS),
        }
    )


def fitted(model: Any, columns: list[str]) -> Any:
    data = frame()
    return model.fit(data[columns], np.arange(ROWS, dtype=float))


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        MinMaxScaler((-1, 1)),
        RobustScaler(),
        MaxAbsScaler(),
    ],
    ids=repr,
)
def test_a_scaler_is_read_as_a_line(scaler: Any) -> None:
    names = ["age", "price"]
    model = fitted(make_pipeline(scaler, LinearRegression()), names)
    found = preparation_of(model, names)
    scaled = model[0].transform(frame()[names])
    for k, name in enumerate(names):
        line = found[name]["scaler"]
        told = (frame()[name] - line["minus"]) / line["by"]
        assert told.to_numpy() == pytest.approx(scaled[:, k])
        assert line["name"] == type(scaler).__name__


@pytest.mark.parametrize(
    "columns", [["price"], [1], slice(1, 2), np.array([False, True, False]), "price"]
)
def test_columns_are_found_however_they_were_chosen(columns: Any) -> None:
    part: Any = StandardScaler()
    if isinstance(columns, str):
        columns = [columns]
    chosen = ColumnTransformer(
        [("scaled", part, columns), ("coded", OneHotEncoder(), ["place"])]
    )
    names = ["age", "price", "place"]
    model = fitted(make_pipeline(chosen, LinearRegression()), names)
    found = preparation_of(model, names)
    assert {name: set(known) for name, known in found.items()} == {
        "price": {"scaler"},
        "place": {"categories"},
    }


def test_an_imputer_before_a_scaler_keeps_the_columns_in_place() -> None:
    names = ["age", "price"]
    steps = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    within = ColumnTransformer([("numbers", steps, names)])
    found = preparation_of(fitted(make_pipeline(within, Ridge()), names), names)
    assert found["age"]["fill"] == frame()["age"].median()
    assert found["age"]["scaler"]["minus"] == pytest.approx(frame()["age"].mean())


def test_what_comes_after_another_change_is_not_read() -> None:
    names = ["age", "price"]
    logged = make_pipeline(
        FunctionTransformer(np.log1p), StandardScaler(), LinearRegression()
    )
    assert preparation_of(fitted(logged, names), names) == {}
    twice = fitted(
        make_pipeline(StandardScaler(), MinMaxScaler(), LinearRegression()), names
    )
    assert preparation_of(twice, names)["age"]["scaler"]["name"] == "StandardScaler"


def test_the_best_of_a_search_is_read_and_a_bare_model_prepares_nothing() -> None:
    names = ["age", "price"]
    steps = Pipeline([("scale", StandardScaler()), ("fit", Ridge())])
    search = fitted(GridSearchCV(steps, {"fit__alpha": [0.1, 1.0]}, cv=2), names)
    assert set(preparation_of(search, names)) == set(names)
    assert preparation_of(fitted(Ridge(), names), names) == {}
    many = [f"x{k}" for k in range(MOST_COLUMNS + 1)]
    assert preparation_of(search, many) == {}


def test_a_column_that_was_scaled_before_is_named_by_the_models_own_scaler(
    registry: Registry,
) -> None:
    names = ["age", "price"]
    model = fitted(make_pipeline(StandardScaler(), Ridge()), names)
    train = frame()[names].assign(y=np.arange(ROWS, dtype=float))
    version = registry.register(model, "prices", train=train, target="y")
    assert set(version.preparation) == set(names)
    scaler: StandardScaler = model[0]
    served = pd.DataFrame(scaler.transform(frame(2)[names]), columns=names)
    report = registry.check_skew("prices", served)
    for name in names:
        cause = report.columns[name].cause
        assert cause is not None
        assert cause.kind == "preprocessed-twice"
        assert "the model's own StandardScaler was applied before" in cause.detail
        scope = {"serving": served.copy()}
        exec(cause.repair, scope)
        assert scope["serving"][name].to_numpy() == pytest.approx(frame(2)[name])


@pytest.mark.parametrize(
    "encoder", [OneHotEncoder(sparse_output=False), OrdinalEncoder()], ids=repr
)
def test_an_encoders_labels_are_read_in_the_order_of_their_codes(encoder: Any) -> None:
    data = pd.DataFrame({"place": ["b", "a", None, "b"], "size": [3, 1, 2, 3]})
    model = make_pipeline(encoder, HistGradientBoostingRegressor())
    model.fit(data, [1.0, 2.0, 3.0, 4.0])
    assert preparation_of(model, ["place", "size"]) == {
        "place": {"categories": ["a", "b"]}
    }


def test_labels_that_stand_for_each_other_are_told_by_the_encoders_order(
    registry: Registry,
) -> None:
    r = np.random.default_rng(3)
    labels, shares = list("abcdefgh"), np.array([8, 1, 5, 2, 7, 1, 3, 6]) / 33
    train = pd.DataFrame({"place": r.choice(labels, 4_000, p=shares)})
    train["late"] = r.random(4_000) < 0.3
    model = make_pipeline(OrdinalEncoder(), LinearRegression())
    model.fit(train[["place"]], train["late"])
    registry.register(model, "delays", train=train, target="late")
    turned = dict(zip(labels, [*labels[1:], labels[0]], strict=True))
    served = pd.DataFrame({"place": r.choice(labels, 4_000, p=shares)})
    served["place"] = served["place"].map(turned)
    report = registry.check_skew("delays/1", served)
    cause = report.columns["place"].cause
    assert cause is not None
    assert cause.kind == "permuted"
