"""Times by half hour of the day: another zone, or a day that changed by nature."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from nbmlops.profiles.columns import TimeColumn
from nbmlops.skew import statistics
from nbmlops.skew.causes import fit as fitting
from nbmlops.skew.causes import labels
from nbmlops.skew.causes.evidence import Candidate, Evidence
from nbmlops.skew.causes.natural import (
    POPULATION_OWN,
    null_sentence,
    population_sentence,
)
from nbmlops.skew.questions import FORTNIGHT, time_window
from nbmlops.skew.repair.steps import Shift
from nbmlops.skew.statistics import Floats

HOUR, HALF_HOURS = 2, 48  # in half hours: an hour, a day
LATEST = 28  # half hours: +14:00 is the zone farthest from UTC
OWN, HALF_OWN = 9.0, 4.0  # of whole hours; and what half of one costs beside
NEAR, NEAR_OWN = 0.15, 8.0  # a gap of curves below it, or an hour, seasons make too
HARMONICS = 3
SMOOTH, LOWEST = 5, 0.02  # harmonics of a day's smooth part, and its least share
MOST_LATER = 3.0  # half hours by which a season makes all of a day later
LEAST_HALF = 5  # half hours: no two zones are 0:30 or 1:30 apart but neighbours
FEWEST = 5.0  # rows of a cell
SHORTEST = 3 * 86_400.0  # seconds: of fewer days the hours at the ends weigh too much
# Months and days between which hardly any country changes its clocks.
ONE_CLOCK = ((1108, 1507), (408, 923))
CHANGED = (0.25, 0.5, 0.75, 1.0)  # shares of rows under the other clock
SURER = 6.0  # by which weekdays tell -11 h from +13 h


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Both sides of a column of times, by half hour of the day.

    Attributes
    ----------
    reference, serving
        Effective rows, shape (48,).
    weeks
        The same by half hour of the week, shape (336,) each; None where a window is
        shorter than a fortnight.
    null
        Score of the change of the null share.
    may_change_clocks
        Whether one side may be of summer time and the other not.
    cells
        Shape (48,): the cell of each half hour, in order; serving has at least 5 rows
        in most of them.
    """

    reference: Floats
    serving: Floats
    weeks: tuple[Floats, Floats] | None
    null: float
    may_change_clocks: bool
    cells: NDArray[np.int64]

    def rolled(self, by: int) -> Floats:
        """Count the reference, shifted by half hours, in the cells."""
        return self.counted(np.roll(self.reference, by))

    def counted(self, half_hours: Floats) -> Floats:
        """Add half hours up in the cells."""
        return np.bincount(self.cells, half_hours).astype(np.float64)

    @property
    def served(self) -> Floats:
        """Serving in the cells."""
        return self.counted(self.serving)

    @property
    def price(self) -> float:
        """What one free parameter costs: ln N_h."""
        a, b = float(self.reference.sum()), float(self.serving.sum())
        size = statistics.harmonic_size(a, b)
        return float(np.log(np.clip(size, 2, fitting.LARGEST_SIZE)))

    @property
    def null_score(self) -> float:
        """The change of the null share as part of an explanation, capped."""
        return min(self.null, self.price + 4)


def hours_of(evidence: Evidence) -> Hours | None:
    """Count both sides by half hour; None where their windows are too short.

    Parameters
    ----------
    evidence
        The column.

    Returns
    -------
    Hours or None
        None too where a side has no time of day.
    """
    sides = evidence.both(TimeColumn)
    if sides is None:
        return None
    a, b = sides
    window = min(time_window(a), time_window(b))
    if window < SHORTEST or not (a.has_time_of_day and b.has_time_of_day):
        return None
    weeks = a.week * evidence.scales[0], b.week * evidence.scales[1]
    days = [week.reshape(7, HALF_HOURS).sum(axis=0) for week in weeks]
    nulls = [
        np.array([side.nulls, side.mass - side.nulls]) * scale
        for side, scale in zip((a, b), evidence.scales, strict=True)
    ]
    return Hours(
        reference=days[0],
        serving=days[1],
        weeks=weeks if window >= FORTNIGHT else None,
        null=fitting.two_way(nulls[0], nulls[1]),
        cells=_cells(days[1]),
        may_change_clocks=not any(
            all(_is_within(side, season) for side in (a, b)) for season in ONE_CLOCK
        ),
    )


