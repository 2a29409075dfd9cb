"""Hypothesis "unit": the serving side is the reference times a known factor."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from nbmlops.skew.causes.evidence import Candidate, Evidence, NumberCase
from nbmlops.skew.causes.maps import Image, Map, candidate, image_of
from nbmlops.skew.causes.rounding import places
from nbmlops.skew.causes.signs import has_fewer_decimals
from nbmlops.skew.repair.steps import Scale
from nbmlops.skew.statistics import Floats

USUAL, RARE, NEAR_ONE = 8.0, 10.0, 20.0
NEAREST = 5.0  # factors below it are near 1
SHARED = 1.0  # the prior of a near factor that another column surely changed by
GROWTH = 10.0  # a smaller factor is growth unless something else backs it


@dataclass(frozen=True, slots=True)
class Unit:
    """A factor by which units differ, with what it means in either direction.

    Attributes
    ----------
    factor
        Greater than 1.
    times, divided
        What happened where serving is training times, or divided by, the factor.
    prior
        Score: the less usual the higher.
    """

    factor: float
    times: str
    divided: str
    prior: float = RARE


UNITS: tuple[Unit, ...] = (
    Unit(10.0, "ten times the unit", "a tenth of the unit"),
    Unit(
        100.0,
        "percent or cents instead of the whole",
        "the whole instead of percent or cents",
        USUAL,
    ),
    Unit(
        1e3,
        "thousandths (milli) instead of the unit",
        "thousands (kilo) instead of the unit",
        USUAL,
    ),
    Unit(1e6, "millionths instead of the unit", "millions instead of the unit"),
    Unit(1e9, "billionths instead of the unit", "billions instead of the unit"),
    Unit(
        60.0,
        "seconds instead of minutes, or minutes instead of hours",
        "minutes instead of seconds, or hours instead of minutes",
        USUAL,
    ),
    Unit(3600.0, "seconds instead of hours", "hours instead of seconds", USUAL),
    Unit(24.0, "hours instead of days", "days instead of hours"),
    Unit(86400.0, "seconds instead of days", "days instead of seconds"),
    Unit(1024.0, "a binary unit smaller", "a binary unit larger", RARE + 2),
    Unit(1.609344, "kilometres instead of miles", "miles instead of kilometres"),
    Unit(1 / 0.3048, "feet instead of metres", "metres instead of feet"),
    Unit(2.54, "centimetres instead of inches", "inches instead of centimetres"),
    Unit(1 / 0.45359237, "pounds instead of kilograms", "kilograms instead of pounds"),
)
WRITTEN = {1 / 0.3048: "0.3048", 1 / 0.45359237: "0.45359237"}


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Try every factor in both directions.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each factor that the serving side does not refute.
    """
    case = evidence.numbers
    if case is None or case.serving.maximum == case.serving.minimum:
        return
    is_short = has_fewer_decimals(evidence)
    for unit in UNITS:
        for times in (True, False):
            tried = _map(unit, times=times, is_short=is_short)
            image = image_of(case, tried)
            score = None if image is None else image.score(case)
            if image is None or score is None:
                continue
            found = candidate(evidence, "unit", tried, score)
            if is_short and image.rounded:
                told = f"{found.detail}, rounded to {places(case.serving.digits)}"
                found = replace(found, detail=told)
            if unit.factor < GROWTH and not (is_short or _adds(case, image)):
                found = _with_sibling(evidence, tried, found)
            yield found


def _adds(case: NumberCase, image: Image) -> bool:
    """Say whether decimals came, or went without rounding: growth does neither."""
    before, after = case.reference.digits, case.serving.digits
    return after > before or (after < before and not image.rounded)


def _map(unit: Unit, *, times: bool, is_short: bool) -> Map:
    """Convert as serving code would: by the written constant."""
    written = WRITTEN.get(unit.factor)
    text = written or format(unit.factor, ".15g")
    grows = times if written is None else not times
    by = float(text)
    # What is converted has many decimals, and is often written with fewer: where these
    # went, growth explains less.
    is_near = unit.factor < NEAREST and not is_short
    return Map(
        forward=partial(_scaled, by=by, grows=grows),
        back=partial(_scaled, by=by, grows=not grows),
        prior=NEAR_ONE if is_near else unit.prior,
        formula=f"{{}} {'x' if grows else '/'} {text}",
        meaning=unit.times if times else unit.divided,
        mend=(Scale(by=by, divides=grows),),
        keeps_decimals=not is_short,
    )


def _scaled(values: Floats, *, by: float, grows: bool) -> Floats:
    return values * by if grows else values / by


def _with_sibling(evidence: Evidence, tried: Map, found: Candidate) -> Candidate:
    """Look for another column that surely changed by the same factor: it backs this."""
    # By its decimals, that is: columns that grow together, as sales and costs do, would
    # back each other. Of those that grew by about 1.6 or 2.2 a third were called units.
    others = [other for other in evidence.siblings() if other.numbers is not None]
    for other in others:
        image = image_of(other.numbers, tried) if other.numbers else None
        if image is None or not (image.fit.passes and image.is_exact):
            continue
        price = SHARED + 2 * float(np.log(len(others)))
        return replace(
            found,
            score=found.score + min(0.0, price - tried.prior),
            detail=f"{found.detail}, as in column {other.name!r}",
        )
    return replace(found, backed=False)
