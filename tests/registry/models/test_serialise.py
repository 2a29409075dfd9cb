"""Models to bytes and back: canonical, proved, and only what is trusted."""

import hashlib
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from skops.io import _utils

from nbmlops.errors import Untrusted, UsageError
from nbmlops.registry.models.flavors import skops
from nbmlops.registry.models.serialise import Saved, load, save, save_by_joblib

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
Y = (X[:, 0] + RNG.normal(size=200) > 0).astype(int)

MODELS = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(5, random_state=0),
    "boosting": HistGradientBoostingClassifier(max_iter=5, random_state=0),
    "gradient": GradientBoostingRegressor(n_estimators=5, random_state=0),
    "neighbours": KNeighborsClassifier(),
}
DIGEST = """
import hashlib, sys
from tests.registry.models.test_serialise import MODELS, X, Y
from nbmlops.registry.models.serialise import save
for name, model in MODELS.items():
    print(name, hashlib.sha256(save(model.fit(X, Y)).data).hexdigest())
"""


def loaded(saved: Saved) -> Any:
    return load(saved.data, saved.flavor, is_trusted=True)


@pytest.mark.parametrize("name", list(MODELS))
def test_models_come_back_and_predict_the_same(name: str) -> None:
    model = MODELS[name].fit(X, Y)
    saved = save(model)
    assert saved.flavor == "skops"
    np.testing.assert_array_equal(loaded(saved).predict(X), model.predict(X))


def test_the_same_model_has_the_same_bytes_in_another_process() -> None:
    here = {
        name: hashlib.sha256(save(model.fit(X, Y)).data).hexdigest()
        for name, model in MODELS.items()
    }
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", DIGEST],
            capture_output=True,
            check=True,
            cwd=__file__.rpartition("/tests/")[0],
            env={**os.environ, "PYTHONHASHSEED": seed},
            text=True,
        )
        assert dict(line.split() for line in done.stdout.splitlines()) == here


def another_context(*, archive: Any) -> None:
    """Stand for a later skops, which wants other arguments."""


def another_state(value: Any, context: Any, depth: int) -> None:
    """Stand for a later skops, as above."""


def elsewhere(value: Any, context: Any) -> dict[str, Any]:
    """Stand for a later skops, which writes its members in another way."""
    return {"__loader__": "NdArrayNode", "file": "values.npy"}


@pytest.mark.parametrize(
    ("part", "later"),
    [
        ("SaveContext", None),  # as if it could not be imported
        ("SaveContext", another_context),
        ("get_state", another_state),
        ("get_state", elsewhere),
    ],
    ids=["gone", "other context", "other arguments", "other members"],
)
@pytest.mark.parametrize("name", list(MODELS))
def test_a_skops_without_the_parts_that_we_take_gives_the_same_bytes(
    name: str, part: str, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = MODELS[name].fit(X, Y)
    taken = save(model)
    if later is None:
        monkeypatch.delattr(_utils, part)
    else:
        monkeypatch.setattr(_utils, part, later)
    written = save(model)
    assert (written.flavor, taken.flavor) == ("skops", "skops")
    assert written.data == taken.data


def test_what_skops_would_write_is_taken_without_its_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(skops, "dump", None)
    assert save(MODELS["logistic"].fit(X, Y)).flavor == "skops"


def test_padding_in_records_does_not_change_the_bytes() -> None:
    from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(random_state=0).fit(X, Y)
    again = DecisionTreeClassifier(random_state=0).fit(X, Y)
    assert save(model).data == save(again).data


@pytest.mark.parametrize("rows", [0, 3])
def test_what_lies_between_the_fields_of_a_record_is_not_kept(rows: int) -> None:
    kind = np.dtype([("leaf", "u1"), ("weight", "f8"), ("rows", "i2")], align=True)
    written = []
    for memory in (bytearray(b"\x00" * 24 * rows), bytearray(b"\xff" * 24 * rows)):
        records = np.frombuffer(memory, kind)
        records["leaf"], records["weight"], records["rows"] = 1, 2.5, -3
        model = LogisticRegression().fit(X, Y)
        model.records_ = records
        written.append(save(model))
        np.testing.assert_array_equal(loaded(written[-1]).records_, records)
    first, second = written
    assert first.flavor == "skops"
    assert first == second


def test_sparse_members_do_not_change_the_bytes() -> None:
    letters = np.array(list("abcabc" * 20)).reshape(-1, 1)
    encoder = make_column_transformer((OneHotEncoder(), [0])).fit(letters)
    assert save(encoder).data == save(encoder).data


def test_linear_models_load_without_any_trust() -> None:
    saved = save(MODELS["logistic"].fit(X, Y))
    assert load(saved.data, saved.flavor).predict(X).shape == (200,)


def test_a_neural_net_loads_without_any_trust() -> None:
    model = MLPClassifier((3,), max_iter=500, random_state=0, tol=0.1).fit(X, Y)
    saved = save(model)
    assert load(saved.data, saved.flavor).predict(X).shape == (200,)


def test_compiled_trees_load_only_when_vouched_for() -> None:
    saved = save(MODELS["forest"].fit(X, Y))
    with pytest.raises(Untrusted, match=r"sklearn\.tree\._tree\.Tree"):
        load(saved.data, saved.flavor)
    assert load(saved.data, saved.flavor, is_trusted=True)


def test_pickles_load_only_when_vouched_for() -> None:
    with pytest.raises(Untrusted, match="pickle"):
        load(b"cos\nsystem\n(S'false'\ntR.", "joblib")


def test_a_lambda_cannot_be_saved_at_all() -> None:
    pipeline = make_pipeline(FunctionTransformer(lambda x: x), LogisticRegression())
    pipeline.fit(X, Y)
    with pytest.raises(AttributeError, match="lambda"):
        loaded(save(pipeline))
    with pytest.raises(UsageError, match=r"cannot be saved.*lambda"):
        save_by_joblib(pipeline)


@pytest.mark.parametrize(
    "line",
    [
        "model = make_pipeline(FunctionTransformer(double), LogisticRegression())",
        "model = Mine()",
        "model = Odd()",
    ],
)
def test_what_only_main_has_is_refused_by_name(line: str) -> None:
    code = f"""
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from nbmlops.errors import UsageError
from nbmlops.registry.models.serialise import load, save
def double(x): return 2 * x
class Mine(LogisticRegression): pass
class Odd(LogisticRegression):
    def __getstate__(self): return (1, 2)
    def __setstate__(self, state): pass
X = np.arange(20.0).reshape(10, 2); y = np.arange(10) % 2
{line}
try:
    saved = save(model.fit(X, y))
    load(saved.data, saved.flavor, is_trusted=True)
except UsageError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    name = line.partition("= ")[2].removesuffix("()")
    wanted = "double" if "double" in line else name
    assert f"the model needs {wanted}" in done.stdout, done
    assert f"Hint: move {wanted} into a module" in done.stdout
