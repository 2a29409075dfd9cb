"""Relations between numbers: units, lines, functions, rounding, clipping."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from nbmlops.skew.causes import lattice
from nbmlops.skew.causes.affine import AFFINE, LOST, TURNED
from nbmlops.skew.causes.epoch import FIRST, LAST
from nbmlops.skew.causes.epoch import UNITS as EPOCHS
from nbmlops.skew.causes.transforms import LOGARITHMS, OTHERS
from nbmlops.skew.causes.units import UNITS, WRITTEN
from nbmlops.skew.causes.words import exact, number
from nbmlops.skew.parity.joining import NOTHING, TOLERANCE
from nbmlops.skew.parity.relations import Bools, Guess, Pairs, Same, Values
from nbmlops.skew.repair.steps import Scale, Step

TOKENS = frozenset({-1.0, 0.0, -9.0, 9.0, 99.0, -99.0, 999.0, -999.0, 9999.0, -9999.0})
SHORT = 2e-7  # a figure may be written shorter if it moves by no more than this
MOST_DIGITS = 6  # decimals up to which serving may have been rounded
FEWEST_STEPS = 20.0  # of the rounding, that serving's values span


def near(one: Values, other: Values, half: float = 0.0) -> Bools:
    """Say which numbers are the same, up to half a step of rounding."""
    with np.errstate(invalid="ignore"):
        apart = np.abs(one - other)
        largest = np.maximum(np.abs(one), np.abs(other))
        return np.asarray(
            (one == other) | (apart < TOLERANCE * largest + NOTHING + half)
        )


def guesses(pairs: Pairs) -> Iterator[Guess]:
    """Try what serving code does to numbers, the simplest first.

    Parameters
    ----------
    pairs
        Pairs of finite numbers, some of which differ.

    Yields
    ------
    Guess
        Each with its prediction.
    """
    yield from constants(pairs, near)
    yield from _maps(pairs, near)
    yield from _rounded(pairs)
    yield from _clipped(pairs)
    half = _half_step(pairs)
    if half:
        yield from _maps(pairs, partial(near, half=half))


def constants(pairs: Pairs, same: Same) -> Iterator[Guess]:
    """Guess that one value stands for all, or for all that differ."""
    values, counts = np.unique(pairs.after[pairs.differs], return_counts=True)
    value = values[counts.argmax()]
    written = number(value) if isinstance(value, float) else repr(str(value))
    yield Guess(
        kind="constant",
        text=f"{pairs.words[1]} is always {written}"
        if (pairs.after == value).all()
        else f"{pairs.words[1]} is {written} whatever {pairs.words[0]} has",
        predicted=np.full(len(pairs.after), value),
        figures=1,
        same=same,
        is_partial=len(np.unique(pairs.before[pairs.differs])) > 1,
    )


def _maps(pairs: Pairs, same: Same) -> Iterator[Guess]:
    """Try known functions, then lines through the pairs."""
    before = pairs.before
    reference, serving = pairs.words
    with np.errstate(all="ignore"):
        yield from _units(pairs, same)
        for kind, maps in (
            ("sign", (TURNED, LOST)),
            ("affine", AFFINE),
            ("transform", (*LOGARITHMS, *OTHERS)),
        ):
            for tried in maps:
                yield Guess(
                    kind=kind,
                    text=f"{serving} = {tried.formula.format(reference)}",
                    meaning=tried.meaning,
                    predicted=tried.forward(before),
                    mend=tried.mend,
                    same=same,
                )
        yield from _factor(pairs, same)
        yield from _difference(pairs, same)
        yield from _line(pairs, same)


def _units(pairs: Pairs, same: Same) -> Iterator[Guess]:
    """Try the factors by which units differ, as serving code would write them."""
    reference, serving = pairs.words
    for unit in UNITS:
        text = WRITTEN.get(unit.factor) or format(unit.factor, ".15g")
        by = float(text)
        for times in (True, False):
            grows = times if unit.factor not in WRITTEN else not times
            meaning = unit.times if times else unit.divided
            epoch = _epoch(pairs, unit.factor if times else 1 / unit.factor)
            yield Guess(
                kind="epoch" if epoch else "unit",
                text=f"{serving} = {reference} {'x' if grows else '/'} {text}",
                meaning=epoch or meaning,
                predicted=pairs.before * by if grows else pairs.before / by,
                mend=(Scale(by=by, divides=grows),),
                same=same,
            )


def _epoch(pairs: Pairs, factor: float) -> str:
    """Say in which unit of time each side counts from 1970, "" where neither does."""
    units = {size: name for name, size in EPOCHS.items()}
    low, high = np.min(pairs.before), np.max(pairs.before)
    for size, name in units.items():
        other = units.get(float(f"{size * factor:.6g}"))
        if other and size * FIRST <= low and high <= size * LAST:
            return f"{other} since 1970, not {name}"
    return ""


def _factor(pairs: Pairs, same: Same) -> Iterator[Guess]:
    """Fit a factor to the larger half of the values, which rounding moves least."""
    reference, serving = pairs.words
    before, after = pairs.before[pairs.differs], pairs.after[pairs.differs]
    large = np.abs(before) >= max(float(np.median(np.abs(before))), NOTHING)
    if len(np.unique(before[large])) < 2:
        return
    factor = float(np.median(after[large] / before[large]))
    if not np.isfinite(factor) or not factor:
        return
    times, over = _short(factor, SHORT), _short(1 / factor, SHORT)
    grows = len(exact(times)) <= len(exact(over))
    by = times if grows else over
    kind, meaning = _scaler(pairs) if _scaled(pairs.after) == 2 else ("unit", "")
    yield Guess(
        kind="unit" if kind == "affine" else kind,
        text=f"{serving} = {reference} {'x' if grows else '/'} {exact(by)}",
        meaning=meaning,
        predicted=pairs.before * by if grows else pairs.before / by,
        figures=1,
        mend=(Scale(by=by, divides=grows),),
        same=same,
        also=() if kind == "affine" else ("unit",),
    )


def _difference(pairs: Pairs, same: Same) -> Iterator[Guess]:
    """Fit a difference."""
    reference, serving = pairs.words
    before, after = pairs.before[pairs.differs], pairs.after[pairs.differs]
    plus = float(np.median(after - before))
    if not np.isfinite(plus) or not plus or len(np.unique(before)) < 2:
        return
    largest = float(np.median(np.abs(before)))
    plus = _short(plus, SHORT * max(1.0, largest / abs(plus)))
    yield Guess(
        kind="affine",
        text=f"{serving} = {reference} {_signed(plus)}",
        predicted=pairs.before + plus,
        figures=1,
        mend=(Scale(plus=-plus),),
        same=same,
    )


def _line(pairs: Pairs, same: Same) -> Iterator[Guess]:
    """Fit a line: the median slope between far points (Theil 1950, Sen 1968)."""
    reference, serving = pairs.words
    before, after = pairs.before[pairs.differs], pairs.after[pairs.differs]
    order = np.argsort(before, kind="stable")
    before, after = before[order], after[order]
    half = len(before) // 2
    if half < 2 or len(np.unique(before)) < 4:
        return
    first, last = slice(0, half), slice(len(before) - half, None)
    runs = before[last] - before[first]
    slopes = ((after[last] - after[first]) / runs)[runs > 0]
    if not len(slopes):
        return
    by = float(np.median(slopes))
    plus = float(np.median(after - by * before))
    if not np.isfinite(by) or not by or not np.isfinite(plus):
        return
    kind, meaning = _scaler(pairs)
    mend: tuple[Step, ...] = (Scale(plus=-plus, by=by, divides=True),)
    yield Guess(
        kind=kind,
        text=f"{serving} = {reference} x {by:.6g} {_signed(float(f'{plus:.6g}'))}",
        meaning=meaning,
        predicted=pairs.before * by + plus,
        figures=2,
        mend=mend,
        same=same,
        is_partial=False,
        also=() if kind == "affine" else ("affine",),
    )


def _scaler(pairs: Pairs) -> tuple[str, str]:
    """Say whether a line looks like a scaler: by whose values are scaled."""
    reference, serving = pairs.words
    before, after = _scaled(pairs.before), _scaled(pairs.after)
    if after > before:
        return "preprocessed-twice", f"{serving} is scaled already"
    if before > after:
        return "not-preprocessed", f"{reference} is scaled, {serving} is not"
    return "affine", ""


def _scaled(values: Values) -> int:
    """Say how surely values are scaled: 2 if standardised or 0 to 1, 1 if nearly."""
    mean, deviation = float(values.mean()), float(values.std())
    is_standard = abs(mean) < 0.5 and abs(deviation - 1) < 0.3
    low, high = float(values.min()), float(values.max())
    if is_standard or (low, high) == (0.0, 1.0):
        return 2
    return int(0 <= low < 0.2 and 0.3 < high <= 1)


def _rounded(pairs: Pairs) -> Iterator[Guess]:
    """Try to round training to the decimals that serving has."""
    reference, serving = pairs.words
    digits = lattice.exponent_of(pairs.after, narrow=False) if pairs.after.any() else 0
    if digits >= lattice.CONTINUOUS:
        return
    if lattice.exponent_of(pairs.before, narrow=False) <= digits:
        return
    scale = 10.0**digits
    for said, function in (
        ("rounded", np.rint),
        ("rounded down", np.floor),
        ("cut", np.trunc),
        ("rounded up", np.ceil),
    ):
        yield Guess(
            kind="rounding",
            text=f"{serving} is {reference} {said} to {_places(digits)}",
            predicted=function(lattice.tidy(pairs.before * scale)) / scale,
            figures=1,
            # A half may be rounded either way; the last digit tells nothing else.
            same=partial(near, half=0.0),
            is_partial=False,
        )


def _clipped(pairs: Pairs) -> Iterator[Guess]:
    """Try to clip training at serving's ends."""
    reference, serving = pairs.words
    before = pairs.before[pairs.differs]
    low, high = float(pairs.after.min()), float(pairs.after.max())
    is_low, is_high = bool((before < low).any()), bool((before > high).any())
    if low == high or not (is_low or is_high):
        return
    bounds = " and ".join(
        f"{side} {number(end)}"
        for side, end, there in (("below", low, is_low), ("above", high, is_high))
        if there
    )
    yield Guess(
        kind="clipped",
        text=f"{serving} is {reference} clipped {bounds}",
        predicted=np.clip(
            pairs.before, low if is_low else -np.inf, high if is_high else np.inf
        ),
        figures=is_low + is_high,
        same=near,
        is_partial=False,
    )


def _half_step(pairs: Pairs) -> float:
    """Give half the step to which serving seems rounded; 0 where that is coarse."""
    digits = lattice.exponent_of(pairs.after, narrow=False)
    if digits > MOST_DIGITS:
        return 0.0
    step = 10.0**-digits
    low, high = np.quantile(pairs.after, [0.05, 0.95])
    return float(step) / 2 if high - low >= FEWEST_STEPS * step else 0.0


def _short(value: float, relative: float) -> float:
    """Write a figure with the fewest digits that keep it."""
    for digits in range(1, 17):
        found = float(f"{value:.{digits}g}")
        if abs(found - value) <= relative * abs(value):
            return found
    return value


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'} {exact(abs(value))}"


def _places(digits: int) -> str:
    if digits > 0:
        return f"{digits} decimal{'s' if digits > 1 else ''}"
    return "whole numbers" if digits == 0 else f"multiples of {10**-digits:,}"
