"""CatBoost's scikit-learn estimators as `model.cbm`, which any CatBoost reads."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MEMBER = "model.cbm"
CLASSES = frozenset({"CatBoostClassifier", "CatBoostRanker", "CatBoostRegressor"})


def is_portable(estimator: Any) -> bool:
    """Tell whether the format holds all of the estimator: it always does."""
    return True


def save(estimator: Any) -> tuple[bytes, dict[str, Any]]:
    """Return the model, and nothing beside: the format has names, classes and all."""
    with tempfile.TemporaryDirectory() as folder:  # CatBoost writes to files only
        path = Path(folder, MEMBER)
        estimator.save_model(str(path), format="cbm")
        return path.read_bytes(), {}


def load(estimator: Any, model: bytes, state: Mapping[str, Any]) -> Any:
    """Put the model into an estimator that has its parameters."""
    parameters = estimator.get_params()
    estimator.load_model(blob=model)
    estimator._init_params = parameters  # load_model lists every default besides
    return estimator
