"""How feedback is shown as HTML."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nbmlops.display import numbers
from nbmlops.display.document import Grid, Mark
from nbmlops.display.forest import forest_table
from nbmlops.display.markup import Markup, join
from nbmlops.display.table import details, table, words
from nbmlops.skew.feedback.section import REMEDY
from nbmlops.skew.section_view import notes

if TYPE_CHECKING:
    from nbmlops.skew.feedback.section import Effect, Feedback

ROOM = 6_000  # bytes of each of the two tables' rows


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
        return join(_hints(feedback), notes(lacks))
    told = [*feedback.basis(), *(REMEDY if feedback.found else ())]
    return join(_effects(feedback), notes(told))


def _effects(feedback: "Feedback") -> Markup | None:
    """Draw the effects that are real; the others folded."""
    found, rest = feedback.found, feedback.effects[len(feedback.found) :]
    title = f"{numbers.amount(len(rest), 'column')} without an effect that is real"
    return join(
        _drawn(found) if found else None,
        details(title, _drawn(rest)) if rest else None,
    )


def _drawn(effects: Sequence["Effect"]) -> Markup:
    grid = Grid(
        headers=("Next", "Answers 1 / 0", "p, if none"),
        rows=tuple(
            (
                f"{e.name} (label)" if e.is_label else e.name,
                f"{e.rows[1]:,} / {e.rows[0]:,}",
                numbers.p_value(e.p_value),
            )
            for e in effects
        ),
        numeric=(1, 2),
        marks=tuple(map(_mark, effects)),
        mark_header="effect in standard deviations (95%)",
    )
    return forest_table(grid, room=ROOM)


def _mark(effect: "Effect") -> Mark:
    return Mark(
        value=effect.difference,
        interval=effect.interval,
        figure=numbers.signed(effect.difference, 2),
        bounds=numbers.interval(effect.interval, 2),
    )


def _hints(feedback: "Feedback") -> Markup:
    rows = [
        (hint.name, words(hint.said), "hint" if hint.is_suspicious else "no")
        for hint in feedback.indicators
    ]
    return table(["Suspicion", "In this log", "A loop?"], rows, fit=True)
