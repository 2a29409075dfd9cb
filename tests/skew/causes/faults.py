"""Faults in handling a column of numbers, and changes of the world that are none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.skew import shapes
from tests.skew.shapes import Values

Rng = np.random.Generator
NULLS = 0.06
DECIMALS: Mapping[str, int] = {
    "sales": 2,
    "counts": 0,
    "zeros": 2,
    "ages": 0,
    "bimodal": 1,
}
BOUNDED = frozenset({"beta"})
POSITIVE = frozenset({"price", "sales", "gamma", "beta"})
NOT_NEGATIVE = POSITIVE | {"counts", "zeros", "ages", "bimodal"}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What a fault is done to: both sides without nulls, and its own randomness."""

    before: Values
    after: Values
    r: Rng
    hints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault.

    Attributes
    ----------
    kind
        The cause that is to be named.
    figure
        What its sentence must hold; "" for anything.
    make
        Gives training and serving values, with their nulls.
    shapes
        The shapes on which it makes sense; None for all.
    """

    kind: str
    figure: str
    make: Callable[[Sample], tuple[Values, Values]]
    shapes: frozenset[str] | None = None
    is_registered: bool = False


def holed(r: Rng, values: Values) -> Values:
    return shapes.with_nulls(r, values, NULLS)


def mapped(
    kind: str,
    figure: str,
    function: Callable[[Values], Values],
    only: frozenset[str] | None = None,
) -> Fault:
    """Serving is a function of what it should be."""

    def make(sample: Sample) -> tuple[Values, Values]:
        with np.errstate(divide="ignore"):
            after = function(sample.after)
        return holed(sample.r, sample.before), holed(sample.r, after)

    return Fault(kind=kind, figure=figure, make=make, shapes=only)


def scaled(
    how: str, by: str, *, undone: bool = False, registered: bool = False
) -> Fault:
    """Serving was scaled by training's or its own figures; `undone`: training was."""

    def make(sample: Sample) -> tuple[Values, Values]:
        before, after = holed(sample.r, sample.before), holed(sample.r, sample.after)
        basis = before if by == "train" else after
        low, high = np.nanmean(basis), np.nanstd(basis)
        if how == "min-max":
            low, high = np.nanmin(basis), np.nanmax(basis) - np.nanmin(basis)
        if undone:
            return (before - low) / high, after
        return before, (after - low) / high

    return Fault(
        kind="not-preprocessed" if undone else "preprocessed-twice",
        figure="",
        make=make,
        is_registered=registered,
    )


def hints_of(before: Values) -> dict[str, Any]:
    """What the registered pipeline's StandardScaler holds."""
    scaler = {"name": "StandardScaler", "minus": float(np.nanmean(before))}
    return {"scaler": {**scaler, "by": float(np.nanstd(before))}}


def clipped(low: float | None, high: float | None) -> Fault:
    def make(sample: Sample) -> tuple[Values, Values]:
        bottom = -np.inf if low is None else np.quantile(sample.before, low)
        top = np.inf if high is None else np.quantile(sample.before, high)
        after = np.clip(sample.after, bottom, top)
        return holed(sample.r, sample.before), holed(sample.r, after)

    # The median of 70% zeros is where a lower bound would be.
    only = None if low is None else frozenset(shapes.CAUSE_SHAPES) - {"zeros"}
    return Fault(kind="clipped", figure="", make=make, shapes=only)


def filled(value: float | None) -> Fault:
    """Nulls were filled with a value, or the training mean."""

    def make(sample: Sample) -> tuple[Values, Values]:
        before = holed(sample.r, sample.before)
        token = np.nanmean(before) if value is None else value
        holes = sample.r.random(len(sample.after)) < NULLS
        return before, np.where(holes, token, sample.after)

    figure = "stands where nulls were"
    return Fault(kind="sentinel", figure=figure, make=make)


def spiked(value: float, held: float) -> Fault:
    def make(sample: Sample) -> tuple[Values, Values]:
        after = holed(sample.r, sample.after)
        spikes = sample.r.random(len(after)) < held
        return holed(sample.r, sample.before), np.where(spikes, value, after)

    return Fault(kind="sentinel", figure="", make=make)


def nulls(before: float, after: float) -> Fault:
    def make(sample: Sample) -> tuple[Values, Values]:
        return (
            shapes.with_nulls(sample.r, sample.before, before),
            shapes.with_nulls(sample.r, sample.after, after),
        )

    return Fault(kind="nulls", figure="", make=make)


