"""The profile of a frame: a summary that adds up, with no row of data in it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from nbmlops.errors import UsageError
from nbmlops.profiles.columns import ColumnProfile
from nbmlops.profiles.merging import merged
from nbmlops.profiles.storing import read, written
from nbmlops.profiles.view import profile_dict, profile_html, profile_text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """What is known of a frame, column by column.

    Profiles of different rows add up: `p + q` is the profile of all of them. Of the
    values themselves a profile holds labels, at most 32 repeated numbers a column, and
    the smallest and largest; all else are counts.

    Attributes
    ----------
    rows
        The number of rows.
    mass, mass_squares
        The sum of the weights, and of their squares.
    columns
        What is known of each column, in the frame's order.
    weight
        The name of the column of weights, or None.
    time
        The name of the column that lags are measured to, or None.
    """

    rows: int
    mass: float
    mass_squares: float
    columns: Mapping[str, ColumnProfile]
    weight: str | None = None
    time: str | None = None

    @property
    def effective_rows(self) -> float:
        """How many rows of equal weight tell as much (Kish 1965)."""
        return self.mass**2 / self.mass_squares if self.mass_squares else 0.0

    @property
    def digest(self) -> str:
        """The SHA-256 of the profile as bytes: 64 hexadecimal digits."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Profile):
            return NotImplemented
        return self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __add__(self, other: "Profile") -> "Profile":
        if not isinstance(other, Profile):
            return NotImplemented
        return add_profiles([self, other])

    def to_bytes(self) -> bytes:
        """Give the profile as bytes to keep: the same profile, the same bytes."""
        return written(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Profile":
        """Read a profile that `to_bytes` wrote."""
        return cls(**read(data))

    def to_dict(self) -> dict[str, Any]:
        """Give the summary that is shown, as plain values."""
        return profile_dict(self)

    def __repr__(self) -> str:
        return profile_text(self)

    def _repr_html_(self) -> str:
        return str(profile_html(self))


def add_profiles(profiles: Sequence[Profile]) -> Profile:
    """Add profiles of different rows, all at once: much faster than one by one.

    Parameters
    ----------
    profiles
        At least one, all of the same columns.

    Returns
    -------
    Profile
        The profile of all the rows; columns in the order of the first.

    Raises
    ------
    UsageError
        When a column is in some of them only.
    """
    first = profiles[0]
    for other in profiles:
        for name in first.columns.keys() ^ other.columns.keys():
            raise UsageError(
                f"column {name!r} is in one of the profiles only",
                hint="profile the same columns of both: "
                f"nbmlops.profile(frame[{_common(first, other)!r}])",
            )
    return Profile(
        rows=sum(profile.rows for profile in profiles),
        mass=sum(profile.mass for profile in profiles),
        mass_squares=sum(profile.mass_squares for profile in profiles),
        columns=MappingProxyType(
            {
                name: merged(*(profile.columns[name] for profile in profiles))
                for name in first.columns
            }
        ),
        weight=_shared([profile.weight for profile in profiles]),
        time=_shared([profile.time for profile in profiles]),
    )


def _shared(names: Sequence[str | None]) -> str | None:
    return names[0] if len(set(names)) == 1 else None


def _common(left: Profile, right: Profile) -> list[str]:
    return [name for name in left.columns if name in right.columns]
