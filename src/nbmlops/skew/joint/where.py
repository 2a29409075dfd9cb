"""Where two sides differ: regions of a shallow tree over the classifier's scores."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from sklearn.tree import DecisionTreeRegressor

from nbmlops.skew import statistics
from nbmlops.skew.causes.words import number
from nbmlops.skew.joint.classifier import Judged, Side
from nbmlops.skew.joint.features import Feature, Floats
from nbmlops.skew.joint.pairs import find_pairs
from nbmlops.skew.joint.section import Region

DEPTH, LEAVES, MOST_REGIONS = 3, 6, 4
PAIRS_TRIED = 3
SMALLEST = 0.02  # share of rows in a region
MOST_ASKED = 12  # labels of one column about which the tree may ask
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What one column of the tree's matrix asks.

    Attributes
    ----------
    feature
        The place of the feature in the values.
    code
        The label that it asks about, -1 for null; None: it is a number to compare.
    is_whole
        All its numbers are whole, so that 17.5 is asked as 18.
    """

    feature: int
    code: int | None = None
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    """`x >= bound` (is_above) or `x < bound`, or of a label: is it, or is it not."""

    question: _Question
    bound: float
    is_above: bool

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Say of which rows it is true; a null is neither above nor below."""
        column = values[:, self.question.feature]
        if self.question.code is not None:
            same = _is(column, self.question.code)
            return same if self.is_above else ~same
        with np.errstate(invalid="ignore"):
            found = column >= self.bound if self.is_above else column < self.bound
        return np.asarray(found)


def regions(
    sides: tuple[Side, Side], judged: Judged, features: Sequence[Feature], alpha: float
) -> tuple[Region, ...]:
    """Find the parts of the data in which one side has surely more rows.

    The tree is grown on every second row and its regions are counted on the others, so
    that the shares are not flattered by the choice. Benjamini-Hochberg over regions.

    Parameters
    ----------
    sides, features
        As they were judged.
    judged
        The scores of the tested rows.
    alpha
        The level.

    Returns
    -------
    tuple
        At most 4, the largest difference first.
    """
    tested = [
        Side(values=side.values[at], weights=side.weights[at])
        for side, at in zip(sides, judged.tested, strict=True)
    ]
    grown = [Side(values=s.values[::2], weights=s.weights[::2]) for s in tested]
    scores = np.concatenate([scores[::2] for scores in judged.scores])
    tree, questions = _grown(grown, scores, features)
    held = [Side(values=s.values[1::2], weights=s.weights[1::2]) for s in tested]
    found = [_counted(path, held, features) for path in _paths(tree, questions)]
    if not found:
        return ()
    sure = statistics.false_discovery(np.array([p for _, p in found])) <= alpha
    kept = [region for (region, _), is_sure in zip(found, sure, strict=True) if is_sure]
    kept.sort(key=lambda r: -abs(r.serving - r.reference))
    return tuple(kept[:MOST_REGIONS])


def _grown(
    sides: Sequence[Side], scores: Floats, features: Sequence[Feature]
) -> tuple[DecisionTreeRegressor, list[_Question]]:
    """Grow the tree that says most of the scores, on all columns or on one pair."""
    # A tree on all columns does not find a pair that differs only together.
    first, second = sides
    pairs = find_pairs(
        first.values, second.values, (first.weights, second.weights), features
    )
    values = np.concatenate([side.values for side in sides])
    least = max(10, int(SMALLEST * len(scores)))
    found = []
    for which in (range(len(features)), *pairs.chosen[:PAIRS_TRIED]):
        questions = _questions(values, features, which)
        asked = _asked(values, questions)
        tree = DecisionTreeRegressor(
            max_depth=DEPTH,
            max_leaf_nodes=LEAVES,
            min_samples_leaf=least,
            random_state=0,
        ).fit(asked, scores)
        found.append((float(np.var(tree.predict(asked))), tree, questions))
    _, tree, questions = max(found, key=lambda grown: grown[0])
    return tree, questions


def _questions(
    values: Floats, features: Sequence[Feature], which: Iterable[int]
) -> list[_Question]:
    found: list[_Question] = []
    for at in which:
        feature = features[at]
        column = values[:, at]
        present = column[~np.isnan(column)]
        if feature.kind in ("text", "boolean"):
            labels = min(len(feature.labels), MOST_ASKED)
            codes = range(labels) if feature.kind == "text" else (1,)
            found += [_Question(feature=at, code=code) for code in codes]
        elif len(present):
            whole = bool((present == np.floor(present)).all())
            found.append(_Question(feature=at, is_whole=whole))
        if len(present) < len(column):
            found.append(_Question(feature=at, code=-1))
    return found


def _asked(values: Floats, questions: Sequence[_Question]) -> Floats:
    """Make the tree's matrix; nulls of numbers stand in the middle."""
    asked = np.empty((len(values), len(questions)))
    for at, question in enumerate(questions):
        column = values[:, question.feature]
        if question.code is None:
            middle = np.nanmedian(column)
            asked[:, at] = np.where(np.isnan(column), middle, column)
        else:
            asked[:, at] = _is(column, question.code)
    return asked


