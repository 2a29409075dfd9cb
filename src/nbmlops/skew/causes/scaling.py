"""Hypotheses "preprocessed-twice" and "not-preprocessed": a scaler too many or none."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes import lattice
from nbmlops.skew.causes.evidence import Candidate, Evidence, NumberCase
from nbmlops.skew.causes.lines import lines_through
from nbmlops.skew.causes.maps import Map, candidate, image_of
from nbmlops.skew.causes.points import Numbers
from nbmlops.skew.causes.words import number
from nbmlops.skew.repair.steps import Scale, Step
from nbmlops.skew.statistics import Floats

REGISTERED, OF_TRAINING, ESTIMATED = 4.0, 8.0, 8.0
EXACT = 1e-6  # of mean 0 and deviation 1, of minimum 0 and maximum 1
STANDARDISED, SCALED = "standardised", "min-max scaled"
SURE, LIKELY = 60.0, 10.0  # what such figures are worth; and of what lies near them
NEAR = (-0.5, 1.5)
RESTORED = 15.0  # what decimals are worth that come back
# Rows and share at an end, beyond which nothing but a bound holds so many, and times
# as many as in training.
MOST_AT_END, MOST_SHARE_AT_END, MOST_RATIO = 3.0, 0.005, 3.0
ELSEWHERE = 10.0  # what it is worth that serving is not at all where training is


@dataclass(frozen=True, slots=True)
class Scaler:
    """What a fitted scaler does to a column: (value - minus) / by."""

    name: str
    minus: float
    by: float

    def apply(self, values: Floats) -> Floats:
        """Scale values."""
        return (values - self.minus) / self.by

    def undo(self, values: Floats) -> Floats:
        """Turn scaled values back."""
        return values * self.by + self.minus

    @property
    def undone(self) -> tuple[Step, ...]:
        """The steps that turn scaled values back."""
        return _steps(Scale(by=self.by), Scale(plus=self.minus))

    @property
    def done(self) -> tuple[Step, ...]:
        """The steps that scale values."""
        return _steps(Scale(plus=-self.minus), Scale(by=self.by, divides=True))


def propose_twice(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that serving was scaled before, and the model scales it again.

    Parameters
    ----------
    evidence
        The column; its hints may hold the registered pipeline's own scaler.

    Yields
    ------
    Candidate
        One for each scaler that fits.
    """
    case = _case(evidence)
    if case is None:
        return
    registered = registered_scaler(evidence.hints)
    if registered is not None:
        meaning = f"the model's own {registered.name} was applied before"
        tried = _twice(registered, REGISTERED, meaning)
        yield from _registered(evidence, case, "preprocessed-twice", tried)
    for scaler in _of_training(case.reference):
        meaning = f"{scaler.name} with training's figures; send it as training has it"
        tried = _twice(scaler, OF_TRAINING, meaning)
        image = image_of(case, tried)
        score = None if image is None else image.score(case)
        if score is not None:
            yield candidate(evidence, "preprocessed-twice", tried, score)
    yield from _of_batch(evidence, case)


