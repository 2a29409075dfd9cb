"""Every estimator comes back; only what can crash a process needs somebody's word."""

import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
from threadpoolctl import threadpool_limits

from nbmlops.api import Registry, open_registry
from nbmlops.errors import Untrusted
from nbmlops.registry.models.reviewed import COMPILED_TYPES, minor, reviewed_types
from nbmlops.registry.models.serialise import load, save
from tests.registry.estimators import ESTIMATORS, answers, fitted

TREES = {
    "AdaBoostClassifier",
    "AdaBoostRegressor",
    "BaggingClassifier",
    "BaggingRegressor",
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreeClassifier",
    "ExtraTreeRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
    "IsolationForest",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "RandomTreesEmbedding",
}
NEIGHBOURS = {
    "Isomap",
    "KNeighborsClassifier",
    "KNeighborsRegressor",
    "KNeighborsTransformer",
    "KernelDensity",
    "LocalOutlierFactor",
    "LocallyLinearEmbedding",
    "NearestNeighbors",
    "RadiusNeighborsClassifier",
    "RadiusNeighborsRegressor",
    "RadiusNeighborsTransformer",
}
SPLINES = {"SplineTransformer"}
CENTRES = {"BisectingKMeans"}
VECTORS = {"NuSVC", "NuSVR", "OneClassSVM", "SVC", "SVR"}
PICKLED = {"Birch"}  # refers to itself, which skops does not write
NEED_A_WORD = TREES | NEIGHBOURS | SPLINES | CENTRES | VECTORS | PICKLED


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """One registry for all: making one takes longer than registering."""
    return open_registry(tmp_path_factory.mktemp("reviewed") / ".nbmlops")


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_every_estimator_comes_back_whoever_wrote_it(
    name: str, place: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fits cut short, and of deprecated classes
        estimator, data = fitted(name)
        # IsotonicRegression does not say how many columns it reads: train= would.
        if hasattr(estimator, "predict") and name != "IsotonicRegression":
            check = _registered(place, estimator, name, tmp_path, monkeypatch)
        else:
            check = _saved(estimator, name)
        _assert_same(answers(check, data), answers(estimator, data))


def _registered(
    place: Registry,
    estimator: Any,
    name: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Load it as its author, and as a reader who trusts nobody."""
    version = place.register(estimator, name)
    loaded = place.load(version.ref)
    monkeypatch.setenv("NBMLOPS_TRUST_FILE", str(folder / "nobody"))
    if name in NEED_A_WORD:
        with pytest.raises(Untrusted):
            place.load(version.ref)
        return loaded
    return place.load(version.ref)


def _saved(estimator: Any, name: str) -> Any:
    """The same for what has no predict, and so cannot be registered by itself."""
    saved = save(estimator)
    if name in NEED_A_WORD:
        with pytest.raises(Untrusted):
            load(saved.data, saved.flavor)
        return load(saved.data, saved.flavor, is_trusted=True)
    return load(saved.data, saved.flavor)


def _assert_same(found: Any, expected: Any) -> None:
    assert expected, "nothing was compared"
    for one, other in zip(found, expected, strict=True):
        if isinstance(other, list):
            _assert_same(one, other)
        elif other.dtype.kind == "f":
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
        else:
            np.testing.assert_array_equal(one, other)


def test_the_installed_version_was_read() -> None:
    newest = (1, 9)
    assert minor(sklearn.__version__) <= newest, "read the new types, then list them"


def test_all_listed_types_of_the_installed_version_exist() -> None:
    for name in reviewed_types():
        module, _, attribute = name.rpartition(".")
        assert hasattr(import_module(module), attribute), name


def test_older_versions_know_fewer_types() -> None:
    temperature = "sklearn.calibration._TemperatureScaling"
    assert temperature not in reviewed_types("1.7.2")
    assert temperature in reviewed_types("1.8.0")
    assert reviewed_types("1.7.0") < reviewed_types("1.9.0") == reviewed_types("2.0.0")


def test_no_compiled_type_passes_as_reviewed() -> None:
    assert not COMPILED_TYPES & reviewed_types()
