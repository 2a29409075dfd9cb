"""What moved in a column of free text, in clauses with their figures."""

from collections.abc import Iterator

from nbmlops.profiles.free_text_column import FreeTextColumn
from nbmlops.profiles.free_texts import NO_SCRIPT, SIGNS
from nbmlops.skew.causes.words import number, share
from nbmlops.skew.free_texts import new_words, share_of_new

LENGTH_MOVED = 0.05  # relative change of the median length worth a word
SCRIPT_MOVED = 0.005  # difference of shares worth a word
SIGN_MOVED = 0.02
NEW_MOVED = 0.005


def free_text_clauses(
    reference: FreeTextColumn, serving: FreeTextColumn, scales: tuple[float, float]
) -> Iterator[str]:
    """Say what moved, apart from nulls.

    Parameters
    ----------
    reference, serving
        The column on both sides.
    scales
        Effective rows per unit of mass.

    Yields
    ------
    str
        With the figures of both sides.
    """
    yield from _of_new_words(reference, serving, scales)
    yield from _of_scripts(reference, serving)
    yield from _of_length(reference, serving)
    yield from _of_signs(reference, serving)


def _of_new_words(
    reference: FreeTextColumn, serving: FreeTextColumn, scales: tuple[float, float]
) -> Iterator[str]:
    fresh = new_words(reference, serving, scales)
    if fresh is None:
        return
    before, after = (share_of_new(side) for side in fresh)
    if after - before >= NEW_MOVED:
        yield f"{share(after)} of words are new, {share(before)} were to be expected"


def _of_scripts(reference: FreeTextColumn, serving: FreeTextColumn) -> Iterator[str]:
    sides = [
        {name: mass / sum(column.scripts.values()) for name, mass in pairs}
        for column in (reference, serving)
        if (pairs := column.scripts.items())
    ]
    if len(sides) < 2:
        return
    before, after = sides
    moved = {n: after.get(n, 0.0) - before.get(n, 0.0) for n in {*before, *after}}
    # What came says more than what it took the place of.
    name = max(sorted(moved), key=lambda n: moved[n])
    if moved[name] >= SCRIPT_MOVED:
        script = "without letters" if name == NO_SCRIPT else f"in {name} letters"
        yield (
            f"{share(after.get(name, 0.0))} of texts are {script}, "
            f"{share(before.get(name, 0.0))} before"
        )


def _of_length(reference: FreeTextColumn, serving: FreeTextColumn) -> Iterator[str]:
    before, after = (c.lengths.quantile(0.5) for c in (reference, serving))
    if not before or not after:
        return
    times = max(before, after) / min(before, after)
    if times < 1 + LENGTH_MOVED:
        return
    word = "longer" if after > before else "shorter"
    said = (
        f"{number(float(f'{times:.2g}'))} times"
        if times >= 1.5
        else share(abs(after / before - 1))
    )
    yield f"texts are {said} {word} (median {number(before)} -> {number(after)})"


def _of_signs(reference: FreeTextColumn, serving: FreeTextColumn) -> Iterator[str]:
    for sign in SIGNS:
        before, after = (c.share_with(sign) for c in (reference, serving))
        if abs(after - before) >= SIGN_MOVED:
            yield f"{sign} in {share(before)} -> {share(after)} of texts"
