"""What a report says of groups of rows: whose loss is larger, and whose has risen."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from nbmlops.display.text import shorten
from nbmlops.skew.plain import plain

if TYPE_CHECKING:
    from nbmlops.display.markup import Markup
    from nbmlops.skew.report import Verdict

MOST_LINES, WIDTH = 8, 96
LEAST_ROWS = 100
Said = Literal["", "differs", "over tolerance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A group's mean loss less that of other rows.

    Attributes
    ----------
    other
        The mean loss of the other rows.
    difference, interval
        Above 0 where the group fares worse, and its 95% interval.
    p_value
        Of no difference, adjusted over all groups.
    said
        "differs" where that is real, "over tolerance" where it is surely worse by more
        than the margin; else "".
    """

    other: float
    difference: float
    interval: tuple[float, float]
    p_value: float
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The labelled rows of one value of a slice column.

    Attributes
    ----------
    column, value
        "carrier", "UA".
    rows
        How many.
    loss
        Their mean loss; None where they are too few to judge.
    gap
        Against the other rows of the log; None where these are too few.
    rise
        Against the same group on test; None where it is not known there.
    """

    column: str
    value: str
    rows: int
    loss: float | None = None
    gap: Contrast | None = None
    rise: Contrast | None = None

    @property
    def name(self) -> str:
        """Say which: "carrier = 'UA'"."""
        return f"{shorten(self.column, 30)} = '{shorten(self.value, 30)}'"

    @property
    def is_worse(self) -> bool:
        """Whether it surely fares worse than on test."""
        rise = self.rise
        return rise is not None and bool(rise.said) and rise.difference > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """The section on slices.

    Attributes
    ----------
    verdict
        Of the rises against test alone: groups that were always harder are no skew.
    loss
        "log loss", "error rate", "absolute error".
    labelled
        How many rows have a label.
    alpha
        The level over all groups, gaps and rises together.
    margin
        The rise that does not matter, in the unit of the loss.
    least
        How many effective rows a group takes to be judged.
    groups
        Those that could be judged, the largest sure rises first, then gaps.
    small
        Those with too few rows.
    notes
        What was left out, and why.
    """

    key: ClassVar[str] = "slices"
    title: ClassVar[str] = "Slices"
    verdict: "Verdict"
    loss: str
    labelled: int
    alpha: float
    margin: float
    least: int = LEAST_ROWS
    groups: tuple[Group, ...] = ()
    small: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """What it found, in one sentence."""
        from nbmlops.skew.slices_view import headline_of

        return headline_of(self)

    def lines(self) -> list[str]:
        """Say it in at most eight lines."""
        from nbmlops.skew.slices_view import lines_of

        return [shorten(line, WIDTH) for line in lines_of(self)[:MOST_LINES]]

    def html(self) -> "Markup":
        """Show it without title and headline."""
        from nbmlops.skew.slices_view import html_of

        return html_of(self)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return plain(asdict(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Slices":
        """Build the section that `to_dict` gave."""
        return cls(
            **{
                **data,
                "groups": tuple(map(_group, data["groups"])),
                "small": tuple(map(_group, data["small"])),
                "notes": tuple(data["notes"]),
            }
        )


def _group(data: Mapping[str, Any]) -> Group:
    contrasts = {name: _contrast(data[name]) for name in ("gap", "rise")}
    return Group(**{**data, **contrasts})


def _contrast(data: Mapping[str, Any] | None) -> Contrast | None:
    if data is None:
        return None
    low, high = data["interval"]
    return Contrast(**{**data, "interval": (low, high)})
