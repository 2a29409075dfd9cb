"""What a profile keeps of a column of vectors of one length, in a form that adds up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nbmlops.profiles.columns import NumberColumn

FREQUENCIES = 128
FEATURES = 2 * FREQUENCIES  # a cosine and a sine of each
AMPLITUDE = 127  # features are whole numbers from -127 to 127
_LOWER = np.tril_indices(FEATURES)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VectorColumn:
    """A column of vectors that all have the same number of dimensions.

    Attributes
    ----------
    rows, mass, nulls
        As in `NumberColumn`.
    broken
        The mass of vectors with a null, a NaN or an infinity in them.
    dimensions
        How many numbers each vector has.
    lengths
        The Euclidean norm of each vector, to four digits; null where there is none,
        or it is not finite.
    centre, scale
        Shape (dimensions,): what each dimension is centred on and divided by before
        the features are taken, from the first rows of the reference. Shape (0,) where
        profiles with other features were added: then there are no features.
    sums
        Shape (256,): the sum of each random Fourier feature over whole vectors.
    products
        Shape (32896,): the sum of the products of each two features, the lower
        triangle row by row.
    """

    rows: int
    mass: float
    nulls: float
    broken: float
    dimensions: int
    lengths: NumberColumn
    centre: Floats
    scale: Floats
    sums: Floats
    products: Floats
    kind: Literal["vector"] = "vector"

    @property
    def distinct(self) -> float | None:
        """None: not counted."""
        return None

    @property
    def is_identifier(self) -> bool:
        """Never."""
        return False

    @property
    def whole(self) -> float:
        """The mass of the vectors that are there and hold finite numbers only."""
        lengths = self.lengths
        return lengths.finite + lengths.positive_infinite

    def has_features_of(self, other: "VectorColumn") -> bool:
        """Say whether both took the same features, so that their sums compare."""
        return (
            len(self.centre) > 0
            and np.array_equal(self.centre, other.centre)
            and np.array_equal(self.scale, other.scale)
        )

    def moments(self) -> tuple[Floats, Floats]:
        """Give mean and covariance of the features; there must be whole vectors.

        Returns
        -------
        tuple
            Shapes (256,) and (256, 256).
        """
        mean = self.sums / self.whole
        square = np.zeros((FEATURES, FEATURES))
        square[_LOWER] = self.products / self.whole
        square += np.tril(square, -1).T
        return mean, square - np.outer(mean, mean)


def lower_triangle(square: Floats) -> Floats:
    """Give the lower triangle of the products as one vector, row by row."""
    found: Floats = square[_LOWER]
    return found


def add_vectors(
    columns: Sequence[VectorColumn],
    counts: dict[str, Any],
    add_numbers: Callable[[list[NumberColumn]], NumberColumn],
) -> VectorColumn | None:
    """Add columns of vectors.

    Parameters
    ----------
    columns
        At least one.
    counts
        The added rows, mass and nulls.
    add_numbers
        Adds columns of numbers.

    Returns
    -------
    VectorColumn or None
        None where dimensions differ; without features where these differ.
    """
    first = columns[0]
    if any(column.dimensions != first.dimensions for column in columns):
        return None
    model = next((column for column in columns if column.whole), first)
    is_alike = all(c.has_features_of(model) for c in columns if c.whole)
    return VectorColumn(
        **counts,
        broken=sum(column.broken for column in columns),
        dimensions=first.dimensions,
        lengths=add_numbers([column.lengths for column in columns]),
        centre=model.centre if is_alike else np.empty(0),
        scale=model.scale if is_alike else np.empty(0),
        sums=np.sum([column.sums for column in columns], axis=0) * is_alike,
        products=np.sum([column.products for column in columns], axis=0) * is_alike,
    )
