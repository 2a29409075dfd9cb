"""Numbers that compiled code would follow anywhere are refused; genuine ones load."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import StackingClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, MultiLabelBinarizer, OneHotEncoder

from nbmlops.errors import Untrusted
from nbmlops.registry.models.serialise import load, save

NUMBERS = np.arange(40.0).reshape(20, 2) % 7
WORDS = ["night flight", "late plane", "late flight"]
LETTERS = np.array([["a"], ["b"], ["b"], ["c"], ["c"], ["c"]] * 3, dtype=object)
FAR = 2**30


def vocabulary() -> Any:
    model = TfidfVectorizer().fit(WORDS)
    model.vocabulary_["late"] = FAR
    return model


def records() -> Any:
    model = DictVectorizer(sparse=False).fit([{"a": 1, "b": 2}])
    model.vocabulary_["a"] = FAR
    return model


def labels() -> Any:
    model = MultiLabelBinarizer().fit([("a", "b")])
    model._cached_dict = {"a": FAR, "b": 0}
    return model


def centres() -> Any:
    model = KMeans(2, n_init=1, random_state=0).fit(NUMBERS)
    model.cluster_centers_ = np.zeros((2, 1))
    return model


def hashing() -> Any:
    model = FeatureHasher(n_features=16)
    model.n_features = 0
    return model


def bins() -> Any:
    model = KBinsDiscretizer(3, quantile_method="linear").fit(NUMBERS)
    model._encoder._n_features_outs = [1, 1]
    return model


def dropped() -> Any:
    model = OneHotEncoder(drop="first").fit(LETTERS)
    model._drop_idx_after_grouping = np.array([FAR], dtype=object)
    return model


def unsorted() -> Any:
    model = OneHotEncoder().fit(NUMBERS[:, :1])
    model.categories_[0] = model.categories_[0][::-1].copy()
    return model


def infrequent() -> Any:
    model = OneHotEncoder(min_frequency=4).fit(LETTERS)
    model._default_to_infrequent_mappings[0][0] = FAR
    return model


def legacy() -> Any:
    generator = np.random.RandomState(0)
    state = generator.get_state(legacy=False)
    state["state"]["pos"] = FAR
    generator.set_state(state)
    return drawing(generator)


def drawing(generator: Any) -> Any:
    model = DummyClassifier(strategy="uniform").fit(NUMBERS, NUMBERS[:, 0])
    model.random_state = generator
    return model


def writing() -> Any:
    """Asked for a transform of "name", it would write its bytes to that file."""
    model = StackingClassifier([("only", LogisticRegression())])
    model.fit(NUMBERS, NUMBERS[:, 0] > 3)
    model.estimators_ = [np.array([b"import this"])]
    model.stack_method_ = ["tofile"]
    return model


def nested() -> Any:
    return make_pipeline(vocabulary(), "passthrough")


@pytest.mark.parametrize(
    "hostile",
    [
        vocabulary,
        records,
        labels,
        centres,
        hashing,
        bins,
        dropped,
        unsorted,
        infrequent,
        legacy,
        writing,
        nested,
    ],
)
def test_what_is_out_of_bounds_is_refused(hostile: Callable[[], Any]) -> None:
    saved = save(hostile())
    assert saved.flavor == "skops"
    with pytest.raises(Untrusted, match="out of bounds"):
        load(saved.data, "skops")


@pytest.mark.parametrize(
    "genuine",
    [
        OneHotEncoder(),
        OneHotEncoder(drop="first"),
        OneHotEncoder(drop="if_binary"),
        OneHotEncoder(min_frequency=4, handle_unknown="infrequent_if_exist"),
        OneHotEncoder(max_categories=2, drop="first"),
    ],
    ids=str,
)
def test_encoders_of_every_kind_load(genuine: Any) -> None:
    genuine.fit(LETTERS)
    loaded = load(save(genuine).data, "skops")
    assert (loaded.transform(LETTERS) != genuine.transform(LETTERS)).nnz == 0


def test_numbers_with_missing_ones_load() -> None:
    rows = np.array([[1.0], [np.nan], [3.0]])
    loaded = load(save(OneHotEncoder().fit(rows)).data, "skops")
    assert loaded.transform(rows).shape == (3, 3)


@pytest.mark.parametrize(
    "generator", [np.random.RandomState(0), np.random.default_rng(0)], ids=str
)
def test_generators_and_hashers_load(generator: Any) -> None:
    assert load(save(drawing(generator)).data, "skops")
    assert load(save(HashingVectorizer(n_features=16)).data, "skops")
