"""Maps: the serving side is a known function of the reference, value by value."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes import lattice
from nbmlops.skew.causes.evidence import (
    LARGEST,
    Candidate,
    Evidence,
    NumberCase,
    decimals_score,
    mapped_digits,
)
from nbmlops.skew.repair.steps import Step
from nbmlops.skew.statistics import Floats

IMITABLE, IMITABLE_GAP = 18.0, 0.5  # the prior of a map so close to the identity
MOST_LOST = 0.1  # share of values that rounding may turn into 0
OFF_GRID = 15.0  # times the share of values that do not map back, times up to 6
FEWEST_KNOWN = 5  # exact values that must map back where the distribution moved too
SCREEN = 0.05  # share of serving on either side of which no mapped median falls
MOST_LEFT = 0.5  # of the gap between the sides, that a map may leave
FEW_UNDEFINED = 1e-3  # share of values without an image that no null need replace

Function = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A function that serving code may have applied.

    Attributes
    ----------
    forward
        Turns training's values into serving's; NaN or infinite where undefined.
    back
        Its inverse; None where there is none, or it is only estimated.
    prior
        Score: the less usual the higher.
    formula
        What serving is, "{}" standing for training: "log({})".
    meaning
        What that comes from, in words.
    mend
        What turns serving back; () where nothing does.
    keeps_decimals
        False for a map whose result serving code may round at no cost.
    is_monotone
        Whether the median of training maps to the median of serving.
    """

    forward: Function
    back: Function | None
    prior: float
    formula: str
    meaning: str
    mend: tuple[Step, ...] = ()
    keeps_decimals: bool = True
    is_monotone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The reference mapped and counted in the serving side's cells.

    Attributes
    ----------
    fit
        How well it agrees with the serving side.
    counted
        Its effective rows per cell.
    own
        Score of all but the fit: prior, nulls, decimals.
    rounded
        Whether serving has fewer decimals than the map gives.
    is_exact
        Whether the decimals changed as the map says, and all that is known exactly
        maps back: then it stands even where the population changed too.
    """

    fit: fitting.Fit
    counted: Floats
    own: float
    rounded: bool
    is_exact: bool

    def score(self, case: NumberCase) -> float | None:
        """Score the map; None where it is refuted."""
        if self.fit.explains(case.identity):
            return self.fit.soft + self.own
        if not self.is_exact:
            return None
        return case.natural(self.counted, case.frame.serving) + self.own


def propose(evidence: Evidence, kind: str, maps: Iterable[Map]) -> Iterator[Candidate]:
    """Try every map.

    Parameters
    ----------
    evidence
        The column.
    kind
        The kind of cause that the maps are.
    maps
        The maps.

    Yields
    ------
    Candidate
        One for each map that the serving side does not refute.
    """
    case = evidence.numbers
    if case is None or case.serving.maximum == case.serving.minimum:
        return
    for tried in maps:
        image = image_of(case, tried)
        score = None if image is None else image.score(case)
        if score is not None:
            yield candidate(evidence, kind, tried, score)


def candidate(evidence: Evidence, kind: str, tried: Map, score: float) -> Candidate:
    """Say in words that the serving side is this map of the reference."""
    reference, serving = evidence.words
    formula = tried.formula.format(reference)
    return Candidate(
        kind=kind,
        score=score,
        variant=tried.formula.format("x"),
        detail=f"{serving} = {formula}: {tried.meaning}",
        mend=tried.mend,
    )


def image_of(case: NumberCase, tried: Map) -> Image | None:
    """Map the reference and count it where the serving side is.

    Parameters
    ----------
    case
        Both sides of the column.
    tried
        The map.

    Returns
    -------
    Image or None
        None where the map is out of the question.
    """
    with np.errstate(all="ignore"):
        middle = tried.forward(np.array([case.reference.quantile(0.5)]))[0]
        low, high = case.serving.reach(SCREEN)
        slack = 1e-9 * (high - low)
        is_far = np.isfinite(middle) and not low - slack <= middle <= high + slack
        if tried.is_monotone and is_far:
            return None
        mapped = tried.forward(case.values)
        mapped = np.where(mapped > LARGEST, np.inf, mapped)
    there = np.isfinite(mapped)
    lost = float(case.weights[~there].sum())
    if lost > 0.9 * case.reference.finite:
        return None
    presence = _presence(case, mapped, lost)
    if presence > 2 * case.identity.soft + fitting.FALSE_DECIMALS:
        return None
    return _counted(case, tried, mapped[there], case.weights[there], presence)


def _counted(
    case: NumberCase, tried: Map, mapped: Floats, weights: Floats, presence: float
) -> Image | None:
    """Count what was mapped, and score all but its fit."""
    narrow = case.serving.is_narrow
    digits = mapped_digits(mapped, weights, case.reference.digits, narrow=narrow)
    rounded = case.serving.digits < digits
    if rounded:
        exact, mapped = mapped, np.round(mapped, case.serving.digits)
        lost = weights[(exact != 0) & (mapped == 0)].sum()
        if lost > MOST_LOST * weights[exact != 0].sum():
            return None
    counted = case.frame.count(mapped, weights)
    fit = fitting.fit(counted, case.frame.serving)
    if not fit.passes and fit.gap > MOST_LEFT * case.identity.gap:
        return None
    missed = _missed(case, tried, rounded=rounded, narrow=narrow)
    known = min(6, len(case.serving.samples()))
    own = _prior(case, tried) + presence + OFF_GRID * missed * known
    if tried.keeps_decimals or not rounded:
        own += decimals_score(digits, case.serving.digits)
    changed = digits == case.serving.digits != case.reference.digits
    has_back = tried.back is not None and case.reference.digits <= 6
    return Image(
        fit=fit,
        counted=counted,
        own=own,
        rounded=rounded,
        is_exact=changed and has_back and not missed and known >= FEWEST_KNOWN,
    )


def _presence(case: NumberCase, mapped: Floats, lost: float) -> float:
    """Score nulls and infinities: what has no image must reappear as one of them."""
    a, b = case.reference, case.serving
    if lost <= FEW_UNDEFINED * a.finite and not sum(b.infinite):
        return case.null_score
    low = float(case.weights[mapped == -np.inf].sum()) + a.infinite[0]
    high = float(case.weights[mapped == np.inf].sum()) + a.infinite[1]
    nulls = a.nulls + float(case.weights[np.isnan(mapped)].sum())
    before = np.array([a.finite - lost, nulls, low, high])
    after = np.array([b.finite, b.nulls, *b.infinite])
    told = fitting.two_way(before, after)
    as_null = np.array([before[0], before[1:].sum()])
    return min(told, fitting.two_way(as_null, np.array([after[0], after[1:].sum()])))


def _missed(case: NumberCase, tried: Map, *, rounded: bool, narrow: bool) -> float:
    """Return the share of exact serving values whose origin training could not hold."""
    if tried.back is None or rounded or case.reference.digits > 6:
        return 0.0
    with np.errstate(all="ignore"):
        origins = tried.back(case.serving.samples())
    there = np.isfinite(origins)
    on = lattice.share_on(origins[there], case.reference.digits, narrow=narrow)
    return float(1 - on * there.mean())


def _prior(case: NumberCase, tried: Map) -> float:
    """Score how unusual a map is, and whether the world could imitate it."""
    if tried.prior >= IMITABLE:
        return tried.prior
    with np.errstate(all="ignore"):
        mapped = tried.forward(case.values)
    there = np.isfinite(mapped)
    gap = _gap(case.values[there], mapped[there], case.weights[there])
    return IMITABLE if gap < IMITABLE_GAP else tried.prior


def _gap(first: Floats, second: Floats, weights: Floats) -> float:
    """Return the largest gap of two distribution functions of weighted points."""
    values = np.concatenate([first, second])
    order = np.argsort(values, kind="stable")
    steps = np.concatenate([weights, -weights])[order]
    below = np.cumsum(steps)
    last = np.append(np.diff(values[order]) > 0, True)
    return float(np.abs(below[last]).max() / weights.sum()) if len(weights) else 0.0
