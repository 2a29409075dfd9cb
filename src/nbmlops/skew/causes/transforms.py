"""Hypothesis "transform": a logarithm, a power, or the way back from one."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from nbmlops.skew.causes import maps
from nbmlops.skew.causes.evidence import Candidate, Evidence, NumberCase
from nbmlops.skew.causes.maps import Function, Map
from nbmlops.skew.causes.words import exact
from nbmlops.skew.repair.steps import Apply, Scale, Step
from nbmlops.skew.statistics import Floats

USUAL, RARE = 8.0, 10.0
ADDED = 10.0 ** np.arange(-12, 0)  # what is usually added before a logarithm
LN2, LN10 = float(np.log(2)), float(np.log(10))


def _positive(function: Function) -> Function:
    """Take a function of numbers from 0 on; it has no value below."""

    def defined(values: Floats) -> Floats:
        return np.where(values >= 0, function(np.maximum(values, 0.0)), np.nan)

    return defined


def _power_of(base: float, values: Floats) -> Floats:
    return np.asarray(np.power(base, values), dtype=np.float64)


_ten, _two = partial(_power_of, 10.0), partial(_power_of, 2.0)

LOGARITHMS: tuple[Map, ...] = (
    Map(
        forward=np.log,
        back=np.exp,
        prior=USUAL,
        formula="log({})",
        meaning="the logarithm was taken before",
        mend=(Apply(function="exp"),),
    ),
    Map(
        forward=np.log1p,
        back=np.expm1,
        prior=USUAL,
        formula="log1p({})",
        meaning="the logarithm of 1 more was taken before",
        mend=(Apply(function="expm1"),),
    ),
    Map(
        forward=np.log10,
        back=_ten,
        prior=RARE,
        formula="log10({})",
        meaning="the logarithm to base 10 was taken before",
        mend=(Scale(by=LN10), Apply(function="exp")),
    ),
    Map(
        forward=np.log2,
        back=_two,
        prior=RARE,
        formula="log2({})",
        meaning="the logarithm to base 2 was taken before",
        mend=(Apply(function="exp2"),),
    ),
)
OTHERS: tuple[Map, ...] = (
    Map(
        forward=np.exp,
        back=np.log,
        prior=USUAL,
        formula="exp({})",
        meaning="training has the logarithm",
        mend=(Apply(function="log"),),
    ),
    Map(
        forward=np.expm1,
        back=np.log1p,
        prior=USUAL,
        formula="expm1({})",
        meaning="training has the logarithm of 1 more",
        mend=(Apply(function="log1p"),),
    ),
    Map(
        forward=_ten,
        back=np.log10,
        prior=RARE,
        formula="10 ** {}",
        meaning="training has the logarithm to base 10",
        mend=(Apply(function="log10"),),
    ),
    Map(
        forward=_two,
        back=np.log2,
        prior=RARE,
        formula="2 ** {}",
        meaning="training has the logarithm to base 2",
        mend=(Apply(function="log2"),),
    ),
    Map(
        forward=np.sqrt,
        back=np.square,
        prior=RARE,
        formula="sqrt({})",
        meaning="the square root was taken before",
        mend=(Apply(function="square"),),
    ),
    Map(
        forward=_positive(np.square),
        back=np.sqrt,
        prior=RARE,
        formula="{} ** 2",
        meaning="it was squared before",
        mend=(Apply(function="sqrt"),),
    ),
)
_BASES: tuple[tuple[str, Function, Callable[[Floats], Floats], float], ...] = (
    ("log", np.log, np.exp, 1.0),
    ("log10", np.log10, _ten, LN10),
    ("log2", np.log2, _two, LN2),
)


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Try every function.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each function that the serving side does not refute.
    """
    case = evidence.numbers
    if case is None:
        return
    tried = (*LOGARITHMS, *_with_added(case), *OTHERS)
    yield from maps.propose(evidence, "transform", tried)


def _with_added(case: NumberCase) -> Iterator[Map]:
    """Give the logarithms of a little more: how much, the serving minimum says."""
    if case.reference.minimum < 0:
        return
    for name, forward, back, ln in _BASES:
        with np.errstate(over="ignore"):
            least = float(back(np.array([case.serving.minimum]))[0])
        added = ADDED[np.isclose(least - case.reference.minimum, ADDED, rtol=1e-3)]
        for plus in map(float, added):
            mend: list[Step] = [Apply(function="exp"), Scale(plus=-plus)]
            yield Map(
                forward=partial(_log_of_more, forward, plus),
                back=partial(_back_to_less, back, plus),
                prior=RARE,
                formula=f"{name}({{}} + {exact(plus)})",
                meaning="the logarithm of a little more was taken before",
                mend=tuple(mend if ln == 1.0 else [Scale(by=ln), *mend]),
            )


def _log_of_more(log: Function, plus: float, values: Floats) -> Floats:
    return log(values + plus)


def _back_to_less(back: Function, plus: float, values: Floats) -> Floats:
    return back(values) - plus
