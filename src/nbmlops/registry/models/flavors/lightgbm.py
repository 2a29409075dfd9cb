"""LightGBM's scikit-learn estimators as `model.txt`, which any LightGBM reads."""

from collections.abc import Mapping
from typing import Any

from nbmlops.registry.models.flavors.boosting import array_as_lists, array_of_lists

MEMBER = "model.txt"
CLASSES = frozenset({"LGBMClassifier", "LGBMRanker", "LGBMRegressor"})


def is_portable(estimator: Any) -> bool:
    """Tell whether the text holds all of the estimator."""
    classes = getattr(estimator, "_classes", None)
    is_named = classes is None or classes.dtype.kind in "biufU"
    return is_named and isinstance(estimator.objective_, str)


def save(estimator: Any) -> tuple[bytes, dict[str, Any]]:
    """Return the model, and what LightGBM's text does not say."""
    text = estimator.booster_.model_to_string(num_iteration=-1)
    names = getattr(estimator, "feature_names_in_", None)
    state: dict[str, Any] = {
        "best_iteration": estimator.best_iteration_,
        "n_features_in": estimator.n_features_in_,
        "objective": estimator.objective_,
        "feature_names_in": None if names is None else [str(name) for name in names],
    }
    if estimator._classes is not None:
        state["classes"] = array_as_lists(estimator._classes)
    return text.encode(), state


def load(estimator: Any, model: bytes, state: Mapping[str, Any]) -> Any:
    """Put the model into an estimator that has its parameters."""
    from lightgbm import Booster
    from sklearn.preprocessing import LabelEncoder

    # LightGBM has no method for it: these are what its own fit sets.
    booster = Booster(model_str=model.decode())
    estimator._Booster = booster
    estimator._best_iteration = state["best_iteration"]
    booster.best_iteration = state["best_iteration"]
    estimator._n_features = booster.num_feature()
    estimator._n_features_in = state["n_features_in"]
    estimator._objective = state["objective"]
    if "classes" in state:
        classes = array_of_lists(state["classes"])
        encoder = LabelEncoder()
        encoder.classes_ = classes
        estimator._le = encoder
        estimator._classes = classes
        estimator._n_classes = len(classes)
        numbers = encoder.transform(classes)
        estimator._class_map = dict(zip(classes, numbers, strict=True))
    estimator.fitted_ = True
    return estimator