def constant(sample: Sample) -> tuple[Values, Values]:
    return sample.before, np.full(len(sample.after), np.median(sample.after))


def rounded_before(sample: Sample) -> tuple[Values, Values]:
    """Training was rounded, serving is not."""
    before, after = holed(sample.r, sample.before), holed(sample.r, sample.after)
    return np.round(before, 1), after


def epoch(before: float, after: float) -> Fault:
    """Times of two years, and of the month that follows, as numbers."""

    def make(sample: Sample) -> tuple[Values, Values]:
        first = 1.6e9 + np.floor(6e7 * sample.r.random(len(sample.before)))
        second = 1.66e9 + np.floor(2.6e6 * sample.r.random(len(sample.after)))
        return np.floor(first * before), np.floor(second * after)

    return Fault(kind="epoch", figure="", make=make)


_decimal = frozenset({"price", "sales", "normal", "gamma", "beta", "zeros", "bimodal"})
_small = frozenset({"beta", "gamma", "counts"})  # e to the power of it is a float

FAULTS: dict[str, Fault] = {
    **{
        f"unit {name}": mapped("unit", f" {figure}:", function)
        for name, (function, figure) in shapes.UNIT_FAULTS.items()
    },
    "unit mi->km, rounded 2": mapped(
        "unit", " 1.609344:", lambda v: np.round(v * 1.609344, 2)
    ),
    "affine C->F": mapped("affine", "x 1.8 + 32:", lambda v: v * 1.8 + 32),
    "affine F->C": mapped("affine", "- 32) / 1.8:", lambda v: (v - 32) / 1.8),
    "affine C->K": mapped("affine", "+ 273.15:", lambda v: v + 273.15),
    "affine F->K": mapped("affine", "459.67) / 1.8:", lambda v: (v + 459.67) / 1.8),
    "affine 1-x": mapped("affine", "1 - ", lambda v: 1 - v, BOUNDED),
    "affine +1": mapped("affine", "+ 1:", lambda v: v + 1),
    "affine -1": mapped("affine", "- 1:", lambda v: v - 1),
    "sign": mapped("sign", "= -", np.negative),
    "log": mapped("transform", "= log(training):", np.log, POSITIVE),
    "log of zeros": mapped(
        "transform", "= log(training):", np.log, frozenset({"counts", "zeros"})
    ),
    "log1p": mapped("transform", "= log1p(", np.log1p),
    "log10": mapped("transform", "= log10(training):", np.log10, POSITIVE),
    "log2": mapped("transform", "= log2(training):", np.log2, POSITIVE),
    "log(x+1e-6)": mapped(
        "transform", "= log(training + 1e-06):", lambda v: np.log(v + 1e-6),
        frozenset({"counts", "zeros"}),
    ),
    "sqrt": mapped("transform", "= sqrt(", np.sqrt),
    "square": mapped("transform", "training ** 2:", np.square),
    "exp": mapped("transform", "= exp(", np.exp, _small),
    "expm1": mapped("transform", "= expm1(", np.expm1, _small),
    "round 0": mapped("rounding", "", np.rint, _decimal - {"beta"}),
    "floor": mapped("rounding", "", np.floor, _decimal - {"beta", "price"}),
    "round 1": mapped(
        "rounding", "", lambda v: np.round(v, 1), _decimal - {"bimodal"}
    ),
    "to tens": mapped(
        "rounding", "", lambda v: np.round(v, -1),
        frozenset({"normal", "price", "sales", "zeros", "ages", "bimodal"}),
    ),
    "training rounded 1": Fault(
        kind="rounding", figure="training is rounded", make=rounded_before,
        shapes=frozenset({"normal", "gamma", "sales"}),
    ),
    "standardised, own batch": scaled("standard", "batch"),
    "standardised, train": scaled("standard", "train"),
    "standardised, registered": scaled("standard", "train", registered=True),
    "min-max, own batch": scaled("min-max", "batch"),
    "min-max, train": scaled("min-max", "train"),
    "not standardised": scaled("standard", "train", undone=True),
    "not min-max": scaled("min-max", "train", undone=True),
    "not standardised, registered": scaled(
        "standard", "train", undone=True, registered=True
    ),
    "null -> 0": filled(0.0),
    "null -> -1": filled(-1.0),
    "null -> -999": filled(-999.0),
    "null -> 9999": filled(9999.0),
    "null -> mean": filled(None),
    "spike -999 3%": spiked(-999.0, 0.03),
    "nulls 6 -> 14%": nulls(NULLS, 0.14),
    "null rows dropped": nulls(NULLS, 0.0),
    "constant": Fault(kind="constant", figure="", make=constant),
    "clip p95": clipped(None, 0.95),
    "clip both p5 p95": clipped(0.05, 0.95),
    "clip lower p10": clipped(0.1, None),
    "clip p99": clipped(None, 0.99),
    "epoch s -> ms": Fault(
        kind="epoch", figure="milliseconds", make=epoch(1, 1e3).make,
        shapes=frozenset({"normal"}),
    ),
    "epoch ns -> s": Fault(
        kind="epoch", figure=" seconds", make=epoch(1e9, 1).make,
        shapes=frozenset({"normal"}),
    ),
}  # fmt: skip


