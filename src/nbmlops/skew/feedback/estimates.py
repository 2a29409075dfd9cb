"""Effects of an answer, from randomised answers or at the score's threshold."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from nbmlops.skew.feedback.log import Bools, Floats, Ints

FEWEST_IN_ARM = 10  # randomised requests of each answer
FEWEST_NEAR, FEWEST_SCORES = 50, 10  # requests and scores a side of the threshold
PILOT, MOST_WIDE = 0.714, 2.5  # of Silverman's width: to look at noise, and at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One effect with what its t-test needs.

    Attributes
    ----------
    difference, error
        Answer 1 less answer 0, and its standard error, > 0.
    df
        Degrees of freedom.
    rows
        Requests of answer 0 and of answer 1.
    """

    difference: float
    error: float
    df: float
    rows: tuple[int, int]

    def p_value(self, within: float = 0.0) -> float:
        """Test "the effect is at most so large"; 0 is the two-sided test of none."""
        beyond = (abs(self.difference) - within) / self.error
        tail = float(stdtr(self.df, -beyond))
        return min(1.0, 2 * tail) if within <= 0 else tail

    def interval(self) -> tuple[float, float]:
        """Give the 95% interval."""
        reach = float(stdtrit(self.df, 0.975)) * self.error
        return self.difference - reach, self.difference + reach

    def detectable(self, alpha: float) -> float:
        """Return the smallest effect found 4 times in 5 by a test of this level."""
        found = stdtrit(self.df, 1 - alpha / 2) + stdtrit(self.df, 0.8)
        return float(found) * self.error


def randomised(values: Floats, action: Floats, chance: Floats) -> Estimate | None:
    """Compare what followed two answers that were drawn at random.

    The difference of two means weighted by 1 / the answer's probability (Hajek 1971),
    with Welch's t: small arms are told from large ones.

    Parameters
    ----------
    values
        What followed, shape (n,), NaN where unknown.
    action, chance
        The answers 0 and 1, and the probability with which each was drawn.

    Returns
    -------
    Estimate or None
        None under 10 known values of an answer.
    """
    means, variances, freedoms, rows = [], [], [], []
    for answer in (0.0, 1.0):
        arm = (action == answer) & ~np.isnan(values)
        count = int(arm.sum())
        if count < FEWEST_IN_ARM:
            return None
        weight = 1 / chance[arm]
        mean = float(np.average(values[arm], weights=weight))
        effective = float(weight.sum() ** 2 / (weight**2).sum())
        spread = float(np.sum((weight * (values[arm] - mean)) ** 2) / weight.sum() ** 2)
        means.append(mean)
        variances.append(spread * effective / max(effective - 1, 1e-9))
        freedoms.append(max(effective - 1, 1.0))
        rows.append(count)
    total = variances[0] + variances[1]
    if not total > 0:
        return None
    parts = [v**2 / df for v, df in zip(variances, freedoms, strict=True)]
    return Estimate(
        difference=means[1] - means[0],
        error=float(np.sqrt(total)),
        df=total**2 / sum(parts),
        rows=(rows[0], rows[1]),
    )


def together(first: Estimate, second: Estimate) -> Estimate:
    """Weigh two estimates of different requests by 1 / their variances.

    The error allows for variances that are estimates themselves (Meier, *Biometrics*
    9, 1953).

    Parameters
    ----------
    first, second
        Neither knows anything of the other's requests.

    Returns
    -------
    Estimate
        Never less precise than the better one, but for its uncertain variance.
    """
    both = (first, second)
    weights = np.array([one.error**-2 for one in both])
    shares = weights / weights.sum()
    freedom = np.array([one.df for one in both])
    unsure = 1 + 4 * float((shares * (1 - shares) / freedom).sum())
    return Estimate(
        difference=float(shares @ [one.difference for one in both]),
        error=float(np.sqrt(unsure / weights.sum())),
        df=1 / float((shares**2 / freedom).sum()),
        rows=(first.rows[0] + second.rows[0], first.rows[1] + second.rows[1]),
    )


def placed(score: Floats, threshold: float) -> Floats:
    """Give the place of scores among all, on the normal's scale, from the threshold on.

    So it does not matter on which scale a model tells its scores, and requests are
    neither crowded nor sparse anywhere.

    Parameters
    ----------
    score
        Shape (n,), no NaN.
    threshold
        Between two of them.

    Returns
    -------
    ndarray
        Shape (n,): below 0 where the score is below the threshold.
    """
    _, at, count = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(count) - (count - 1) / 2
    place = ndtri(ranks[at] / (len(score) + 1))
    above = score >= threshold
    return np.asarray(place - (place[~above].max() + place[above].min()) / 2)


