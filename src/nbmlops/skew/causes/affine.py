"""Hypotheses "affine" and "sign": other degrees, another origin, another sign."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.maps import Map, propose
from nbmlops.skew.repair.steps import Apply, Scale, Step
from nbmlops.skew.statistics import Floats

DEGREES, FAHRENHEIT_KELVIN, COMPLEMENT, OFF_BY_ONE, SIGN = 10.0, 12.0, 12.0, 16.0, 8.0


def _line(values: Floats, *, by: float, plus: float) -> Floats:
    return values * by + plus


def _back(values: Floats, *, by: float, plus: float) -> Floats:
    return (values - plus) / by


def _degrees(
    by: float, plus: float, formula: str, meaning: str, *mend: Step, prior: float
) -> Map:
    """Say that serving is training times `by`, plus `plus`."""
    return Map(
        forward=partial(_line, by=by, plus=plus),
        back=partial(_back, by=by, plus=plus),
        prior=prior,
        formula=formula,
        meaning=meaning,
        mend=mend,
    )


def _complement(values: Floats) -> Floats:
    """Give 1 - x of shares; others have none."""
    return np.where((values >= 0) & (values <= 1), 1 - values, np.nan)


AFFINE: tuple[Map, ...] = (
    _degrees(
        1.8,
        32.0,
        "{} x 1.8 + 32",
        "Fahrenheit instead of Celsius",
        Scale(plus=-32.0, by=1.8, divides=True),
        prior=DEGREES,
    ),
    _degrees(
        1 / 1.8,
        -32 / 1.8,
        "({} - 32) / 1.8",
        "Celsius instead of Fahrenheit",
        Scale(by=1.8),
        Scale(plus=32.0),
        prior=DEGREES,
    ),
    _degrees(
        1.0,
        273.15,
        "{} + 273.15",
        "kelvin instead of Celsius",
        Scale(plus=-273.15),
        prior=DEGREES,
    ),
    _degrees(
        1.0,
        -273.15,
        "{} - 273.15",
        "Celsius instead of kelvin",
        Scale(plus=273.15),
        prior=DEGREES,
    ),
    _degrees(
        1 / 1.8,
        459.67 / 1.8,
        "({} + 459.67) / 1.8",
        "kelvin instead of Fahrenheit",
        Scale(by=1.8),
        Scale(plus=-459.67),
        prior=FAHRENHEIT_KELVIN,
    ),
    _degrees(
        1.8,
        -459.67,
        "{} x 1.8 - 459.67",
        "Fahrenheit instead of kelvin",
        Scale(plus=459.67, by=1.8, divides=True),
        prior=FAHRENHEIT_KELVIN,
    ),
    _degrees(
        1.0,
        1.0,
        "{} + 1",
        "counted from another start",
        Scale(plus=-1.0),
        prior=OFF_BY_ONE,
    ),
    _degrees(
        1.0,
        -1.0,
        "{} - 1",
        "counted from another start",
        Scale(plus=1.0),
        prior=OFF_BY_ONE,
    ),
    Map(
        forward=_complement,
        back=_complement,
        prior=COMPLEMENT,
        formula="1 - {}",
        meaning="the share of the opposite",
        mend=(Apply(function="negative"), Scale(plus=1.0)),
    ),
)

TURNED = Map(
    forward=np.negative,
    back=np.negative,
    prior=SIGN,
    formula="-{}",
    meaning="the sign is turned round",
    mend=(Apply(function="negative"),),
)
LOST = Map(
    forward=np.abs,
    back=None,
    prior=SIGN,
    formula="|{}|",
    meaning="the sign is lost; send it",
    is_monotone=False,
)


def propose_sign(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that the sign is turned round or lost.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each that the serving side does not refute.
    """
    case = evidence.numbers
    if case is None:
        return
    tried = (TURNED, LOST) if case.reference.minimum < 0 else (TURNED,)
    yield from propose(evidence, "sign", tried)
