"""Two versions on the same rows, drawn with a fixed seed."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from nbmlops.compare.paired import Rows
from nbmlops.evaluate.tasks import Task
from tests.evaluate.rows import case


@dataclass(frozen=True)
class Stored:
    """What `compare_scored` reads, without the room that makes it."""

    task: str
    classes: tuple[Any, ...]
    target: npt.NDArray[Any]
    prediction: npt.NDArray[Any]
    fingerprints: npt.NDArray[np.uint64]
    probability: npt.NDArray[Any] | None = None
    decision: npt.NDArray[Any] | None = None
    weight: npt.NDArray[Any] | None = None
    slices: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    groups: tuple[str, npt.NDArray[Any]] | None = None
    metrics: dict[str, float] = field(default_factory=dict)

    def take(self, rows: Any) -> "Stored":
        def part(values: Any) -> Any:
            return None if values is None else values[rows]

        return replace(
            self,
            target=self.target[rows],
            prediction=self.prediction[rows],
            fingerprints=self.fingerprints[rows],
            probability=part(self.probability),
            decision=part(self.decision),
            weight=part(self.weight),
            slices={name: labels[rows] for name, labels in self.slices.items()},
            groups=None
            if self.groups is None
            else (self.groups[0], self.groups[1][rows]),
        )


def pair(task: Task, n: int, seed: int = 0, *, weighted: bool = False) -> list[Rows]:
    """Draw two versions that answer the same targets, labels as they are."""
    first = case(task, n, seed)
    other = case(task, n, seed + 1_000)
    rng = np.random.default_rng(seed)
    weight = rng.gamma(2.0, 1.0, n) if weighted else None
    # The second takes some answers of other rows, whatever their target.
    mixed = rng.random(n) < 0.7
    if task in ("regression", "multioutput-regression"):
        second = first.prediction + 0.4 * rng.normal(size=first.prediction.shape)
        chance = None
    else:
        keep = mixed if first.prediction.ndim == 1 else mixed[:, None]
        second = np.where(keep, first.prediction, other.prediction)
        chance = None
        if first.probability is not None and other.probability is not None:
            chance = np.where(mixed[:, None], first.probability, other.probability)
    return [
        Rows(
            target=first.target,
            prediction=prediction,
            probability=probability,
            decision=None,
            weight=weight,
            classes=first.classes,
        )
        for prediction, probability in (
            (first.prediction, first.probability),
            (second, chance),
        )
    ]


def stored(task: Task, n: int, seed: int = 0) -> list[Stored]:
    """Make stored rows of two versions, with a slice and a group column."""
    rng = np.random.default_rng(seed)
    sides = pair(task, n, seed)
    fingerprints = rng.integers(0, 2**63, n).astype(np.uint64)
    carrier = np.array(["EV", "UA", "9E"], object)[rng.integers(0, 3, n)]
    day = np.array([f"d{i:02}" for i in range(20)], object)[rng.integers(0, 20, n)]
    return [
        Stored(
            task=task,
            classes=side.classes,
            target=side.target,
            prediction=side.prediction,
            probability=side.probability,
            fingerprints=fingerprints,
            slices={"carrier": carrier},
            groups=("day", day),
        )
        for side in sides
    ]
