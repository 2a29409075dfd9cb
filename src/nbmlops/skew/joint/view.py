"""How the joint shift is shown as HTML."""

from typing import TYPE_CHECKING

from nbmlops.display import numbers
from nbmlops.display.markup import Markup, join
from nbmlops.display.table import table, words
from nbmlops.skew.section_view import notes

if TYPE_CHECKING:
    from nbmlops.skew.joint.section import Joint


def joint_html(joint: "Joint") -> Markup:
    """Show what the classifier found.

    Parameters
    ----------
    joint
        The section.

    Returns
    -------
    Markup
        The figures in sentences, and the regions with the shares of both sides.
    """
    figures = joint.lines()[: -len(joint.regions) or None]
    if not joint.regions:
        return join(notes(figures))
    rows = [
        (
            words(region.where, most=160),
            numbers.percent(region.serving),
            numbers.percent(region.reference),
        )
        for region in joint.regions
    ]
    heads = ["Where", "Of serving", "Of training"]
    return join(table(heads, rows, numeric=[1, 2], fit=True), notes(figures))
