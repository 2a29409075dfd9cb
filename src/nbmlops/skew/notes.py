"""What a reader must know to trust a check's figures, in words."""

from nbmlops.profiles.profile import Profile
from nbmlops.skew.causes.words import listed, share
from nbmlops.skew.permutation import SMALL

WEIGHTED = 1e-9  # relative difference of rows and effective rows from which it shows
BY_ROW = (
    "rows are taken as independent: natural change from day to day is not known, rely "
    "on the tolerance where rows come in clusters"
)
BY_WINDOW = (
    "what is real is beyond chance both by rows and by whole days dealt out at random"
)


def of_check(
    *,
    tested: int,
    alpha: float,
    sides: tuple[Profile, Profile],
    words: tuple[str, str],
    identifiers: list[str],
    unjudged: list[str],
    times: list[str],
    by_window: bool = False,
    unnamed: int = 0,
) -> tuple[str, ...]:
    """Say how the check was made and what it leaves out.

    Parameters
    ----------
    tested
        How many columns were tested together.
    alpha
        The level of the tests.
    sides
        Both profiles.
    words
        What the sides are called.
    identifiers, unjudged, times
        Columns left out: near-unique ones, ones of other types, times whose windows
        are too short to compare.
    by_window
        Whether whole days were tested too.
    unnamed
        How many columns changed whose cause was not looked for, as others moved more.

    Returns
    -------
    tuple of str
        Sentences.
    """
    plural = "s" if tested != 1 else ""
    notes = [
        f"{tested} column{plural} tested together: at most {share(alpha)} of checks "
        f"without any drift find one; expect up to {30 * alpha:.2g} false alarms in "
        "30 checks",
        BY_WINDOW if by_window else BY_ROW,
    ]
    if unnamed:
        notes.append(
            f"so many columns changed that no cause was looked for in {unnamed:,} of "
            "them, those that moved least: check them alone, with columns="
        )
    for side, word in zip(sides, words, strict=True):
        if abs(side.effective_rows - side.rows) > WEIGHTED * side.rows:
            notes.append(
                f"{word} rows are weighted: {side.rows:,} rows count as "
                f"{side.effective_rows:,.0f} (Kish)"
            )
        elif word == words[1]:
            notes.append(f"{word} has no weight column: assumed uniform sampling")
        if side.effective_rows < SMALL:
            notes.append(
                f"{word} has fewer than {SMALL} effective rows: p-values come from "
                "redrawing rows"
            )
    if identifiers:
        notes.append(
            f"left to parity, nearly every value is unique: {listed(identifiers, 8)}"
        )
    if unjudged:
        notes.append(f"not judged, values of other types: {listed(unjudged, 8)}")
    if times:
        notes.append(
            "times are judged by hour from a day on and by weekday from two weeks on; "
            f"too short a window: {listed(times, 8)}"
        )
    return tuple(notes)
