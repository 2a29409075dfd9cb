"""Pair the rows of several evaluations by what they hold, not by where they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from nbmlops.compare.paired import Array, Rows


class ScoredLike(Protocol):
    """What is read of an evaluation's rows; `nbmlops.evaluate.scored.Scored` is one."""

    @property
    def task(self) -> str:
        """Read the task."""

    @property
    def classes(self) -> tuple[Any, ...]:
        """Read the classes."""

    @property
    def target(self) -> Array:
        """Read the target."""

    @property
    def prediction(self) -> Array:
        """Read the prediction."""

    @property
    def probability(self) -> Array | None:
        """Read the probability."""

    @property
    def decision(self) -> Array | None:
        """Read the decision."""

    @property
    def weight(self) -> Array | None:
        """Read the weight."""

    @property
    def fingerprints(self) -> npt.NDArray[np.uint64]:
        """Read the fingerprints."""

    @property
    def slices(self) -> Mapping[str, Array]:
        """Read the slices."""

    @property
    def groups(self) -> tuple[str, Array] | None:
        """Read the groups."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """Read the metrics."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The rows that all versions were evaluated on.

    Attributes
    ----------
    positions
        For each version, where the common rows stand in it: equal lengths, in the order
        of the first version.
    dropped
        For each version, the number of its rows that are not common.
    """

    positions: tuple[npt.NDArray[np.intp], ...]
    dropped: tuple[int, ...]

    @property
    def rows(self) -> int:
        """The number of common rows."""
        return len(self.positions[0])


def align(fingerprints: Sequence[npt.NDArray[np.uint64]]) -> Alignment:
    """Find the rows that all evaluations hold.

    Parameters
    ----------
    fingerprints
        One array per version, in any order. Rows that are equal in everything are
        paired by occurrence: the first with the first.

    Returns
    -------
    Alignment
        Possibly of no rows.
    """
    keys = _keys(fingerprints)
    common = keys[0]
    for own in keys[1:]:
        common = np.intersect1d(common, own)
    places = [np.argsort(own)[_found(own, common)] for own in keys]
    order = np.argsort(places[0])
    return Alignment(
        tuple(place[order] for place in places),
        tuple(len(own) - len(common) for own in keys),
    )


def _keys(
    fingerprints: Sequence[npt.NDArray[np.uint64]],
) -> list[npt.NDArray[np.int64]]:
    """Give each distinct row a number, each occurrence of equal rows its own."""
    _, codes = np.unique(np.concatenate(fingerprints), return_inverse=True)
    parts = np.split(codes, np.cumsum([len(part) for part in fingerprints])[:-1])
    seen = [_occurrence(part) for part in parts]
    most = 1 + max((int(part.max()) for part in seen if len(part)), default=0)
    return [part * most + which for part, which in zip(parts, seen, strict=True)]


def _occurrence(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Count for each row how many equal ones stand before it."""
    order = np.argsort(codes, kind="stable")
    ranked = codes[order]
    new = np.ones(len(ranked), dtype=bool)
    new[1:] = ranked[1:] != ranked[:-1]
    starts = np.flatnonzero(new)
    lengths = np.diff(np.append(starts, len(ranked)))
    out = np.empty(len(ranked), dtype=np.int64)
    out[order] = np.arange(len(ranked)) - np.repeat(starts, lengths)
    return out


def _found(
    own: npt.NDArray[np.int64], common: npt.NDArray[np.int64]
) -> npt.NDArray[np.intp]:
    return np.searchsorted(np.sort(own), common)


def common_classes(versions: Sequence[ScoredLike]) -> tuple[Any, ...]:
    """Join the classes of all versions, the baseline's first and in its order."""
    classes = versions[0].classes
    if not classes or isinstance(classes[0], tuple):
        return classes
    more = [label for version in versions[1:] for label in version.classes]
    return tuple(dict.fromkeys((*classes, *more)))


def same_target(first: Array, other: Array) -> npt.NDArray[np.bool_]:
    """Say for each row whether both hold the same target."""
    if first.shape != other.shape:
        return np.zeros(len(first), dtype=bool)
    equal = np.asarray(first == other)
    return np.asarray(equal if equal.ndim == 1 else equal.all(axis=1), dtype=bool)


def rows_of(
    scored: ScoredLike,
    positions: npt.NDArray[np.intp],
    *,
    like: ScoredLike,
    like_positions: npt.NDArray[np.intp],
    classes: tuple[Any, ...],
) -> Rows:
    """Bring one version's rows into the common order, labels as codes.

    Parameters
    ----------
    scored, positions
        The version, and where the common rows stand in it.
    like, like_positions
        The baseline, whose targets and weights are taken.
    classes
        As `common_classes` gives them.

    Returns
    -------
    Rows
        A class that the version does not know has probability 0 there.
    """
    target = like.target[like_positions]
    prediction = scored.prediction[positions]
    chance = None if scored.probability is None else scored.probability[positions]
    if classes and not isinstance(classes[0], tuple):
        target, prediction = _codes(target, classes), _codes(prediction, classes)
        if chance is not None and scored.classes != classes:
            known = {label: i for i, label in enumerate(scored.classes)}
            nothing = np.zeros(len(chance))
            chance = np.column_stack(
                [chance[:, known[c]] if c in known else nothing for c in classes]
            )
        classes = tuple(range(len(classes)))
    return Rows(
        target=target,
        prediction=prediction,
        probability=chance,
        decision=None if scored.decision is None else scored.decision[positions],
        weight=None if like.weight is None else like.weight[like_positions],
        classes=classes,
    )


def _codes(labels: Array, classes: tuple[Any, ...]) -> npt.NDArray[np.int64]:
    distinct, inverse = np.unique(labels, return_inverse=True)
    where = {label: code for code, label in enumerate(classes)}
    codes = [where.get(_scalar(label), -1) for label in distinct]
    return np.array(codes, dtype=np.int64)[inverse]


def _scalar(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label
