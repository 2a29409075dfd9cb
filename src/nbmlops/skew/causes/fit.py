"""How well a hypothesis fits: the serving side's own cells, and scores on them.

The algorithm and its constants were measured on eight shapes of columns and twenty
seeds each; the constants are judgement. A score is in units of -2 log likelihood, the
least wins. Every hypothesis is counted in the same cells, so that the noise of the
serving side mostly cancels between them.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from nbmlops.skew import statistics
from nbmlops.skew.causes.points import Numbers
from nbmlops.skew.statistics import Floats

CELLS = 24
LARGEST_SIZE = 20_000.0  # N_h beyond which the cells' width, not noise, decides
ATOM_ALONE, ATOM_ALONE_MIXED = 0.02, 0.08
TAIL_ROWS, TAIL_SHARE = 5.0, 0.004
GATE_CHI2, GATE_GAP = 5e-4, 1.95
WIDE_CHI2, WIDE_GAP = 1e-6, 2.7  # where no natural change comes near
MOVED = 0.5  # gap from which a column lies elsewhere altogether
FALSE_DECIMALS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The cells in which hypotheses about one column are counted.

    Attributes
    ----------
    cuts
        Ascending bounds between cells, shape (k,) for k + 1 cells; the outer two
        can hold mass of the mapped reference only.
    serving
        Effective rows of the serving side per cell.
    middle
        Mean of the serving values of each cell; for the outer two the bound.
    alone
        Cells that hold one heavy value.
    """

    cuts: Floats
    serving: Floats
    middle: Floats
    alone: np.ndarray

    def count(self, values: Floats, weights: Floats) -> Floats:
        """Count weighted points per cell."""
        at = np.searchsorted(self.cuts, values, side="right")
        counted = np.bincount(at, weights=weights, minlength=len(self.serving))
        return counted.astype(np.float64)

    def cell_of(self, value: float) -> int:
        """Return the number of the cell that a value falls into."""
        return int(np.searchsorted(self.cuts, value, side="right"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Agreement of a mapped reference with the serving side.

    Attributes
    ----------
    g2, df
        Likelihood ratio, scaled to at most 20,000 rows, and degrees of freedom.
    gap
        Largest difference of the distribution functions, 0 to 1.
    size
        N_h, at most 20,000.
    """

    g2: float
    df: int
    gap: float
    size: float

    @property
    def soft(self) -> float:
        """Score of the fit: one better than its noise earns little more."""
        return softened(self.g2, self.df)

    @property
    def passes(self) -> bool:
        """Whether the map is not refuted by itself."""
        return self._is_within(GATE_CHI2, GATE_GAP)

    def explains(self, identity: "Fit") -> bool:
        """Say whether the map stands, given how far the column has moved."""
        if identity.gap > MOVED:
            return self._is_within(WIDE_CHI2, WIDE_GAP)
        return self.passes

    def _is_within(self, chance: float, most: float) -> bool:
        fits = statistics.chi2_tail(self.g2, self.df) > chance
        return bool(fits and np.sqrt(self.size) * self.gap < most)

    @property
    def anything(self) -> float:
        """Score at which any natural change would fit."""
        spread = 3.3 * np.sqrt(2 * max(1, self.df))
        return float(self.df + spread + 3 * np.log(max(self.size, 2)))


def softened(value: float, df: float) -> float:
    """Score a chi-squared: one below its degrees of freedom earns little more."""
    return max(value, df) + 0.25 * (min(value, df) - df)


def fit(mapped: Floats, serving: Floats) -> Fit:
    """Compare a mapped reference with the serving side, cell by cell."""
    n, m = float(mapped.sum()), float(serving.sum())
    true = statistics.harmonic_size(n, m)
    size = min(true, LARGEST_SIZE)
    g2 = statistics.likelihood_ratio(mapped, serving)
    used = int(((mapped + serving) > 0).sum())
    return Fit(
        g2=g2 * size / true if true else 0.0,
        df=max(1, used - 1),
        gap=statistics.largest_gap(mapped, serving),
        size=size,
    )


def frame_of(side: Numbers) -> Frame:
    """Cut the serving side into about 24 cells of equal mass, atoms apart.

    Parameters
    ----------
    side
        The serving side, with at least one finite value.

    Returns
    -------
    Frame
        Cells whose cuts lie on bounds of the 16-bit cells, in gaps where there are.
    """
    labels, alone = _groups(side)
    slack = 1e-9 * max(abs(side.low[0]), abs(side.high[-1]), 1e-300)
    cuts, places = [side.low[0] - slack], []
    for k in range(len(labels)):
        if k and labels[k] != labels[k - 1]:
            cuts += _between(side, k, alone)
        places.append(len(cuts))
    cuts.append(side.high[-1] + slack)
    cells = len(cuts) + 1
    index = np.array(places)
    mass, first = np.zeros(cells), np.zeros(cells)
    np.add.at(mass, index, side.mass)
    np.add.at(first, index, side.mass * side.middle)
    centre = np.concatenate([[side.minimum], cuts[:-1], [side.maximum]])
    apart = np.zeros(cells, dtype=bool)
    apart[index[alone]] = True
    return Frame(
        cuts=np.array(cuts),
        serving=mass,
        middle=np.where(mass > 0, first / np.maximum(mass, 1e-300), centre),
        alone=apart,
    )


def _between(side: Numbers, k: int, alone: np.ndarray) -> list[float]:
    """Cut between 16-bit cells k - 1 and k: close to one that stands alone."""
    # What is mapped into the gap beside a heavy value must not count as that value.
    high, low = float(side.high[k - 1]), float(side.low[k])
    if not low > high:
        return [low - 1e-9 * abs(low)]
    cuts = []
    if k - 1 in alone:
        cuts.append(min(high + 1e-6 * abs(high), (low + high) / 2))
    if k in alone:
        cuts.append(max(low - 1e-6 * abs(low), (low + high) / 2))
    return cuts or [(low + high) / 2]


def _groups(side: Numbers) -> tuple[np.ndarray, np.ndarray]:
    """Label the 16-bit cells by group, and name those that stand alone."""
    total = side.finite
    at = side.cells_of_atoms()
    heavy = side.atom_mass >= ATOM_ALONE * total
    pure = side.atom_mass >= 0.9 * side.mass[at]
    heavy &= pure | (side.atom_mass >= ATOM_ALONE_MIXED * total)
    alone = np.unique(at[heavy])
    single = np.zeros(len(side.mass), dtype=bool)
    single[alone] = True
    tail = max(TAIL_ROWS, TAIL_SHARE * total)
    labels = np.zeros(len(side.mass), dtype=np.int64)
    label, held, target = 0, 0.0, tail
    for k, mass in enumerate(side.mass):
        if single[k]:
            label += 2 if held else 1
            labels[k] = label
            label += 1
            held, target = 0.0, total / CELLS
            continue
        labels[k] = label
        held += float(mass)
        if held >= target:
            label, held, target = label + 1, 0.0, total / CELLS
    above = np.cumsum(side.mass[::-1])[::-1]
    last = np.flatnonzero((above <= tail) & ~single)
    if len(last) and last[0] > 0:
        labels[last] = labels[-1] + 1
    return labels, alone


def null_change(reference: Numbers, serving: Numbers) -> float:
    """Score the change of the null share: G2 of null against not null, 1 df."""
    a = np.array([reference.nulls, reference.rows - reference.nulls])
    b = np.array([serving.nulls, serving.rows - serving.nulls])
    return two_way(a, b)


def two_way(reference: Floats, serving: Floats) -> float:
    """Return G2 of a two-sample table, scaled to at most 20,000 rows."""
    true = statistics.harmonic_size(float(reference.sum()), float(serving.sum()))
    if true <= 0:
        return 0.0
    g2 = statistics.likelihood_ratio(reference, serving)
    return g2 * min(true, LARGEST_SIZE) / true


def natural_change(
    frame: Frame, reference: Floats, serving: Floats, sd: float
) -> float:
    """Score "the world changed": a smooth density ratio over the same cells.

    Parameters
    ----------
    frame
        The cells.
    reference, serving
        Effective rows per cell, shape (k,).
    sd
        Standard deviation of the reference.

    Returns
    -------
    float
        The best of nine smooth models with a prior on their coefficients, with and
        without up to two heavy values of their own; at most that of "anything".
    """
    plain = fit(reference, serving)
    true = statistics.harmonic_size(float(reference.sum()), float(serving.sum()))
    shrink = plain.size / true if true else 1.0
    a, b = reference * shrink, serving * shrink
    used = (a + b) > 0
    a, b, x = a[used], b[used], frame.middle[used]
    spikes = _spikes(frame.alone[used], a)
    best = min(plain.soft, plain.anything)
    price = float(np.log(max(plain.size, 2)))
    halves = a / max(float(a.sum()), 1e-300) + b / max(float(b.sum()), 1e-300)
    for columns in _smooth(x, a + b, sd):
        for extra in ([], spikes) if spikes else ([],):
            basis = np.column_stack([*columns, *extra])
            deviance, theta, tilt = logistic(basis, a, b)
            spread = _spread(tilt, halves)
            score = deviance + float(theta @ theta)
            score += 4 * max(0.0, spread - 5) ** 2 + price * basis.shape[1]
            best = min(best, score)
    return best


def _spread(tilt: Floats, mass: Floats) -> float:
    """Return the range of a tilt between 5 and 95% of the mass of both sides."""
    order = np.argsort(tilt, kind="stable")
    below = np.cumsum(mass[order]) / mass.sum()
    low, high = np.searchsorted(below, [0.05, 0.95])
    return float(tilt[order][min(high, len(tilt) - 1)] - tilt[order][low])


def _spikes(alone: np.ndarray, a: Floats) -> list[Floats]:
    """Return indicators of at most two cells of one value heavy in the reference."""
    # A value that is heavy only in serving is no habit of the world: see sentinels.
    share = a / a.sum() if a.sum() else a
    heavy = np.flatnonzero(alone & (share > ATOM_ALONE_MIXED))
    heavy = heavy[np.argsort(-share[heavy], kind="stable")][:2]
    return [(np.arange(len(a)) == k).astype(np.float64) for k in heavy]


def _smooth(x: Floats, mass: Floats, sd: float) -> list[list[Floats]]:
    """Return the bases of smooth density ratios over cells."""
    ranks = (np.cumsum(mass) - mass / 2) / mass.sum()
    z = special.ndtri(ranks)
    centre = float((x * mass).sum() / mass.sum())
    scaled = np.clip((x - centre) / sd, -4, 6) if sd > 0 else np.zeros(len(x))
    bases = [[z], [z, z**2], [z, z**2, z**3, z**4], [scaled], [scaled, scaled**2]]
    if (x > 0).all():
        log = np.log(x)
        log = log - log.mean()
        log /= max(float(log.std()), 1e-9)
        bases += [[log], [scaled, log], [log, log**2]]
    return bases


def logistic(basis: Floats, a: Floats, b: Floats) -> tuple[float, Floats, Floats]:
    """Fit logit(b / (a + b)) = alpha + theta . basis with theta ~ N(0, 1)."""
    total = a + b
    design = np.column_stack([np.ones(len(a)), basis])
    prior = np.diag([1e-9] + [1.0] * basis.shape[1])
    theta = np.zeros(design.shape[1])
    theta[0] = np.log(max(b.sum(), 1e-9) / max(a.sum(), 1e-9))
    for _ in range(25):
        share = special.expit(design @ theta)
        weight = total * share * (1 - share) + 1e-9
        slope = design.T @ (b - total * share) - prior @ theta
        step = np.linalg.solve(design.T @ (design * weight[:, None]) + prior, slope)
        largest = float(np.abs(step).max())
        theta = theta + step * min(1.0, 2.0 / max(largest, 1e-12))
        if largest < 1e-6:
            break
    tilt = basis @ theta[1:]
    share = np.clip(special.expit(design @ theta), 1e-12, 1 - 1e-12)
    seen = special.xlogy(b, b / np.maximum(total, 1e-300))
    seen += special.xlogy(a, a / np.maximum(total, 1e-300))
    told = special.xlogy(b, share) + special.xlogy(a, 1 - share)
    return float(2 * (seen - told).sum()), theta[1:], tilt
