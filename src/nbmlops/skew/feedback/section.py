"""The result of looking for feedback loops, as a section of a report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from nbmlops.display import numbers
from nbmlops.display.text import counted, middle_shorten

if TYPE_CHECKING:
    from nbmlops.display.markup import Markup
    from nbmlops.skew.report import Verdict

Method: TypeAlias = Literal["exploration", "discontinuity", "both", "suspicion", ""]

MOST_NAMED, MOST_LINES = 3, 4
REMEDY = (
    "Keep 1 to 5% of answers explored, and weigh rows by 1/propensity in retraining",
    "Leave out labels that an answer caused, and freeze features that the model writes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an answer does to one feature at the entity's next request, or to a label.

    Attributes
    ----------
    name
        The column.
    is_label
        It is the label of the same request, not a feature of the next.
    difference, interval
        Answer 1 less answer 0, in standard deviations of the column, with the 95%
        interval.
    p_value, p_tolerance
        Of no effect, and of one within the tolerance; adjusted over columns.
    rows
        Requests of answer 0 and of answer 1 that it rests on.
    """

    name: str
    is_label: bool = False
    difference: float
    interval: tuple[float, float]
    p_value: float
    p_tolerance: float
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A figure that may hint at a loop and proves none.

    Attributes
    ----------
    name
        What it is.
    said
        What the log shows, or what it lacks.
    is_suspicious
        Whether a loop would look like this.
    """

    name: str
    said: str
    is_suspicious: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Whether predictions change what the model sees next.

    Attributes
    ----------
    verdict
        "within tolerance" or "over tolerance" where a loop is shown; else
        "no evidence".
    method
        How: by "exploration", by the "discontinuity" at the threshold, by "both", or
        "suspicion" only; "" where the log allows none.
    effects
        The smallest p-value first.
    detectable
        The smallest effect found 4 times in 5, in standard deviations.
    threshold
        The score at which the prediction switches.
    density_p
        Of "as many scores just above the threshold as below" (McCrary); a small one
        says that scores are steered: effects at the threshold are not to be trusted.
    alpha
        The share of checks without a loop that find one.
    indicators
        Where nothing can be shown.
    missing
        What the log would have to contain, and does not.
    """

    key: ClassVar[str] = "feedback"
    title: ClassVar[str] = "Feedback"

    verdict: "Verdict" = "no evidence"
    method: Method = ""
    effects: tuple[Effect, ...] = ()
    detectable: float | None = None
    threshold: float | None = None
    density_p: float | None = None
    alpha: float = 0.05
    indicators: tuple[Indicator, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def found(self) -> tuple[Effect, ...]:
        """The effects that are real."""
        return tuple(e for e in self.effects if e.p_value <= self.alpha)

    @property
    def headline(self) -> str:
        """What was found, in one sentence."""
        if not self.method:
            return f"not judged: {'; '.join(self.missing)}"
        if self.method == "suspicion":
            hints = sum(indicator.is_suspicious for indicator in self.indicators)
            hint = f"{numbers.amount(hints, 'hint')} of one" if hints else "no hint"
            return f"a loop can neither be shown nor excluded by this log; {hint}"
        if self.found:
            named = [_named(effect) for effect in self.found[:MOST_NAMED]]
            rest = len(self.found) - len(named)
            more = [f"{rest} more"] if rest else []
            return f"answers change what comes next: {counted([*named, *more])}"
        size = numbers.fixed(self.detectable, 2)
        amount = numbers.amount(len(self.effects), "column")
        return f"no loop shown in {amount}; one of {size} sd or more would be, mostly"

    def lines(self) -> list[str]:
        """Say what it rests on, the largest effects, and what to do."""
        if not self.method:
            return []
        if self.method == "suspicion":
            said = [f"{i.name}: {i.said}" for i in self.indicators]
            return [*said, *(f"It would take {lack}" for lack in self.missing)]
        found = [said_of(effect) for effect in self.found[:MOST_LINES]]
        return [*self.basis(), *found, *(REMEDY if self.found else ())]

    def basis(self) -> list[str]:
        """Say what the effects rest on, and the error rate."""
        fewest = min((min(effect.rows) for effect in self.effects), default=0)
        rate = numbers.percent(self.alpha, decimals=0)
        if self.method == "exploration":
            return [
                f"By answers drawn at random, at least {fewest:,} of each; "
                f"{rate} of checks without a loop find one",
            ]
        told = (
            "scores crowd at one side of it: do not trust this"
            if self.density_p is not None and self.density_p <= self.alpha
            else "scores do not crowd at it"
        )
        place = numbers.number(self.threshold)
        what = (
            f"Random answers and the jump at {place}, from {fewest:,} of each"
            if self.method == "both"
            else f"Jump at the threshold {place}, from {fewest:,} requests a side"
        )
        return [
            f"{what}; {rate} of checks without a loop find one",
            f"Density there: {told} (McCrary: {numbers.p_value(self.density_p)})",
        ]

    def html(self) -> "Markup":
        """Show effects as a table."""
        from nbmlops.skew.feedback.view import feedback_html

        return feedback_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            **asdict(self),
            "effects": [
                {**asdict(e), "interval": list(e.interval), "rows": list(e.rows)}
                for e in self.effects
            ],
            "indicators": [asdict(indicator) for indicator in self.indicators],
            "missing": list(self.missing),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Feedback":
        """Build what `to_dict` gave."""
        return cls(
            **{
                **data,
                "effects": tuple(map(_effect, data["effects"])),
                "indicators": tuple(Indicator(**i) for i in data["indicators"]),
                "missing": tuple(data["missing"]),
            }
        )


def said_of(effect: Effect) -> str:
    """Say an effect with its interval: "next spend: +0.21 sd (0.12 to 0.30)"."""
    what = effect.name if effect.is_label else f"next {effect.name}"
    return (
        f"{middle_shorten(what, 32)}: {numbers.signed(effect.difference, 2)} sd "
        f"({numbers.interval(effect.interval, 2)}), {numbers.p_value(effect.p_value)}"
    )


def _named(effect: Effect) -> str:
    change = numbers.signed(effect.difference, 2)
    return f"{middle_shorten(effect.name, 24)} {change} sd"


def _effect(data: Mapping[str, Any]) -> Effect:
    low, high = data["interval"]
    first, second = data["rows"]
    return Effect(**{**data, "interval": (low, high), "rows": (first, second)})
