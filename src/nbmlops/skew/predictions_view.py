"""How the section on predictions is shown."""

from nbmlops.display import numbers
from nbmlops.display.bars import histogram
from nbmlops.display.markup import Child, Markup, classes, join, tag
from nbmlops.display.table import definitions, status, table, words
from nbmlops.skew.column_view import STATUS_OF
from nbmlops.skew.predictions import ClassShare, Mismatch, Predictions, ScoreShift

MOST_SCORES, MOST_SHARES = 5, 10


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
        _scores(section.scores[:MOST_SCORES]),
        _shares(section.shares[:MOST_SHARES]),
        _facts(section),
        [tag("p", words(note), class_=classes("note")) for note in section.notes[:5]],
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
    return f"{score.name}: distance {far}, {score.verdict}; {score.summary}"


def _share(share: ClassShare) -> str:
    return (
        f"{share.label}: {numbers.percent(share.logged)} of answers "
        f"({_range(share.logged_interval)}), on test {numbers.percent(share.test)}"
    )


def _range(interval: tuple[float, float]) -> str:
    return f"{numbers.percent(interval[0])} to {numbers.percent(interval[1])}"


def _scores(scores: tuple[ScoreShift, ...]) -> Markup | None:
    if not scores:
        return None
    rows: list[list[Child]] = [
        [
            words(score.name, most=60),
            numbers.fixed(score.distance, 2),
            numbers.interval(score.interval, 2),
            status(STATUS_OF[score.verdict], calm=True),
            histogram(
                [(old, new) for _, old, new in score.bars],
                label=f"{score.name}: on test filled, in the log outlined",
            )
            if score.bars
            else "",
            words(score.cause or score.summary, most=160),
        ]
        for score in scores
    ]
    heads = ["Answer", "Distance", "95% interval", "Verdict", "Test, log", "What moved"]
    return table(heads, rows, numeric=[1])


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
        pairs.append(("Scored again", _origin(section.mismatch)))
    level = numbers.percent(section.alpha, decimals=0)
    rule = (
        f"The logged answers against those on test, by the rule of columns: where "
        f"nothing changed, {level} of logs have any that is called real."
    )
    return definitions([*pairs, ("Error rate", rule)])