def at_threshold(distance: Floats, values: Floats, entity: Ints) -> Estimate | None:
    """Estimate the jump of what followed where the answer switches.

    A line on each side, by a triangular kernel (Hahn, Todd and van der Klaauw 2001),
    with an error that is robust to differing variances (HC3; MacKinnon and White 1985)
    and to several requests of one entity.

    Parameters
    ----------
    distance
        Score less threshold, shape (n,), no NaN.
    values
        What followed, NaN where unknown.
    entity
        Whose request it is.

    Returns
    -------
    Estimate or None
        None under 50 requests, or 10 different scores, on a side of the threshold.
    """
    known = ~np.isnan(values)
    width = jump_bandwidth(distance[known], values[known])
    near = known & (np.abs(distance) < width)
    x, y, who = distance[near], values[near], entity[near]
    above = x >= 0
    if not enough_near(x, above):
        return None
    jump, influence = 0.0, np.empty(len(x))
    for side, sign in ((above, 1.0), (~above, -1.0)):
        level, parts = _line(x[side], y[side], 1 - np.abs(x[side]) / width)
        jump += sign * level
        influence[side] = sign * parts
    _, whose = np.unique(who, return_inverse=True)
    sums = np.bincount(whose, influence)
    entities = len(sums)
    variance = float((sums**2).sum()) * entities / max(1, entities - 4)
    if not variance > 0:
        return None
    return Estimate(
        difference=jump,
        error=float(np.sqrt(variance)),
        df=float(max(1, entities - 4)),
        rows=(int((~above).sum()), int(above.sum())),
    )


def bandwidth(distance: Floats) -> float:
    """Return how far from the threshold is near: Silverman's rule for the triangle."""
    if not len(distance):
        return 0.0
    return float(2.576 * distance.std() * len(distance) ** -0.2)


def jump_bandwidth(x: Floats, y: Floats) -> float:
    """Return how far is near for a jump: the wider, the less what followed is bent.

    Imbens and Kalyanaraman (*Review of Economic Studies* 79, 2012): the least mean
    square error of the jump, from curvatures on both sides, whose own noise keeps it
    finite.

    Parameters
    ----------
    x
        Distances from the threshold, shape (n,), no NaN.
    y
        What followed.

    Returns
    -------
    float
        At most 2.5 times Silverman's width; that itself where too few are near.
    """
    usual, n = bandwidth(x), len(x)
    sides = (x < 0, x >= 0)
    pilot = [y[side & (np.abs(x) < PILOT * usual)] for side in sides]
    rows = sum(map(len, pilot))
    noise = sum(float(((own - own.mean()) ** 2).sum()) for own in pilot if len(own))
    if min(map(len, pilot)) < FEWEST_NEAR or not noise > 0:
        return usual
    noise, density = noise / rows, rows / (2 * n * PILOT * usual)
    whole = np.column_stack([np.ones(n), sides[1], x, x**2, x**3])
    third = 6 * float(np.linalg.lstsq(whole, y, rcond=None)[0][4])
    bends, unsure = [], 0.0
    for side in sides:
        far = 3.56 * (noise / (density * max(third**2, 0.01) * side.sum())) ** (1 / 7)
        near = side & (np.abs(x) <= far)
        design = np.column_stack([np.ones(near.sum()), x[near], x[near] ** 2])
        bends.append(2 * float(np.linalg.lstsq(design, y[near], rcond=None)[0][2]))
        unsure += 2160 * noise / (near.sum() * far**4)
    bent = (bends[0] - bends[1]) ** 2 + unsure
    best = 3.4375 * (2 * noise / (density * bent * n)) ** 0.2
    return float(min(best, MOST_WIDE * usual))


def enough_near(x: Floats, above: Bools) -> bool:
    """Say whether both sides of the threshold hold requests of several scores."""
    return all(
        side.sum() >= FEWEST_NEAR and len(np.unique(x[side])) >= FEWEST_SCORES
        for side in (above, ~above)
    )


def _line(x: Floats, y: Floats, weight: Floats) -> tuple[float, Floats]:
    """Fit a line; give its level at 0, and what each row adds to the level's error."""
    design = np.column_stack([np.ones(len(x)), x])
    inverse = np.linalg.inv(design.T @ (weight[:, None] * design))
    fit = inverse @ (design.T @ (weight * y))
    rows = design @ inverse
    leverage = np.minimum((rows * design).sum(axis=1) * weight, 0.99)
    rest = (y - design @ fit) / (1 - leverage)
    return float(fit[0]), np.asarray(rows[:, 0] * weight * rest)


def density_jump(distance: Floats) -> float | None:
    """Test that scores are as frequent just above the threshold as just below.

    McCrary (2008): lines through a fine histogram on each side, and the difference of
    the logarithms of their levels, with its asymptotic error.

    Parameters
    ----------
    distance
        Score less threshold, shape (n,), no NaN.

    Returns
    -------
    float or None
        The p-value; None where too few scores are near.
    """
    count, width = len(distance), bandwidth(distance)
    above = distance >= 0
    near = np.abs(distance) < width
    if not enough_near(distance[near], above[near]):
        return None
    bin_width = 2 * float(distance.std()) / np.sqrt(count)
    levels = []
    for sign in (1.0, -1.0):
        side = sign * distance[above if sign > 0 else ~above]
        bins = int(np.ceil(width / bin_width))
        heights = np.bincount((side / bin_width).astype(int), minlength=bins)[:bins]
        middles = (np.arange(bins) + 0.5) * bin_width
        kernel = np.maximum(0.0, 1 - middles / width)
        if (kernel > 0).sum() < 2:
            return None
        level, _ = _line(middles, heights / (count * bin_width), kernel)
        levels.append(level)
    if min(levels) <= 0:
        return 0.0
    gap = float(np.log(levels[0] / levels[1]))
    error = np.sqrt(24 / (5 * count * width) * (1 / levels[0] + 1 / levels[1]))
    return float(2 * ndtr(-abs(gap) / error))
