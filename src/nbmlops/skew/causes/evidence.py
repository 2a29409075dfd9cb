"""What a hypothesis may look at: both sides of one column, prepared once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from nbmlops.profiles.columns import ColumnProfile, NumberColumn, TimeColumn
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes import lattice
from nbmlops.skew.causes.points import Numbers, numbers_of, points_of
from nbmlops.skew.questions import Labels, label_counts, time_labels
from nbmlops.skew.repair.steps import Step
from nbmlops.skew.statistics import Floats

FEW_ROWS = 1000.0  # effective rows below which two explanations are hard to tell apart
LARGEST = 1e25  # no measurement in any unit; beyond it maps and squares overflow

Column = TypeVar("Column")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One explanation that fits, with its score.

    Attributes
    ----------
    kind
        Of the fixed list of causes.
    score
        In units of -2 log likelihood; the least wins.
    detail
        One sentence to act on; empty for what is told as "also" only.
    mend
        What turns the column back into training's; () where nothing does.
    backed
        False where what is no fault would look the same (growth as a near unit,
        dropped rows as zeros for nulls): then it is only told as "also".
    stuck
        Values at which others are held.
    variant
        The figure that tells it from others of its kind: "x 1000".
    """

    kind: str
    score: float
    detail: str
    mend: tuple[Step, ...] = ()
    backed: bool = True
    stuck: tuple[float, ...] = ()
    variant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCase:
    """Both sides of a number column, ready to be mapped and counted.

    Attributes
    ----------
    reference, serving
        The two sides.
    frame
        The serving side's cells.
    values, weights
        The reference as weighted points.
    counted
        The reference's effective rows per cell, as it is.
    identity
        How well the reference fits as it is.
    null
        Score of the change of the null share.
    """

    reference: Numbers
    serving: Numbers
    frame: fitting.Frame
    values: Floats
    weights: Floats
    counted: Floats
    identity: fitting.Fit
    null: float

    @property
    def price(self) -> float:
        """What one free parameter costs: ln N_h."""
        return float(np.log(max(self.identity.size, 2.0)))

    @property
    def null_score(self) -> float:
        """The change of the null share as part of another explanation, capped."""
        return min(self.null, self.price + 4)

    @property
    def off_lattice(self) -> float:
        """Score of the change of decimals where no map is assumed."""
        changed = self.serving.digits != self.reference.digits
        return fitting.FALSE_DECIMALS if changed else 0.0

    def natural(self, counted: Floats, serving: Floats) -> float:
        """Score "the world changed" between two counts in the case's cells."""
        return fitting.natural_change(
            self.frame, counted, serving, self.reference.deviation
        )


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One column whose distribution changed, and what is known of it.

    Attributes
    ----------
    name, kind
        The column and the kind in which its sides are compared.
    reference, serving
        Its profiles.
    scales
        Effective rows per unit of mass on both sides.
    words
        What the sides are called: ("training", "serving").
    summary
        What moved, in one sentence.
    hints
        What the caller knows of the model's own preparation of the column:
        {"scaler": {"name", "minus", "by"}} of (value - minus) / by, and "categories",
        the labels in the order in which its encoder numbers them.
    others
        The check's columns that changed, by name, this one among them; none where
        they are very many.
    """

    name: str
    kind: str
    reference: ColumnProfile
    serving: ColumnProfile
    scales: tuple[float, float]
    words: tuple[str, str]
    summary: str = ""
    hints: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, "Evidence"] = field(default_factory=dict, repr=False)

    def both(self, kind: type[Column]) -> tuple[Column, Column] | None:
        """Return both sides where they are columns of this class, else None."""
        if isinstance(self.reference, kind) and isinstance(self.serving, kind):
            return self.reference, self.serving
        return None

    def siblings(self) -> list["Evidence"]:
        """Return the other columns of its kind that changed."""
        return [
            other
            for other in self.others.values()
            if other.name != self.name and other.kind == self.kind
        ]

    @property
    def is_small(self) -> bool:
        """Whether a side has so few rows that causes can hardly be told apart."""
        sides = zip((self.reference, self.serving), self.scales, strict=True)
        return min(float(c.mass) * scale for c, scale in sides) < FEW_ROWS

    @property
    def null_shares(self) -> tuple[float, float]:
        """The share of rows that are null on both sides; neither is without rows."""
        before, after = self.reference, self.serving
        return before.nulls / before.mass, after.nulls / after.mass

    @cached_property
    def numbers(self) -> NumberCase | None:
        """The column as numbers; None where it has none on one side."""
        sides = self.both(NumberColumn)
        if sides is None:
            return None
        before, after = map(numbers_of, sides, self.scales)
        if before.finite <= 0 or after.finite <= 0:
            return None
        ends = before.minimum, before.maximum, after.minimum, after.maximum
        if max(abs(end) for end in ends) > LARGEST:
            return None
        frame = fitting.frame_of(after)
        values, weights = points_of(before)
        counted = frame.count(values, weights)
        return NumberCase(
            reference=before,
            serving=after,
            frame=frame,
            values=values,
            weights=weights,
            counted=counted,
            identity=fitting.fit(counted, frame.serving),
            null=fitting.null_change(before, after),
        )

    @cached_property
    def labels(self) -> Labels | None:
        """The column as labels; of a time its hours, else its weekdays."""
        if isinstance(self.reference, TimeColumn):
            if not isinstance(self.serving, TimeColumn):
                return None
            found = time_labels(self.reference, self.serving, self.scales)
            return found[0][0] if found else None
        if self.kind in {"text", "boolean"}:
            return label_counts(self.reference, self.serving, self.scales)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One entry of the table of causes.

    Attributes
    ----------
    kind
        The kind of cause it names.
    applies
        The kinds of column it is tried on.
    propose
        Gives the explanations of this kind that the evidence does not refute.
    """

    kind: str
    applies: frozenset[str]
    propose: Callable[[Evidence], Iterable[Candidate]]


def decimals_score(mapped: int, serving: int) -> float:
    """Score the decimals that a map predicts: it cannot add any; it may be rounded."""
    if serving > mapped:
        return fitting.FALSE_DECIMALS
    return 8.0 if serving < mapped else 0.0


def mapped_digits(values: Floats, weights: Floats, before: int, *, narrow: bool) -> int:
    """Return the decimals of the 64 heaviest mapped points; continuous stays so."""
    if before >= lattice.CONTINUOUS:
        return lattice.CONTINUOUS
    heavy = np.argsort(-weights, kind="stable")[:64]
    return lattice.exponent_of(values[heavy], narrow=narrow)