def _cells(serving: Floats) -> NDArray[np.int64]:
    """Join half hours of few rows with the next ones; those of many stay alone."""
    cells = np.zeros(HALF_HOURS, dtype=np.int64)
    cell, held = 0, 0.0
    for k, rows in enumerate(serving):
        if k and (held >= FEWEST or rows >= FEWEST):
            cell, held = cell + 1, 0.0
        cells[k] = cell
        held += float(rows)
    return cells


def _is_within(side: TimeColumn, season: tuple[int, int]) -> bool:
    """Say whether all of a side lies in one season without a change of clocks."""
    if side.minimum is None or side.maximum is None:
        return False
    first, last = (
        datetime.fromtimestamp(at, UTC) for at in (side.minimum, side.maximum)
    )
    if time_window(side) > 366 * 86_400:
        return False
    places = []
    for at in (first, last):
        place = at.month * 100 + at.day
        # The winter goes on until March, the "15th month".
        places.append(place + 1200 * (place <= season[1] - 1200))
    return season[0] <= places[0] <= places[1] <= season[1]


def propose(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that serving's times are those of another zone.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        One for each shift that fits, the least shift first.
    """
    hours = hours_of(evidence)
    if hours is None:
        return
    fits, off, best = _shifts(hours)
    plain = fits[0]
    for by in (by for by in fits if by and fits[by].explains(plain)):
        shifted = np.roll(hours.reference, by)
        gap = statistics.largest_gap(shifted, hours.reference)
        near = abs(by) <= HOUR or gap < NEAR
        score = fits[best].soft + off[by] - off[best] + hours.null_score + OWN
        score += HALF_OWN * (by % 2) + NEAR_OWN * near
        true = _whole_shift(hours, by)
        text = _clock(true)
        yield Candidate(
            kind="timezone",
            score=score,
            detail=f"{evidence.words[1]} = {evidence.words[0]} {text} h: "
            "the times are of another zone; send both in UTC",
            mend=(Shift(hours=-true / 2),),
            backed=not (near and evidence.is_small),
            variant=f"{text} h",
        )


def none(evidence: Evidence) -> float | None:
    """Score "no other zone", as the shifts are scored; None without hours.

    On a day without a shape one of so many shifts fits better by chance.

    Parameters
    ----------
    evidence
        The column.

    Returns
    -------
    float or None
        To be beaten like an explanation without a fault.
    """
    hours = hours_of(evidence)
    if hours is None:
        return None
    fits, off, best = _shifts(hours)
    return fits[best].soft + off[0] - off[best] + hours.null_score


def _shifts(hours: Hours) -> tuple[dict[int, fitting.Fit], dict[int, float], int]:
    """Fit and score each shift, none at first, then the least; and name the best."""
    tried = [
        by
        for by in sorted(range(-23, 25), key=lambda k: (abs(k), -k))
        if not (by % 2 and abs(by) < LEAST_HALF)
    ]
    fits = {by: fitting.fit(hours.rolled(by), hours.served) for by in tried}
    off = dict(zip(tried, _waves_off(hours, tried).tolist(), strict=True))
    return fits, off, min(tried[1:], key=lambda by: off[by])


def _waves_off(hours: Hours, tried: Sequence[int]) -> Floats:
    """Score shifts against each other, by the waves of the day that are not noise."""
    # Half hours say little there: a shift lays each one's noise upon another's.
    n, m = float(hours.reference.sum()), float(hours.serving.sum())
    before = np.fft.rfft(hours.reference / n)[1:]
    after = np.fft.rfft(hours.serving / m)[1:]
    noise = 1 / n + 1 / m
    power = (np.abs(before) ** 2 + np.abs(after) ** 2 - noise) / 2
    kept = np.maximum(power, 0.0) / (np.maximum(power, 0.0) + noise)
    turns = np.outer(np.array(tried), np.arange(1, len(before) + 1)) / HALF_HOURS
    off = np.abs(after - before * np.exp(-2j * np.pi * turns)) ** 2
    size = min(1.0, fitting.LARGEST_SIZE * noise)
    return np.asarray(2 * size * (off * kept).sum(axis=1) / noise)


def _whole_shift(hours: Hours, by: int) -> int:
    """Tell a shift from the one a day off, -11 h from +13 h, by the weekdays."""
    other = by + HALF_HOURS if by < 0 else by - HALF_HOURS
    if hours.weeks is None or abs(other) > LATEST:
        return by
    fits = [_weekdays_fit(hours.weeks, k) for k in (by, other)]
    return other if fits[1] < fits[0] - SURER else by


def _weekdays_fit(weeks: tuple[Floats, Floats], by: int) -> float:
    """Return G2 of the weekdays after a shift."""
    days = [week.reshape(7, HALF_HOURS).sum(axis=1) for week in _rolled(weeks, by)]
    return fitting.fit(days[0], days[1]).g2


def _rolled(weeks: tuple[Floats, Floats], by: int) -> tuple[Floats, Floats]:
    return np.roll(weeks[0], by), weeks[1]


def _clock(half_hours: int) -> str:
    """Write a shift: "+ 5:30", "- 4"."""
    hours, rest = divmod(abs(half_hours), 2)
    return f"{'-' if half_hours < 0 else '+'} {hours}{':30' if rest else ''}"


def propose_population(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that hours changed as the world does: smoothly over the day.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    hours = hours_of(evidence)
    if hours is None:
        yield from labels.propose_population(evidence)
        return
    score = _natural(hours) + hours.null_score
    if hours.may_change_clocks:
        score = min(score, _clocks(hours) + hours.null_score)
    yield Candidate(
        kind="population",
        score=score + POPULATION_OWN,
        detail=population_sentence(evidence),
    )


def propose_nulls(evidence: Evidence) -> Iterator[Candidate]:
    """Propose that only the share of nulls changed.

    Parameters
    ----------
    evidence
        The column.

    Yields
    ------
    Candidate
        At most one.
    """
    hours = hours_of(evidence)
    if hours is None:
        yield from labels.propose_nulls(evidence)
        return
    if hours.null > hours.price + 4:
        yield Candidate(
            kind="nulls",
            score=fitting.fit(hours.rolled(0), hours.served).soft + hours.price + 4,
            detail=null_sentence(evidence),
        )


def _clocks(hours: Hours) -> float:
    """Score that part of the rows is under summer time, an hour off."""
    before, served = hours.rolled(0), hours.served
    scores = []
    for by in (-HOUR, HOUR):
        for part in CHANGED:
            mixed = part * hours.rolled(by) + (1 - part) * before
            scores.append(fitting.fit(mixed, served).soft)
    return min(scores) + hours.price


def _natural(hours: Hours) -> float:
    """Score smooth changes of the day: a tilt, or all of it earlier or later."""
    reference = hours.reference
    best = min(
        fitting.fit(hours.rolled(0), hours.served).anything,
        _tilt(hours, reference, HARMONICS),
    )
    smooth = _smooth_roll(reference, 0.0)
    later = [
        reference * _smooth_roll(reference, by) / smooth
        for by in np.arange(-MOST_LATER, MOST_LATER + 0.1, 0.5)
        if by
    ]
    return min(best, *(_tilt(hours, day, 1) + hours.price for day in later))


def _smooth_roll(day: Floats, by: float) -> Floats:
    """Give the smooth part of a day, later by so many half hours."""
    waves = np.fft.rfft(day)
    waves *= np.exp(-2j * np.pi * np.arange(len(waves)) * by / HALF_HOURS)
    waves[SMOOTH + 1 :] = 0
    floor = LOWEST * float(day.mean())
    return np.maximum(np.fft.irfft(waves, HALF_HOURS), floor)


def _tilt(hours: Hours, day: Floats, most: int) -> float:
    """Score a tilt of a day by up to so many harmonics, two parameters each."""
    before, served = hours.counted(day), hours.served
    plain = fitting.fit(before, served)
    true = statistics.harmonic_size(float(before.sum()), float(served.sum()))
    shrink = plain.size / true if true else 1.0
    used = (before + served) > 0
    a, b = before[used] * shrink, served[used] * shrink
    middle = hours.counted(np.arange(48.0)) / hours.counted(np.ones(48))
    angle = 2 * np.pi * middle[used] / HALF_HOURS
    best = plain.soft
    basis: list[Floats] = []
    for harmonic in range(1, most + 1):
        basis += [np.cos(harmonic * angle), np.sin(harmonic * angle)]
        if len(a) <= len(basis) + 1:
            break
        deviance, theta, _ = fitting.logistic(np.column_stack(basis), a, b)
        soft = fitting.softened(deviance, max(1, len(a) - 1 - len(basis)))
        score = soft + float(theta @ theta) + len(basis) * hours.price
        best = min(best, score)
    return best
