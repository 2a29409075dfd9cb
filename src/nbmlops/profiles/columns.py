"""What a profile keeps of one column: its counts, in a form that adds up."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

from nbmlops.profiles.cells import Cells
from nbmlops.profiles.distinct import (
    DistinctCounter,
    Sketch,
    estimate,
    hashed_texts,
)

if TYPE_CHECKING:
    from nbmlops.profiles.free_text_column import FreeTextColumn
    from nbmlops.profiles.vector_column import VectorColumn

Array: TypeAlias = NDArray[Any]
ColumnProfile: TypeAlias = Union[
    "NumberColumn",
    "TextColumn",
    "BooleanColumn",
    "TimeColumn",
    "VectorColumn",
    "FreeTextColumn",
    "OtherColumn",
]

MOST_ATOMS = 32
MOST_LABELS = 10_000
IDENTIFIER_SHARE = 0.9  # the distinct estimate is good to 2.3% (one standard error)
IDENTIFIER_ROWS = 100
DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumberColumn:
    """A column of numbers.

    Attributes
    ----------
    rows, mass
        How many rows, and the sum of their weights; nulls included.
    nulls, negative_infinite, positive_infinite
        The mass of rows that are null (NaN too) or infinite.
    cells, raw
        The finite values, centred on the reference's median, and uncentred. The
        centred ones are a copy of `raw` when `is_centred` is false.
    is_centred
        False where profiles with other centres were added.
    atoms_value, atoms_mass
        At most 32 values that occur more than once, ascending, the heaviest kept. The
        mass is exact where a column has at most 1,024 different values in its first
        batch, else a lower bound.
    minimum, maximum
        Of the finite values; None when there are none.
    at_minimum, at_maximum
        The mass exactly there.
    mean, m2
        Of the finite values: the weighted mean, and the weighted sum of squared
        deviations from it; None when there are none.
    decimals
        Shape (17,): the mass of sampled values by the fewest decimals they need;
        index 6 is integers, 8 two decimals, 4 two trailing zeros, 16 none.
    sketch
        Of the distinct values, see `distinct.py`.
    """

    rows: int
    mass: float
    nulls: float
    negative_infinite: float
    positive_infinite: float
    cells: Cells
    raw: Cells
    is_centred: bool = True
    atoms_value: NDArray[np.float64]
    atoms_mass: NDArray[np.float64]
    minimum: float | None
    maximum: float | None
    at_minimum: float
    at_maximum: float
    mean: float | None
    m2: float | None
    decimals: NDArray[np.float64]
    sketch: Sketch
    kind: Literal["number"] = "number"

    @property
    def finite(self) -> float:
        """The mass of the values that are neither null nor infinite."""
        return self.raw.total

    @property
    def distinct(self) -> float:
        """The number of different finite values: exact up to 512, then an estimate."""
        return estimate(self.sketch)

    @property
    def deviation(self) -> float | None:
        """The standard deviation of the finite values; None when there are none."""
        if self.m2 is None or not self.finite:
            return None
        return math.sqrt(max(0.0, self.m2) / self.finite)

    @property
    def is_whole(self) -> bool:
        """Whether all the sampled values are integers."""
        return not self.decimals[7:].any() and self.finite > 0

    @property
    def is_identifier(self) -> bool:
        """Whether it is integers that hardly ever occur twice."""
        return self.is_whole and _is_identifier(self)

    def quantile(self, share: float) -> float | None:
        """Give the value below which a share of the finite mass lies.

        Parameters
        ----------
        share
            0 to 1.

        Returns
        -------
        float or None
            Good to the width of a cell; an atom exactly where it fills its cell.
        """
        if not len(self.cells.mass) or self.minimum is None or self.maximum is None:
            return None
        total = np.cumsum(self.cells.mass)
        at = int(np.searchsorted(total, share * total[-1]))
        at = min(at, len(total) - 1)
        low, high = self.cells.low[at], self.cells.high[at]
        inside = (self.atoms_value >= low) & (self.atoms_value < high)
        atoms = np.flatnonzero(inside)
        if len(atoms) and self.atoms_mass[atoms].max() > 0.5 * self.cells.mass[at]:
            return float(self.atoms_value[atoms[self.atoms_mass[atoms].argmax()]])
        value = float(self.cells.middle[at])
        if self.is_whole and high - low <= 1:
            value = float(math.ceil(low))
        return float(min(max(value, self.minimum), self.maximum))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextColumn:
    """A column of labels.

    Attributes
    ----------
    rows, mass, nulls
        As in `NumberColumn`.
    labels
        The mass of each label: exact as long as there are at most 10,000, the heaviest
        with lower bounds from then on. Labels above 256 characters are shortened.
    others
        The mass of the rows whose label was not kept.
    others_most
        No label that was left out is heavier than this.
    minimum_length, maximum_length
        In characters; None when all is null.
    sketch
        Of the distinct labels; empty while `labels` is exact.
    """

    rows: int
    mass: float
    nulls: float
    labels: Mapping[str, float]
    others: float = 0.0
    others_most: float = 0.0
    minimum_length: int | None
    maximum_length: int | None
    sketch: Sketch
    kind: Literal["text"] = "text"

    @property
    def distinct(self) -> float:
        """The number of different labels: exact up to 10,000, then an estimate."""
        return estimate(self.sketch) if len(self.sketch) else float(len(self.labels))

    @property
    def is_identifier(self) -> bool:
        """Whether labels hardly ever occur twice."""
        return _is_identifier(self)

    def hashed(self) -> Sketch:
        """Give the sketch of the distinct labels, also while labels are exact."""
        if len(self.sketch):
            return self.sketch
        return labels_sketch(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BooleanColumn:
    """A column of true and false.

    Attributes
    ----------
    rows, mass, nulls
        As in `NumberColumn`.
    true, false
        The mass of each.
    """

    rows: int
    mass: float
    nulls: float
    true: float
    false: float
    kind: Literal["boolean"] = "boolean"

    @property
    def distinct(self) -> float:
        """0, 1 or 2."""
        return float((self.true > 0) + (self.false > 0))

    @property
    def is_identifier(self) -> bool:
        """Never."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeColumn:
    """A column of points in time; those without a zone are taken as UTC.

    Attributes
    ----------
    rows, mass, nulls
        As in `NumberColumn`.
    week
        Shape (336,): the mass by half hour of the week, from Monday 00:00 UTC.
    minimum, maximum
        Seconds since 1970, UTC; None when all is null.
    cells, raw, is_centred
        Seconds since 1970 as in `NumberColumn`, for display.
    lag
        Seconds from the column named as `time=` to this one, uncentred, positive where
        this one is later; None when none was named, or it is this one.
    has_time_of_day
        Whether any value is not midnight UTC.
    sketch
        Of the distinct values.
    """

    rows: int
    mass: float
    nulls: float
    week: NDArray[np.float64]
    minimum: float | None
    maximum: float | None
    cells: Cells
    raw: Cells
    is_centred: bool = True
    lag: Cells | None = None
    has_time_of_day: bool
    sketch: Sketch
    kind: Literal["time"] = "time"

    @property
    def hours(self) -> NDArray[np.float64]:
        """Shape (24,): the mass by hour of the day, UTC."""
        return np.asarray(self.week.reshape(7, 24, 2).sum(axis=(0, 2)))

    @property
    def weekdays(self) -> NDArray[np.float64]:
        """Shape (7,): the mass by day of the week, Monday first."""
        return np.asarray(self.week.reshape(7, 48).sum(axis=1))

    @property
    def distinct(self) -> float:
        """The number of different times: exact up to 512, then an estimate."""
        return estimate(self.sketch)

    @property
    def is_identifier(self) -> bool:
        """Never: times are judged by hour, weekday and lag."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OtherColumn:
    """A column that is only counted: mixed types, lists, bytes, or nothing but nulls.

    Attributes
    ----------
    rows, mass, nulls
        As in `NumberColumn`.
    types
        What it holds, in words: "int and str", "list"; "" for nothing but nulls.
    """

    rows: int
    mass: float
    nulls: float
    types: str
    kind: Literal["other"] = "other"

    @property
    def distinct(self) -> float | None:
        """None: not counted."""
        return None

    @property
    def is_identifier(self) -> bool:
        """Never."""
        return False

    @property
    def is_empty(self) -> bool:
        """Whether it is a column without a type, all null."""
        return not self.types


def labels_sketch(labels: Mapping[str, float]) -> Sketch:
    """Make a sketch of these labels."""
    counter = DistinctCounter()
    counter.add(hashed_texts(np.array(list(labels), dtype=object)))
    return counter.sketch()


def heaviest(labels: Mapping[str, float], most: int) -> dict[str, float]:
    """Keep the heaviest labels, of equal ones the first in the alphabet."""
    ranked = sorted(labels.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(ranked[:most])


def frozen(labels: Mapping[str, float]) -> Mapping[str, float]:
    """Give labels in their order of mass, read-only."""
    return MappingProxyType(heaviest(labels, len(labels)))


def _is_identifier(column: NumberColumn | TextColumn) -> bool:
    there = column.rows * (1 - column.nulls / column.mass) if column.mass else 0.0
    return there >= IDENTIFIER_ROWS and column.distinct >= IDENTIFIER_SHARE * there