def _is(column: Floats, code: int) -> NDArray[np.bool_]:
    return np.asarray(np.isnan(column) if code < 0 else column == code)


def _paths(
    tree: DecisionTreeRegressor, questions: Sequence[_Question]
) -> list[tuple[_Condition, ...]]:
    """List the conditions that lead to each leaf."""
    inner = tree.tree_
    found: list[tuple[_Condition, ...]] = []

    def walk(node: int, path: tuple[_Condition, ...]) -> None:
        if inner.children_left[node] < 0:
            if path:
                found.append(path)
            return
        question = questions[inner.feature[node]]
        bound = _bound(float(inner.threshold[node]), question)
        below = _Condition(question=question, bound=bound, is_above=False)
        above = _Condition(question=question, bound=bound, is_above=True)
        walk(inner.children_left[node], (*path, below))
        walk(inner.children_right[node], (*path, above))

    walk(0, ())
    return found


def _bound(threshold: float, question: _Question) -> float:
    """Round a threshold to what is shown, so that what is shown is what is counted."""
    if question.is_whole:
        return float(np.ceil(threshold))
    return float(f"{threshold:.4g}")


def _counted(
    path: tuple[_Condition, ...], held: Sequence[Side], features: Sequence[Feature]
) -> tuple[Region, float]:
    """Count a region's share of both sides, and test that they are equal."""
    shares, variance = [], 0.0
    inside = [np.all([c.holds(s.values) for c in path], axis=0) for s in held]
    for side, rows in zip(held, inside, strict=True):
        shares.append(float(np.average(rows, weights=side.weights)))
    pooled = float(np.mean(shares))
    for side in held:
        effective = side.weights.sum() ** 2 / (side.weights**2).sum()
        variance += pooled * (1 - pooled) / effective
    z = abs(shares[1] - shares[0]) / max(np.sqrt(variance), 1e-12)
    region = Region(where=_said(path, features), reference=shares[0], serving=shares[1])
    return region, float(2 * ndtr(-z))


def _said(path: tuple[_Condition, ...], features: Sequence[Feature]) -> str:
    """Say the conditions, one per column where they can be joined."""
    low: dict[int, float] = {}
    high: dict[int, float] = {}
    labels: dict[int, list[str]] = {}
    for condition in path:
        at = condition.question.feature
        if condition.question.code is not None:
            labels.setdefault(at, []).append(_label(condition, features[at]))
        elif condition.is_above:
            low[at] = max(low.get(at, -np.inf), condition.bound)
        else:
            high[at] = min(high.get(at, np.inf), condition.bound)
    said = []
    for at in dict.fromkeys(condition.question.feature for condition in path):
        said += labels.get(at, [])
        said += _range(features[at], low.get(at), high.get(at))
    return " and ".join(said)


def _label(condition: _Condition, feature: Feature) -> str:
    code, negated = condition.question.code, not condition.is_above
    if code == -1:
        return f"{feature.name} is {'not ' if negated else ''}null"
    if feature.kind == "boolean":
        return f"{feature.name} is {'not ' if negated else ''}true"
    return f"{feature.name} {'!=' if negated else '='} {feature.labels[code or 0]!r}"


def _range(feature: Feature, low: float | None, high: float | None) -> list[str]:
    if low is None and high is None:
        return []
    if feature.part == "weekday":
        first, last = int(low or 0), int(7 if high is None else high) - 1
        days = WEEKDAYS[first] if first == last else _span(first, last)
        return [f"{feature.column} on {days}"]
    if low is not None and high is not None:
        return [f"{number(low)} <= {feature.name} < {number(high)}"]
    if low is not None:
        return [f"{feature.name} >= {number(low)}"]
    return [f"{feature.name} < {number(float(high or 0))}"]


def _span(first: int, last: int) -> str:
    return f"{WEEKDAYS[first]} to {WEEKDAYS[last]}"