Change = Callable[[str, Rng, int], tuple[Values, Values]]


def _parameters(a: float, b: float) -> Change:
    def change(shape: str, r: Rng, n: int) -> tuple[Values, Values]:
        sample = shapes.CAUSE_SHAPES[shape]
        return holed(r, sample(r, n)), holed(r, sample(r, n, a=a, b=b))

    return change


def _brute(function: Callable[[Values], Values], *, bounded: bool = True) -> Change:
    """Change the values themselves, then write them as the column is written."""

    def change(shape: str, r: Rng, n: int) -> tuple[Values, Values]:
        sample = shapes.CAUSE_SHAPES[shape]
        # What cannot be negative is not made so by the world.
        moves = bounded or shape in {"normal", "bimodal"}
        after = function(sample(r, n)) if moves else sample(r, n)
        if shape == "price":
            after = np.floor(after) + 0.99
        elif shape in DECIMALS:
            after = np.round(after, DECIMALS[shape])
        return holed(r, sample(r, n)), holed(r, after)

    return change


def _mix(shape: str, r: Rng, n: int) -> tuple[Values, Values]:
    sample = shapes.CAUSE_SHAPES[shape]
    other = r.random(n) < 0.3
    after = np.where(other, sample(r, n, a=1.8, b=0.8), sample(r, n))
    return holed(r, sample(r, n)), holed(r, after)


def _season(shape: str, r: Rng, n: int) -> tuple[Values, Values]:
    """Training of a year, serving of one of its quarters."""
    sample: Any = shapes.CAUSE_SHAPES[shape]
    year, quarter = 2 * np.pi * r.random(n), 0.5 * np.pi * r.random(n)
    before = sample(r, n, a=1 + 0.3 * np.sin(year))
    return holed(r, before), holed(r, sample(r, n, a=1 + 0.3 * np.sin(quarter)))


def _filtered(*, upper: bool) -> Change:
    def change(shape: str, r: Rng, n: int) -> tuple[Values, Values]:
        sample = shapes.CAUSE_SHAPES[shape]
        before, after = sample(r, n), sample(r, n)
        return holed(r, before), holed(r, shapes.truncated(after, r, upper=upper))

    return change


def _about_mean(values: Values, by: float) -> Values:
    return np.asarray(values.mean() + by * (values - values.mean()))


NATURAL: dict[str, Change] = {
    **{name: _parameters(a, b) for name, (a, b) in shapes.NATURAL.items()},
    "spread x0.7": _parameters(1.0, 0.7),
    "spread x2.5": _parameters(1.0, 2.5),
    "growth x2.5": _parameters(2.5, 1.0),
    "mix": _mix,
    "season": _season,
    "upper 70%": _filtered(upper=True),
    "lower 70%": _filtered(upper=False),
    "values x1.6": _brute(lambda v: v * 1.6),
    "values x2.2": _brute(lambda v: v * 2.2),
    "values x2.5": _brute(lambda v: v * 2.5),
    "values x0.7": _brute(lambda v: v * 0.7),
    "values + 0.4 sd": _brute(lambda v: v + 0.4 * v.std(), bounded=False),
    "values - 0.3 sd": _brute(lambda v: v - 0.3 * v.std(), bounded=False),
    "values sd x1.5": _brute(lambda v: _about_mean(v, 1.5), bounded=False),
}
