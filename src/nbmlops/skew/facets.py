"""Joining what was found on several facets of one column: lengths, features, words."""

from collections.abc import Sequence
from dataclasses import replace

from nbmlops.skew.decision import Finding, together

LEVEL = 0.05  # of all facets together, from which the most distant one is told


def join_facets(found: Sequence[Finding]) -> Finding:
    """Join the findings of one column's facets; the level is divided between them.

    Parameters
    ----------
    found
        At least one.

    Returns
    -------
    Finding
        The p-values of all, and the distance of the facet that moved most. Where none
        moved, that of the facet in which most could have passed unseen.
    """
    whole = together(found)
    if whole.p_value <= LEVEL:
        return whole
    blind = max(found, key=lambda finding: finding.detectable(LEVEL, len(found)))
    return replace(
        blind,
        p_value=whole.p_value,
        p_tolerance=whole.p_tolerance,
        weight=blind.weight / len(found),
    )
