"""What a comparison says in a sentence, and what speaks against it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbmlops.compare import phrases
from nbmlops.display import numbers
from nbmlops.display.table import Status
from nbmlops.display.text import clean, counted, middle_shorten

if TYPE_CHECKING:
    from nbmlops.compare.comparison import Comparison, MetricDifference

MOST_BUTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The verdict in a sentence.

    Attributes
    ----------
    sentence
        "delays/2 is better than delays/1: ROC AUC +0.017".
    interval
        "(95% 0.008 to 0.027)", or "" where there is none.
    buts
        What the sentence leaves out: a status, a clause, its figures.
    """

    sentence: str
    interval: str = ""
    buts: tuple[tuple[Status, str, str], ...] = ()

    @property
    def text(self) -> str:
        """The sentence with its interval."""
        return f"{self.sentence} {self.interval}".strip()


def headline_of(comparison: "Comparison") -> Headline:
    """Say which version is better by the leading metric, how surely, and what else.

    Parameters
    ----------
    comparison
        What `compare` found.

    Returns
    -------
    Headline
        The sentence, its interval, and what speaks against it: metrics and slices that
        go the other way, and what holds for these rows only.
    """
    lead = phrases.leading(comparison)
    if lead is None:
        refs = [phrases.name_of(version.ref) for version in comparison.versions]
        named = refs if len(refs) < 5 else [*refs[:3], f"{len(refs) - 3} more"]
        return Headline(sentence=f"{counted(named)} share no evaluation")
    figures = f"{phrases.label_of(lead)} {phrases.figure(lead)}"
    places = phrases.decimals(lead)
    return Headline(
        sentence=f"{_claim(comparison, lead)}: {figures}",
        interval=f"(95% {_bounds(comparison, lead, places)})"
        if phrases.deciding(lead)
        else "",
        buts=tuple(_buts(comparison, lead)),
    )


def _claim(comparison: "Comparison", lead: "MetricDifference") -> str:
    one, other = phrases.name_of(lead.challenger), phrases.name_of(lead.baseline)
    verdict = lead.verdict
    rivals = len(comparison.versions) - 1
    if verdict == "no interval":
        return f"{one} against {other}, how surely is not known"
    if verdict == "not clear":
        if rivals > 1:
            none = f"None of {rivals} challengers is clearly better than {other}"
            return f"{none}; the nearest is {one}"
        return f"No clear difference between {one} and {other}"
    if verdict == "better" and rivals > 1:
        return f"{one} is the best of {rivals} challengers of {other}"
    if rivals > 1:
        return f"All {rivals} challengers are worse than {other}; the nearest is {one}"
    return f"{one} is {verdict} than {other}"


def _buts(
    comparison: "Comparison", lead: "MetricDifference"
) -> Iterable[tuple[Status, str, str]]:
    same = [d for d in comparison.differences if d.challenger == lead.challenger]
    kind: Status = "better" if lead.verdict == "worse" else "worse"
    contrary = [d for d in same if d.verdict == kind and d.metric != lead.metric]
    for found in contrary[:MOST_BUTS]:
        bounds = numbers.interval(phrases.deciding(found), phrases.decimals(found))
        label = phrases.label_of(found)
        yield kind, f"But {kind}:", f"{label} {phrases.figure(found)} ({bounds})."
    if len(contrary) > MOST_BUTS:
        rest = [phrases.label_of(found) for found in contrary[MOST_BUTS:][:6]]
        yield kind, f"Also {kind}:", f"{counted(rest)}."
    yield from _by_row(comparison, lead)
    worse = [
        f"{clean(s.column)} {middle_shorten(s.value, 24)}"
        for s in comparison.slices
        if s.verdict == "worse" and s.challenger == lead.challenger
    ]
    if worse:
        more = [f"{len(worse) - 3} more"] if len(worse) > 3 else []
        label = phrases.label_of(lead)
        named = counted([*worse[:3], *more])
        start = "Also" if lead.verdict == "worse" else "But"
        yield "worse", f"{start} worse on a part of the rows:", f"{named}, by {label}."


def _by_row(
    comparison: "Comparison", lead: "MetricDifference"
) -> Iterable[tuple[Status, str, str]]:
    """Say what holds for these rows only, where whole groups decide otherwise."""
    if lead.interval is None or lead.row_verdict == lead.verdict:
        return
    bounds = numbers.interval(lead.interval, phrases.decimals(lead))
    noun = phrases.groups_noun(comparison.group_column)
    said = f"{lead.row_verdict}, {bounds} by row; {noun} may differ."
    yield "unclear", "On these rows alone:", said


def _bounds(comparison: "Comparison", lead: "MetricDifference", places: int) -> str:
    """Write the interval that decides, and what was drawn for it if not rows."""
    bounds = numbers.interval(phrases.deciding(lead), places)
    if lead.group_interval is None:
        return bounds
    column = middle_shorten(clean(comparison.group_column) or "group", 40)
    return f"{bounds} by {column}"
