"""What the views of a report's sections have in common."""

from collections.abc import Iterable

from nbmlops.display.markup import Markup, classes, tag
from nbmlops.display.table import words
from nbmlops.skew.sentences import sentence

MOST_NOTES = 5


def notes(said: Iterable[str], *, most: int = MOST_NOTES) -> list[Markup]:
    """Write clauses as small sentences, each on a line of its own.

    Parameters
    ----------
    said
        Without full stops.
    most
        How many are shown.

    Returns
    -------
    list of Markup
        Paragraphs.
    """
    return [
        tag("p", words(sentence(clause)), class_=classes("note"))
        for clause in [*said][:most]
    ]
