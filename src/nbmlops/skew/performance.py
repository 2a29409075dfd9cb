"""What a report says of a version's performance: with labels, or estimated without."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nbmlops.display import numbers
from nbmlops.display.text import shorten
from nbmlops.skew.plain import plain

if TYPE_CHECKING:
    from nbmlops.display.markup import Markup
    from nbmlops.skew.report import Verdict

MOST_LINES, WIDTH = 8, 96
ASSUMES = "assumed, not shown: rows of like scores fare as on test, P(y | x) unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of performance.

    Attributes
    ----------
    metric, label
        "roc_auc", "ROC AUC".
    value, interval
        Realised or estimated, and its 95% interval; None where none can be given.
    test
        The same on test; None where it is not known.
    greater_is_better
        Which way is good.
    """

    metric: str
    label: str
    value: float
    interval: tuple[float, float] | None = None
    test: float | None = None
    greater_is_better: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One day, week or block of rows.

    Attributes
    ----------
    name
        "2026-07-01", "rows 1 to 200".
    rows, labelled
        How many answers, and how many of them have a label.
    loss
        Mean loss of those.
    interval
        95% of the loss, at every look; None with few labels.
    said
        "worse", "over tolerance", "" or, with few labels, "not enough".
    figures
        The metrics; none with few labels.
    """

    name: str
    rows: int
    labelled: int
    loss: float | None = None
    interval: tuple[float, float] | None = None
    said: str = ""
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A moment from which the loss is another one.

    Attributes
    ----------
    since
        "2026-07-06 14:03" (UTC), or "row 5,120 with a label".
    before, after
        The mean loss.
    """

    since: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """The section on performance.

    Attributes
    ----------
    verdict
        Of the realised loss against the one on test; without labels "no evidence".
    loss
        Which loss decides: "Brier score", "error rate", "absolute error"; "" without
        labels.
    rows, labelled
        How many answers, and how many of them have a label.
    alpha, tolerance
        The level over all spans and all repeated checks of a log together, and the
        relative rise of the loss that does not matter.
    whole
        The loss over all labelled rows, with the 95% interval of a confidence sequence.
    detectable
        The rise of the loss that would have been found 4 times in 5.
    figures, spans, changes
        What labels show.
    drift
        "concept" where the loss rose beyond what the scores' drift explains, "data"
        where that explains it, "" where it did not rise.
    expected
        The loss that rows with these scores had on test; None without labels.
    now
        The loss since the last change.
    quiet
        Whether neither columns nor scores are over tolerance.
    estimates, refused
        Figures without labels, or why there are none.
    notes
        What was left out, and how labels were joined.
    """

    key: ClassVar[str] = "performance"
    title: ClassVar[str] = "Performance"
    verdict: "Verdict"
    rows: int
    labelled: int
    alpha: float
    tolerance: float
    loss: str = ""
    whole: Figure | None = None
    detectable: float | None = None
    figures: tuple[Figure, ...] = ()
    spans: tuple[Span, ...] = ()
    changes: tuple[Change, ...] = ()
    drift: str = ""
    expected: float | None = None
    now: float | None = None
    quiet: bool = False
    estimates: tuple[Figure, ...] = ()
    refused: str = ""
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """What it found, in one sentence."""
        from nbmlops.skew.performance_view import headline_of

        return headline_of(self)

    def lines(self) -> list[str]:
        """Say it in at most eight lines."""
        from nbmlops.skew.performance_view import lines_of

        return [shorten(line, WIDTH) for line in lines_of(self)[:MOST_LINES]]

    def html(self) -> "Markup":
        """Show it without title and headline."""
        from nbmlops.skew.performance_view import html_of

        return html_of(self)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return plain(asdict(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Performance":
        """Build the section that `to_dict` gave."""
        whole = data["whole"]
        return cls(
            **{
                **data,
                "whole": whole and _figure(whole),
                "figures": tuple(map(_figure, data["figures"])),
                "spans": tuple(map(_span, data["spans"])),
                "changes": tuple(Change(**change) for change in data["changes"]),
                "estimates": tuple(map(_figure, data["estimates"])),
                "notes": tuple(data["notes"]),
            }
        )


def within(value: float | None, interval: tuple[float, float] | None) -> str:
    """Write a figure with its interval: "0.141 (0.135 to 0.148)"."""
    decimals = numbers.places(value, *(interval or ()))
    text = numbers.fixed(value, decimals)
    return f"{text} ({numbers.interval(interval, decimals)})" if interval else text


def _pair(interval: Any) -> tuple[float, float] | None:
    return None if interval is None else (interval[0], interval[1])


def _figure(data: Mapping[str, Any]) -> Figure:
    return Figure(**{**data, "interval": _pair(data["interval"])})


def _span(data: Mapping[str, Any]) -> Span:
    figures = tuple(map(_figure, data["figures"]))
    return Span(**{**data, "interval": _pair(data["interval"]), "figures": figures})
