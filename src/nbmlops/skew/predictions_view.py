"""How the section on predictions is shown."""

from nbmlops.display import numbers
from nbmlops.display.markup import Child, Markup, join, tag
from nbmlops.display.table import definitions, fitting, table, words
from nbmlops.skew.column_view import findings, row_of
from nbmlops.skew.predictions import ClassShare, Mismatch, Predictions, ScoreShift
from nbmlops.skew.report import Cause, ColumnSkew
from nbmlops.skew.section_view import notes
from nbmlops.skew.sentences import said_of, sentence

MOST_SHARES = 10
ROOM = 10_000  # bytes of the answers' rows


def lines_of(section: Predictions) -> list[str]:
    """Say what moved and what differs, the scores first.

    Parameters
    ----------
    section
        What was found.

    Returns
    -------
    list of str
        The most important first.
    """
    found = [] if section.mismatch is None else [_origin(section.mismatch)]
    found += [_said(score) for score in section.scores[:2]]
    found += [_share(share) for share in section.shares[:2]]
    return [*found, *section.notes]


def html_of(section: Predictions) -> Markup:
    """Show scores with their distributions, shares, and the comparison.

    Parameters
    ----------
    section
        What was found.

    Returns
    -------
    Markup
        Under 15,000 bytes.
    """
    return join(
        _scores(section),
        _shares(section.shares[:MOST_SHARES]),
        _facts(section),
        notes(section.notes),
    )


def _origin(found: Mismatch) -> str:
    share = numbers.percent(found.differing / found.rows)
    between = f"95% {_range(found.interval)}"
    return (
        f"scored again: {found.differing:,} of {found.rows:,} answers differ ({share}, "
        f"{between}), by at most {numbers.number(found.worst, significant=3)}"
    )


def _said(score: ScoreShift) -> str:
    far = numbers.fixed(score.distance, 2)
    said = " ".join(filter(None, said_of(_column(score))))
    return f"{score.name}: distance {far}, {score.verdict}. {said}".rstrip()


def _share(share: ClassShare) -> str:
    return (
        f"{share.label}: {numbers.percent(share.logged)} of answers "
        f"({_range(share.logged_interval)}), on test {numbers.percent(share.test)}"
    )


def _range(interval: tuple[float, float]) -> str:
    return f"{numbers.percent(interval[0])} to {numbers.percent(interval[1])}"


def _scores(section: Predictions) -> Markup | None:
    """Show the answers as columns are shown."""
    if not section.scores:
        return None
    rows = fitting((row_of(_column(score)) for score in section.scores), ROOM)
    return findings(
        tag("tbody", rows),
        section.tolerance,
        caption="How answers are distributed",
        sides=("on test", "in the log"),
    )


def _column(score: ScoreShift) -> ColumnSkew:
    """Judge a vector of answers as a column of the kind that its causes name."""
    return ColumnSkew(
        name=score.name,
        kind="",
        verdict=score.verdict,
        distance=score.distance,
        interval=score.interval,
        p_value=score.p_value,
        detectable=score.detectable,
        summary=score.summary,
        cause=Cause(kind="population", detail=score.cause) if score.cause else None,
        bars=score.bars,
    )


def _shares(shares: tuple[ClassShare, ...]) -> Markup | None:
    if not shares:
        return None
    rows = [
        [
            words(share.label, most=60),
            numbers.percent(share.test),
            _range(share.test_interval),
            numbers.percent(share.logged),
            _range(share.logged_interval),
        ]
        for share in shares
    ]
    heads = ["Answered", "On test", "95% interval", "In the log", "95% interval"]
    return table(heads, rows, numeric=[1, 3], fit=True)


def _facts(section: Predictions) -> Markup:
    pairs: list[tuple[Child, Child]] = []
    if section.mismatch is not None:
        pairs.append(("Scored again", sentence(_origin(section.mismatch))))
    level = numbers.percent(section.alpha, decimals=0)
    rule = (
        f"The logged answers against those on test, by the rule of columns: where "
        f"nothing changed, {level} of logs have any that is called real."
    )
    return definitions([*pairs, ("Error rate", rule)])