def propose_not(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that training was scaled, and serving is not.

    Parameters
    ----------
    evidence
        The column; its hints may hold the registered pipeline's own scaler.

    Yields
    ------
    Candidate
        One for each scaler that fits.
    """
    case = _case(evidence)
    if case is None:
        return
    registered = registered_scaler(evidence.hints)
    if registered is not None:
        tried = Map(
            forward=registered.undo,
            back=registered.apply,
            prior=REGISTERED,
            formula=f"{{}} x {number(registered.by)} {_added(registered.minus)}",
            meaning=f"the {registered.name} was not applied",
            mend=registered.done,
            keeps_decimals=False,
        )
        yield from _registered(evidence, case, "not-preprocessed", tried)
    how = _exact(case.reference)
    if not how or _exact(case.serving):
        return
    own = ESTIMATED + 2 * case.price
    if case.serving.digits < case.reference.digits >= lattice.CONTINUOUS:
        own -= RESTORED
    # Shares and rates reach 0 and 1 by themselves: their change may be a unit's.
    if how == STANDARDISED and case.identity.gap > fitting.MOVED:
        own -= ELSEWHERE
    meaning = f"{evidence.words[0]} is {how}, {evidence.words[1]} is not"
    yield from _estimated(
        evidence, case, "not-preprocessed", f"{meaning}; apply the same scaler", own
    )


def registered_scaler(hints: Any) -> Scaler | None:
    """Read the scaler that the caller knows of; None where it scales nothing."""
    known = hints.get("scaler")
    if not known or not known["by"] or (known["minus"], known["by"]) == (0.0, 1.0):
        return None
    return Scaler(known["name"], float(known["minus"]), float(known["by"]))


def _case(evidence: Evidence) -> NumberCase | None:
    """Return the column as numbers where both sides hold more than one."""
    case = evidence.numbers
    if case is None or not (case.reference.deviation and case.serving.deviation):
        return None
    return case


def _twice(scaler: Scaler, prior: float, meaning: str) -> Map:
    return Map(
        forward=scaler.apply,
        back=scaler.undo,
        prior=prior,
        formula=f"({{}} {_added(-scaler.minus)}) / {number(scaler.by)}",
        meaning=meaning,
        mend=scaler.undone,
    )


def _registered(
    evidence: Evidence, case: NumberCase, kind: str, tried: Map
) -> Iterator[Candidate]:
    """Score the registered scaler, also where the population changed with it."""
    image = image_of(case, tried)
    if image is None:
        return
    score = image.score(case)
    if score is None:
        score = case.natural(image.counted, case.frame.serving) + image.own
    yield candidate(evidence, kind, tried, score)


def _of_training(side: Numbers) -> Iterator[Scaler]:
    """Give the scalers that would be fitted on training: sklearn's, pandas's, range."""
    yield Scaler(STANDARDISED, side.mean, side.deviation)
    rows = side.finite
    if rows > 1:
        yield Scaler(
            STANDARDISED,
            side.mean,
            side.deviation * float(np.sqrt(rows / (rows - 1))),
        )
    yield Scaler(SCALED, side.minimum, side.maximum - side.minimum)


def _of_batch(evidence: Evidence, case: NumberCase) -> Iterator[Candidate]:
    """Propose a scaler that was fitted on the serving batch itself."""
    how = _exact(case.serving)
    if not how or _exact(case.reference) == how:
        return
    if case.serving.distinct <= 2 or case.serving.digits < case.reference.digits:
        return
    if how == SCALED and _is_heaped(case):
        return
    # Shares and rates reach 0 and 1 by themselves, or are held there.
    within = case.reference.minimum >= NEAR[0] and case.reference.maximum <= NEAR[1]
    own = ESTIMATED + 2 * case.price - (LIKELY if within else SURE)
    reference, serving = evidence.words
    meaning = f"{serving} is {how} with its own figures; send it as {reference} has it"
    yield from _estimated(
        evidence,
        case,
        "preprocessed-twice",
        meaning,
        own,
        is_sure=how == STANDARDISED,
    )


def _estimated(
    evidence: Evidence,
    case: NumberCase,
    kind: str,
    meaning: str,
    own: float,
    *,
    is_sure: bool = False,
) -> Iterator[Candidate]:
    """Score the best line from the reference to serving as a scaler."""
    fits = []
    for by, plus in lines_through(case):
        tried = Map(
            forward=partial(_line, by=by, plus=plus),
            back=None,
            prior=0.0,
            formula="",
            meaning=meaning,
        )
        image = image_of(case, tried)
        if image is not None and image.fit.explains(case.identity):
            fits.append(image.fit.soft)
    if is_sure:
        fits.append(case.identity.anything)  # whatever the world did besides
    if fits:
        yield Candidate(
            kind=kind,
            score=min(fits) + own + case.null_score,
            detail=meaning,
        )


def _exact(side: Numbers) -> str:
    """Say how a side is scaled by its own figures, "" where it is not."""
    rows = max(side.finite, 2.0)
    sizes = (1.0, float(np.sqrt((rows - 1) / rows)))
    is_one = min(abs(side.deviation - size) for size in sizes) <= EXACT
    if abs(side.mean) <= EXACT and is_one:
        return STANDARDISED
    if abs(side.minimum) <= EXACT and abs(side.maximum - 1) <= EXACT:
        return SCALED
    return ""


def _is_heaped(case: NumberCase) -> bool:
    """Say whether serving meets at 0 or 1 as no scaler does: it may be clipped."""
    a, b = case.reference, case.serving
    ends = (a.at_minimum, b.at_minimum), (a.at_maximum, b.at_maximum)
    most = max(MOST_AT_END, MOST_SHARE_AT_END * b.finite) if len(a.atoms) else 1.0
    return any(
        after > most and after / b.finite > MOST_RATIO * before / a.finite
        for before, after in ends
    )


def _line(values: Floats, *, by: float, plus: float) -> Floats:
    scaled = values * by + plus
    # What is meant to be 0 must be: cells are narrowest there.
    return np.where(np.abs(scaled) < 1e-9 * by, 0.0, scaled)


def _added(value: float) -> str:
    """Write what is added, or taken off: "+ 3", "- 3"."""
    return f"{'-' if value < 0 else '+'} {number(abs(value))}"


def _steps(*steps: Scale) -> tuple[Step, ...]:
    """Leave out the steps that change nothing."""
    return tuple(step for step in steps if (step.by, step.plus) != (1.0, 0.0))
