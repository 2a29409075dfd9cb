"""Boosters in their own formats: equal answers, no pickle, and only with a word."""

import json
import subprocess
import sys
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from nbmlops.api import Registry
from nbmlops.errors import Untrusted, UsageError
from nbmlops.registry.models.flavors import boosting
from nbmlops.registry.models.flavors.members import pack, unpack
from nbmlops.registry.models.serialise import Saved, check, load, save

_RNG = np.random.default_rng(0)
X = pd.DataFrame(_RNG.normal(size=(120, 3)), columns=["a", "b", "c"])
TWO = (X["a"] > 0).astype(int)
THREE = np.digitize(X["a"], [-0.5, 0.5])
WORDS = np.array(["no", "yes"])[TWO]
SETTINGS: dict[str, dict[str, Any]] = {
    "xgboost": {"n_estimators": 4, "n_jobs": 1},
    "lightgbm": {"n_estimators": 4, "n_jobs": 1, "verbosity": -1},
    "catboost": {
        "iterations": 4,
        "thread_count": 1,
        "verbose": False,
        "allow_writing_files": False,
    },
}
CASES = [
    ("xgboost", "XGBClassifier", TWO),
    ("xgboost", "XGBClassifier", THREE),
    ("xgboost", "XGBRegressor", X["b"]),
    ("xgboost", "XGBRFRegressor", X["b"]),
    ("lightgbm", "LGBMClassifier", WORDS),
    ("lightgbm", "LGBMClassifier", THREE),
    ("lightgbm", "LGBMClassifier", TWO.astype(bool)),
    ("lightgbm", "LGBMRegressor", X["b"]),
    ("catboost", "CatBoostClassifier", WORDS),
    ("catboost", "CatBoostClassifier", THREE),
    ("catboost", "CatBoostRegressor", X["b"]),
]


# What the extra "test" does not bring: tests of the others never skip.
OPTIONAL = {"catboost"} | ({"xgboost"} if sys.platform == "darwin" else set())


def imported(library: str) -> Any:
    if library in OPTIONAL:
        return pytest.importorskip(library)
    return import_module(library)


def made(library: str, name: str, **settings: Any) -> Any:
    module = imported(library)
    return getattr(module, name)(**{**SETTINGS[library], **settings})


def loaded(saved: Saved) -> Any:
    return load(saved.data, saved.flavor, is_trusted=True)


def assert_equal(found: Any, model: Any) -> None:
    assert type(found) is type(model)
    np.testing.assert_array_equal(found.predict(X), model.predict(X))
    if hasattr(model, "predict_proba"):
        proba = model.predict_proba(X)
        np.testing.assert_array_equal(found.predict_proba(X), proba)
        np.testing.assert_array_equal(found.classes_, model.classes_)
        assert np.asarray(found.classes_).dtype == np.asarray(model.classes_).dtype


@pytest.mark.parametrize(("library", "name", "target"), CASES)
def test_a_booster_comes_back_as_it_was(library: str, name: str, target: Any) -> None:
    model = made(library, name).fit(X, target)
    saved = save(model)
    assert saved.flavor == library
    found = loaded(saved)
    assert_equal(found, model)
    assert str(found.get_params()) == str(model.get_params())
    assert save(model).data == saved.data


@pytest.mark.parametrize(("library", "name", "target"), CASES)
def test_a_pipeline_that_ends_in_one_is_kept_in_two_formats(
    library: str, name: str, target: Any
) -> None:
    scaled = make_column_transformer((StandardScaler(), ["a", "b", "c"]))
    model = make_pipeline(scaled, made(library, name), verbose=False).fit(X, target)
    saved = save(model)
    assert saved.flavor == library
    assert boosting.STEPS in unpack(saved.data)
    found = loaded(saved)
    assert_equal(found, model)
    assert [step for step, _ in found.steps] == [step for step, _ in model.steps]


def test_the_library_alone_reads_its_member() -> None:
    lightgbm = imported("lightgbm")
    model = made("lightgbm", "LGBMRegressor").fit(X, X["b"])
    text = unpack(save(model).data)["model.txt"].decode()
    alone = lightgbm.Booster(model_str=text)
    np.testing.assert_array_equal(alone.predict(X), model.predict(X))


