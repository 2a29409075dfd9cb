"""Every estimator of the installed scikit-learn, fitted fast on data that suits it."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils import all_estimators

_RNG = np.random.default_rng(0)
NUMBERS = np.abs(_RNG.normal(size=(30, 4))) + 0.1
LABELS = np.tile([0, 1], 15)
_WORDS = ["night flight", "late plane", "late flight", "night plane"] * 5
_RECORDS = [{"a": 1.0, "b": 2.0}, {"a": 3.0}] * 5
_QUICK = {
    "max_iter": 20,
    "n_estimators": 2,
    "n_init": 1,
    "cv": 2,
    "n_components": 1,
    "n_alphas": 2,
    "alphas": 2,
    "Cs": 2,
    "n_quantiles": 10,
    "perplexity": 5.0,
    "max_n_alphas": 5,
    "n_features": 16,
    "n_iterations": 1,
    "n_neighbors": 3,
}
_CLASSIFIER, _REGRESSOR = LogisticRegression(), Ridge()
# What cannot be made without an argument, and what its defaults are too large for.
_MADE: dict[str, Callable[[Any], Any]] = {
    "ClassifierChain": lambda c: c(_CLASSIFIER),
    "ColumnTransformer": lambda c: c([("kept", "passthrough", [0])]),
    "FeatureUnion": lambda c: c([("kept", "passthrough")]),
    "FixedThresholdClassifier": lambda c: c(_CLASSIFIER),
    "FrozenEstimator": lambda c: c(_CLASSIFIER.fit(NUMBERS, LABELS)),
    "GridSearchCV": lambda c: c(_CLASSIFIER, {"C": [1, 2]}, scoring="roc_auc"),
    "MultiOutputClassifier": lambda c: c(_CLASSIFIER),
    "MultiOutputRegressor": lambda c: c(_REGRESSOR),
    "OneVsOneClassifier": lambda c: c(_CLASSIFIER),
    "OneVsRestClassifier": lambda c: c(_CLASSIFIER),
    "OutputCodeClassifier": lambda c: c(_CLASSIFIER),
    "Pipeline": lambda c: c([("last", _CLASSIFIER)]),
    "RFE": lambda c: c(_CLASSIFIER),
    "RFECV": lambda c: c(_CLASSIFIER),
    "RandomizedSearchCV": lambda c: c(_CLASSIFIER, {"C": [1, 2]}, n_iter=2),
    "RegressorChain": lambda c: c(_REGRESSOR),
    "SelectFromModel": lambda c: c(_CLASSIFIER),
    "SelfTrainingClassifier": lambda c: c(_CLASSIFIER),
    "SequentialFeatureSelector": lambda c: c(_CLASSIFIER),
    "SparseCoder": lambda c: c(NUMBERS[:2]),
    "StackingClassifier": lambda c: c([("only", _CLASSIFIER)]),
    "StackingRegressor": lambda c: c([("only", _REGRESSOR)]),
    "TunedThresholdClassifierCV": lambda c: c(_CLASSIFIER),
    "VotingClassifier": lambda c: c([("only", _CLASSIFIER)]),
    "VotingRegressor": lambda c: c([("only", _REGRESSOR)]),
}
_NOT_QUICK = {
    "OrthogonalMatchingPursuitCV": ("max_iter",),
    "RidgeCV": ("alphas",),
    "RidgeClassifierCV": ("alphas",),
    "SpectralBiclustering": ("n_components",),
    "TSNE": ("max_iter",),
}
_TEXT = {"CountVectorizer", "HashingVectorizer", "TfidfVectorizer"}
_ONLY_LABELS = {"LabelBinarizer", "LabelEncoder"}

ESTIMATORS = dict(all_estimators())


def fitted(name: str) -> tuple[Any, Any]:
    """Fit the estimator of that name; return it and what it can answer."""
    estimator = _MADE.get(name, lambda c: c())(ESTIMATORS[name])
    known = estimator.get_params(deep=False)
    quick = {key: value for key, value in _QUICK.items() if known.get(key, "") != ""}
    for parameter in _NOT_QUICK.get(name, ()):
        quick.pop(parameter)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.set_params(**quick)
        data, target = _data(name, estimator)
        if name in _ONLY_LABELS or name == "MultiLabelBinarizer":
            return estimator.fit(data), data
        return estimator.fit(data, target), data


def _data(name: str, estimator: Any) -> tuple[Any, Any]:
    if name in _ONLY_LABELS:
        return LABELS, None
    if name == "MultiLabelBinarizer":
        return [("a", "b"), ("c",)], None
    if name in _TEXT:
        return _WORDS, None
    if name in {"DictVectorizer", "FeatureHasher"}:
        return _RECORDS, None
    if name == "PatchExtractor":
        return NUMBERS.reshape(1, 10, 12), None
    if name == "IsotonicRegression":
        return NUMBERS[:, 0], LABELS
    tags = estimator.__sklearn_tags__()
    if tags.input_tags.pairwise:
        return NUMBERS @ NUMBERS.T, LABELS
    both = np.column_stack([LABELS, 1 - LABELS])
    many = tags.target_tags.multi_output and not tags.target_tags.single_output
    if many or name in {"CCA", "PLSCanonical", "PLSSVD"}:
        return NUMBERS, both
    return NUMBERS, LABELS + 1 if name in {"GammaRegressor"} else LABELS


def answers(estimator: Any, data: Any) -> list[Any]:
    """Collect what an estimator answers: predictions, transforms, or its labels."""
    found = [
        getattr(estimator, method)(data)
        for method in ("predict", "predict_proba", "transform", "kneighbors")
        if hasattr(estimator, method)
    ]
    kept = [
        getattr(estimator, name)
        for name in ("labels_", "embedding_", "covariance_", "row_labels_")
        if hasattr(estimator, name)
    ]
    if not found and not kept:
        found = [estimator.score_samples(data)]
    return [_dense(answer) for answer in (*found, *kept)]


def _dense(answer: Any) -> Any:
    if isinstance(answer, (list, tuple)):
        return [_dense(item) for item in answer]
    return answer.toarray() if hasattr(answer, "toarray") else np.asarray(answer)
