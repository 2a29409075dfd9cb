"""How a comparison is shown in a terminal."""

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING

from nbmlops.compare import phrases
from nbmlops.compare.folds import answers
from nbmlops.compare.sentences import headline_of
from nbmlops.display import numbers
from nbmlops.display.table import STATUS, Status
from nbmlops.display.text import clean, middle_shorten, shorten, text_table

if TYPE_CHECKING:
    from nbmlops.compare.comparison import Comparison, MetricDifference

WIDTH = 100
MOST_ROWS = 16
MOST_VERSIONS = 6
KINDS: Mapping[str, Status] = {"better": "better", "worse": "worse"}


def comparison_text(comparison: "Comparison") -> str:
    """Show a comparison as text, at most about 40 lines of 100 characters.

    Parameters
    ----------
    comparison
        What `compare` found.

    Returns
    -------
    str
        The verdict and its buts, who each version is, the metrics, the other answers.
    """
    marks = phrases.marks_of(version.ref for version in comparison.versions)
    line = headline_of(comparison)
    buts = [
        f"{STATUS[kind][0]} {clause} {why}".strip() for kind, clause, why in line.buts
    ]
    folded = [
        f"{title}: {answer}" for title, answer in answers(comparison, marks) if answer
    ]
    lines = [
        line.text,
        *(
            part
            for but in buts
            for part in wrap(clean(but), WIDTH, subsequent_indent="  ")
        ),
        "",
        *_who(comparison, marks),
        *_metrics(comparison, marks),
        "",
        *(shorten(answer, WIDTH) for answer in folded),
        *(f"Note: {shorten(note, WIDTH - 6)}" for note in comparison.notes[:4]),
    ]
    return "\n".join(lines).rstrip()


def _who(comparison: "Comparison", marks: dict[str, str]) -> list[str]:
    rows = [
        (
            marks[v.ref],
            v.ref,
            " ".join(f"@{alias}" for alias in v.aliases),
            _last_step(v.estimator),
            v.training,
            middle_shorten(v.author, 20),
        )
        for v in comparison.versions[:MOST_VERSIONS]
    ]
    more = len(comparison.versions) - len(rows)
    table = text_table([""] * 6, rows, numeric=[], width=WIDTH)
    lines = [*table.split("\n"), *([f"and {more} more"] if more > 0 else [])]
    if comparison.evaluation:
        lines.append(shorten(f"compared on {comparison.evaluation}", WIDTH))
    return lines


def _last_step(estimator: str) -> str:
    """Keep of a pipeline's steps the last one, which predicts."""
    head, comma, last = estimator.rpartition(", ")
    return f"{head.partition(': ')[0]}: {last}" if comma else estimator


def _metrics(comparison: "Comparison", marks: dict[str, str]) -> list[str]:
    if not comparison.differences:
        return []
    first = marks[comparison.versions[0].ref]
    rows = [_row(d, marks) for d in comparison.differences[:MOST_ROWS]]
    by = clean(comparison.group_column)
    unit = f"95% interval by {by}" if by else "95% interval"
    several = len(comparison.versions) > 2
    challenger = "challenger" if several else marks[comparison.versions[1].ref]
    heads = ["metric", first, challenger, "difference", unit, ""]
    table = text_table(heads, rows, numeric=[1, 2, 3], width=WIDTH)
    more = len(comparison.differences) - len(rows)
    return ["", table, *([f"  and {more} more in .rows()"] if more > 0 else [])]


def _row(d: "MetricDifference", marks: dict[str, str]) -> tuple[str, ...]:
    places = phrases.decimals(d)
    label = marks.get(d.challenger, "?")
    word = f"{label} is {d.verdict}" if d.verdict in KINDS else d.verdict
    several = f"{label}: " if len(marks) > 2 else ""
    down = "" if d.greater_is_better else " (lower is better)"
    shape = STATUS[KINDS.get(d.verdict, "unclear")][0]
    return (
        f"{phrases.label_of(d)}{down}",
        numbers.fixed(d.values.get(d.baseline), places),
        several + numbers.fixed(d.values.get(d.challenger), places),
        phrases.figure(d),
        numbers.interval(phrases.deciding(d), places),
        f"{shape} {word}",
    )