@pytest.mark.filterwarnings("ignore:The argument 'eval_set' is deprecated")
def test_an_early_stop_is_remembered() -> None:
    lightgbm = imported("lightgbm")
    model = made("lightgbm", "LGBMRegressor", n_estimators=60).fit(
        X,
        X["b"],
        eval_set=[(X, -X["b"])],
        callbacks=[lightgbm.early_stopping(2, verbose=False)],
    )
    assert 0 < model.best_iteration_ < 60
    found = loaded(save(model))
    assert found.best_iteration_ == model.best_iteration_
    assert_equal(found, model)


def test_tuples_in_parameters_stay_tuples() -> None:
    model = made("xgboost", "XGBRegressor", monotone_constraints=(1, 0, 0))
    found = loaded(save(model.fit(X, X["b"])))
    assert found.monotone_constraints == (1, 0, 0)


def squares(predicted: Any, target: Any) -> Any:
    return predicted - target, np.ones_like(target)


def test_a_function_as_objective_is_no_parameter_to_write() -> None:
    model = made("lightgbm", "LGBMRegressor", objective=squares).fit(X, X["b"])
    assert save(model).flavor == "skops"


def test_a_booster_inside_another_estimator_is_kept_as_that_is() -> None:
    booster = made("xgboost", "XGBClassifier")
    model = VotingClassifier([("b", booster), ("l", LogisticRegression())])
    saved = save(model.fit(X, TWO))
    assert saved.flavor == "skops"
    assert_equal(loaded(saved), model)


def test_a_subclass_of_the_users_is_not_mistaken_for_a_booster() -> None:
    xgboost = imported("xgboost")
    own = type("XGBClassifier", (xgboost.XGBClassifier,), {"__module__": "my_models"})
    assert boosting.flavor_of(own()) is None


@pytest.mark.parametrize("wrap", [False, True])
def test_nobody_loads_one_without_a_word(wrap: bool) -> None:
    model = made("xgboost", "XGBClassifier")
    saved = save((Pipeline([("last", model)]) if wrap else model).fit(X, TWO))
    with pytest.raises(Untrusted, match=r"xgboost\.XGBClassifier.*crash"):
        load(saved.data, saved.flavor)
    types = frozenset({"xgboost.XGBClassifier"})
    check(saved.data, saved.flavor, types=types)
    assert load(saved.data, saved.flavor, types=types)


def test_the_steps_before_it_need_their_own_word() -> None:
    from sklearn.neighbors import KNeighborsTransformer

    model = made("xgboost", "XGBClassifier")
    saved = save(make_pipeline(KNeighborsTransformer(), model).fit(X, TWO))
    types = frozenset({"xgboost.XGBClassifier"})
    for read in (check, load):
        with pytest.raises(Untrusted, match="KDTree"):
            read(saved.data, saved.flavor, types=types)


def test_a_class_that_is_none_of_the_librarys_is_never_looked_up() -> None:
    saved = save(made("xgboost", "XGBClassifier").fit(X, TWO))
    members = unpack(saved.data)
    manifest = json.loads(members[boosting.MANIFEST])
    for name in ("dask.DaskXGBClassifier", "os", ["XGBClassifier"], None):
        changed = json.dumps({**manifest, "class": name}).encode()
        data = pack({**members, boosting.MANIFEST: changed})
        with pytest.raises(UsageError, match=r"not of the class|is no xgboost model"):
            load(data, "xgboost", is_trusted=True)


def test_without_the_library_it_says_which_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved = save(made("xgboost", "XGBClassifier").fit(X, TWO))
    monkeypatch.setattr(boosting, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"(?s)xgboost, which is not.*pip install"):
        load(saved.data, saved.flavor, is_trusted=True)


def test_saving_others_imports_no_booster() -> None:
    code = (
        "import sys; from sklearn.dummy import DummyRegressor\n"
        "from nbmlops.registry.models.serialise import save\n"
        "save(DummyRegressor().fit([[1]], [1]))\n"
        "print({'xgboost', 'lightgbm', 'catboost'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "set()"


def test_one_registers_and_loads_like_any_model(registry: Registry) -> None:
    model = made("lightgbm", "LGBMClassifier").fit(X, WORDS)
    frame = X.assign(word=WORDS)
    version = registry.register(
        model, "words", train=frame, target="word", test=frame[:60]
    )
    assert version.flavor == "lightgbm"
    assert_equal(registry.load("words/1"), model)
    assert version.example["answers"]["predict"]
