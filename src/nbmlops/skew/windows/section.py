"""The columns of a check by day or hour, as a section of its report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from nbmlops.display.markup import Markup
    from nbmlops.skew.report import Verdict
    from nbmlops.skew.windows.since import How

Unit = Literal["hour", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnWindows:
    """One column, window by window.

    Attributes
    ----------
    name, verdict
        The column, and its verdict in the report.
    distances
        Of each shown window from the whole reference: the debiased Jensen-Shannon
        distance, None where the window holds no rows.
    over
        Which of them are surely over the tolerance, at 5% each.
    how
        "since", "at times" or "in no window alone" where the column differs; else "".
    first
        The first window that differs, "2026-07-03" or "2026-07-03 14:00"; else "".
    differing
        How many windows differ.
    before, after
        The distance of all windows before the first that differs, and of all from it
        on, where the column differs "since" then.
    """

    name: str
    verdict: "Verdict"
    distances: tuple[float | None, ...]
    over: tuple[int, ...] = ()
    how: "How | Literal['']" = ""
    first: str = ""
    differing: int = 0
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """The section on windows; it only informs.

    Attributes
    ----------
    unit, size
        "hour" or "day", and how many of these a window is.
    windows, together
        How many windows hold rows, and how many neighbours are shown as one.
    starts
        When each shown window begins (UTC), in ISO form.
    columns
        The worst first.
    tolerance, alpha
        The report's.
    reference_windows
        How many of the reference's days were dealt out with serving's, and decide with
        the rows what is real; 0 where rows alone do.
    why
        Why none were, or "".
    without_time
        Served rows in no window.
    """

    key: ClassVar[str] = "windows"
    title: ClassVar[str] = "Day by day"

    unit: Unit
    size: int
    windows: int
    together: int
    starts: tuple[str, ...]
    columns: tuple[ColumnWindows, ...]
    tolerance: float
    alpha: float
    reference_windows: int = 0
    why: str = ""
    without_time: int = 0

    @property
    def verdict(self) -> "Verdict":
        """Always "no evidence": the columns' own verdicts count."""
        return "no evidence"

    @property
    def headline(self) -> str:
        """Since when columns differ, in one sentence."""
        from nbmlops.skew.windows.view import headline_of

        return headline_of(self)

    def lines(self) -> list[str]:
        """Say it column by column, and what a date is worth."""
        from nbmlops.skew.windows.view import lines_of

        return lines_of(self)

    def html(self) -> "Markup":
        """Show a strip of columns by windows."""
        from nbmlops.skew.windows.view import html_of

        return html_of(self)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        plain = asdict(self)
        plain["starts"] = list(self.starts)
        for column in plain["columns"]:
            column["distances"] = list(column["distances"])
            column["over"] = list(column["over"])
        plain["columns"] = list(plain["columns"])
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Windows":
        """Build what `to_dict` gave."""
        columns = tuple(
            ColumnWindows(
                **{key: _inner(value) for key, value in column.items()},
            )
            for column in data["columns"]
        )
        return cls(**{**data, "starts": tuple(data["starts"]), "columns": columns})


def _inner(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def shown(moment: datetime, unit: Unit) -> str:
    """Write when a window begins: "2026-07-03", of an hour "2026-07-03 14:00"."""
    return moment.strftime("%Y-%m-%d" if unit == "day" else "%Y-%m-%d %H:%M")
