"""How feedback is shown as HTML."""

from typing import TYPE_CHECKING

from nbmlops.display import numbers
from nbmlops.display.markup import Markup, classes, join, tag
from nbmlops.display.table import code, table, words
from nbmlops.skew.feedback.section import REMEDY

if TYPE_CHECKING:
    from nbmlops.skew.feedback.section import Feedback

MOST_ROWS = 20


def feedback_html(feedback: "Feedback") -> Markup:
    """Show the effects, or the hints.

    Parameters
    ----------
    feedback
        The section.

    Returns
    -------
    Markup
        A table, and what it rests on in sentences.
    """
    if not feedback.method:
        return Markup()
    if feedback.method == "suspicion":
        lacks = feedback.lines()[len(feedback.indicators) :]
        return join(_hints(feedback), *map(_note, lacks))
    notes = [*feedback.basis(), *(REMEDY if feedback.found else ())]
    return join(_effects(feedback), *map(_note, notes))


def _effects(feedback: "Feedback") -> Markup:
    rows = [
        (
            [code(e.name, width=60), tag("small", " label") if e.is_label else None],
            numbers.signed(e.difference, 2),
            numbers.interval(e.interval, 2),
            numbers.p_value(e.p_value),
            f"{e.rows[1]:,} / {e.rows[0]:,}",
        )
        for e in feedback.effects
    ]
    heads = ["Next", "Effect, sd", "95% interval", "p, if none", "Answers 1 / 0"]
    return table(heads, rows, numeric=[1, 3, 4], fit=True, most=MOST_ROWS)


def _hints(feedback: "Feedback") -> Markup:
    rows = [
        (hint.name, words(hint.said), "hint" if hint.is_suspicious else "")
        for hint in feedback.indicators
    ]
    return table(["Suspicion", "In this log", "A loop?"], rows, fit=True)


def _note(text: str) -> Markup:
    return tag("p", words(f"{text}."), class_=classes("note"))
