"""XGBoost's scikit-learn estimators as `model.ubj`, which any XGBoost reads."""

from collections.abc import Mapping
from typing import Any

MEMBER = "model.ubj"
CLASSES = frozenset(
    {
        "XGBClassifier",
        "XGBRanker",
        "XGBRegressor",
        "XGBRFClassifier",
        "XGBRFRegressor",
    }
)


def is_portable(estimator: Any) -> bool:
    """Tell whether the format holds all of the estimator: it always does."""
    return True


def save(estimator: Any) -> tuple[bytes, dict[str, Any]]:
    """Return the model, and nothing beside: the format has names, classes and all."""
    return bytes(estimator.get_booster().save_raw("ubj")), {}


def load(estimator: Any, model: bytes, state: Mapping[str, Any]) -> Any:
    """Put the model into an estimator that has its parameters."""
    parameters = estimator.get_params()
    estimator.load_model(bytearray(model))
    # load_model also sets parameters, in the booster's words for them.
    for name, value in parameters.items():
        setattr(estimator, name, value)
    return estimator
