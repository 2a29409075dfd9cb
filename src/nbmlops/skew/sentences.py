"""What a skew report says in sentences, the same in HTML and in a terminal."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING

from nbmlops.display import numbers
from nbmlops.display.text import clean, counted, middle_shorten
from nbmlops.skew.report import FAILING, VERDICTS

if TYPE_CHECKING:
    from nbmlops.skew.report import ColumnSkew, SkewReport
    from nbmlops.skew.sections import Section

TITLES: Mapping[str, str] = {
    "unit": "Another unit",
    "affine": "Another scale",
    "sign": "Sign turned",
    "transform": "Transformed",
    "rounding": "Rounded",
    "preprocessed-twice": "Preprocessed twice",
    "not-preprocessed": "Not preprocessed",
    "sentinel": "A number where nulls were",
    "nulls": "Nulls",
    "empty-column": "Empty",
    "constant": "Constant",
    "clipped": "Clipped",
    "timezone": "Another time zone",
    "epoch": "Another epoch unit",
    "swapped": "Columns exchanged",
    "case": "Another case",
    "whitespace": "White space",
    "unicode": "Another Unicode form",
    "null-token": "Nulls as text",
    "recoded": "Recoded",
    "permuted": "Same labels, other meaning",
    "prefix": "Prefix",
    "truncated": "Cut off",
    "new-category": "New labels",
    "lost-category": "Lost labels",
    "dtype": "Another type",
    "missing-column": "Missing",
    "extra-column": "Not in training",
    "population": "Moved",
}

UNEXPLAINED = "no known handling of the data explains it"  # said by the title as well


def title_of(kind: str) -> str:
    """Name a cause for a reader; a kind that is not known keeps its own name."""
    return TITLES.get(kind, clean(kind).replace("-", " ").capitalize())


def said_of(column: "ColumnSkew") -> tuple[str, str, str]:
    """Say what happened to a column: a title, the cause, and the figures.

    Parameters
    ----------
    column
        Its judgement.

    Returns
    -------
    tuple of str
        Each may be "". Nothing is said twice: where the cause is that the world moved,
        the figures say how.
    """
    figures = _stopped(column.summary)
    cause = column.cause
    if cause is None:
        return "", figures, ""
    detail = cause.detail
    if cause.kind == "population" and column.summary and column.summary in detail:
        detail = detail.removeprefix(column.summary).removeprefix("; ")
        detail = "" if detail.startswith(UNEXPLAINED) else capital(detail)
    elif column.summary and column.summary in detail:
        figures = ""
    title, said = f"{title_of(cause.kind)}.", _stopped(detail)
    return (title, said, figures) if said else (title, figures, "")


def sentence(text: str, *, columns: Container[str] = ()) -> str:
    """Make a sentence of a clause: a capital, arrows drawn, a full stop at its end.

    Parameters
    ----------
    text
        Without a full stop.
    columns
        Names that stay as they are where the clause begins with one.

    Returns
    -------
    str
        One line.
    """
    first = text.partition(" ")[0].rstrip(",:;")
    return _stopped(text) if first in columns else capital(_stopped(text))


def print_repair(column: "ColumnSkew") -> str:
    """Give the line that prints a column's repair: half of a long one would be none."""
    return f"print(report.columns[{clean(column.name)!r}].cause.repair)"


def capital(text: str) -> str:
    """Begin a sentence with a capital, unless it begins with a name in quotes."""
    return text[:1].upper() + text[1:]


def _stopped(text: str) -> str:
    """End a clause with a full stop, its arrows drawn."""
    bare = clean(text).replace(" -> ", f" {numbers.ARROW} ")
    return bare if not bare or bare.endswith((".", "!", "?")) else f"{bare}."


def faults(report: "SkewReport") -> list["ColumnSkew"]:
    """List the columns with a handling fault that is not muted, worst first."""
    return _standing(report, "handling fault")


def shifts(report: "SkewReport") -> list["ColumnSkew"]:
    """List the columns over tolerance that are not muted, worst first."""
    return _standing(report, "over tolerance")


def muted(report: "SkewReport") -> list["ColumnSkew"]:
    """List the failing columns that somebody acknowledged, worst first."""
    return [
        c for c in report.columns.values() if c.muted_until and c.verdict in FAILING
    ]


