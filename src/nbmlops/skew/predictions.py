"""What a report says of predictions: their distribution, and whose they are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nbmlops.display import numbers
from nbmlops.display.text import shorten
from nbmlops.skew.plain import plain

if TYPE_CHECKING:
    from nbmlops.display.markup import Markup
    from nbmlops.skew.report import Bar, Verdict

MOST_LINES, WIDTH = 8, 96


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreShift:
    """One vector of answers, logged against those on test, judged as a column is.

    Attributes
    ----------
    name
        "probability of True", "prediction".
    verdict, distance, interval, p_value, p_tolerance, detectable, summary, bars
        As in `ColumnSkew`; test is the reference, the log is serving.
    cause
        One sentence, or "".
    """

    name: str
    verdict: "Verdict"
    distance: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    p_tolerance: float | None
    detectable: float | None
    summary: str
    cause: str = ""
    bars: tuple["Bar", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassShare:
    """How often a class is predicted, or how often a score is over the threshold.

    Attributes
    ----------
    label
        "True".
    test, test_interval, logged, logged_interval
        Shares with their 95% intervals, 0 to 1.
    """

    label: str
    test: float
    test_interval: tuple[float, float]
    logged: float
    logged_interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Logged answers that are not those of the registered bytes.

    Attributes
    ----------
    rows, differing
        How many were scored again, and how many of them differ.
    interval
        95% interval of the differing share, 0 to 1.
    worst
        The largest difference: of a probability; of a number relative to its size; of
        classes 1.
    answer
        What was compared: "probability", "class", "number".
    kind, detail
        What the log has instead ("rounded", "other class", "another version" ...), and
        in words; "" where nothing fits.
    verdict
        "handling fault" where it is systematic.
    """

    rows: int
    differing: int
    interval: tuple[float, float]
    worst: float
    answer: str
    kind: str
    detail: str
    verdict: "Verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """The section on predictions.

    Attributes
    ----------
    verdict
        The worst of the scores' and of the mismatch's.
    rows, test_rows
        How many logged answers, and how many answers on test.
    alpha
        The share of logs without any change in which some score is found to differ;
        the scores are tested together, apart from the report's columns.
    scores, shares, mismatch
        What was found.
    tolerance
        The report's.
    notes
        What was left out, and why.
    """

    key: ClassVar[str] = "predictions"
    title: ClassVar[str] = "Predictions"
    verdict: "Verdict"
    rows: int
    test_rows: int
    alpha: float
    tolerance: float = 0.1
    scores: tuple[ScoreShift, ...] = ()
    shares: tuple[ClassShare, ...] = ()
    mismatch: Mismatch | None = None
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """What it found, in one sentence."""
        return "; ".join(filter(None, (self._origin(), self._shift())))

    def _origin(self) -> str:
        found = self.mismatch
        if found is None or not found.differing:
            same = "logged answers are the model's own"
            return "" if found is None else f"all {found.rows:,} {same}"
        share = numbers.percent(found.differing / found.rows)
        instead = f": they are {found.detail}" if found.detail else ""
        return f"{share} of {found.rows:,} logged answers are not the model's{instead}"

    def _shift(self) -> str:
        if not self.scores:
            return "" if self.mismatch else "nothing could be compared"
        worst = self.scores[0]
        said = {
            "no evidence": "the scores are distributed as on test",
            "not enough data": "too few answers to tell whether the scores moved",
        }
        moved = f"{worst.name} moved by {numbers.fixed(worst.distance, 2)}"
        return said.get(worst.verdict, f"{moved} ({worst.verdict})")

    def lines(self) -> list[str]:
        """Say it in at most eight lines."""
        from nbmlops.skew.predictions_view import lines_of

        return [shorten(line, WIDTH) for line in lines_of(self)[:MOST_LINES]]

    def html(self) -> "Markup":
        """Show it without title and headline."""
        from nbmlops.skew.predictions_view import html_of

        return html_of(self)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return plain(asdict(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Predictions":
        """Build the section that `to_dict` gave."""
        found = data["mismatch"]
        return cls(
            **{
                **data,
                "scores": tuple(_score(entry) for entry in data["scores"]),
                "shares": tuple(_share(entry) for entry in data["shares"]),
                "mismatch": found
                and Mismatch(**{**found, "interval": tuple(found["interval"])}),
                "notes": tuple(data["notes"]),
            }
        )


def _score(data: Mapping[str, Any]) -> ScoreShift:
    from nbmlops.skew.report import Bar

    interval = data["interval"]
    bars = tuple(Bar(**bar) for bar in data["bars"])
    given = interval and (interval[0], interval[1])
    return ScoreShift(**{**data, "interval": given, "bars": bars})


def _share(data: Mapping[str, Any]) -> ClassShare:
    pairs = ("test_interval", "logged_interval")
    return ClassShare(**{**data, **{name: tuple(data[name]) for name in pairs}})
