"""The result of looking for a joint shift, as a section of a report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nbmlops.display import numbers
from nbmlops.display.text import counted, middle_shorten
from nbmlops.skew.plain import plain

if TYPE_CHECKING:
    from nbmlops.display.markup import Markup
    from nbmlops.skew.report import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A part of the data that one side holds more of.

    Attributes
    ----------
    where
        The conditions: "carrier = 'UA' and hour >= 18".
    reference, serving
        The shares of both sides' rows in it, 0 to 1.
    """

    where: str
    reference: float
    serving: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """What a classifier that tells the sides apart found beyond single columns.

    Attributes
    ----------
    verdict
        Of the shift of all columns together that have not moved by themselves.
    columns
        How many columns were looked at together.
    without
        The columns that moved by themselves, which were left out.
    auc, interval
        Of the classifier on rows that it had not seen, with its 95% interval; 0.5 is
        chance. None where it was not judged.
    p_value
        Of "the columns have one joint distribution".
    distance
        The Jensen-Shannon distance of the scores: at most that of the joint
        distributions.
    detectable
        The smallest distance found 4 times in 5 by who knows where to look.
    all_auc
        With the columns that moved; None where none had.
    rows, reference_rows
        Rows that were looked at.
    alpha
        The share of checks without a joint shift that find one.
    regions
        Where the sides differ.
    missing
        Why nothing could be judged, or "".
    """

    key: ClassVar[str] = "joint"
    title: ClassVar[str] = "Columns together"

    verdict: "Verdict" = "no evidence"
    columns: int = 0
    without: tuple[str, ...] = ()
    auc: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    distance: float | None = None
    detectable: float | None = None
    all_auc: float | None = None
    rows: int = 0
    reference_rows: int = 0
    alpha: float = 0.05
    regions: tuple[Region, ...] = ()
    missing: str = ""

    @property
    def is_found(self) -> bool:
        """Whether the columns that did not move differ together."""
        return self.p_value is not None and self.p_value <= self.alpha

    @property
    def headline(self) -> str:
        """What was found, in one sentence."""
        if self.missing:
            return f"not judged: {self.missing}"
        beside = " beside those that moved" if self.without else ""
        figure = numbers.fixed(self.auc, 2)
        if self.is_found:
            return (
                f"{self.columns} columns differ together, though none of them alone "
                f"(AUC {figure})"
            )
        return f"no shift of {self.columns} columns together{beside} (AUC {figure})"

    def lines(self) -> list[str]:
        """Say the figures, and where the sides differ."""
        return [*self._figures(), *(said_of(region) for region in self.regions)]

    def html(self) -> "Markup":
        """Show the figures, and the regions as a table."""
        from nbmlops.skew.joint.view import joint_html

        return joint_html(self)

    def _figures(self) -> list[str]:
        if self.missing:
            return []
        lines = [
            f"AUC {numbers.interval(self.interval, 3)} (95%) on {self.rows:,} and "
            f"{self.reference_rows:,} rows; 0.5 is chance; distance at least "
            f"{numbers.fixed(self.distance, 2)}",
            f"{numbers.percent(self.alpha, decimals=0)} of checks without such a shift "
            "find one, if rows are independent",
        ]
        if not self.is_found:
            size = numbers.fixed(self.detectable, 2)
            lines.append(f"A distance below {size} could not show at this size")
        if self.without:
            names = [middle_shorten(name, 24) for name in self.without[:4]]
            rest = len(self.without) - len(names)
            more = [f"{rest} more"] if rest else []
            lines.append(
                f"Left out, as they moved alone: {counted([*names, *more])}; with them "
                f"AUC {numbers.fixed(self.all_auc, 2)}"
            )
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return plain(asdict(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Joint":
        """Build what `to_dict` gave."""
        fields = dict(data)
        interval = fields.pop("interval")
        return cls(
            **{
                **fields,
                "without": tuple(fields["without"]),
                "interval": None if interval is None else (interval[0], interval[1]),
                "regions": tuple(Region(**region) for region in fields["regions"]),
            }
        )


def said_of(region: Region) -> str:
    """Say a region with its shares: "hour >= 18: 38% of serving, 12% of training"."""
    shares = [
        numbers.percent(share, decimals=0)
        for share in (region.serving, region.reference)
    ]
    where = middle_shorten(region.where, 60)
    return f"{where}: {shares[0]} of serving, {shares[1]} of training"
