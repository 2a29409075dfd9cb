"""Relations between times: another zone, another unit, cut to a day or an hour."""

from collections.abc import Iterator

import numpy as np

from nbmlops.skew.causes.words import exact
from nbmlops.skew.parity.relations import Bools, Guess, Pairs, Values
from nbmlops.skew.repair.steps import Shift

SECOND = 1e-5  # what is left of the microseconds in a double
QUARTER, HOUR, DAY = 900.0, 3600.0, 86400.0
FARTHEST = 14 * HOUR  # of a zone from UTC
CUTS = (("the second", 1.0), ("the minute", 60.0), ("the hour", HOUR), ("the day", DAY))
FACTORS = (1e-3, 1e-6, 1e-9, 1e3, 1e6)


def at_once(one: Values, other: Values) -> Bools:
    """Say which times are the same."""
    return np.asarray(np.abs(one - other) <= SECOND)


def guesses(pairs: Pairs) -> Iterator[Guess]:
    """Try what serving code does to times.

    Parameters
    ----------
    pairs
        Seconds since 1970.

    Yields
    ------
    Guess
        Each with its prediction.
    """
    reference, serving = pairs.words
    before, after = pairs.before, pairs.after
    shifts = np.round((after - before)[pairs.differs], 5)
    values, counts = np.unique(shifts, return_counts=True)
    often = values[np.argsort(-counts, kind="stable")]
    yield _shifted(pairs, float(often[0]))
    if len(often) > 1 and abs(often[0] - often[1]) == HOUR and _is_zone(often[:2]):
        low, high = sorted(often[:2] / HOUR)
        nearer = np.where(
            np.abs(before + often[0] - after) <= np.abs(before + often[1] - after),
            before + often[0],
            before + often[1],
        )
        yield Guess(
            kind="timezone",
            text=f"{serving} = {reference} {low:+g} or {high:+g} h",
            meaning="another zone, with its summer time; send both in UTC",
            predicted=nearer,
            figures=2,
            same=at_once,
        )
    for said, step in CUTS:
        yield Guess(
            kind="truncated",
            text=f"{serving} is {reference} cut to {said}",
            predicted=np.floor(before / step) * step,
            same=at_once,
        )
    for factor in FACTORS:
        yield Guess(
            kind="epoch",
            text=f"{serving} counts from 1970 in another unit, x {factor:g},",
            meaning="seconds were read as a smaller unit, or the other way round",
            predicted=before * factor,
            same=at_once,
        )


def _is_zone(shifts: Values) -> bool:
    return bool(np.all((shifts % QUARTER == 0) & (np.abs(shifts) <= FARTHEST)))


def _shifted(pairs: Pairs, shift: float) -> Guess:
    reference, serving = pairs.words
    is_zone = _is_zone(np.array([shift]))
    hours = shift / HOUR
    amount = f"{abs(hours):g} h" if is_zone else f"{exact(abs(shift))} s"
    return Guess(
        kind="timezone" if is_zone else "affine",
        text=f"{serving} = {reference} {'-' if shift < 0 else '+'} {amount}",
        meaning="the times are of another zone; send both in UTC" if is_zone else "",
        predicted=pairs.before + shift,
        figures=1,
        mend=(Shift(hours=-hours),),
        same=at_once,
    )
