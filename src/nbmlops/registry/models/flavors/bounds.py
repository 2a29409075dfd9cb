"""Numbers and names in a model that scikit-learn goes by without looking at them.

A vocabulary's numbers become columns of a sparse matrix, a generator's position an
index into its state: out of bounds, these read or write somebody else's memory. Where
such numbers are few and what they must be is known, they are checked; a type of which
that cannot be said is listed in reviewed.py as compiled.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.preprocessing import MultiLabelBinarizer, OneHotEncoder

_MT19937_WORDS = 624
_PHILOX_WORDS = 4
_PREDICTIONS = {"decision_function", "predict", "predict_proba"}


def check_bounds(model: Any) -> None:
    """Look through an estimator and all that it holds.

    Parameters
    ----------
    model
        As it was loaded; nothing of it has been called yet.

    Raises
    ------
    ValueError
        If a number or name in it lies out of its bounds.
    """
    for part in _parts(model):
        for kinds, is_within in _CHECKS:
            if isinstance(part, kinds) and not is_within(part):
                raise ValueError(f"a {type(part).__name__} that is out of bounds")


def _parts(model: Any) -> Iterator[Any]:
    """List an object and what it holds, each once."""
    seen, left = set(), [model]
    while left:
        part = left.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        if isinstance(part, Mapping):
            left += part.values()
        elif isinstance(part, (list, tuple, set)):
            left += part
        elif isinstance(part, np.ndarray):
            left += part.ravel().tolist() if part.dtype.hasobject else []
        else:
            left += getattr(part, "__dict__", {}).values()


def _is_vocabulary(vectorizer: Any) -> bool:
    numbers = getattr(vectorizer, "vocabulary_", {}).values()
    return sorted(numbers) == list(range(len(numbers)))


def _is_labelled(binarizer: Any) -> bool:
    numbers = getattr(binarizer, "_cached_dict", None) or {}
    return set(numbers.values()) <= set(range(len(numbers)))


def _is_centred(kmeans: Any) -> bool:
    centers = getattr(kmeans, "cluster_centers_", None)
    if centers is None:
        return True
    is_table = isinstance(centers, np.ndarray) and centers.ndim == 2
    return is_table and centers.shape[1] == kmeans.n_features_in_


def _is_hashing(hasher: Any) -> bool:
    return bool(hasher.n_features > 0)


def _is_one_hot(encoder: Any) -> bool:
    if not hasattr(encoder, "categories_"):
        return True
    widths = [_width(encoder, place) for place in range(len(encoder.categories_))]
    return widths == list(encoder._n_features_outs)


def _width(encoder: Any, place: int) -> int:
    """Count the columns that a column's categories become; -1 where they cannot."""
    categories = encoder.categories_[place]
    width = len(categories)
    if categories.dtype.kind not in "OUS":  # looked up by halving
        known = categories[~np.isnan(categories)]
        if not np.all(known[:-1] <= known[1:]):
            return -1
    mappings = (
        encoder._default_to_infrequent_mappings if encoder._infrequent_enabled else ()
    )
    mapping = mappings[place] if len(mappings) else None
    if mapping is not None:
        if len(mapping) != width or min(mapping) < 0:
            return -1
        width = max(mapping) + 1
    dropped = encoder._drop_idx_after_grouping
    if dropped is None or dropped[place] is None:
        return width
    return width - 1 if 0 <= dropped[place] < width else -1


def _is_stacked(stack: Any) -> bool:
    """Tell whether it calls nothing but predictions: of an array, `tofile` writes."""
    return set(getattr(stack, "stack_method_", ())) <= _PREDICTIONS


def _is_positioned(generator: Any) -> bool:
    if isinstance(generator, np.random.RandomState):
        state: Any = generator.get_state(legacy=False)
    else:
        state = generator.bit_generator.state
    position = int(state["state"].get("pos", 0))
    buffered = int(state.get("buffer_pos", 0))
    return 0 <= position <= _MT19937_WORDS and 0 <= buffered <= _PHILOX_WORDS


_CHECKS: tuple[tuple[tuple[type, ...], Callable[[Any], bool]], ...] = (
    ((CountVectorizer, DictVectorizer), _is_vocabulary),
    ((MultiLabelBinarizer,), _is_labelled),
    ((KMeans, MiniBatchKMeans), _is_centred),
    ((FeatureHasher, HashingVectorizer), _is_hashing),
    ((OneHotEncoder,), _is_one_hot),
    ((StackingClassifier, StackingRegressor), _is_stacked),
    ((np.random.RandomState, np.random.Generator), _is_positioned),
)
