"""Testing two columns of free text: by lengths, words, scripts, signs and new words.

New words: the share of a served text's different words that no text of the reference
holds is compared with the share of a reference text's words that no other text holds
(Good and Turing's estimate, Good 1953), which is what a text from the same source
would show. Words of one text are alike, so both sides count as fewer words, by as much
as the served shares vary beyond those of independent words (Kish's design effect). Only
more new words than expected are a finding.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.skew import statistics
from nbmlops.skew.cells import Sides
from nbmlops.skew.decision import Finding, find
from nbmlops.skew.facets import join_facets
from nbmlops.skew.questions import Labels, questions
from nbmlops.skew.statistics import Floats

FEWEST_ROWS = 10  # effective texts from which new words can be judged


def free_text_finding(
    reference: FreeTextColumn,
    serving: FreeTextColumn,
    scales: tuple[float, float],
    tolerance: float,
) -> Finding:
    """Test two columns of free text.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    scales
        Effective rows per unit of mass.
    tolerance
        The Jensen-Shannon distance up to which a shift is accepted.

    Returns
    -------
    Finding
        Of "length", with nulls, "words", "script", "signs" and "new words", the level
        divided between them.
    """
    return join_facets(findings(reference, serving, scales, tolerance))


def findings(
    reference: FreeTextColumn,
    serving: FreeTextColumn,
    scales: tuple[float, float],
    tolerance: float,
) -> list[Finding]:
    """Test each facet alone, as `free_text_finding` joins them."""
    found = []
    for part, first, second in (
        ("length", reference.lengths, serving.lengths),
        ("words", reference.words, serving.words),
    ):
        sides = questions(first, second, scales)
        found.append(replace(find(sides, tolerance), part=part))
    for part, before, after in (
        ("script", reference.scripts, serving.scripts),
        ("signs", reference.signs, serving.signs),
    ):
        found.append(find([_facet(before, after, scales, part)], tolerance))
    fresh = new_words(reference, serving, scales)
    if fresh is not None:
        found.append(_of_new_words(*fresh, tolerance))
    return found


def _facet(
    first: Mapping[str, float],
    second: Mapping[str, float],
    scales: tuple[float, float],
    part: str,
) -> Sides:
    """Ask about texts by label; nulls are left out: they count as lengths."""
    names = sorted({*first, *second})
    before, after = (
        np.array([side.get(name, 0.0) for name in names]) * scale
        for side, scale in zip((first, second), scales, strict=True)
    )
    labels = Labels(
        names=tuple(names), reference=before, serving=after, nulls=(0.0, 0.0)
    )
    return labels.sides(part)


def new_words(
    reference: FreeTextColumn, serving: FreeTextColumn, scales: tuple[float, float]
) -> tuple[Floats, Floats] | None:
    """Count known and new words on both sides.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    scales
        Effective rows per unit of mass.

    Returns
    -------
    tuple of ndarray or None
        Effective words, shape (2,) each: known, new. None where serving was not
        compared with the reference's words, or a side has too few texts.
    """
    if not serving.known_by or serving.known_by != reference.vocabulary:
        return None
    texts = serving.words.mass * scales[1]
    new, every, new2, both, every2 = serving.fresh.tolist()
    if min(reference.words.mass * scales[0], texts) < FEWEST_ROWS or not every:
        return None
    share = new / every
    alike = every * share * (1 - share)
    spread = new2 - 2 * share * both + share**2 * every2
    effect = max(1.0, spread / alike) if alike > 0 else 1.0
    usual, noise = reference.unseen
    sizes = reference.pairs * scales[0] / effect / noise, every * scales[1] / effect
    return (
        sizes[0] * np.array([1 - usual, usual]),
        sizes[1] * np.array([1 - share, share]),
    )


def share_of_new(counts: Floats) -> float:
    """Give the share of new words among known and new ones."""
    return float(counts[1] / counts.sum())


def _of_new_words(before: Floats, after: Floats, tolerance: float) -> Finding:
    """Test whether more words are new than expected."""
    sizes = float(before.sum()), float(after.sum())
    if share_of_new(after) <= share_of_new(before):
        after = before / sizes[0] * sizes[1]
    p_value = statistics.single_cells(before[1:], after[1:], sizes)
    return Finding(
        part="new words",
        p_value=float(p_value[0]),
        p_tolerance=statistics.tolerance_tail(before, after, tolerance),
        distance=statistics.distance(before, after),
        interval=statistics.distance_interval(before, after),
        size=statistics.harmonic_size(*sizes),
        df=1,
        weight=1.0,
    )