def blind(report: "SkewReport") -> list["ColumnSkew"]:
    """List the quiet columns where a shift over tolerance could have passed unseen."""
    unsure = [
        c
        for c in report.columns.values()
        if c.verdict not in FAILING and (c.detectable or 0.0) > report.tolerance
    ]
    return sorted(unsure, key=lambda c: -(c.detectable or 0.0))


def sections(report: "SkewReport") -> list["Section"]:
    """List the sections, those that fail first, each kind in its place."""
    order = ("parity", "predictions", "performance", "slices", "windows", "joint")
    return sorted(
        report.sections.values(),
        key=lambda section: (
            -VERDICTS.index(section.verdict),
            order.index(section.key) if section.key in order else len(order),
        ),
    )


def headline(report: "SkewReport") -> str:
    """Say the verdict in one sentence: the counts of what fails, of how many."""
    columns = numbers.amount(len(report.columns), "column")
    if not report.columns:
        return "No column was compared"
    parts = []
    if found := faults(report):
        parts.append(numbers.amount(len(found), "handling fault"))
    if found := shifts(report):
        parts.append(f"{numbers.amount(len(found), 'shift')} over tolerance")
    if parts:
        sentence = f"{' and '.join(parts)} in {columns}"
    else:
        sentence = _quiet_headline(report, columns)
    if silenced := len(muted(report)):
        sentence = f"{sentence}; {silenced} muted"
    return "; ".join([sentence, *_failing_sections(report)])


def _failing_sections(report: "SkewReport") -> list[str]:
    """Name what fails beside the columns."""
    titles: dict[str, list[str]] = {}
    for section in sections(report):
        if section.verdict in FAILING:
            titles.setdefault(section.verdict, []).append(section.title.lower())
    return [f"{', '.join(known)}: {verdict}" for verdict, known in titles.items()]


def advice(report: "SkewReport") -> list[tuple[str, str]]:
    """Say what to do: a clause to be set in bold, and its reason, for each finding."""
    lines = []
    if found := faults(report):
        also = " Some shifts may be gone after that." if shifts(report) else ""
        lines.append(
            (
                f"Mend what sends {names(found)}.",
                f"Handled differently than in {clean(report.reference)}; retraining "
                f"would only learn the fault.{also}",
            )
        )
    if found := shifts(report):
        lines.append(
            (
                f"Retrain, or accept the shift of {names(found)}.",
                "No line of code turns these back; acknowledge what is expected.",
            )
        )
    if not lines and (unsure := blind(report)):
        lines.append(
            (
                "Gather more rows before you rely on it.",
                f"In {numbers.amount(len(unsure), 'column')} a shift over tolerance "
                "could have passed unseen.",
            )
        )
    return lines


def basis(report: "SkewReport") -> str:
    """Say on what the verdict rests: effective rows, tolerance, error rate."""
    sizes = [
        f"{what}: effective {numbers.count(effective)} of {numbers.count(rows)} rows"
        for what, effective, rows in (
            ("training", report.reference_effective_rows, report.reference_rows),
            ("serving", report.effective_rows, report.rows),
        )
        if round(effective) != rows
    ]
    rate = numbers.percent(report.alpha, decimals=None if report.alpha < 0.01 else 0)
    parts = [
        *sizes,
        f"tolerance {report.tolerance:g}",
        f"false alarms in {rate} of checks",
    ]
    return " \N{MIDDLE DOT} ".join(parts)


def names(columns: Iterable["ColumnSkew"], *, most: int = 4) -> str:
    """Name columns in a phrase: "temp, dewp and 4 more"."""
    known = [middle_shorten(column.name, 40) for column in columns]
    rest = len(known) - most
    if rest > 1:
        return f"{', '.join(known[:most])} and {rest:,} more"
    return counted(known)


def _standing(report: "SkewReport", verdict: str) -> list["ColumnSkew"]:
    return [
        c for c in report.columns.values() if c.verdict == verdict and not c.muted_until
    ]


def _quiet_headline(report: "SkewReport", columns: str) -> str:
    counts = Counter(c.verdict for c in report.columns.values())
    short, within = counts["not enough data"], counts["within tolerance"]
    if short == len(report.columns):
        return f"Not enough data to judge {columns}"
    if short:
        verb = "has" if short == 1 else "have"
        return f"Nothing over tolerance in {columns}, but {short} {verb} too few rows"
    if within:
        shifted = numbers.amount(within, "small shift")
        return f"Nothing over tolerance in {columns}; {shifted} within it"
    if muted(report):
        return f"Nothing new over tolerance in {columns}"
    return f"No evidence of a shift in {columns}"
