"""Random rows of each task, for tests of metrics."""

from dataclasses import dataclass

import numpy as np

from nbmlops.evaluate.tasks import Array, Classes, Task


@dataclass(frozen=True)
class Case:
    task: Task
    classes: Classes
    target: Array
    prediction: Array
    probability: Array | None

    def args(
        self, weight: Array | None
    ) -> tuple[Array, Array, Array | None, Array | None, Classes]:
        return self.target, self.prediction, self.probability, weight, self.classes

    def take(self, rows: Array) -> "Case":
        chance = None if self.probability is None else self.probability[rows]
        return Case(
            self.task, self.classes, self.target[rows], self.prediction[rows], chance
        )


def case(task: Task, n: int, seed: int, *, ties: bool = True) -> Case:
    """Targets and better than random predictions, with ties in the probabilities."""
    rng = np.random.default_rng(seed)
    if task in ("regression", "multioutput-regression"):
        shape = (n,) if task == "regression" else (n, 3)
        target = rng.normal(5, 2, shape)
        return Case(task, (), target, target + rng.normal(0.1, 1, shape), None)
    if task == "multilabel":
        labels = (rng.random((n, 3)) < (0.2, 0.5, 0.7)).astype(int)
        chance = np.clip(0.3 + 0.3 * labels + rng.normal(0, 0.2, (n, 3)), 0.01, 0.99)
        return Case(task, (), labels, (chance > 0.5).astype(int), _tied(chance, ties))
    if task == "multioutput-multiclass":
        outputs = (("a", "b", "c"), ("no", "yes"))
        both = [_labels(rng, n, labels) for labels in outputs]
        return Case(
            task,
            outputs,
            np.column_stack([b[0] for b in both]),
            np.column_stack([b[1] for b in both]),
            None,
        )
    classes: Classes = ("no", "yes") if task == "binary" else (10, 20, 30, 40)
    target, prediction, chance = _labels(rng, n, classes)
    return Case(task, classes, target, prediction, _tied(chance, ties))


def _labels(
    rng: np.random.Generator, n: int, classes: Classes
) -> tuple[Array, Array, Array]:
    values = np.array(classes, dtype=object if isinstance(classes[0], str) else None)
    codes = rng.integers(0, len(classes), n)
    raw = rng.normal(0, 1, (n, len(classes)))
    raw[np.arange(n), codes] += 0.8
    chance = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    return values[codes], values[chance.argmax(axis=1)], chance


def _tied(chance: Array, ties: bool) -> Array:
    if not ties:
        return chance
    rounded = np.round(chance, 1) + 0.02
    return rounded if chance.shape[1] == 3 else rounded / rounded.sum(1, keepdims=True)
